"""The hooks that the LiteLLM proxy calls."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping
from typing import Any
from weakref import WeakKeyDictionary

from fastapi import HTTPException
from litellm.integrations.custom_logger import CustomLogger

from ..aio import AsyncTollgate
from ..errors import TollgateError
from .call import ProxyCall
from .embedding import EmbeddingCall
from .reading import EMBEDDING_ROUTES, FORMAT_OF_ROUTE, FREE_ROUTES
from .settings import PluginSettings, settings_of

log = logging.getLogger("tollgate")

# What a caller is told. Everything else is the operator's to know: messages name servers and balances.
_STATUS_OF_REASON: Mapping[str, tuple[int, str]] = {
    "INSUFFICIENT_CREDITS": (402, "there are not enough credits for this call"),
    "FINAL_REASON_CREDITS": (402, "the credits are used up"),
    "TRIAL_EXPIRED": (402, "the trial has expired"),
    "TRIAL_LIMIT_REACHED": (429, "the limit of the trial is reached"),
    "FINAL_REASON_TRIAL_LIMIT": (429, "the limit of the trial is reached"),
    "DAILY_LIMIT_REACHED": (429, "the limit of the day is reached"),
    "FINAL_REASON_DAILY_LIMIT": (429, "the limit of the day is reached"),
    "BUDGET_REACHED": (429, "a budget is reached"),
    "FINAL_REASON_BUDGET": (429, "a budget is reached"),
    "TOO_MANY_STREAMS": (429, "too many streams are open"),
    "USER_SUSPENDED": (403, "the user is suspended"),
    "USER_NOT_FOUND": (403, "the user is not known to billing"),
    "MODEL_PRICE_MISSING": (404, "the model has no price"),
    "PRICE_ANOMALY": (500, "the price of the model is under review"),
    "SERVICE_TIER_UNKNOWN": (400, "the model has no price for this service tier"),
}
_UNAVAILABLE = (503, "billing is not available: try again later")


class TollgatePlugin(CustomLogger):  # type: ignore[misc]
    """Settings come from the environment at the first call, which the proxy's config.yaml may set."""

    def __init__(self, settings: PluginSettings | None = None) -> None:
        super().__init__()
        self._settings = settings
        self._client: AsyncTollgate | None = None
        # By LiteLLM's record of the request: unlike its ids, no caller can choose it.
        self._calls: WeakKeyDictionary[Any, ProxyCall | EmbeddingCall] = WeakKeyDictionary()

    async def async_pre_call_hook(
        self, user_api_key_dict: Any, cache: Any, data: dict[str, Any], call_type: str
    ) -> dict[str, Any] | None:
        """Holds credits, or refuses before a provider is called."""
        record = data.get("litellm_logging_obj")
        if call_type in FREE_ROUTES or (record is not None and record in self._calls):
            return None
        client, settings = self._connected()
        if call_type not in FORMAT_OF_ROUTE:
            if settings.allows_unmetered:
                return None
            raise HTTPException(403, {"error": f"billing does not meter {call_type}"})
        if record is None:
            raise HTTPException(500, {"error": "the proxy keeps no record of the call: it can't be charged"})
        user_id = settings.user_of(user_api_key_dict)
        if not user_id:
            raise HTTPException(403, {"error": f"the key has no {settings.user_field} that could be charged"})
        call: ProxyCall | EmbeddingCall
        if call_type in EMBEDDING_ROUTES:
            call = EmbeddingCall(client, user_id, data)
        else:
            call = ProxyCall(client, user_id, data, call_type, settings.output_tokens_default)
            call.strips_usage = asks_for_usage(data, call_type)
        try:
            await call.open()
        except TollgateError as error:
            log.warning("a call of %s is refused: %s", user_id, error)
            raise _refusal_of(error.reason) from None
        self._calls[record] = call
        task = asyncio.current_task()
        if task is not None:
            # However the request ends: none of the other hooks is called for one that is cancelled.
            task.add_done_callback(lambda _task: call.over())
        return data

    async def async_post_call_success_hook(
        self, data: dict[str, Any], user_api_key_dict: Any, response: Any
    ) -> None:
        call = self._call_of(data)
        if call is not None:
            call.answered(response)

    async def async_post_call_failure_hook(
        self,
        request_data: dict[str, Any],
        original_exception: Exception,
        user_api_key_dict: Any,
        traceback_str: str | None = None,
    ) -> None:
        call = self._call_of(request_data)
        if call is not None:
            call.failed()

    async def async_post_call_streaming_iterator_hook(
        self, user_api_key_dict: Any, response: Any, request_data: dict[str, Any]
    ) -> AsyncGenerator[Any, None]:
        call = self._call_of(request_data)
        if not isinstance(call, ProxyCall):
            async for chunk in response:
                yield chunk
            return
        chunks = call.metered(response, StreamStopped)
        try:
            async for chunk in chunks:
                yield chunk
        finally:
            await chunks.aclose()

    def _call_of(self, data: Mapping[str, Any]) -> ProxyCall | EmbeddingCall | None:
        record = data.get("litellm_logging_obj")
        return self._calls.get(record) if record is not None else None

    def _connected(self) -> tuple[AsyncTollgate, PluginSettings]:
        """Raises StoreError and ValueError, which fail the call: nothing passes without a charge."""
        if self._client is None or self._settings is None:
            self._settings = self._settings or settings_of()
            if not self._settings.store_folder:
                log.warning("TOLLGATE_STORE_DIR is not set: what can't be delivered to tollgate is lost")
            self._client = self._settings.connect()
        return self._client, self._settings


def asks_for_usage(data: dict[str, Any], route: str) -> bool:
    """Has the provider count a stream. True where its caller didn't ask for that, and must not see it."""
    if not data.get("stream") or route not in ("acompletion", "atext_completion"):
        return False
    options = data.get("stream_options") or {}
    if options.get("include_usage"):
        return False
    data["stream_options"] = {**options, "include_usage": True}
    # For providers that LiteLLM doesn't ask by this option: it then looks at its record.
    data["litellm_logging_obj"].stream_options = data["stream_options"]
    return True


class StreamStopped(Exception):
    """LiteLLM makes an error event of it, by these fields; an HTTPException would cut the connection."""

    def __init__(self, reason: str) -> None:
        self.status_code, self.message = _STATUS_OF_REASON.get(reason, _UNAVAILABLE)
        super().__init__(self.message)


def _refusal_of(reason: str) -> HTTPException:
    status, message = _STATUS_OF_REASON.get(reason, _UNAVAILABLE)
    return HTTPException(status, {"error": message, "reason": reason})
