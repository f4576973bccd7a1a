"""A small client of tollgate: prices a call, charges a finished one, meters a running one.

Copy it into a gateway. It needs the generated code of the contract; README.md has the command.
"""

import queue
import random
import threading
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
# How long a stream waits for the provider's next chunk before it gives the provider up. Some think for minutes.
PROVIDER_WAIT_S = 600.0
# What was used is reported this often, and where nothing is new, three times in what the grant is valid for: a hold that
# nobody reports to expires.
REPORT_S = 1.0
HEARTBEAT_S_MAX, HEARTBEAT_S_MIN = 15.0, 0.25


# What gRPC makes of a connection that breaks under a call, beside UNAVAILABLE.
BROKEN_CONNECTION = (
    grpc.StatusCode.INTERNAL,
    grpc.StatusCode.CANCELLED,
    grpc.StatusCode.UNKNOWN,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
)


class TollgateError(Exception):
    """A call that did not succeed. `reason` is such as INSUFFICIENT_CREDITS, or else the gRPC status's name."""

    def __init__(self, error: grpc.RpcError):
        super().__init__(error.details())
        self.code: grpc.StatusCode = error.code()
        self.reason: str = self.code.name
        self.retry_after_s = 0.0
        self.is_tollgates = False
        status = rpc_status.from_call(error)
        for detail in status.details if status else ():
            info, retry = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo()
            if detail.Unpack(info):
                self.reason, self.is_tollgates = info.reason, True
            elif detail.Unpack(retry):
                self.retry_after_s = retry.retry_delay.ToTimedelta().total_seconds()

    @property
    def may_be_retried(self) -> bool:
        """What passes by itself. A limit, a refusal or a mistake does not."""
        # tollgate gives every error its details: what has none is the word of the transport, or of something in between.
        is_broken_connection = not self.is_tollgates and self.code in BROKEN_CONNECTION
        passing = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)
        is_passing = self.code in passing or self.reason in ("CONCURRENT_MODIFICATION", "OVERLOADED")
        return is_broken_connection or is_passing


class Tollgate:
    """A connection, for all threads. Call only what names an idempotency key, or only reads: calls are made again."""

    def __init__(self, address: str, token: str | None = None, root_certificates: bytes | None = None):
        options = [
            ("grpc.keepalive_time_ms", 10_000),
            ("grpc.keepalive_timeout_ms", 5_000),
            ("grpc.http2.max_pings_without_data", 0),
            ("grpc.lb_policy_name", "round_robin"),
            # A gateway waits for it with its own users behind it.
            ("grpc.initial_reconnect_backoff_ms", 100),
            ("grpc.max_reconnect_backoff_ms", 1_000),
        ]
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

    `chunks` is called once credits are held, and yields `(chunk, output_tokens_so_far)`; it runs in a thread of its own.
    Before the first chunk that is not paid for, the iteration ends early, with the reason in `stopped_by`. Set
    `provider_usage` once the provider has said its final count: that is then what is charged, however the stream ends,
    because it is what the provider bills.
    """

    def __init__(self, tollgate: Tollgate, opening: billing.StreamOpen, chunks: Callable[[], Iterable[tuple[object, int]]]):
        self.stopped_by = billing.FINAL_REASON_UNSPECIFIED
        self.settled: billing.StreamSettled | None = None
        self.provider_usage: billing.ProviderUsage | None = None
        self._tollgate = tollgate
        self._open = opening
        self._chunks = chunks
        self._used_up: billing.StreamGrant | None = None

    def __iter__(self) -> Iterator[object]:
        session = _Session(self._tollgate, self._open)
        provider = _Provider(self._chunks)
        delivered, end = 0, billing.STREAM_END_CANCELLED
        try:
            session.wait_until(lambda: session.grant is not None)
            while (item := provider.next()) is not None:
                chunk, output_tokens = item
                if not self._may_deliver(session, output_tokens):
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
            provider.leave()
            self.settled = session.settle(self._closing(delivered, end))

    def _closing(self, output_tokens: int, end: int) -> billing.StreamClose:
        if self.provider_usage is not None:
            return billing.StreamClose(provider_usage=self.provider_usage, end=end)
        return billing.StreamClose(usage=self._usage(output_tokens), end=end)

    def _may_deliver(self, session: "_Session", output_tokens: int) -> bool:
        """Waits for a grant that covers them. False: the last grant doesn't, and there will be no other."""

        def is_covered() -> bool:
            return output_tokens <= session.grant.granted_output_tokens

        def is_last() -> bool:
            return session.grant.final_reason != billing.FINAL_REASON_UNSPECIFIED or session.settled is not None

        # Once for each grant: the server reads only so many reports in a second, and the close comes after them.
        is_used_up = output_tokens > session.grant.granted_output_tokens * 4 // 5 and session.grant is not self._used_up
        if is_used_up:
            self._used_up = session.grant
        session.use(self._usage(output_tokens), is_urgent=(is_used_up or not is_covered()) and not is_last())
        session.wait_until(lambda: is_covered() or is_last())
        if session.settled is not None:
            return False
        # The provider holds itself to the most that it was asked for, and counts better than anybody here.
        if is_covered() or session.grant.final_reason == billing.FINAL_REASON_MAX_OUTPUT_TOKENS:
            return True
        self.stopped_by = session.grant.final_reason
        return False

    def _usage(self, output_tokens: int) -> types_pb2.Usage:
        # A provider that delivered nothing is paid nothing, not even for the prompt.
        input_tokens = self._open.input_tokens if output_tokens else 0
        return types_pb2.Usage(input_tokens=input_tokens, output_tokens=output_tokens)


