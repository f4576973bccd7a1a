"""A hold around a call that answers at once, for asyncio."""

import json
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from ..billing.v1 import billing_service_pb2 as billing
from ..billing.v1 import types_pb2 as types
from .meter import Meter, MeteredEnd
from .readers import gemini_body, json_of, tool_calls, web_searches


def opening_of_hold(opening: billing.StreamOpen) -> billing.StreamOpen:
    """Holds the whole cost at once: what answers at once can't be stopped half-way."""
    whole = billing.StreamOpen()
    whole.CopyFrom(opening)
    whole.hold_max_output_tokens = True
    return whole


def close_of_answer(answer: object, format: str | None) -> billing.StreamClose:
    """A close with the usage of an answer: a Usage, a ProviderUsage, a dict, or an object of an SDK."""
    if isinstance(answer, types.Usage):
        return billing.StreamClose(usage=answer)
    if isinstance(answer, types.ProviderUsage):
        return billing.StreamClose(provider_usage=answer, usage_source=types.USAGE_SOURCE_PROVIDER)
    if format is None:
        raise ValueError("give the hold a `format`, or `used` a Usage")
    body = json_of(answer)
    usage = {**_usage_in(gemini_body(body)), **web_searches(body)} if format == "gemini" else _usage_in(body)
    provided = types.ProviderUsage(format=format, json=json.dumps(usage))
    return billing.StreamClose(provider_usage=provided, usage_source=types.USAGE_SOURCE_PROVIDER)


def _usage_in(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a body says about its usage and how it was served; nothing of what anybody wrote."""
    if not any(isinstance(body.get(name), Mapping) for name in ("usage", "usageMetadata")):
        return body
    kept = ("usage", "usageMetadata", "model", "modelVersion", "service_tier", "tool_usage")
    return {name: body[name] for name in kept if name in body} | dict(tool_calls(body))


class AsyncHold:
    """`async with` holds what the call may cost, and settles what `used` was given.

    A block that raises before `used` settles nothing: the provider gave no answer.
    """

    def __init__(self, meter: Meter, format: str | None) -> None:
        self._meter = meter
        self._format = format
        self._is_used = False

    @property
    def grant(self) -> billing.StreamGrant | None:
        return self._meter.grant

    def used(self, answer: object) -> None:
        """What the provider answered. Raises ValueError or TypeError where it can't be read."""
        self._meter.use(close_of_answer(answer, self._format))
        self._is_used = True

    async def ended(self) -> MeteredEnd:
        """The receipt, after the block."""
        return await self._meter.ended()

    async def __aenter__(self) -> "AsyncHold":
        await self._meter.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._is_used:
            self._meter.finish(billing.STREAM_END_COMPLETED)
            return
        self._meter.finish(billing.STREAM_END_FAILED)
        if error is None:
            raise RuntimeError("the hold was left without `used`: nothing was charged for the call")
