"""Callers who leave: cancelled tasks, streams that nobody refers to, a client that is closed, a key used twice."""

import asyncio
import contextlib
import gc
import os
import subprocess
import sys
import textwrap
import threading

import grpc
import pytest
from support import INPUT, MODEL, OUTPUT, Refusal, opening, run, spoken, until, words

from tollgate import (
    AsyncTollgate,
    ChargeUsageRequest,
    ChunkFacts,
    RetrySettings,
    Store,
    StreamOpen,
    Tollgate,
    TollgateError,
    Usage,
)
from tollgate.billing.v1 import billing_service_pb2 as billing

PROMPT = 10 * INPUT


def test_a_key_used_again_does_not_wipe_out_what_is_on_record(server):
    """A gateway that crashed calls again under the same key."""
    user = server.user()

    async def crashed(client):
        stream = client.meter_stream(opening(user), lambda: spoken(words(900, 900)), format="openai.chat")
        for _ in range(900):
            await anext(stream)
        session = stream._meter._session
        await asyncio.sleep(2)
        session.abandon()  # as a process that is killed
        await asyncio.sleep(1)
        again = client.meter_stream(opening(user), lambda: spoken(words(1)), format="openai.chat")
        with pytest.raises(TollgateError) as refused:
            await anext(again)
        assert "has usage on record" in str(refused.value)
        await again.ended()
        await asyncio.sleep(1)
        assert server.charges(user) == []
        await stream.ended()

    with pytest.raises(TollgateError):
        # Its session was cut off, so it can't settle; the hold expires by itself.
        run(crashed, server.address)
    assert server.charges(user) == []


def test_a_stream_that_the_collector_finds_in_the_loops_thread_blocks_nothing(server):
    user = server.user()
    with Tollgate(server.address) as client:
        stream = client.meter_stream(opening(user), lambda: words(50), format="openai.chat")
        for _ in range(20):
            next(stream)
        stream.itself = stream  # only the collector frees it
        del stream
        done = threading.Event()

        def collect():
            gc.collect()
            done.set()

        client._loop.call_soon_threadsafe(collect)
        assert done.wait(10), "the event loop waits for itself"
        server.until_charged(user, PROMPT + 20 * OUTPUT)


def test_a_cancelled_task_never_cancels_a_charge(peer):
    asked = threading.Event()
    answer = billing.ChargeUsageResponse(charge=billing.Charge(amount_nanousd=7))
    release = threading.Event()

    def slow(_name):
        asked.set()
        release.wait(10)
        return answer

    server = peer(slow)

    async def main():
        async with AsyncTollgate(server.address) as client:
            tasks = [asyncio.ensure_future(client.charge(a_charge(str(each)))) for each in range(6)]
            while not asked.is_set():
                await asyncio.sleep(0.01)
            for task in tasks:
                task.cancel()
            await asyncio.sleep(0.05)
            release.set()

    asyncio.run(main())
    # Also those that had not left: four calls run at once, and the others waited.
    assert {key for _name, keys in server.asked for key in keys} == {str(each) for each in range(6)}


def test_a_cancelled_task_does_not_cancel_the_retry_of_a_charge(peer):
    refusals = iter([Refusal(grpc.StatusCode.UNAVAILABLE)] * 2)

    def answers(_name):
        return next(refusals, None) or billing.ChargeUsageResponse(charge=billing.Charge(amount_nanousd=7))

    server = peer(answers)

    async def main():
        async with AsyncTollgate(server.address, retry=RetrySettings(retries_max=3)) as client:
            task = asyncio.ensure_future(client.charge(a_charge("call")))
            while not server.asked:
                await asyncio.sleep(0.005)
            task.cancel()

    asyncio.run(main())
    assert len(server.asked) == 3


