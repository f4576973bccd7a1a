"""One metered generation: admitted, passed chunk by chunk, settled."""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

from ..billing.v1 import billing_service_pb2 as billing
from ..billing.v1 import types_pb2 as types
from ..errors import TollgateError
from ..entries import KeptEnd, now_s
from ..trust import WhenDown
from .gate import Gate, StopReason
from .readers import CHUNK_READERS, ChunkFacts, json_of
from .session import MeterSession
from .settle import Delivered
from .tally import CountTokens, Tally

log = logging.getLogger("tollgate")


@dataclass(frozen=True)
class MeteredEnd:
    """How a metered generation ended."""

    # The receipt. None where nothing was held, where the end waits on disk, or where it is listed.
    charge: billing.Charge | None = None
    # What could not be paid, and is a deduction failure.
    shortfall_nanousd: int = 0
    # Why it was stopped before the provider ended it.
    stopped_by: StopReason | None = None
    # Whether the end is on disk and will be delivered later.
    is_kept: bool = False
    # The reason for which tollgate has the whole call on its list of deduction failures.
    listed: str | None = None


class MeterHost(Protocol):
    """What a meter asks of its client."""

    when_down: WhenDown

    def open_session(self, opening: billing.StreamOpen) -> MeterSession: ...

    def trusts(self, user_id: str) -> bool: ...

    def admitted(self, user_id: str) -> None: ...

    async def settle(self, session: MeterSession, end: KeptEnd) -> tuple[Delivered, bool]:
        """Also says whether the end is on disk."""

    def started(self, meter: "Meter") -> None: ...


