"""Retries, batches, time-outs and errors, against a peer that answers by a script."""

import asyncio
import threading
import time

import pytest
from grpc import StatusCode
from support import Refusal, run

from tollgate import (
    AsyncTollgate,
    ChargeUsageRequest,
    ClientClosedError,
    RetrySettings,
    Tollgate,
    TollgateError,
    Usage,
    is_undecided,
)
from tollgate.billing.v1 import billing_service_pb2 as billing

CHARGE = ChargeUsageRequest(idempotency_key="k")
ANSWER = billing.ChargeUsageResponse()


def charged_against(peer, answers, **settings):
    """What came of one charge, and how often it was sent."""
    script = list(answers)
    asked = peer(lambda _method: script.pop(0) if script else ANSWER)
    with Tollgate(asked.address, **settings) as client:
        try:
            client.charge_usage(CHARGE)
            outcome = "charged"
        except TollgateError as error:
            outcome = error.reason
    return outcome, len(asked.asked)


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("DATABASE_UNAVAILABLE", StatusCode.UNAVAILABLE),
        ("CONCURRENT_MODIFICATION", StatusCode.ABORTED),
        ("OVERLOADED", StatusCode.RESOURCE_EXHAUSTED),
        ("DEADLINE_EXCEEDED", StatusCode.DEADLINE_EXCEEDED),
    ],
)
def test_repeats_what_passes_by_itself(peer, reason, code):
    assert charged_against(peer, [Refusal(code, reason)]) == ("charged", 2)


@pytest.mark.parametrize(
    "code",
    [StatusCode.INTERNAL, StatusCode.UNKNOWN, StatusCode.CANCELLED, StatusCode.RESOURCE_EXHAUSTED],
)
def test_repeats_a_call_whose_connection_broke(peer, code):
    assert charged_against(peer, [Refusal(code)]) == ("charged", 2)


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("INSUFFICIENT_CREDITS", StatusCode.FAILED_PRECONDITION),
        ("DAILY_LIMIT_REACHED", StatusCode.RESOURCE_EXHAUSTED),
        ("IDEMPOTENCY_KEY_REUSED", StatusCode.ALREADY_EXISTS),
        ("INVALID_FIELD", StatusCode.INVALID_ARGUMENT),
        ("INTERNAL", StatusCode.INTERNAL),
    ],
)
def test_never_repeats_a_refusal(peer, reason, code):
    assert charged_against(peer, [Refusal(code, reason)]) == (reason, 1)


def test_repeats_three_times_or_as_often_as_set(peer):
    busy = [Refusal(StatusCode.UNAVAILABLE, "SHUTTING_DOWN")] * 10
    assert charged_against(peer, busy) == ("SHUTTING_DOWN", 4)
    assert charged_against(peer, busy, retry=RetrySettings(retries_max=0)) == ("SHUTTING_DOWN", 1)


def test_waits_as_long_as_the_server_asks(peer):
    started_at = time.monotonic()
    charged_against(peer, [Refusal(StatusCode.RESOURCE_EXHAUSTED, "OVERLOADED", 0.4)])
    assert time.monotonic() - started_at >= 0.4


def failure_of(peer, refusal):
    asked = peer(lambda _method: refusal)
    with Tollgate(asked.address, retry=RetrySettings(retries_max=0)) as client:
        with pytest.raises(TollgateError) as caught:
            client.charge_usage(CHARGE)
    return caught.value


