"""A connection to tollgate for one event loop, and the calls on it."""

import asyncio
import re
from typing import Any

import grpc

from . import forks
from ._calls import BATCH_CHARGE_USAGE, CHARGE_USAGE, AsyncCalls
from ._method import Answer, Method, Request
from .batcher import ChargeBatcher
from .billing.v1 import billing_service_pb2 as billing
from .channel import Tls, checked_address, metadata_of, open_channel
from .errors import ClientClosedError, error_of_call
from .meter.session import StreamCall
from .retry import RetrySettings, with_retries

# Long enough for a commit behind a queue, short enough for a person who waits.
TIMEOUT_S_DEFAULT = 30.0
_STREAM_SETTLE = "/tollgate.billing.v1.BillingService/StreamSettle"

# The same request again has the effect of one, even without a key.
_READS = re.compile("Get|List|Summarize|PriceQuote|Reconcile|BatchChargeUsage|ReportParts")


class Connection(AsyncCalls):
    """Makes calls with deadlines and retries, and sends charges that come together in batches."""

    def __init__(
        self, address: str, *, token: str | None, tls: Tls | None, retry: RetrySettings, batching: bool
    ) -> None:
        self._address = checked_address(address)
        self._metadata = metadata_of(token)
        self._tls = tls
        self._retry = retry
        self._batcher = ChargeBatcher(self._charge_one, self._charge_many) if batching else None
        self._channel: grpc.aio.Channel | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        # Accepts no more calls; those that are on their way continue until it is disconnected.
        self._is_closed = False
        self._is_disconnected = False
        self._calls: set[asyncio.Task[Any]] = set()

    def _start(self) -> grpc.aio.Channel:
        """Connects at the first call, because a channel belongs to the loop that it is made in."""
        if self._is_closed:
            raise ClientClosedError()
        return self._connect()

    def _connect(self) -> grpc.aio.Channel:
        if self._is_disconnected:
            raise ClientClosedError()
        loop = asyncio.get_running_loop()
        if self._channel is None:
            forks.connecting()
            self._loop = loop
            self._channel = open_channel(self._address, self._tls)
            self._connected()
        elif loop is not self._loop:
            raise RuntimeError("this AsyncTollgate belongs to another event loop: make one for each")
        return self._channel

    def _connected(self) -> None:
        """What a client does once, in its own event loop."""

    async def _call(
        self, method: Method[Request, Answer], request: Request, timeout_s: float | None
    ) -> Answer:
        self._start()
        return await self._call_accepted(method, request, timeout_s)

    async def _call_accepted(
        self, method: Method[Request, Answer], request: Request, timeout_s: float | None
    ) -> Answer:
        """Continues where the client is closed meanwhile."""
        # What its caller makes of the request later changes nothing about one that is repeated.
        own = method.request()
        own.CopyFrom(request)
        whole_s = TIMEOUT_S_DEFAULT if timeout_s is None else timeout_s

        async def attempt(attempt_s: float) -> Answer:
            if self._batcher is not None and method is CHARGE_USAGE:
                return await self._batcher.charge(own, attempt_s)  # type: ignore[arg-type, return-value]
            return await self._once(method, own, attempt_s)

        if not _is_repeatable(method, own):
            return await attempt(whole_s)
        return await with_retries(attempt, whole_s, self._retry)

    async def _once(self, method: Method[Request, Answer], request: Request, timeout_s: float) -> Answer:
        channel = self._connect()
        stub = channel.unary_unary(
            method.path,
            request_serializer=method.request.SerializeToString,
            response_deserializer=method.answer.FromString,
        )
        call = self.in_background(_awaited(stub(request, timeout=timeout_s, metadata=self._metadata)))
        # Shielded: a charge that is on its way is finished, whatever becomes of the task that made it.
        answer: Answer = await asyncio.shield(call)
        return answer

    async def _charge_one(
        self, request: billing.ChargeUsageRequest, timeout_s: float
    ) -> billing.ChargeUsageResponse:
        return await self._once(CHARGE_USAGE, request, timeout_s)

    async def _charge_many(
        self, request: billing.BatchChargeUsageRequest, timeout_s: float
    ) -> billing.BatchChargeUsageResponse:
        return await self._once(BATCH_CHARGE_USAGE, request, timeout_s)

    def _stream_call(self) -> StreamCall:
        stub = self._connect().stream_stream(
            _STREAM_SETTLE,
            request_serializer=billing.StreamSettleRequest.SerializeToString,
            response_deserializer=billing.StreamSettleResponse.FromString,
        )
        return stub(metadata=self._metadata)

    def in_background(self, work: Any) -> "asyncio.Task[Any]":
        """Work that `close` waits for."""
        task: asyncio.Task[Any] = asyncio.ensure_future(work)
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)
        # Its error is its caller's; one whose caller is gone has said nothing to anybody.
        task.add_done_callback(lambda each: each.cancelled() or each.exception())
        return task


async def _awaited(call: Any) -> Any:
    try:
        return await call
    except grpc.aio.AioRpcError as error:
        raise error_of_call(error) from None


def _is_repeatable(method: Method[Any, Any], request: Any) -> bool:
    name = method.path.rpartition("/")[2]
    return _READS.match(name) is not None or bool(getattr(request, "idempotency_key", ""))
