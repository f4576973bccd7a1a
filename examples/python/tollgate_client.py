"""A small client of tollgate: prices a call, charges a finished one, meters a running one.

Copy it into a gateway. It needs the generated code of the contract; README.md has the command.
"""

import queue
import random
import time
from collections.abc import Callable, Iterable, Iterator

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from tollgate.billing.v1 import admin_services_pb2_grpc as admin
from tollgate.billing.v1 import billing_service_pb2 as billing
from tollgate.billing.v1 import billing_service_pb2_grpc as billing_grpc
from tollgate.billing.v1 import types_pb2

ATTEMPTS_MAX = 4
ATTEMPT_TIMEOUT_S = 10.0
# How long a stream waits for a server before it gives up, and the generation stops.
STREAM_WAIT_S = 10.0


class TollgateError(Exception):
    """A call that did not succeed. `reason` is such as INSUFFICIENT_CREDITS, or else the gRPC status's name."""

    def __init__(self, error: grpc.RpcError):
        super().__init__(error.details())
        self.code: grpc.StatusCode = error.code()
        self.reason: str = self.code.name
        self.retry_after_s = 0.0
        status = rpc_status.from_call(error)
        for detail in status.details if status else ():
            info, retry = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo()
            if detail.Unpack(info):
                self.reason = info.reason
            elif detail.Unpack(retry):
                self.retry_after_s = retry.retry_delay.ToTimedelta().total_seconds()

    @property
    def may_be_retried(self) -> bool:
        """What passes by itself. A limit, a refusal or a mistake does not."""
        passing = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)
        return self.code in passing or self.reason in ("CONCURRENT_MODIFICATION", "OVERLOADED")


class Tollgate:
    """A connection, for all threads. Call only what names an idempotency key, or only reads: calls are made again."""

    def __init__(self, address: str, token: str | None = None, root_certificates: bytes | None = None):
        options = [("grpc.keepalive_time_ms", 30_000), ("grpc.lb_policy_name", "round_robin")]
        if root_certificates is None:
            self.channel = grpc.insecure_channel(address, options)
        else:
            self.channel = grpc.secure_channel(address, grpc.ssl_channel_credentials(root_certificates), options)
        self.metadata = [("authorization", f"Bearer {token}")] if token else []
        self.billing = billing_grpc.BillingServiceStub(self.channel)
        self.users = admin.UserServiceStub(self.channel)
        self.reconciliation = admin.ReconciliationServiceStub(self.channel)

    def call(self, method: Callable, request):
        """Makes a unary call, and makes it again, under the same key, where that may help."""
        for attempt in range(1, ATTEMPTS_MAX + 1):
            try:
                return method(request, timeout=ATTEMPT_TIMEOUT_S, metadata=self.metadata)
            except grpc.RpcError as failure:
                error = TollgateError(failure)
                if attempt == ATTEMPTS_MAX or not error.may_be_retried:
                    raise error from failure
                time.sleep(max(error.retry_after_s, random.uniform(0, 0.1 * 2**attempt)))

    def price_quote(self, **fields) -> billing.PriceQuoteResponse:
        return self.call(self.billing.PriceQuote, billing.PriceQuoteRequest(**fields))

    def charge_usage(self, **fields) -> billing.ChargeUsageResponse:
        return self.call(self.billing.ChargeUsage, billing.ChargeUsageRequest(**fields))

    def close(self) -> None:
        self.channel.close()