@pytest.mark.parametrize(
    ("code", "reason", "undecided"),
    [
        (StatusCode.UNAVAILABLE, "DATABASE_UNAVAILABLE", True),
        (StatusCode.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED", True),
        (StatusCode.ABORTED, "CONCURRENT_MODIFICATION", True),
        (StatusCode.RESOURCE_EXHAUSTED, "OVERLOADED", True),
        (StatusCode.INTERNAL, "INTERNAL", True),
        (StatusCode.UNAUTHENTICATED, "TOKEN_UNKNOWN", True),
        (StatusCode.PERMISSION_DENIED, "SCOPE_MISSING", True),
        (StatusCode.UNAVAILABLE, "", True),
        (StatusCode.INTERNAL, "", True),
        (StatusCode.UNKNOWN, "", True),
        (StatusCode.CANCELLED, "", True),
        (StatusCode.RESOURCE_EXHAUSTED, "", True),
        (StatusCode.UNAUTHENTICATED, "", True),
        (StatusCode.UNIMPLEMENTED, "", True),
        (StatusCode.FAILED_PRECONDITION, "INSUFFICIENT_CREDITS", False),
        (StatusCode.FAILED_PRECONDITION, "MODEL_PRICE_MISSING", False),
        (StatusCode.FAILED_PRECONDITION, "PRICE_ANOMALY", False),
        (StatusCode.RESOURCE_EXHAUSTED, "DAILY_LIMIT_REACHED", False),
        (StatusCode.RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE", False),
        (StatusCode.INVALID_ARGUMENT, "INVALID_FIELD", False),
        (StatusCode.NOT_FOUND, "USER_NOT_FOUND", False),
        (StatusCode.ALREADY_EXISTS, "IDEMPOTENCY_KEY_REUSED", False),
        (StatusCode.UNIMPLEMENTED, "NOT_IMPLEMENTED", False),
    ],
)
def test_tells_undecided_charges_from_refused_ones(peer, code, reason, undecided):
    assert is_undecided(failure_of(peer, Refusal(code, reason))) is undecided


def test_an_unreachable_server_and_a_closed_client_leave_a_charge_undecided():
    client = Tollgate("127.0.0.1:1")
    with pytest.raises(TollgateError) as unreachable:
        client.charge_usage(CHARGE)
    client.close()
    with pytest.raises(ClientClosedError) as closed:
        client.charge_usage(CHARGE)
    assert is_undecided(unreachable.value) and is_undecided(closed.value)


@pytest.mark.parametrize("count", [12.5, float("nan"), 2**63, "12"])
def test_the_messages_refuse_counts_that_are_no_whole_numbers(count):
    with pytest.raises((TypeError, ValueError)):
        Usage(input_tokens=count)


def test_sends_the_request_as_it_was_when_the_call_was_made(peer):
    def answer(method):
        time.sleep(0.05)
        if method == "ChargeUsage":
            return ANSWER
        each = billing.ChargeUsageResult(response=ANSWER)
        return billing.BatchChargeUsageResponse(results=[each] * 16)

    asked = peer(answer)
    keys = [f"k{index}" for index in range(20)]

    async def charge_all(client):
        request = ChargeUsageRequest()
        calls = []
        for key in keys:
            request.idempotency_key = key
            calls.append(asyncio.ensure_future(client.charge_usage(request)))
            await asyncio.sleep(0)
        await asyncio.gather(*calls)

    run(charge_all, asked.address)
    assert sorted(key for _method, sent in asked.asked for key in sent) == sorted(keys)


def test_charges_travel_together_while_others_run_and_each_gets_its_own_answer(peer):
    release = threading.Event()

    def answer(method):
        if method == "ChargeUsage":
            release.wait(5)
            return ANSWER
        refused = billing.ChargeUsageError(code=9, reason="INSUFFICIENT_CREDITS", message="no")
        results = [billing.ChargeUsageResult(error=refused)]
        results += [billing.ChargeUsageResult(response=billing.ChargeUsageResponse(replayed=True))] * 5
        return billing.BatchChargeUsageResponse(results=results)

    asked = peer(answer)

    async def charge_all(client):
        asyncio.get_running_loop().call_later(0.3, release.set)
        requests = [ChargeUsageRequest(idempotency_key=f"k{index}") for index in range(10)]
        return await asyncio.gather(*map(client.charge_usage, requests), return_exceptions=True)

    answers = run(charge_all, asked.address)
    assert [method for method, _keys in asked.asked[:4]] == ["ChargeUsage"] * 4
    assert asked.asked[4:] == [("BatchChargeUsage", ["k4", "k5", "k6", "k7", "k8", "k9"])]
    assert answers[4].reason == "INSUFFICIENT_CREDITS"
    assert [each.replayed for each in answers[5:]] == [True] * 5


def test_no_charge_waits_longer_than_it_may_however_many_wait_before_it(peer):
    release = threading.Event()
    asked = peer(lambda _method: release.wait(10))

    async def charge_all(client):
        requests = [ChargeUsageRequest(idempotency_key=f"k{index}") for index in range(2_048)]
        calls = (client.charge_usage(each, timeout_s=0.5) for each in requests)
        started_at = time.monotonic()
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
        return {each.reason for each in outcomes}, time.monotonic() - started_at

    reasons, took_s = run(charge_all, asked.address)
    release.set()
    assert reasons == {"DEADLINE_EXCEEDED"}
    assert took_s < 2


def test_a_server_that_hangs_does_not_fill_the_memory(peer):
    release = threading.Event()
    asked = peer(lambda _method: release.wait(10))

    async def charge_all(client):
        requests = [ChargeUsageRequest(idempotency_key=f"k{index}") for index in range(12_000)]
        calls = (client.charge_usage(each, timeout_s=2) for each in requests)
        return await asyncio.gather(*calls, return_exceptions=True)

    outcomes = run(charge_all, asked.address, retry=RetrySettings(retries_max=0))
    release.set()
    refused = [each for each in outcomes if each.code == StatusCode.UNAVAILABLE]
    # Four calls of up to 256 are on their way; 10,000 wait.
    assert 900 < len(refused) < 2_000
    assert all(is_undecided(each) for each in refused)


def test_a_call_that_is_on_its_way_is_answered_when_the_client_is_closed(peer):
    asked = peer(lambda _method: time.sleep(0.3) or billing.ChargeUsageResponse(replayed=True))

    async def main():
        client = AsyncTollgate(asked.address)
        call = asyncio.ensure_future(client.charge_usage(CHARGE))
        while not asked.asked:
            await asyncio.sleep(0.01)
        await client.close()
        return await call

    assert asyncio.run(main()).replayed


def test_a_call_that_waits_to_be_repeated_ends_when_the_client_is_closed(peer):
    asked = peer(lambda _method: Refusal(StatusCode.UNAVAILABLE, "SHUTTING_DOWN", 0.2))

    async def main():
        client = AsyncTollgate(asked.address)
        call = asyncio.ensure_future(client.charge_usage(CHARGE))
        while not asked.asked:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        await client.close()
        await call

    with pytest.raises(ClientClosedError):
        asyncio.run(main())


def test_a_cancelled_task_does_not_take_back_a_charge_that_is_on_its_way(peer):
    done = threading.Event()

    def answer(_method):
        time.sleep(0.3)
        done.set()
        return ANSWER

    asked = peer(answer)

    async def charge(client):
        call = asyncio.ensure_future(client.charge_usage(CHARGE))
        while not asked.asked:
            await asyncio.sleep(0.01)
        call.cancel()
        await asyncio.wait({call})

    run(charge, asked.address, batching=False)
    assert done.is_set() and len(asked.asked) == 1


def test_no_error_shows_the_token():
    secret = "tg_secret"
    with pytest.raises(ValueError) as caught:
        Tollgate("127.0.0.1:1", token=f"{secret}\n")
    assert secret not in str(caught.value)
    client = Tollgate("127.0.0.1:1", token=secret, retry=RetrySettings(retries_max=0))
    with pytest.raises(TollgateError) as failed:
        client.charge_usage(CHARGE)
    client.close()
    shown = f"{client!r} {failed.value!r} {failed.value.__cause__!r} {failed.value.__context__!r}"
    assert secret not in shown


def test_threads_share_a_client(peer):
    asked = peer(lambda method: ANSWER if method == "ChargeUsage" else Refusal(StatusCode.UNKNOWN, "X"))
    with Tollgate(asked.address, batching=False) as client:
        requests = [ChargeUsageRequest(idempotency_key=f"k{index}") for index in range(40)]
        threads = [threading.Thread(target=client.charge_usage, args=(each,)) for each in requests]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(keys[0] for _method, keys in asked.asked) == sorted(each.idempotency_key for each in requests)


@pytest.mark.parametrize("address", ["", "foo bar", "http://127.0.0.1:50051", "HTTPS://tollgate"])
def test_an_address_that_can_never_be_reached_is_reported_at_the_start(address):
    with pytest.raises(ValueError, match="host:port"):
        AsyncTollgate(address)
