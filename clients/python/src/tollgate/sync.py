"""Streams and holds for threads: the same meters, on the client's event loop."""

from collections.abc import Callable, Coroutine, Iterable, Iterator
from types import TracebackType
from typing import Any, Generic, Protocol, TypeVar

from .billing.v1 import billing_service_pb2 as billing
from .meter.hold import AsyncHold
from .meter.meter import Meter, MeteredEnd

Chunk = TypeVar("Chunk")
Result = TypeVar("Result")

Start = Callable[[], Iterable[Chunk]]


class Run(Protocol):
    """Runs a coroutine on the client's event loop and waits for its result."""

    def __call__(self, work: Coroutine[Any, Any, Result]) -> Result: ...


Soon = Callable[[Callable[[], None]], None]
"""Has something done on the client's event loop, and doesn't wait for it."""


class MeteredStream(Generic[Chunk]):
    """Iterate over it once, in any one thread. Leaving it settles what was delivered.

    It is left by its end, by an error, at the end of a `with` block, by `close`, by `ended`, or when
    nobody refers to it.
    """

    def __init__(self, run: Run, soon: Soon, meter: Meter, start: Start[Chunk]) -> None:
        self._run = run
        self._soon = soon
        self._meter = meter
        self._start = start
        self._source: Any = None
        self._chunks: Iterator[Chunk] | None = None

    @property
    def grant(self) -> billing.StreamGrant | None:
        """What is held at the moment."""
        return self._meter.grant

    def __iter__(self) -> Iterator[Chunk]:
        return self

    def __next__(self) -> Chunk:
        if self._meter.is_finished:
            raise StopIteration
        try:
            if self._chunks is None:
                self._run(self._meter.open())
                self._source = self._start()
                self._chunks = iter(self._source)
            chunk = next(self._chunks)
            if self._run(self._meter.offer(chunk)):
                return chunk
            self._finish(billing.STREAM_END_CANCELLED)
        except StopIteration:
            self._finish(billing.STREAM_END_COMPLETED)
        except Exception:
            self._finish(billing.STREAM_END_FAILED)
            raise
        except BaseException:
            self.stop()
            raise
        raise StopIteration

    def stop(self) -> None:
        """For an end user who left; from any thread. What was delivered is charged at once.

        A provider that is being waited for is closed, which not every source allows from another thread.
        """
        self._on_loop(self._meter.stop)

    def close(self) -> None:
        self.stop()

    def ended(self) -> MeteredEnd:
        """Waits for the settlement; ends a stream whose reader has left. Call it after the iteration.

        Raises TollgateError where the end could neither be delivered nor kept: the stream then
        expires, and what was reported last is charged.
        """
        self.stop()
        return self._run(self._meter.ended())

    def __enter__(self) -> "MeteredStream[Chunk]":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def __del__(self) -> None:
        meter = getattr(self, "_meter", None)
        if meter is None or meter.is_finished:
            return
        # Without waiting: the garbage collector may run in the thread of the event loop.
        self._soon(meter.stop)

    def _finish(self, end: "billing.StreamEnd") -> None:
        self._on_loop(lambda: self._meter.finish(end))

    def _on_loop(self, act: Callable[[], None]) -> None:
        async def acted() -> None:
            act()

        if not self._meter.is_finished:
            self._run(acted())
        close = getattr(self._source, "close", None)
        if close is not None:
            self._source = None
            try:
                close()
            except Exception:
                return  # A generator that runs in another thread ends by itself.


class Hold:
    """`with` holds what the call may cost, and settles what `used` was given. As AsyncHold."""

    def __init__(self, run: Run, hold: AsyncHold) -> None:
        self._run = run
        self._hold = hold

    @property
    def grant(self) -> billing.StreamGrant | None:
        return self._hold.grant

    def used(self, answer: object) -> None:
        """What the provider answered. Raises ValueError or TypeError where it can't be read."""
        self._hold.used(answer)

    def ended(self) -> MeteredEnd:
        """The receipt, after the block."""
        return self._run(self._hold.ended())

    def __enter__(self) -> "Hold":
        self._run(self._hold.__aenter__())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._run(self._hold.__aexit__(kind, error, traceback))