class _Session:
    """One stream, over as many connections as it takes: a thread opens it again, with the same key, where one breaks.

    Usage is said in all, never a difference: what is said again, or arrives twice, changes nothing.
    """

    def __init__(self, tollgate: Tollgate, opening: billing.StreamOpen):
        self.grant: billing.StreamGrant | None = None
        self.settled: billing.StreamSettled | None = None
        self._tollgate = tollgate
        self._open = opening
        self._sequence = 0
        self._usage = types_pb2.Usage()
        self._reported_at = 0.0
        self._closing: billing.StreamClose | None = None
        self._failure: Exception | None = None
        self._is_over = False
        self._changed = threading.Condition()
        self._requests: queue.Queue = queue.Queue()
        self._call = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def use(self, usage: types_pb2.Usage, is_urgent: bool) -> None:
        """What was used so far; it is said now and then, or at once."""
        self._usage = usage
        if is_urgent or time.monotonic() - self._reported_at > REPORT_S:
            self._reported_at = time.monotonic()
            self._requests.put(self._progress())

    def settle(self, closing: billing.StreamClose) -> billing.StreamSettled | None:
        """Says the last word until it is heard. Where the stream failed, or never opened, there is nobody to hear it."""
        try:
            if self._failure is not None or (self.grant is None and self.settled is None):
                return self.settled
            self._closing = closing
            self._requests.put(self._last_word())
            self.wait_until(self._is_settled)
            return self.settled
        finally:
            self._is_over = True
            self._hang_up()
            # Python may hang at its exit on a call that is still held then.
            self._thread.join(timeout=1.0)

    def wait_until(self, is_so: Callable[[], bool]) -> None:
        with self._changed:
            self._changed.wait_for(lambda: is_so() or self._failure is not None, STREAM_WAIT_S)
            if not is_so() or self._failure is not None:
                raise self._failure or ConnectionError(f"no tollgate server answered for {STREAM_WAIT_S:.0f} s")

    def _is_settled(self) -> bool:
        """One that expired can still be closed, which corrects it, and is settled then."""
        return self.settled is not None and not self.settled.HasField("amendable_until")

    def _run(self) -> None:
        while not self._is_over:
            self._requests = queue.Queue()
            try:
                said = self._said(self._requests)
                self._call = self._tollgate.billing.StreamSettle(said, metadata=self._tollgate.metadata)
                for response in self._call:
                    self._take(response)
                    if response.WhichOneof("event") == "drain":
                        break
            except grpc.RpcError as failure:
                error = TollgateError(failure)
                if not error.may_be_retried:
                    self._fail(error)
            except Exception as error:
                self._fail(error)
            self._hang_up()
            if self._is_settled() or self._failure is not None:
                return
            time.sleep(random.uniform(0.1, 0.5))

    def _hang_up(self) -> None:
        """Cancels what isn't settled: only to end what is said would settle the stream as it was reported last."""
        if not self._is_settled() and self._call is not None:
            self._call.cancel()
        self._requests.put(None)

    def _said(self, requests: queue.Queue) -> Iterator[billing.StreamSettleRequest]:
        """What one connection says; gRPC reads it in a thread of its own."""
        yield billing.StreamSettleRequest(open=self._open)
        # What was said on the connection before may be lost.
        if self._closing is not None:
            yield self._last_word()
        elif self._usage.output_tokens:
            yield self._progress()
        while True:
            try:
                request = requests.get(timeout=self._heartbeat_s())
            except queue.Empty:
                request = self._progress()
            if request is None or self._is_over:
                return
            if request is not _WAKE and (self._closing is None or request.HasField("close")):
                yield request

    def _take(self, response: billing.StreamSettleResponse) -> None:
        event = response.WhichOneof("event")
        with self._changed:
            if event == "grant":
                self.grant = response.grant
                self._sequence = max(self._sequence, response.grant.acknowledged_sequence)
                # How often to say something hangs on what it is valid for.
                self._requests.put(_WAKE)
            elif event == "settled":
                self.settled = response.settled
            self._changed.notify_all()

    def _fail(self, error: Exception) -> None:
        with self._changed:
            self._failure = error
            self._changed.notify_all()

    def _progress(self) -> billing.StreamSettleRequest:
        return billing.StreamSettleRequest(
            progress=billing.StreamProgress(sequence=self._next_sequence(), usage=self._usage)
        )

    def _last_word(self) -> billing.StreamSettleRequest:
        closing = billing.StreamClose()
        closing.CopyFrom(self._closing)
        closing.sequence = self._next_sequence()
        return billing.StreamSettleRequest(close=closing)

    def _next_sequence(self) -> int:
        with self._changed:
            self._sequence += 1
            return self._sequence

    def _heartbeat_s(self) -> float:
        if self.grant is None:
            return HEARTBEAT_S_MAX
        valid_s = self.grant.expires_at.ToSeconds() - time.time()
        return max(HEARTBEAT_S_MIN, min(HEARTBEAT_S_MAX, valid_s / 3))


class _Provider:
    """Reads the provider's chunks in a thread of its own, one when it is asked for, so that one that hangs can be left."""

    def __init__(self, chunks: Callable[[], Iterable]):
        self._chunks = chunks
        self._wanted: queue.Queue = queue.Queue()
        self._items: queue.Queue = queue.Queue()
        threading.Thread(target=self._run, daemon=True).start()

    def next(self):
        """The next chunk, or None at the end."""
        self._wanted.put(True)
        try:
            item, error = self._items.get(timeout=PROVIDER_WAIT_S)
        except queue.Empty:
            raise TimeoutError(f"the provider said nothing for {PROVIDER_WAIT_S:.0f} s") from None
        if error is not None:
            raise error
        return item

    def leave(self) -> None:
        self._wanted.put(False)

    def _run(self) -> None:
        source = chunks = None
        while self._wanted.get():
            try:
                if source is None:
                    source = self._chunks()
                    chunks = iter(source)
                self._items.put((next(chunks, None), None))
            except Exception as error:
                self._items.put((None, error))
        if hasattr(source, "close"):
            source.close()


_WAKE = object()
