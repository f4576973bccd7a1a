"""The client for asyncio."""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from types import TracebackType

from ._calls import CHARGE_USAGE
from .billing.v1 import billing_service_pb2 as billing
from .channel import Tls
from .connection import Connection
from .delivery import Deliverer, Delivery
from .entries import KeptCharge, KeptEnd
from .errors import StoreError, TollgateError
from .meter.hold import AsyncHold, opening_of_hold
from .meter.meter import Meter
from .meter.readers import ChunkFacts, MeteredFormat
from .meter.session import MeterSession
from .meter.settle import Delivered, deliver_charge, deliver_end
from .meter.stream import AsyncMeteredStream, Chunk, Start
from .meter.tally import CountTokens
from .retry import RetrySettings
from .store import Store
from .times import FirstTimes
from .trust import Trust, WhenDown

log = logging.getLogger("tollgate")

# How long an end is tried that is on no disk.
_UNKEPT_TIMEOUT_S = 10.0
_CLOSE_TIMEOUT_S = 10.0


class AsyncTollgate(Connection):
    """A connection to tollgate, for one event loop. Calls raise TollgateError.

    `address` is `host:port`, or anything that gRPC resolves, such as `dns:///tollgate-pods:50051`.
    `token` is sent as a bearer token. Without `tls` the connection is plain text.

    Calls that name an idempotency key, or only read, are repeated under the same key as `retry` says;
    never on a limit or a refusal. With `batching`, charges that come while others run travel together.

    With a `store`, what can't be delivered is kept on disk, delivered at start and at the interval
    (None = only by `deliver`), and `when_down` says which calls may continue while no server answers.
    Without a store, none may.
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
        super().__init__(address, token=token, tls=tls, retry=retry, batching=batching)
        self._meters: set[Meter] = set()
        self._trust = Trust(when_down)
        self._times = FirstTimes()
        self._deliverer = (
            Deliverer(store, self._deliver_kept, deliver_interval_s) if store is not None else None
        )
        self.store = store
        self.when_down = when_down

    def __repr__(self) -> str:
        return f"<AsyncTollgate {self._address}>"

    async def charge(
        self, request: billing.ChargeUsageRequest, *, timeout_s: float | None = None
    ) -> billing.ChargeUsageResponse | None:
        """Charges a finished call and loses nothing: None = it is on disk, and delivered later.

        With a store, the request is on disk before it is sent, and until it is answered; it is then
        priced as of `occurred_at`, or else of now. Raises TollgateError where tollgate refused it; what
        was refused for want of credits, a limit or a price is on its list of deduction failures.

        The call was made, so a task that is cancelled here doesn't cancel its charge.
        """
        self._start()
        charge = billing.ChargeUsageRequest()
        charge.CopyFrom(request)
        return await asyncio.shield(self.in_background(self._charge(charge, timeout_s)))

    async def _charge(
        self, charge: billing.ChargeUsageRequest, timeout_s: float | None
    ) -> billing.ChargeUsageResponse | None:
        if self.store is not None and not charge.HasField("occurred_at"):
            charge.occurred_at.CopyFrom(self._times.first(charge.user_id, charge.idempotency_key))
        name, store_error = await self._keep(KeptCharge(charge))
        try:
            delivered = await deliver_charge(
                lambda each: self._call_accepted(CHARGE_USAGE, each, timeout_s), charge
            )
        except BaseException:
            self._release(name)
            raise
        await self._conclude(name, delivered)
        if delivered.error is None:
            self.admitted(charge.user_id)
            return billing.ChargeUsageResponse(charge=delivered.charge, replayed=delivered.replayed)
        if delivered.outcome == "waiting" and name is not None:
            return None
        raise delivered.error from store_error

    def meter_stream(
        self,
        opening: billing.StreamOpen,
        start: Start[Chunk],
        *,
        format: MeteredFormat | None = None,
        read: Callable[[Chunk], ChunkFacts] | None = None,
        count_tokens: CountTokens | None = None,
    ) -> AsyncMeteredStream[Chunk]:
        """Wraps a provider's stream: holds credits, stops it where they end, and settles.

        `start` calls the provider and gives an async iterator, or an awaitable of one. It is called
        when the iteration begins and credits are held, and not at all where they can't be. Chunks are
        dicts or objects of the OpenAI, Anthropic and Google SDKs in one of the formats; `read` reads
        others. `count_tokens` is the model's tokeniser; without it four bytes are a token, and a
        chunk at least one. The iteration raises what the open was refused with.
        """
        self._start()
        meter = Meter(self, opening, format=format, read=read, count_tokens=count_tokens)
        return AsyncMeteredStream(meter, start)

    def hold(self, opening: billing.StreamOpen, *, format: MeteredFormat | str | None = None) -> AsyncHold:
        """Holds what a call that answers at once may cost: the input and all of `max_output_tokens`.

        Entering raises TollgateError where the user can't pay for that; the provider is then not called.
        """
        self._start()
        return AsyncHold(Meter(self, opening_of_hold(opening), read=_unread), format)

    async def deliver(self) -> Delivery:
        """Tries once to deliver everything that is kept, and says what came of it. Raises StoreError."""
        self._start()
        if self._deliverer is None:
            return Delivery(0, 0, 0)
        return await self._deliverer.deliver()

    async def close(self, timeout_s: float = _CLOSE_TIMEOUT_S) -> None:
        """Settles what is open and waits for answers that are on their way, so long at most."""
        if self._is_closed:
            return
        ends_at = time.monotonic() + timeout_s
        for meter in list(self._meters):
            # The provider's answer to a held call can't be stopped: it is charged when it comes.
            if not meter.is_hold:
                meter.stop()
        if self._meters:
            ends = [asyncio.ensure_future(meter.ended()) for meter in self._meters]
            await asyncio.wait(ends, timeout=timeout_s)
            for end in ends:
                end.add_done_callback(lambda each: each.cancelled() or each.exception())
                end.cancel()
        self._is_closed = True
        if self._deliverer is not None:
            await self._deliverer.close()
        if self._calls:
            await asyncio.wait(self._calls, timeout=max(0.0, ends_at - time.monotonic()))
        self._is_disconnected = True
        if self._channel is not None:
            await self._channel.close()

    async def __aenter__(self) -> "AsyncTollgate":
        self._start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    def _connected(self) -> None:
        if self._deliverer is not None:
            self._deliverer.start()

    # What a meter asks of its client.

    def open_session(self, opening: billing.StreamOpen) -> MeterSession:
        return MeterSession(self._stream_call, opening)

    def started(self, meter: Meter) -> None:
        self._meters.add(meter)

        async def forget() -> None:
            try:
                await meter.ended()
            except (TollgateError, StoreError) as error:
                log.error("a stream could not be settled: %s", error)
            finally:
                self._meters.discard(meter)

        def finished() -> None:
            self.in_background(forget())

        meter.on_finish(finished)

    def admitted(self, user_id: str) -> None:
        self._trust.admitted(user_id)

    def trusts(self, user_id: str) -> bool:
        return self.store is not None and not self.store.is_full and self._trust.start(user_id)

    async def settle(self, session: MeterSession, end: KeptEnd) -> tuple[Delivered, bool]:
        # On disk first: this process may not live to see the answer.
        name, store_error = await self._keep(end)
        timeout_s = self.when_down.wait_s if name is not None else _UNKEPT_TIMEOUT_S
        try:
            delivered = await deliver_end(session, end, timeout_s, self._charge_finished)
        except BaseException:
            self._release(name)
            raise
        is_fenced = delivered.error is not None and delivered.error.reason == "STREAM_FENCED"
        if is_fenced and name is not None:
            # To deliver it later would take the stream away from the connection that has it.
            delivered = replace(delivered, outcome="fenced")
        await self._conclude(name, delivered)
        if store_error is not None and delivered.error is not None:
            delivered.error.__cause__ = store_error
        return delivered, name is not None

    # Keeping and delivering.

    async def _keep(self, kept: KeptCharge | KeptEnd) -> tuple[str | None, StoreError | None]:
        if self._deliverer is None:
            return None, None
        try:
            return await self._deliverer.keep(kept), None
        except StoreError as error:
            # A disk that takes nothing is not the end: a server may answer yet.
            log.error("%s", error)
            return None, error

    async def _conclude(self, name: str | None, delivered: Delivered) -> None:
        if self._deliverer is not None and name is not None:
            await self._deliverer.conclude(name, delivered.outcome)

    def _release(self, name: str | None) -> None:
        if self._deliverer is not None and name is not None:
            self._deliverer.release(name)

    async def _charge_finished(self, charge: billing.ChargeUsageRequest) -> billing.ChargeUsageResponse:
        return await self._call_accepted(CHARGE_USAGE, charge, None)

    async def _deliver_kept(self, kept: KeptCharge | KeptEnd) -> Delivered:
        if isinstance(kept, KeptCharge):
            return await deliver_charge(
                lambda each: self._call_accepted(CHARGE_USAGE, each, _UNKEPT_TIMEOUT_S), kept.charge
            )
        session = self.open_session(kept.open)
        try:
            return await deliver_end(session, kept, _UNKEPT_TIMEOUT_S, self._charge_finished)
        finally:
            session.abandon()


def _unread(chunk: object) -> ChunkFacts:
    raise TypeError("a hold has no chunks")
