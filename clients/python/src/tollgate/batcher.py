"""Sends charges in few calls when there are many."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import grpc

from .billing.v1 import billing_service_pb2 as billing
from .errors import TollgateError, error_of_item

# Beyond this the transport costs more than the charges, so further ones are sent together.
_CALLS_IN_FLIGHT_MAX = 4
# The contract allows 1,000; a quarter of that fills the server's batches and keeps a frame small.
_BATCH_SIZE_MAX = 256
# A server that hangs must not fill the memory. A charge that is refused here is undecided, and can be kept.
_WAITING_MAX = 10_000

One = Callable[[billing.ChargeUsageRequest, float], Awaitable[billing.ChargeUsageResponse]]
Many = Callable[[billing.BatchChargeUsageRequest, float], Awaitable[billing.BatchChargeUsageResponse]]


@dataclass(eq=False)
class _Waiting:
    request: billing.ChargeUsageRequest
    # By time.monotonic().
    ends_at: float
    answer: "asyncio.Future[billing.ChargeUsageResponse]" = field(repr=False)

    def resolve(self, answer: billing.ChargeUsageResponse) -> None:
        if not self.answer.done():
            self.answer.set_result(answer)

    def reject(self, error: BaseException) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)


class ChargeBatcher:
    """Sends the first charges at once, alone, and those that come while four calls run together.

    Nothing waits for a batch to fill, and no charge waits longer than its own time-out.
    """

    def __init__(self, one: One, many: Many) -> None:
        self._one = one
        self._many = many
        self._waiting: deque[_Waiting] = deque()
        self._calls: set[asyncio.Task[None]] = set()

    async def charge(
        self, request: billing.ChargeUsageRequest, timeout_s: float
    ) -> billing.ChargeUsageResponse:
        if len(self._waiting) >= _WAITING_MAX:
            raise TollgateError(
                grpc.StatusCode.UNAVAILABLE, f"{_WAITING_MAX:,} charges wait for a server already"
            )
        answer = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(request, time.monotonic() + timeout_s, answer))
        self._send()
        try:
            return await asyncio.wait_for(answer, timeout_s)
        except asyncio.TimeoutError:
            raise TollgateError(
                grpc.StatusCode.DEADLINE_EXCEEDED, "no answer in time; the charge may still be made"
            ) from None

    def _send(self) -> None:
        while self._waiting and len(self._calls) < _CALLS_IN_FLIGHT_MAX:
            size = min(_BATCH_SIZE_MAX, len(self._waiting))
            taken = [self._waiting.popleft() for _ in range(size)]
            batch = [each for each in taken if not each.answer.done()]
            if batch:
                call = asyncio.ensure_future(self._call(batch))
                self._calls.add(call)
                call.add_done_callback(self._ended)

    def _ended(self, call: "asyncio.Task[None]") -> None:
        self._calls.discard(call)
        self._send()

    async def _call(self, batch: Sequence[_Waiting]) -> None:
        timeout_s = max(each.ends_at for each in batch) - time.monotonic()
        try:
            if len(batch) == 1:
                batch[0].resolve(await self._one(batch[0].request, timeout_s))
            else:
                request = billing.BatchChargeUsageRequest(requests=[each.request for each in batch])
                _answer_each(batch, (await self._many(request, timeout_s)).results)
        except TollgateError as error:
            if len(batch) > 1 and _is_about_content(error):
                half = (len(batch) + 1) // 2
                await self._call(batch[:half])
                await self._call(batch[half:])
            else:
                for each in batch:
                    each.reject(error)
        except BaseException as error:
            for each in batch:
                each.reject(error)
            raise


def _answer_each(batch: Sequence[_Waiting], results: Sequence[billing.ChargeUsageResult]) -> None:
    for index, waiting in enumerate(batch):
        outcome = results[index].WhichOneof("outcome") if index < len(results) else None
        if outcome == "response":
            waiting.resolve(results[index].response)
        elif outcome == "error":
            waiting.reject(error_of_item(results[index].error))
        else:
            waiting.reject(
                TollgateError(
                    grpc.StatusCode.INTERNAL, "the batch was answered without this request", reason="INTERNAL"
                )
            )


def _is_about_content(error: TollgateError) -> bool:
    """Together they are too large, or one of them can't be read: the others must not fail with it."""
    return error.code == grpc.StatusCode.INVALID_ARGUMENT or error.reason == "MESSAGE_TOO_LARGE"