def test_no_thread_waits_for_ever_for_a_client_that_another_one_closes(peer):
    server = peer(lambda _name: Refusal(grpc.StatusCode.UNAVAILABLE, "DATABASE_UNAVAILABLE", retry_after_s=20))
    client = Tollgate(server.address)
    failed = []

    def ask():
        try:
            client.price_quote(billing.PriceQuoteRequest(user_id="ada", model=MODEL))
        except TollgateError as error:
            failed.append(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    until(lambda: server.asked != [], 5, lambda: "not asked")
    client.close(0.1)
    thread.join(5)
    assert not thread.is_alive() and len(failed) == 1


def a_charge(key):
    return ChargeUsageRequest(user_id="ada", idempotency_key=key, model=MODEL, usage=Usage(input_tokens=1))


@pytest.mark.parametrize("has_store", [True, False])
def test_a_client_that_is_closed_waits_for_the_answer_to_a_held_call(server, tmp_path, has_store):
    user = server.user()

    async def main():
        client = AsyncTollgate(server.address, store=Store(tmp_path / "store") if has_store else None)
        entered = asyncio.Event()

        async def call():
            async with client.hold(
                StreamOpen(user_id=user, idempotency_key="held", model=MODEL, input_tokens=10, max_output_tokens=100),
                format="openai.chat",
            ) as hold:
                entered.set()
                await asyncio.sleep(1)
                hold.used({"usage": {"prompt_tokens": 10, "completion_tokens": 100}})

        task = asyncio.ensure_future(call())
        await entered.wait()
        await client.close()
        await task

    asyncio.run(main())
    server.until_charged(user, PROMPT + 100 * OUTPUT)


def test_what_answers_after_the_client_is_closed_is_kept(server, tmp_path):
    user = server.user()

    async def main():
        client = AsyncTollgate(server.address, store=Store(tmp_path / "store"))
        hold = client.hold(
            StreamOpen(user_id=user, idempotency_key="held", model=MODEL, input_tokens=10, max_output_tokens=100),
            format="openai.chat",
        )
        async with hold:
            await client.close(0.2)
            hold.used({"usage": {"prompt_tokens": 10, "completion_tokens": 100}})
        assert (await hold.ended()).is_kept

    asyncio.run(main())
    with Tollgate(server.address, store=Store(tmp_path / "store")):
        server.until_charged(user, PROMPT + 100 * OUTPUT)


def test_a_usage_that_is_no_json_hangs_nothing(server):
    user = server.user()

    def read(_chunk):
        return ChunkFacts(text="w ", output_tokens=1, usage={"at": object()})

    with Tollgate(server.address) as client:
        stream = client.meter_stream(opening(user), lambda: words(1), format="openai.chat", read=read)
        assert len(list(stream)) == 1
        assert stream.ended().charge.amount_nanousd == PROMPT + OUTPUT
    server.until_charged(user, PROMPT + OUTPUT)


@pytest.mark.parametrize("after_s", [0, 0.0005, 0.002, 0.005, 0.02, 0.1])
def test_a_task_cancelled_while_it_opens_leaves_no_hold(server, after_s):
    user = server.user()

    async def leave(client):
        stream = client.meter_stream(opening(user), lambda: spoken(words(5), 1), format="openai.chat")
        task = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(after_s)
        task.cancel()
        await asyncio.wait({task})
        await stream.ended()

    run(leave, server.address)
    until(lambda: server.held(user) == 0, 3, lambda: f"{server.held(user)} are held")


def test_a_provider_that_is_cancelled_by_itself_hangs_nobody(server):
    user = server.user()

    async def source():
        yield next(words(1))
        task = asyncio.ensure_future(asyncio.sleep(9))
        task.cancel()
        await task

    async def read(client):
        stream = client.meter_stream(opening(user), source, format="openai.chat")
        with pytest.raises(asyncio.CancelledError):
            async with asyncio.timeout(5) if hasattr(asyncio, "timeout") else contextlib.nullcontext():
                async for _chunk in stream:
                    pass
        return await stream.ended()

    assert run(read, server.address).charge.amount_nanousd == PROMPT + OUTPUT


def test_a_child_of_a_process_that_had_connected_is_told_so_and_does_not_hang(server):
    """gRPC does not survive a fork."""
    user = server.user()
    script = f"""
        import os, sys
        from support import MODEL
        from tollgate import ChargeUsageRequest, Tollgate, Usage

        def charge(client, key):
            return client.charge(ChargeUsageRequest(
                user_id={user!r}, idempotency_key=key, model=MODEL, usage=Usage(input_tokens=10)))

        def in_child(act):
            pid = os.fork()
            if pid == 0:
                try:
                    act()
                except RuntimeError as error:
                    os._exit(7)
                os._exit(0)
            return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

        early = in_child(lambda: charge(Tollgate({server.address!r}), "early"))
        client = Tollgate({server.address!r})
        charge(client, "parent")
        same = in_child(lambda: charge(client, "child"))
        other = in_child(lambda: charge(Tollgate({server.address!r}), "other"))
        client.close()
        late = in_child(lambda: charge(Tollgate({server.address!r}), "late"))
        print(early, same, other, late)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        cwd=os.path.dirname(__file__),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout == "0 7 7 7\n", done.stderr
    server.until_charged(user, PROMPT, PROMPT)
