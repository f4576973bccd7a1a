"""Keeps on disk what could not be delivered yet, in the format of clients/STORE.md."""

import contextlib
import itertools
import os
import shutil
import threading
import time
from pathlib import Path

from .entries import Kept, decode, encode, name_of
from .errors import StoreError, StoreFullError

_LEFTOVER_AGE_S = 60.0
# A file takes whole blocks of the disk.
_BLOCK_BYTES = 4_096


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
        # Counted already, and not on disk yet.
        self._writing: set[str] = set()
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
        data = encode(kept)
        with self._lock:
            before = self._sizes.get(name, 0)
            if self._bytes - before + _on_disk(len(data)) > self._bytes_max:
                raise StoreFullError(f"the store {self.directory} is full")
            # Counted before it is written, so that writers at the same time don't pass the bound.
            self._count(name, _on_disk(len(data)))
            self._writing.add(name)
        try:
            self._write(name, data)
        except OSError as error:
            with self._lock:
                self._count(name, before)
            raise StoreError(f"the store {self.directory} takes nothing: {error.strerror}") from error
        finally:
            with self._lock:
                self._writing.discard(name)
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
        """Names of all entries that wait, those of other processes included. Raises StoreError.

        Also counts what others have put there or taken away.
        """
        with self._lock:
            try:
                with os.scandir(self.directory) as files:
                    found = {file.name: file for file in files if _is_entry(file)}
            except OSError as error:
                raise StoreError(f"the store {self.directory} can't be read: {error.strerror}") from error
            for name in self._sizes.keys() - found.keys() - self._writing:
                self._count(name, 0)
            for name in found.keys() - self._sizes.keys():
                with contextlib.suppress(FileNotFoundError):
                    self._count(name, _on_disk(found[name].stat(follow_symlinks=False).st_size))
        return sorted(found)

    def read(self, name: str) -> Kept | None:
        """An entry; None where a later release wrote it.

        Raises ValueError where it is none, FileNotFoundError where it is gone, and other OSErrors.
        """
        return decode((self.directory / name).read_bytes())

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
            with contextlib.suppress(FileNotFoundError):
                if time.time() - part.stat().st_mtime > _LEFTOVER_AGE_S:
                    part.unlink(missing_ok=True)
        probe = self.directory / f"probe.{os.getpid()}.part"
        try:
            _write_synced(probe, b"probe")
        finally:
            probe.unlink(missing_ok=True)
        _sync_directory(self.directory)
        self.names()
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


def _is_entry(file: "os.DirEntry[str]") -> bool:
    return file.name.endswith(".json") and not file.is_dir(follow_symlinks=False)


def _on_disk(size: int) -> int:
    return -(-size // _BLOCK_BYTES) * _BLOCK_BYTES


def _write_synced(path: Path, data: bytes) -> None:
    # Only its owner may read who was charged for what.
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
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
