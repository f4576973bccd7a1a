"""The store on disk: its format, its bounds, and what it reports."""

import hashlib
import json
import os
import subprocess
import sys
import textwrap

import pytest

from tollgate import ChargeUsageRequest, Store, StoreError, StoreFullError, StreamOpen, Usage
from tollgate.billing.v1 import billing_service_pb2 as billing
from tollgate.entries import KeptCharge, KeptEnd, finished_call_of


def charge(key="k", **fields):
    request = ChargeUsageRequest(user_id="ada", idempotency_key=key, usage=Usage(input_tokens=12), **fields)
    request.occurred_at.FromJsonString("2026-11-30T06:00:00Z")
    return KeptCharge(request)


def end(key="s"):
    opening = StreamOpen(user_id="ada", idempotency_key=key, model="gpt-4o", input_tokens=12, labels={"a": "b"})
    close = billing.StreamClose(usage=Usage(output_tokens=34), usage_source="USAGE_SOURCE_ESTIMATED")
    close.end = billing.STREAM_END_CANCELLED
    return KeptEnd(opening, close, 1_796_018_400)


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


def test_writes_the_format_that_all_clients_share(store):
    store.keep(charge())
    store.keep(end())
    name = hashlib.sha256(b"ada\nk").hexdigest()
    assert json.loads((store.directory / f"{name}.json").read_text()) == {
        "version": 1,
        "charge": {
            "idempotencyKey": "k",
            "userId": "ada",
            "usage": {"inputTokens": "12"},
            "occurredAt": "2026-11-30T06:00:00Z",
        },
    }
    name = hashlib.sha256(b"ada\ns").hexdigest()
    kept = json.loads((store.directory / f"{name}.json").read_text())
    assert kept["endedAt"] == 1_796_018_400
    assert kept["open"]["inputTokens"] == "12"
    assert kept["close"] == {
        "usage": {"outputTokens": "34"},
        "usageSource": "USAGE_SOURCE_ESTIMATED",
        "end": "STREAM_END_CANCELLED",
    }


def test_reads_what_it_wrote(store):
    for kept in (charge(), end()):
        assert store.read(store.keep(kept)) == kept


def test_an_empty_usage_stays_an_empty_usage(store):
    """Absent, it would mean that the last report stands."""
    kept = KeptEnd(StreamOpen(user_id="ada", idempotency_key="s"), billing.StreamClose(usage=Usage()), 1)
    read = store.read(store.keep(kept))
    assert read.close.HasField("usage")


def test_reads_the_files_of_early_releases(store):
    early = {
        "charge": {
            "idempotencyKey": "k",
            "userId": "ada",
            "usage": {"inputTokens": 12},
            "usageSource": 1,
            "occurredAt": {"seconds": 1_796_018_400, "nanos": 0},
            "unknown": True,
        }
    }
    (store.directory / "early.json").write_text(json.dumps(early))
    kept = store.read("early.json")
    assert kept.charge.occurred_at.seconds == 1_796_018_400
    assert kept.charge.usage.input_tokens == 12
    assert kept.charge.usage_source == 1


def test_leaves_the_files_of_later_releases(store):
    (store.directory / "later.json").write_text(json.dumps({"version": 2, "charge": {}}))
    assert store.read("later.json") is None
    assert store.names() == ["later.json"]


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"open": {}}', '{"charge": 5}', '{"open": {}, "close": {}}'])
def test_a_broken_file_is_no_entry(store, content):
    (store.directory / "broken.json").write_text(content)
    with pytest.raises(ValueError):
        store.read("broken.json")


def test_the_end_of_a_stream_that_never_opened_is_a_finished_call():
    call = finished_call_of(end())
    assert (call.user_id, call.idempotency_key, call.model, dict(call.labels)) == ("ada", "s", "gpt-4o", {"a": "b"})
    assert (call.usage.output_tokens, call.usage_source, call.occurred_at.seconds) == (34, 2, 1_796_018_400)


def test_the_same_key_again_replaces_the_entry(store):
    assert store.keep(charge(model="a")) == store.keep(charge(model="b"))
    assert len(store) == 1 and store.read(store.names()[0]).charge.model == "b"


def test_a_full_store_takes_no_more(tmp_path):
    store = Store(tmp_path, bytes_max=2 * 4_096)
    names = [store.keep(charge("1")), store.keep(charge("2"))]
    assert store.is_full
    with pytest.raises(StoreFullError):
        store.keep(charge("3"))
    store.keep(charge("1"))
    store.forget(names[0])
    store.keep(charge("3"))


def test_the_bytes_are_bounded_in_whole_blocks_and_counted_again_at_start(tmp_path):
    Store(tmp_path, bytes_max=2 * 4_096).keep(charge("1"))
    store = Store(tmp_path, bytes_max=2 * 4_096)
    store.keep(charge("2"))
    with pytest.raises(StoreFullError):
        store.keep(charge("3"))


def test_a_folder_that_cannot_be_written_is_reported_at_start(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="can't be used"):
        Store(tmp_path / "file" / "store")


def test_a_disk_without_room_is_reported_at_start(tmp_path):
    with pytest.raises(StoreError, match="MiB free"):
        Store(tmp_path, bytes_max=1 << 60)


def test_a_disk_that_takes_nothing_is_reported_at_start_and_later(tmp_path):
    """With a limit on the size of files, which fails a write as a full disk does."""
    script = f"""
        import resource, signal
        from tollgate import Store, StoreError
        from tests.test_store import charge
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        store = Store({str(tmp_path)!r})
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        for act in (lambda: store.keep(charge()), lambda: Store({str(tmp_path)!r})):
            try:
                act()
            except StoreError as error:
                print("refused:", error)
        print(sorted(path.name for path in store.directory.iterdir()), len(store))
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        env={**os.environ, "PYTHONPATH": os.path.dirname(os.path.dirname(__file__))},
        capture_output=True,
        text=True,
    )
    lines = done.stdout.splitlines()
    assert [line.startswith("refused:") for line in lines] == [True, True, False], done.stderr
    assert lines[-1] == "[] 0"


def test_an_entry_is_on_disk_before_keep_returns(store, monkeypatch):
    """The file is synced before its name appears, and the directory after."""
    steps = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda handle: steps.append("sync") or fsync(handle))
    monkeypatch.setattr(os, "replace", lambda *names: steps.append("rename") or replace(*names))
    store.keep(charge())
    assert steps == ["sync", "rename", "sync"]


def test_old_leftovers_of_a_crash_are_removed_at_start(tmp_path):
    old, young = tmp_path / "old.part", tmp_path / "young.part"
    old.write_text("")
    young.write_text("")
    os.utime(old, (1, 1))
    Store(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["young.part"]
