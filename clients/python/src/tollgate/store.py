"""Keeps on disk what could not be delivered yet, in the format of clients/STORE.md."""

import hashlib
import itertools
import json
import os
import shutil
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from google.protobuf import json_format
from google.protobuf.message import Message

from .billing.v1 import billing_service_pb2 as billing
from .errors import StoreError, StoreFullError

AnyMessage = TypeVar("AnyMessage", bound=Message)

_VERSION = 1
_LEFTOVER_AGE_S = 60.0
# A file takes whole blocks of the disk.
_BLOCK_BYTES = 4_096


@dataclass(frozen=True)
class KeptCharge:
    """A finished call. It carries its `occurred_at`, or it would be priced as of its delivery."""

    charge: billing.ChargeUsageRequest


@dataclass(frozen=True)
class KeptEnd:
    """The end of a stream."""

    open: billing.StreamOpen
    close: billing.StreamClose
    # Whole seconds since 1970.
    ended_at: int


Kept = KeptCharge | KeptEnd


class Store:
    """A directory with one file for each entry, which is on disk before `keep` returns.

    Give each process a directory of its own. Opening it writes and removes a probe, so that a
    folder that can't be written, or a disk without room for a full store, is reported at start.
    `bytes_max` counts whole blocks of 4 KiB.

    Raises StoreError.
    """

    def __init__(self, directory: str | os.PathLike[str], *, bytes_max: int = 256 << 20) -> None:
        self.directory = Path(directory)
        self._bytes_max = bytes_max
        self._parts = itertools.count(1)
        # Bytes on disk by name, of what waits.
        self._sizes: dict[str, int] = {}
        self._bytes = 0
        self._lock = threading.Lock()
        try:
            self._open()
        except OSError as error:
            raise StoreError(f"the store {self.directory} can't be used: {error.strerror}") from error

    def __len__(self) -> int:
        return len(self._sizes)

    @property
    def is_full(self) -> bool:
        return self._bytes + _BLOCK_BYTES > self._bytes_max

    def keep(self, kept: Kept) -> str:
        """Writes an entry and returns its name. The same user and key again replaces the entry.

        Raises StoreError where the store is full or the disk doesn't take it.
        """
        name = name_of(kept)
        data = json.dumps(_json_of(kept), separators=(",", ":"), ensure_ascii=False).encode()
        with self._lock:
            before = self._sizes.get(name, 0)
            if self._bytes - before + _on_disk(len(data)) > self._bytes_max:
                raise StoreFullError(f"the store {self.directory} is full")
            # Counted before it is written, so that writers at the same time don't pass the bound.
            self._count(name, _on_disk(len(data)))
        try:
            self._write(name, data)
        except OSError as error:
            with self._lock:
                self._count(name, before)
            raise StoreError(f"the store {self.directory} takes nothing: {error.strerror}") from error
        return name

    def forget(self, name: str) -> None:
        """Removes an entry that was delivered. A failure leaves it for one more delivery, which does no harm."""
        try:
            (self.directory / name).unlink(missing_ok=True)
        except OSError:
            return
        with self._lock:
            self._count(name, 0)

    def names(self) -> list[str]:
        """Names of all entries that wait, those of other processes included. Raises StoreError."""
        try:
            return sorted(path.name for path in self.directory.glob("*.json"))
        except OSError as error:
            raise StoreError(f"the store {self.directory} can't be read: {error.strerror}") from error

    def read(self, name: str) -> Kept | None:
        """An entry; None where it is gone, or a later release wrote it. Raises ValueError where it is none."""
        try:
            content = json.loads((self.directory / name).read_bytes())
        except FileNotFoundError:
            return None
        if not isinstance(content, dict):
            raise ValueError("it is not a JSON object")
        if content.get("version", _VERSION) != _VERSION:
            return None
        try:
            return _kept_of(content)
        except (json_format.ParseError, TypeError, AttributeError) as error:
            raise ValueError("it is neither a charge nor the end of a stream") from error

    def refuse(self, name: str) -> None:
        """Moves an entry that tollgate will never accept to `refused/`, where an operator finds it."""
        try:
            (self.directory / "refused").mkdir(exist_ok=True)
            os.replace(self.directory / name, self.directory / "refused" / name)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise StoreError(f"the store {self.directory} takes nothing: {error.strerror}") from error
        with self._lock:
            self._count(name, 0)

    def _open(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        for part in self.directory.glob("*.part"):
            # A younger one may be another process's, which is about to rename it.
            if time.time() - part.stat().st_mtime > _LEFTOVER_AGE_S:
                part.unlink(missing_ok=True)
        probe = self.directory / f"probe.{os.getpid()}.part"
        try:
            _write_synced(probe, b"probe")
        finally:
            probe.unlink(missing_ok=True)
        _sync_directory(self.directory)
        for name in self.names():
            try:
                self._count(name, _on_disk((self.directory / name).stat().st_size))
            except FileNotFoundError:
                continue
        wanted = max(0, self._bytes_max - self._bytes)
        free = shutil.disk_usage(self.directory).free
        if free < wanted:
            raise StoreError(
                f"the disk of the store {self.directory} has {free >> 20} MiB free, but the store may "
                f"grow by {wanted >> 20} MiB: free some, or set bytes_max"
            )

    def _write(self, name: str, data: bytes) -> None:
        part = self.directory / f"{name}.{os.getpid()}-{next(self._parts)}.part"
        try:
            _write_synced(part, data)
            os.replace(part, self.directory / name)
        except OSError:
            part.unlink(missing_ok=True)
            raise
        _sync_directory(self.directory)

    def _count(self, name: str, size: int) -> None:
        self._bytes += size - self._sizes.pop(name, 0)
        if size:
            self._sizes[name] = size


def now_s() -> int:
    return int(time.time())


def name_of(kept: Kept) -> str:
    """The file's name: user and key name a call, of whatever kind."""
    owner = kept.charge if isinstance(kept, KeptCharge) else kept.open
    # Neither can contain a line feed.
    return hashlib.sha256(f"{owner.user_id}\n{owner.idempotency_key}".encode()).hexdigest() + ".json"


def finished_call_of(end: KeptEnd) -> billing.ChargeUsageRequest:
    """The call of a stream that was never opened."""
    call = billing.ChargeUsageRequest()
    for field in ("idempotency_key", "user_id", "model", "provider", "quote_id", "service_tier", "api_key_id"):
        setattr(call, field, getattr(end.open, field))
    call.model = end.close.served_model or call.model
    call.labels.update(end.open.labels)
    call.occurred_at.FromSeconds(end.ended_at)
    call.usage_source = end.close.usage_source
    if end.close.HasField("provider_usage"):
        call.provider_usage.CopyFrom(end.close.provider_usage)
    else:
        call.usage.CopyFrom(end.close.usage)
    return call


def _json_of(kept: Kept) -> Mapping[str, object]:
    if isinstance(kept, KeptCharge):
        return {"version": _VERSION, "charge": json_format.MessageToDict(kept.charge)}
    return {
        "version": _VERSION,
        "open": json_format.MessageToDict(kept.open),
        "close": json_format.MessageToDict(kept.close),
        "endedAt": kept.ended_at,
    }


def _kept_of(content: dict[str, object]) -> Kept:
    if "charge" in content:
        return KeptCharge(_parsed(content["charge"], billing.ChargeUsageRequest()))
    if "open" not in content or "close" not in content:
        raise TypeError("neither a charge nor the end of a stream")
    ended_at = content.get("endedAt")
    if not isinstance(ended_at, int):
        raise TypeError("endedAt is not a number")
    opening = _parsed(content["open"], billing.StreamOpen())
    return KeptEnd(opening, _parsed(content["close"], billing.StreamClose()), ended_at)


def _parsed(value: object, message: AnyMessage) -> AnyMessage:
    if not isinstance(value, dict):
        raise TypeError("not an object")
    occurred_at = value.get("occurredAt")
    if isinstance(occurred_at, dict):
        # As early releases of the Node client wrote it.
        seconds = int(occurred_at.get("seconds", 0))
        value = {**value, "occurredAt": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))}
    json_format.ParseDict(value, message, ignore_unknown_fields=True)
    return message


def _on_disk(size: int) -> int:
    return -(-size // _BLOCK_BYTES) * _BLOCK_BYTES


def _write_synced(path: Path, data: bytes) -> None:
    with open(path, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_directory(directory: Path) -> None:
    if os.name == "nt":
        return  # Windows can't open a directory, and keeps renames in its journal.
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
