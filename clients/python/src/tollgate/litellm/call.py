"""One call through the proxy: held, served by whichever model answers, settled once."""

import logging
import uuid
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any

from ..aio import AsyncTollgate
from ..billing.v1 import billing_service_pb2 as billing
from ..billing.v1 import types_pb2 as types
from ..meter.hold import opening_of_hold
from ..meter.meter import Meter
from ..meter.stream import closed
from .reading import (
    FORMAT_OF_ROUTE,
    SseReader,
    input_tokens_of,
    output_tokens_max_of,
    says_only_usage,
    usage_of,
)
from .served import is_cached, model_of_group, model_that_answered

log = logging.getLogger("tollgate")

_LABEL_CHARACTERS_MAX = 64


class ProxyCall:
    """Its key is one of our own: a caller could send any of LiteLLM's ids twice, and be charged once."""

    def __init__(
        self, client: AsyncTollgate, user_id: str, data: Mapping[str, Any], route: str, output_tokens: int
    ) -> None:
        self._data = data
        self._format = FORMAT_OF_ROUTE[route]
        self._group = str(data.get("model", ""))
        opening = billing.StreamOpen(
            idempotency_key=new_key(),
            user_id=user_id,
            model=model_of_group(self._group),
            input_tokens=input_tokens_of(data),
            max_output_tokens=output_tokens_max_of(data, output_tokens),
            labels=labels_of(self._group),
        )
        self._opening = opening if data.get("stream") else opening_of_hold(opening)
        self._meter = Meter(client, self._opening, format=self._format)
        self._is_read = False
        # Whether a stream's usage was asked for by us alone.
        self.strips_usage = False

    async def open(self) -> None:
        """Raises TollgateError where the call must not be made."""
        await self._meter.open()

    def answered(self, answer: object) -> None:
        """Charges an answer that came at once, at the model that gave it; nothing for one from the cache."""
        if is_cached(answer, self._data):
            self._meter.use(billing.StreamClose(usage=types.Usage()))
        else:
            self._note_served(answer)
            self._meter.use(self._close_of(usage_of(answer, self._format)))
        self._meter.finish(billing.STREAM_END_COMPLETED)

    def failed(self) -> None:
        """No model answered; what a stream has delivered is charged."""
        self._meter.finish(billing.STREAM_END_FAILED)

    def over(self) -> None:
        """The request has ended. A stream says itself how it ends."""
        if not self._is_read:
            self._meter.stop()

    async def metered(
        self, source: Any, refusal: Callable[[str], Exception]
    ) -> AsyncGenerator[Any, None]:
        """The chunks of a stream as far as they are paid for; then raises `refusal` of the reason."""
        self._is_read = True
        meter, sse = self._meter, SseReader()
        try:
            async for chunk in source:
                if is_cached(source, self._data) or is_cached(chunk, self._data):
                    meter.use(billing.StreamClose(usage=types.Usage()))
                    yield chunk
                    continue
                self._note_served(chunk)
                for part in sse.events(chunk) if isinstance(chunk, (bytes, str)) else (chunk,):
                    if not await meter.offer(part):
                        raise refusal(meter.stopped_by or "ABORTED")
                if not (self.strips_usage and says_only_usage(chunk)):
                    yield chunk
            meter.finish(billing.STREAM_END_COMPLETED)
        except Exception:
            # Also where it was stopped, which is noted in the meter.
            meter.finish(billing.STREAM_END_CANCELLED if meter.stopped_by else billing.STREAM_END_FAILED)
            raise
        finally:
            # The caller has left, where nothing has finished it yet.
            meter.stop()
            await closed(source)

    def _note_served(self, answer: object) -> None:
        served = model_that_answered(answer, self._data)
        if served is not None:
            self._meter.served_by(served)

    def _close_of(self, usage: types.ProviderUsage | None) -> billing.StreamClose:
        if usage is not None:
            return billing.StreamClose(provider_usage=usage, usage_source=types.USAGE_SOURCE_PROVIDER)
        log.error("an answer of %s states no usage: its prompt is charged as estimated", self._group)
        estimate = types.Usage(input_tokens=self._opening.input_tokens)
        return billing.StreamClose(usage=estimate, usage_source=types.USAGE_SOURCE_ESTIMATED)


def new_key() -> str:
    return f"litellm-{uuid.uuid4()}"


def labels_of(group: str) -> Mapping[str, str]:
    return {"litellm_model": group[:_LABEL_CHARACTERS_MAX]}