class Meter:
    """Belongs to the client's event loop."""

    def __init__(
        self,
        host: MeterHost,
        opening: billing.StreamOpen,
        *,
        format: str | None = None,
        read: Callable[[Any], ChunkFacts] | None = None,
        count_tokens: CountTokens | None = None,
    ) -> None:
        if read is None and format not in CHUNK_READERS:
            raise ValueError(f"give `read`, or a `format` of {', '.join(CHUNK_READERS)}")
        self.stopped_by: StopReason | None = None
        self._host = host
        # A copy, because it is sent again on each connection and its caller may change the original.
        self._open = billing.StreamOpen()
        self._open.CopyFrom(opening)
        self._format = format
        self._read = read
        self._count_tokens = count_tokens
        self._session: MeterSession | None = None
        self._gate: Gate | None = None
        # None until the provider's first word. One that never answers has used nothing, not even the
        # prompt.
        self._tally: Tally | None = None
        # What was delivered, by our own count.
        self._counted: types.Usage | None = None
        # The model that served it, where it is not the one that was asked for: a fallback.
        self._served_model = ""
        # What an answer that came at once has used.
        self._used: billing.StreamClose | None = None
        self._is_on_trust = False
        self._settling: asyncio.Task[MeteredEnd] | None = None
        self._finished = asyncio.Event()
        self._on_finish: list[Callable[[], None]] = []

    @property
    def grant(self) -> billing.StreamGrant | None:
        return self._session.grant if self._session is not None else None

    @property
    def is_hold(self) -> bool:
        """Whether the whole cost is held, for a call that answers at once."""
        return self._open.hold_max_output_tokens

    @property
    def is_finished(self) -> bool:
        return self._finished.is_set()

    async def open(self) -> None:
        """Holds credits. Raises TollgateError where the generation must not start."""
        if self.is_finished:
            return
        user_id = self._open.user_id
        session = self._session = self._host.open_session(self._open)
        self._gate = Gate(session, self._host.when_down, lambda: self._host.trusts(user_id))
        self._host.started(self)
        try:
            await self._gate.open()
        except Exception:
            # Nothing is closed here: the key may name a stream of another call.
            session.abandon()
            self._session = None
            self.finish(billing.STREAM_END_CANCELLED)
            raise
        except BaseException:
            self.finish(billing.STREAM_END_CANCELLED)
            raise
        self._is_on_trust = session.grant is None
        if not self._is_on_trust:
            self._host.admitted(user_id)

    async def offer(self, chunk: Any) -> bool:
        """Whether a chunk of the provider's may be delivered; waits until it is paid for."""
        if self._gate is None or self.is_finished:
            return False
        facts = self._facts_of(chunk)
        before = self._tally or Tally(self._open.input_tokens)
        tally = before.plus(facts, self._count_tokens)
        usage = tally.usage(self._count_tokens)
        # A chunk without text delivers nothing that could be kept back. It counts what was delivered, or
        # was thought.
        self._tally = replace(before, input_tokens=tally.input_tokens) if facts.text else tally
        verdict = await self._gate.pass_(usage, lambda: self.is_finished)
        if verdict is not None:
            self.stopped_by = self.stopped_by or verdict
            return False
        self._tally = tally
        self._counted = usage
        return True

    def use(self, close: billing.StreamClose) -> None:
        """What an answer that came at once has used."""
        self._used = close

    def served_by(self, model: str) -> None:
        """Charges it at this model, and not at the one that was asked for."""
        self._served_model = "" if model == self._open.model else model

    def on_finish(self, callback: Callable[[], None]) -> None:
        self._on_finish.append(callback)

    def stop(self) -> None:
        """Settles what was delivered, whether or not the next chunk is asked for."""
        if not self.is_finished:
            self.stopped_by = self.stopped_by or "ABORTED"
            self.finish(billing.STREAM_END_CANCELLED)

    def finish(self, end: "billing.StreamEnd") -> None:
        """Settles in the background; the first call decides how it ended."""
        if self.is_finished:
            return
        session = self._session
        if session is not None and (session.grant is not None or self._is_on_trust):
            close = billing.StreamClose()
            close.CopyFrom(self._close())
            close.end = end
            close.served_model = self._served_model
            kept = KeptEnd(self._open, close, now_s())
            self._settling = asyncio.ensure_future(self._settled(session, kept))
        elif session is not None:
            self._settling = asyncio.ensure_future(self._given_back(session))
        self._finished.set()
        for callback in self._on_finish:
            callback()

    async def ended(self) -> MeteredEnd:
        """Waits for the settlement.

        Raises TollgateError where it could neither be delivered nor kept, or was refused for good.
        """
        await self._finished.wait()
        if self._settling is None:
            return MeteredEnd(stopped_by=self.stopped_by)
        # A caller that is cancelled doesn't cancel the settlement.
        return await asyncio.shield(self._settling)

    def _facts_of(self, chunk: Any) -> ChunkFacts:
        if self._read is not None:
            return self._read(chunk)
        return CHUNK_READERS[str(self._format)](json_of(chunk))

    def _close(self) -> billing.StreamClose:
        try:
            return self._measured()
        except Exception:
            # Such as a usage that is no JSON. A stream that is never closed would hold its credits.
            log.exception("the usage of %s can't be sent: what was delivered is charged", self._open.model)
            return billing.StreamClose(usage=self._counted, usage_source=types.USAGE_SOURCE_ESTIMATED)

    def _measured(self) -> billing.StreamClose:
        if self._used is not None:
            return self._used
        if self._tally is None:
            return billing.StreamClose(usage=types.Usage())
        if self._tally.is_underreported(self._count_tokens):
            log.warning(
                "the provider of %s counted less than it delivered: charging the larger count as estimated",
                self._open.model,
            )
        return self._tally.measured(self._format, self._count_tokens)

    async def _given_back(self, session: MeterSession) -> MeteredEnd:
        """Left while it was opened: what the server holds for it by now, or soon, is returned."""
        ends_at = time.monotonic() + self._host.when_down.wait_s
        while not session.is_decided and time.monotonic() < ends_at:
            await session.change(ends_at - time.monotonic())
        grant = session.grant
        if grant is not None and grant.acknowledged_sequence == 0:
            session.close(billing.StreamClose(usage=types.Usage(), end=billing.STREAM_END_CANCELLED))
            while not session.is_over and session.failure is None and time.monotonic() < ends_at:
                await session.change(ends_at - time.monotonic())
        session.abandon()
        return MeteredEnd(stopped_by=self.stopped_by)

    async def _settled(self, session: MeterSession, end: KeptEnd) -> MeteredEnd:
        delivered, is_kept = await self._host.settle(session, end)
        if delivered.outcome == "refused" or (delivered.outcome == "waiting" and not is_kept):
            raise delivered.error or AssertionError("what is not delivered has an error")
        return MeteredEnd(
            charge=delivered.charge,
            shortfall_nanousd=delivered.shortfall_nanousd,
            stopped_by=self.stopped_by,
            is_kept=delivered.outcome == "waiting",
            listed=delivered.error.reason if delivered.outcome == "listed" and delivered.error else None,
        )
