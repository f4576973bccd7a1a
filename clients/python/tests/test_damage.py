"""Stores that are damaged, shared, full, or that can't be written."""

import os
import subprocess

import grpc
import pytest
from support import INPUT, MODEL, OUTPUT, Refusal, opening, words

from tollgate import ChargeUsageRequest, Delivery, RetrySettings, Store, StoreError, StreamOpen, Tollgate, Usage
from tollgate.billing.v1 import billing_service_pb2 as billing
from tollgate.entries import KeptCharge, KeptEnd, finished_call_of

DAMAGED = {
    "empty": b"",
    "half": b'{"version":1,"charge":{"idempotencyKey":"a","us',
    "not UTF-8": b"\xff\xfe\x00",
    "null": b"null",
    "a list": b"[1]",
    "nested too deeply": b"[" * 100_000,
    "a charge of null": b'{"charge":null}',
    "a charge of text": b'{"charge":"text"}',
    "a time beyond all": b'{"charge":{"userId":"ada","occurredAt":{"seconds":1e300}}}',
    "an end at no time": b'{"open":{"userId":"ada"},"close":{},"endedAt":99999999999999}',
    "an end of null": b'{"open":null,"close":null,"endedAt":1}',
    "an unknown enum": b'{"charge":{"userId":"ada","usageSource":{}}}',
}


def test_damaged_files_are_set_aside_and_hold_up_nothing(server, tmp_path):
    user = server.user()
    store = Store(tmp_path)
    for at, content in enumerate(DAMAGED.values()):
        (tmp_path / f"0{at:02}.json").write_bytes(content)
    # One that can't be read at all: it waits, and the others don't wait for it.
    os.symlink(tmp_path / "loop.json", tmp_path / "loop.json")
    (tmp_path / "000-folder.json").mkdir()
    for key in range(100):
        store.keep(KeptCharge(a_charge(user, f"call-{key}")))
    with Tollgate(server.address, store=store, deliver_interval_s=None) as client:
        delivery = client.deliver()
    assert delivery.delivered == 100
    assert delivery.refused == len(DAMAGED)
    assert len(list((tmp_path / "refused").iterdir())) == len(DAMAGED)
    server.until_charged(user, *[10 * INPUT] * 100)


def test_what_another_process_delivered_is_not_counted_any_more(tmp_path):
    one, other = Store(tmp_path), Store(tmp_path)
    names = [one.keep(KeptCharge(a_charge("ada", str(key)))) for key in range(3)]
    assert sorted(names) == other.names() and len(other) == 3
    for name in names:
        other.forget(name)
    assert one.names() == [] and len(one) == 0 and not one.is_full and one._bytes == 0


def test_an_entry_that_another_process_removed_is_put_back_where_it_is_not_delivered(peer, tmp_path):
    """The other one was told that this one has its stream."""
    store = Store(tmp_path)

    def remove(_name):
        store.forget(name)
        return Refusal(grpc.StatusCode.UNAVAILABLE)

    server = peer(remove)
    name = store.keep(KeptCharge(a_charge("ada", "call")))
    with Tollgate(server.address, store=store, deliver_interval_s=None, retry=RetrySettings(retries_max=0)) as client:
        assert client.deliver() == Delivery(0, 1, 0)
    assert (tmp_path / name).exists()


def test_a_charge_that_is_too_large_for_tollgate_is_not_sent_for_ever(peer, tmp_path):
    server = peer(lambda _name: Refusal(grpc.StatusCode.RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE"))
    store = Store(tmp_path)
    store.keep(KeptCharge(a_charge("ada", "call")))
    with Tollgate(server.address, store=store, deliver_interval_s=None, retry=RetrySettings(retries_max=0)) as client:
        assert client.deliver() == Delivery(0, 0, 1)


def test_only_the_owner_can_read_a_store(tmp_path):
    name = Store(tmp_path).keep(KeptCharge(a_charge("ada", "call")))
    assert (tmp_path / name).stat().st_mode & 0o077 == 0


def test_the_call_of_a_stream_that_never_opened_names_what_served_it():
    close = billing.StreamClose(served_model="b", served_provider="p", served_service_tier="flex", reported_cost_nanousd=7)
    call = finished_call_of(KeptEnd(StreamOpen(model="a", provider="o", service_tier="default"), close, 1))
    assert (call.model, call.provider, call.service_tier, call.reported_cost_nanousd) == ("b", "p", "flex", 7)


def test_a_folder_that_cannot_be_used_is_reported_at_start(tmp_path):
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "store"):
        with pytest.raises(StoreError):
            Store(folder)


def test_a_disk_that_fills_up_loses_nothing_that_tollgate_takes(server, tmp_path):
    """A tmpfs of 64 KiB."""
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", tmp_path], capture_output=True).returncode:
        pytest.skip("needs the right to mount")
    try:
        user = server.user()
        store = Store(tmp_path, bytes_max=16 << 10)
        (tmp_path / "big").write_bytes(b"x" * (60 << 10))
        with Tollgate(server.address, store=store, deliver_interval_s=None) as client:
            charged = client.charge(a_charge(user, "call"))
            assert charged is not None and charged.charge.amount_nanousd == 10 * INPUT
            stream = client.meter_stream(opening(user), lambda: words(5, 5), format="openai.chat")
            assert len(list(stream)) == 6
            stream.ended()
        server.until_charged(user, 10 * INPUT, 10 * INPUT + 5 * OUTPUT)
        assert len(store) == 0 and store._bytes == 0
    finally:
        subprocess.run(["umount", tmp_path], check=True)


def a_charge(user, key):
    usage = Usage(input_tokens=10)
    return ChargeUsageRequest(user_id=user, idempotency_key=key, model=MODEL, usage=usage)


def test_an_entry_that_nobody_answers_holds_up_no_others(peer, tmp_path):
    answer = billing.ChargeUsageResponse(charge=billing.Charge(amount_nanousd=7))
    server = peer(lambda name: answer if name == "ChargeUsage" else Refusal(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD"))
    store = Store(tmp_path)
    for key in range(200):
        store.keep(KeptCharge(a_charge("ada", str(key))))
    # The peer serves no streams. As the first of all names, it is tried in each round.
    end = KeptEnd(StreamOpen(user_id="ada", idempotency_key="s"), billing.StreamClose(usage=Usage()), 1)
    name = store.keep(end)
    (tmp_path / name).rename(tmp_path / "000.json")
    with Tollgate(server.address, store=store, deliver_interval_s=None, retry=RetrySettings(retries_max=0)) as client:
        delivery = client.deliver()
    assert (delivery.delivered, delivery.waiting) == (200, 1)
