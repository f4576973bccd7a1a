"""The client for threads."""

import asyncio
import atexit
import concurrent.futures
import contextlib
import os
import threading
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, TypeVar

from ._calls import Calls
from ._method import Answer, Method, Request
from .aio import AsyncTollgate
from .billing.v1 import billing_service_pb2 as billing
from .channel import Tls
from .delivery import Delivery
from .errors import ClientClosedError
from .meter.hold import AsyncHold
from .meter.meter import Meter
from .meter.readers import ChunkFacts, MeteredFormat
from .meter.tally import CountTokens
from .retry import RetrySettings
from .store import Store
from .sync import Chunk, Hold, MeteredStream, Start
from .trust import WhenDown

Result = TypeVar("Result")

_CLOSE_TIMEOUT_S = 10.0
_END_TIMEOUT_S = 0.5


class Tollgate(Calls):
    """A connection to tollgate, for all threads of a process; settings as of AsyncTollgate.

    It runs an AsyncTollgate on an event loop in a thread of its own. A process that forks makes its
    client after the fork.
    """

    def __init__(
        self,
        address: str,
        *,
        token: str | None = None,
        tls: Tls | None = None,
        retry: RetrySettings = RetrySettings(),
        batching: bool = True,
        store: Store | None = None,
        when_down: WhenDown = WhenDown(),
        deliver_interval_s: float | None = 15.0,
    ) -> None:
        self._client = AsyncTollgate(
            address,
            token=token,
            tls=tls,
            retry=retry,
            batching=batching,
            store=store,
            when_down=when_down,
            deliver_interval_s=deliver_interval_s,
        )
        self._pid = os.getpid()
        # No call must be given to an event loop that runs no more: its caller would wait for ever.
        self._lock = threading.Lock()
        self._is_stopping = False
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="tollgate", daemon=True)
        self._thread.start()
        # A daemon thread ends with the interpreter, and what is open would only expire.
        atexit.register(self.close)
        if store is not None:
            # Connects, and begins to deliver what is kept.
            self._run(self._started())

    def __repr__(self) -> str:
        return repr(self._client).replace("Async", "", 1)

    def charge(
        self, request: billing.ChargeUsageRequest, *, timeout_s: float | None = None
    ) -> billing.ChargeUsageResponse | None:
        """As AsyncTollgate.charge."""
        return self._run(self._client.charge(request, timeout_s=timeout_s))

    def meter_stream(
        self,
        opening: billing.StreamOpen,
        start: Start[Chunk],
        *,
        format: MeteredFormat | None = None,
        read: Callable[[Chunk], ChunkFacts] | None = None,
        count_tokens: CountTokens | None = None,
    ) -> MeteredStream[Chunk]:
        """As AsyncTollgate.meter_stream, with a `start` that gives an iterable.

        The provider is read in the thread that iterates.
        """
        meter = Meter(self._client, opening, format=format, read=read, count_tokens=count_tokens)
        return MeteredStream(self._run, self._soon, meter, start)

    def hold(self, opening: billing.StreamOpen, *, format: MeteredFormat | str | None = None) -> Hold:
        """As AsyncTollgate.hold, for `with`."""

        async def held() -> AsyncHold:
            return self._client.hold(opening, format=format)

        return Hold(self._run, self._run(held()))

    def deliver(self) -> Delivery:
        """As AsyncTollgate.deliver."""
        return self._run(self._client.deliver())

    def close(self, timeout_s: float = _CLOSE_TIMEOUT_S) -> None:
        """Settles what is open and waits for answers that are on their way, so long at most."""
        if os.getpid() != self._pid or self._is_stopping:
            return
        atexit.unregister(self.close)
        self._run(self._client.close(timeout_s))
        with self._lock:
            if self._is_stopping:
                return
            self._is_stopping = True
            last = asyncio.run_coroutine_threadsafe(_end_tasks(), self._loop)
        last.result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def __enter__(self) -> "Tollgate":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _call(self, method: Method[Request, Answer], request: Request, timeout_s: float | None) -> Answer:
        return self._run(self._client._call(method, request, timeout_s))

    async def _started(self) -> None:
        self._client._start()

    def _soon(self, act: Callable[[], None]) -> None:
        # Once it is closed, its streams are settled. After a fork, they are another process's.
        if not self._is_stopping and os.getpid() == self._pid:
            with contextlib.suppress(RuntimeError):  # It was closed this moment.
                self._loop.call_soon_threadsafe(act)

    def _run(self, work: Coroutine[Any, Any, Result]) -> Result:
        if os.getpid() != self._pid:
            work.close()
            raise RuntimeError("this Tollgate was made before a fork: make one in each process")
        with self._lock:
            if self._is_stopping:
                work.close()
                raise ClientClosedError()
            future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except concurrent.futures.CancelledError:
            # The client was closed in another thread.
            raise ClientClosedError() from None
        except BaseException:
            # Such as KeyboardInterrupt; what has ended isn't changed by it.
            future.cancel()
            raise


async def _end_tasks() -> None:
    """Has every call of another thread end, before its event loop does."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    if not tasks:
        return
    # gRPC's own end by themselves.
    _done, pending = await asyncio.wait(tasks, timeout=_END_TIMEOUT_S)
    for task in pending:
        task.cancel()
    if pending:
        await asyncio.wait(pending, timeout=_END_TIMEOUT_S)
