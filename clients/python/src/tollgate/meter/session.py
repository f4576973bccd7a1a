"""One stream of the contract, over as many connections as it takes."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import grpc

from ..billing.v1 import billing_service_pb2 as billing
from ..billing.v1 import types_pb2 as types
from ..errors import TollgateError, error_of_call, may_be_retried
from ..retry import backoff_s

# A silent generation (one that thinks, or has not answered yet) reports three times within the
# validity of its grant, because a report in the second half of it renews the hold.
_HEARTBEAT_S_MAX = 15.0
# For clocks of client and server that differ by more than the validity.
_HEARTBEAT_S_MIN = 0.25
# A server that accepts a stream and then says nothing is left for another connection.
_FIRST_ANSWER_S_MAX = 10.0
# A connection that ends sooner counts as a failure, also if a server answered: thousands of streams
# must not open again and again at a server that drains or drops them.
_STEADY_AFTER_S = 1.0
# Well within the time that a generation waits for a server.
_BACKOFF_S_FIRST, _BACKOFF_S_MAX = 0.1, 1.0

StreamCall = Any
"""A call of grpc.aio, which has no types."""


class MeterSession:
    """Opens the stream again under the same key whenever a connection ends before the settlement.

    Each connection gets the last report or the close again. Counts are totals, so nothing counts
    twice. Belongs to one event loop.
    """

    def __init__(self, connect: Callable[[], StreamCall], opening: billing.StreamOpen) -> None:
        self.grant: billing.StreamGrant | None = None
        self.settled: billing.StreamSettled | None = None
        # The error that the last connection ended with, if it is transient.
        self.trouble: TollgateError | None = None
        # Why there will be no more connections: a refusal, or another connection has the stream.
        self.failure: TollgateError | None = None
        # Since when no server has answered, by time.monotonic().
        self.silent_since: float | None = time.monotonic()
        self._connect = connect
        self._open = opening
        self._sequence = 0
        self._usage: types.Usage | None = None
        self._has_news = False
        self._close: billing.StreamClose | None = None
        self._is_close_said = False
        self._is_answered = False
        self._waiters: set[asyncio.Future[None]] = set()
        self._wake = asyncio.Event()
        self._task = asyncio.ensure_future(self._run())

    @property
    def is_over(self) -> bool:
        """Settled, and no late close is accepted any more."""
        return self.settled is not None and not self.settled.HasField("amendable_until")

    @property
    def is_decided(self) -> bool:
        """The server has granted or refused it, or had settled it before."""
        return self.grant is not None or self.settled is not None or self.failure is not None

    def report(self, usage: types.Usage) -> None:
        """What was used so far. Only the latest is sent, so that a slow connection piles up nothing."""
        self._usage = usage
        self._has_news = True
        self._wake.set()

    def close(self, close: billing.StreamClose) -> None:
        """Repeats the close on every connection until it is settled, or `abandon` is called."""
        self._close = close
        self._wake.set()

    def abandon(self) -> None:
        """Drops the connection without settling: the stream may be opened again, or expires."""
        self._task.cancel()
        self.changed()

    async def change(self, timeout_s: float) -> None:
        """Waits until something is new, or so long."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.add(waiter)
        try:
            await asyncio.wait({waiter}, timeout=max(0.0, timeout_s))
        finally:
            self._waiters.discard(waiter)
            waiter.cancel()

    def changed(self) -> None:
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def _run(self) -> None:
        retries = 0
        try:
            while True:
                self._is_answered = False
                began_at = time.monotonic()
                try:
                    await self._talk()
                except TollgateError as error:
                    if not may_be_retried(error):
                        raise
                    self.trouble = error
                if self.is_over:
                    return
                is_steady = self._is_answered and time.monotonic() - began_at > _STEADY_AFTER_S
                retries = 0 if is_steady else retries + 1
                if self.silent_since is None:
                    self.silent_since = time.monotonic()
                self.changed()
                await asyncio.sleep(backoff_s(retries, _BACKOFF_S_FIRST, _BACKOFF_S_MAX))
        except TollgateError as error:
            self.failure = error
        except Exception as error:
            self.failure = TollgateError(grpc.StatusCode.INTERNAL, f"the client failed: {error}")
            self.failure.__cause__ = error
        finally:
            self.changed()

    async def _talk(self) -> None:
        """One connection, to its end. Raises TollgateError."""
        call = self._connect()
        self._is_close_said = False
        speaker: asyncio.Task[None] | None = None
        try:
            await call.write(billing.StreamSettleRequest(open=self._open))
            while (answer := await self._read(call)) is not grpc.aio.EOF:
                self._take(answer)
                if speaker is None:
                    speaker = asyncio.ensure_future(self._speak(call))
                self._is_answered = True
                self.silent_since = None
                self.changed()
                # Cancelled, never half-closed: a half-close would settle what was reported last.
                if answer.WhichOneof("event") == "drain" or self.is_over:
                    return
            # A server that ends the call itself accepts no late close any more.
            if self._is_close_said and self.settled is not None:
                self.settled.ClearField("amendable_until")
        except grpc.aio.AioRpcError as error:
            raise error_of_call(error) from error
        except asyncio.InvalidStateError as error:
            # The call ended while the open was written.
            raise TollgateError(grpc.StatusCode.UNAVAILABLE, "the connection broke") from error
        finally:
            if speaker is not None:
                speaker.cancel()
            # The call of a settled stream ends by itself. Thousands of resets would make the server drop
            # the connection that all streams share.
            if not self.is_over:
                call.cancel()

    async def _read(self, call: StreamCall) -> Any:
        if self._is_answered:
            return await call.read()
        try:
            return await asyncio.wait_for(call.read(), _FIRST_ANSWER_S_MAX)
        except asyncio.TimeoutError:
            raise TollgateError(grpc.StatusCode.DEADLINE_EXCEEDED, "the server doesn't answer") from None

    def _take(self, answer: billing.StreamSettleResponse) -> None:
        event = answer.WhichOneof("event")
        if event == "grant":
            self.grant = answer.grant
            if not self._is_answered:
                self._sequence = max(self._sequence, answer.grant.acknowledged_sequence)
                # The last report on the connection before may be lost.
                self._has_news = self._usage is not None
                self._wake.set()
        elif event == "settled":
            self.settled = answer.settled
            self._wake.set()

    async def _speak(self, call: StreamCall) -> None:
        """Reports and heartbeats, and at last the close."""
        try:
            while True:
                message = self._next_message()
                if message is None:
                    await self._until_woken()
                    continue
                await call.write(message)
                if message.HasField("close"):
                    await call.done_writing()
                    return
        except (grpc.aio.AioRpcError, asyncio.InvalidStateError):
            return  # The reader gets the error.

    def _next_message(self) -> billing.StreamSettleRequest | None:
        if self._close is not None:
            self._is_close_said = True
            self._sequence += 1
            close = billing.StreamClose()
            close.CopyFrom(self._close)
            close.sequence = self._sequence
            return billing.StreamSettleRequest(close=close)
        if not self._has_news or self.settled is not None:
            return None
        self._has_news = False
        self._sequence += 1
        progress = billing.StreamProgress(sequence=self._sequence, usage=self._usage or types.Usage())
        return billing.StreamSettleRequest(progress=progress)

    async def _until_woken(self) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), self._heartbeat_s())
            self._wake.clear()
        except asyncio.TimeoutError:
            # Before the provider's first word, the report says that nothing is used.
            self._has_news = True

    def _heartbeat_s(self) -> float:
        valid_s = self.grant.expires_at.seconds - time.time() if self.grant is not None else 0.0
        return max(_HEARTBEAT_S_MIN, min(_HEARTBEAT_S_MAX, valid_s / 3))
