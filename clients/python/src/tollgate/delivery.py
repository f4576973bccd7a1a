"""Delivers what is kept, at start and at an interval."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import grpc

from .entries import Kept, name_of
from .errors import StoreError
from .meter.settle import Delivered, Outcome
from .store import Store

log = logging.getLogger("tollgate")

# Charges among them travel in batches.
_AT_ONCE = 64


@dataclass(frozen=True)
class Delivery:
    """What came of one attempt to deliver everything."""

    delivered: int
    # Still there, for the next attempt.
    waiting: int
    # Refused for good: their files are in `refused/`.
    refused: int


class Deliverer:
    """Owns a store's entries, so that none is delivered in two ways at once."""

    def __init__(
        self, store: Store, deliver: Callable[[Kept], Awaitable[Delivered]], interval_s: float | None
    ) -> None:
        self._store = store
        self._interval_s = interval_s
        self._deliver = deliver
        # Entries that their own call or stream is delivering.
        self._busy: set[str] = set()
        self._delivering: asyncio.Task[Delivery] | None = None
        self._rounds: asyncio.Task[None] | None = None

    def start(self) -> None:
        if self._interval_s is not None:
            self._rounds = asyncio.ensure_future(self._run(self._interval_s))

    async def close(self) -> None:
        for task in (self._rounds, self._delivering):
            if task is not None:
                task.cancel()
                await asyncio.wait({task})

    async def keep(self, kept: Kept) -> str:
        """On disk, and to be concluded or released. Raises StoreError."""
        name = name_of(kept)
        self._busy.add(name)
        try:
            return await asyncio.to_thread(self._store.keep, kept)
        except BaseException:
            self._busy.discard(name)
            raise

    def release(self, name: str) -> None:
        """Leaves an entry for the next round."""
        self._busy.discard(name)

    async def conclude(self, name: str, outcome: Outcome) -> None:
        try:
            if outcome == "refused":
                await asyncio.to_thread(self._store.refuse, name)
            elif outcome != "waiting":
                await asyncio.to_thread(self._store.forget, name)
        except StoreError as error:
            # The entry is delivered once more, which does no harm.
            log.error("%s", error)
        finally:
            self._busy.discard(name)

    async def deliver(self) -> Delivery:
        """Tries each entry once; while a round runs, others wait for its end. Raises StoreError."""
        if self._delivering is None or self._delivering.done():
            self._delivering = asyncio.ensure_future(self._deliver_all())
        return await asyncio.shield(self._delivering)

    async def _run(self, interval_s: float) -> None:
        while True:
            try:
                await self.deliver()
            except StoreError as error:
                log.error("%s", error)
            except Exception:
                # One round that fails must not be the last.
                log.exception("the store can't be delivered")
            await asyncio.sleep(interval_s)

    async def _deliver_all(self) -> Delivery:
        names = await asyncio.to_thread(self._store.names)
        outcomes: list[Outcome] = []
        for at in range(0, len(names), _AT_ONCE):
            some = await asyncio.gather(*(self._deliver_file(name) for name in names[at : at + _AT_ONCE]))
            outcomes += [outcome for outcome, _is_down in some if outcome is not None]
            # The rest would only wait for the same server. One that fails alone holds up nobody.
            tried = [is_down for outcome, is_down in some if outcome is not None]
            if tried and all(tried):
                break
        refused = outcomes.count("refused")
        delivered = outcomes.count("delivered") + outcomes.count("listed")
        return Delivery(delivered, len(await asyncio.to_thread(self._store.names)), refused)

    async def _deliver_file(self, name: str) -> tuple[Outcome | None, bool]:
        """What came of it, and whether no server answers. None: it is delivered in another way."""
        if name in self._busy:
            return None, False
        self._busy.add(name)
        try:
            kept = await self._read(name)
            if kept is None:
                return None, False
            if isinstance(kept, str):
                await self.conclude(name, kept)
                return kept, False
            delivered = await self._deliver(kept)
            if delivered.outcome == "refused":
                log.error("%s in the store is refused: %s", name, delivered.error)
            await self.conclude(name, delivered.outcome)
            if delivered.outcome == "waiting":
                await asyncio.to_thread(self._put_back, name, kept)
            return delivered.outcome, _is_down(delivered)
        except Exception:
            # The others can be delivered all the same.
            log.exception("%s in the store can't be delivered", name)
            return "waiting", False
        finally:
            self._busy.discard(name)

    def _put_back(self, name: str, kept: Kept) -> None:
        """Of two processes on one store, one may have removed the end of a stream because the other has it."""
        if not (self._store.directory / name).exists():
            self._store.keep(kept)

    async def _read(self, name: str) -> Kept | Outcome | None:
        """None where another process has delivered it."""
        try:
            kept = await asyncio.to_thread(self._store.read, name)
        except ValueError as error:
            log.error("%s in the store is refused: %s", name, error)
            return "refused"
        except FileNotFoundError:
            return None
        except OSError as error:
            # The others can be delivered all the same.
            log.error("%s in the store can't be read: %s", name, error.strerror)
            return "waiting"
        return "waiting" if kept is None else kept


_UNANSWERED = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)


def _is_down(delivered: Delivered) -> bool:
    error = delivered.error
    return error is not None and not error.is_from_server and error.code in _UNANSWERED
