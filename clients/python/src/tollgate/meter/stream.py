"""A provider's stream that is paid for while it is read, for asyncio."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from types import TracebackType
from typing import Any, Generic, TypeVar

from ..billing.v1 import billing_service_pb2 as billing
from .meter import Meter, MeteredEnd

Chunk = TypeVar("Chunk")

Start = Callable[[], AsyncIterable[Chunk] | Awaitable[AsyncIterable[Chunk]]]

# A source that hangs must not hang the end of its stream.
_CLOSE_TIMEOUT_S = 5.0


class AsyncMeteredStream(Generic[Chunk]):
    """Iterate over it once. Leaving it settles what was delivered, however it is left.

    `async with` leaves it at the end of the block. Without that, it is left by its end, by an error,
    by cancelling the task that iterates, by `aclose`, by `ended`, or when nobody refers to it.
    """

    def __init__(self, meter: Meter, start: Start[Chunk]) -> None:
        self._meter = meter
        self._source = _Source(start)
        self._is_begun = False
        self._loop = asyncio.get_running_loop()
        self._reader: asyncio.Task[Any] | None = None
        # At once, and not when the next chunk is asked for: a reader may wait for its end user for ever.
        meter.on_finish(self._source.leave)

    @property
    def grant(self) -> billing.StreamGrant | None:
        """What is held at the moment."""
        return self._meter.grant

    def __aiter__(self) -> AsyncIterator[Chunk]:
        return self

    async def __anext__(self) -> Chunk:
        meter = self._meter
        if meter.is_finished:
            raise StopAsyncIteration
        self._watch_reader()
        try:
            if not self._is_begun:
                self._is_begun = True
                await meter.open()
            chunk = await self._source.next()
            if not meter.is_finished and await meter.offer(chunk):
                return chunk
            meter.finish(billing.STREAM_END_CANCELLED)
        except StopAsyncIteration:
            meter.finish(billing.STREAM_END_COMPLETED)
        except asyncio.CancelledError:
            meter.stop()
            raise
        except BaseException:
            meter.finish(billing.STREAM_END_FAILED)
            raise
        raise StopAsyncIteration

    def stop(self) -> None:
        """For an end user who left: the provider is stopped, and what was delivered is charged."""
        self._meter.stop()

    async def aclose(self) -> None:
        self._meter.stop()

    async def ended(self) -> MeteredEnd:
        """Waits for the settlement; ends a stream whose reader has left. Call it after the iteration.

        Raises TollgateError where the end could neither be delivered nor kept: the stream then
        expires, and what was reported last is charged.
        """
        self._meter.stop()
        return await self._meter.ended()

    async def __aenter__(self) -> "AsyncMeteredStream[Chunk]":
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._meter.stop()

    def __del__(self) -> None:
        meter = getattr(self, "_meter", None)
        if meter is not None and not meter.is_finished and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(meter.stop)

    def _watch_reader(self) -> None:
        """Stops the stream when the task is cancelled that reads it, also while that task holds a chunk."""
        reader = asyncio.current_task()
        if reader is None or reader is self._reader:
            return
        self._reader = reader
        # The callback must not refer to the stream, or a stream that nobody else refers to would live on.
        meter = self._meter

        def left(task: "asyncio.Task[Any]") -> None:
            # One that ended may have read a single chunk for another task (asyncio.wait_for).
            if task.cancelled():
                meter.stop()

        reader.add_done_callback(left)


class _Source(Generic[Chunk]):
    """Reads the provider's stream in one task, a chunk when it is asked for, so that it can be left."""

    def __init__(self, start: Start[Chunk]) -> None:
        self._start = start
        self._task: asyncio.Task[None] | None = None
        self._asked = asyncio.Event()
        self._answer: asyncio.Future[Chunk] | None = None
        self._is_left = False

    async def next(self) -> Chunk:
        """Raises StopAsyncIteration at the end, or once it is left."""
        if self._is_left:
            raise StopAsyncIteration
        answer: asyncio.Future[Chunk] = asyncio.get_running_loop().create_future()
        self._answer = answer
        if self._task is None:
            self._task = asyncio.ensure_future(self._run())
        self._asked.set()
        # StopAsyncIteration in a future is an error, so the end is a future that was cancelled by us.
        await asyncio.wait({answer})
        if answer.cancelled():
            raise StopAsyncIteration
        return answer.result()

    def leave(self) -> None:
        self._is_left = True
        if self._answer is not None:
            self._answer.cancel()
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        source: Any = None
        try:
            started = self._start()
            source = await started if isinstance(started, Awaitable) else started
            if not isinstance(source, AsyncIterable):
                raise TypeError(f"`start` gave a {type(source).__name__}, which can't be iterated by `async for`")
            iterator = aiter(source)
            while True:
                await self._asked.wait()
                self._asked.clear()
                self._reply(await anext(iterator))
        except StopAsyncIteration:
            if self._answer is not None:
                self._answer.cancel()
        except BaseException as error:
            # Also a CancelledError of the provider's own: its reader would wait for ever.
            if self._answer is not None and not self._answer.done():
                self._answer.set_exception(error)
            if not isinstance(error, Exception):
                raise
        finally:
            await closed(source)

    def _reply(self, chunk: Chunk) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(chunk)


async def closed(source: Any) -> None:
    """Closes a provider's stream, of whatever kind, and waits for that a while."""
    close = getattr(source, "aclose", None) or getattr(source, "close", None)
    if close is None:
        return
    try:
        closing = close()
        if isinstance(closing, Awaitable):
            await asyncio.wait_for(closing, _CLOSE_TIMEOUT_S)
    except Exception:
        return  # The stream is over already, however its source ends.