class MeteredStream:
    """A generation that is paid for while it runs. Iterate over it once; then `settled` has the receipt.

    `chunks` is called once credits are held, and yields `(chunk, output_tokens_so_far)`. At the last token that is paid
    for, the iteration ends early, with the reason in `stopped_by`. Set `provider_usage` when the provider has said its own
    count: that is then what is charged, where everything was delivered.
    """

    def __init__(self, tollgate: Tollgate, opening: billing.StreamOpen, chunks: Callable[[], Iterable[tuple[object, int]]]):
        self.stopped_by = billing.FINAL_REASON_UNSPECIFIED
        self.settled: billing.StreamSettled | None = None
        self.provider_usage: billing.ProviderUsage | None = None
        self._tollgate = tollgate
        self._open = opening
        self._chunks = chunks
        self._sequence = 0
        self._grant: billing.StreamGrant | None = None
        self._last: billing.StreamSettleRequest | None = None
        self._requests: queue.Queue = queue.Queue()
        self._connect()

    def __iter__(self) -> Iterator[object]:
        self._converse(until=lambda: self._grant is not None)
        delivered, end = 0, billing.STREAM_END_CANCELLED
        source = self._chunks()
        try:
            for chunk, output_tokens in source:
                if not self._may_deliver(output_tokens):
                    break
                # Before the chunk is out: whoever reads it may never come back.
                delivered = output_tokens
                yield chunk
            else:
                end = billing.STREAM_END_COMPLETED
        except Exception:
            end = billing.STREAM_END_FAILED
            raise
        finally:
            if hasattr(source, "close"):
                source.close()
            self._say(close=self._closing(delivered, end))
            self._converse(until=lambda: self.settled is not None)
            self._hang_up()
            self._await_the_end()

    def _closing(self, output_tokens: int, end: int) -> billing.StreamClose:
        closing = billing.StreamClose(sequence=self._sequence + 1, end=end)
        if self.provider_usage is not None and end == billing.STREAM_END_COMPLETED:
            closing.provider_usage.CopyFrom(self.provider_usage)
        else:
            closing.usage.CopyFrom(self._usage(output_tokens))
        return closing

    def _may_deliver(self, output_tokens: int) -> bool:
        """Waits for a grant that covers them. False: the last grant doesn't, and there will be no other."""
        if output_tokens > self._grant.granted_output_tokens * 4 // 5 and not self._grant.final_reason:
            self._report(output_tokens)

        def covered() -> bool:
            return output_tokens <= self._grant.granted_output_tokens

        self._converse(until=lambda: covered() or self._grant.final_reason != billing.FINAL_REASON_UNSPECIFIED)
        if not covered():
            self.stopped_by = self._grant.final_reason
        return covered()

    def _usage(self, output_tokens: int) -> types_pb2.Usage:
        # A provider that delivered nothing is paid nothing, not even for the prompt.
        input_tokens = self._open.input_tokens if output_tokens else 0
        return types_pb2.Usage(input_tokens=input_tokens, output_tokens=output_tokens)

    def _report(self, output_tokens: int) -> None:
        self._sequence += 1
        self._say(progress=billing.StreamProgress(sequence=self._sequence, usage=self._usage(output_tokens)))

    def _say(self, **event) -> None:
        self._last = billing.StreamSettleRequest(**event)
        self._requests.put(self._last)

    def _converse(self, until: Callable[[], bool]) -> None:
        """Takes what the server says until it is enough; on a new connection, where the old one breaks."""
        ends_at = time.monotonic() + STREAM_WAIT_S
        while not until():
            try:
                self._take(next(self._responses))
            except (grpc.RpcError, StopIteration) as failure:
                error = TollgateError(failure) if isinstance(failure, grpc.RpcError) else None
                if time.monotonic() > ends_at or (error and not error.may_be_retried):
                    raise error or ConnectionError("tollgate ended the stream") from failure
                time.sleep(max(error.retry_after_s if error else 0, random.uniform(0.1, 0.5)))
                self._connect()

    def _take(self, response: billing.StreamSettleResponse) -> None:
        event = response.WhichOneof("event")
        if event == "grant":
            self._grant = response.grant
            self._sequence = max(self._sequence, response.grant.acknowledged_sequence)
        elif event == "settled":
            self.settled = response.settled
        elif event == "drain":
            self._connect()

    def _connect(self) -> None:
        """The same open resumes the stream, on any server; what was said last is said again."""
        self._hang_up()
        self._requests = queue.Queue()
        self._requests.put(billing.StreamSettleRequest(open=self._open))
        if self._last is not None:
            self._requests.put(self._last)
        said = iter(self._requests.get, None)
        self._responses = self._tollgate.billing.StreamSettle(said, metadata=self._tollgate.metadata)

    def _hang_up(self) -> None:
        """Ends what is sent: gRPC reads it in a thread of its own, which would wait for more."""
        self._requests.put(None)

    def _await_the_end(self) -> None:
        """The server ends the call once it has settled. Python may hang at its exit on a call that is still held then."""
        try:
            for _ in self._responses:
                pass
        except grpc.RpcError:
            pass  # What counts has been said.
        self._responses = iter(())
