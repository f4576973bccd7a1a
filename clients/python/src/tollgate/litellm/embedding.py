"""One call for embeddings: quoted before, charged after.

A hold would need a rate for output tokens, which models of embeddings don't have.
"""

import logging
from collections.abc import Mapping
from typing import Any

import grpc

from ..aio import AsyncTollgate
from ..billing.v1 import billing_service_pb2 as billing
from ..billing.v1 import types_pb2 as types
from ..errors import TollgateError, may_be_retried
from .call import labels_of, new_key
from .reading import input_tokens_of, usage_of
from .served import is_cached, model_of_group, model_that_answered

log = logging.getLogger("tollgate")


class EmbeddingCall:
    def __init__(self, client: AsyncTollgate, user_id: str, data: Mapping[str, Any]) -> None:
        self._client = client
        self._data = data
        self._estimate = types.Usage(input_tokens=input_tokens_of(data))
        group = str(data.get("model", ""))
        self._charge = billing.ChargeUsageRequest(
            idempotency_key=new_key(), user_id=user_id, model=model_of_group(group), labels=labels_of(group)
        )

    async def open(self) -> None:
        """Raises TollgateError where the user can't pay."""
        client, user_id = self._client, self._charge.user_id
        request = billing.PriceQuoteRequest(model=self._charge.model, usage=self._estimate, user_id=user_id)
        try:
            quote = await client.price_quote(request, timeout_s=client.when_down.wait_s)
        except TollgateError as error:
            if may_be_retried(error) and client.trusts(user_id):
                return
            raise
        if not quote.affordable:
            raise TollgateError(
                grpc.StatusCode.FAILED_PRECONDITION, "the user can't pay for it", reason="INSUFFICIENT_CREDITS"
            )
        client.admitted(user_id)

    def answered(self, answer: object) -> None:
        if is_cached(answer, self._data):
            return
        self._charge.model = model_that_answered(answer, self._data) or self._charge.model
        usage = usage_of(answer, "litellm")
        if usage is not None:
            self._charge.provider_usage.CopyFrom(usage)
        else:
            self._charge.usage.CopyFrom(self._estimate)
            self._charge.usage_source = types.USAGE_SOURCE_ESTIMATED
        self._client.in_background(self._charged())

    def failed(self) -> None:
        """Nothing is held, and nothing was used."""

    def over(self) -> None:
        """The same."""

    async def _charged(self) -> None:
        try:
            await self._client.charge(self._charge)
        except TollgateError as error:
            log.error("embeddings of %s are not charged: %s", self._charge.user_id, error)
