"""What the store keeps: the charges of finished calls and the ends of streams, as clients/STORE.md says."""

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from google.protobuf import json_format
from google.protobuf.message import Message

from .billing.v1 import billing_service_pb2 as billing

AnyMessage = TypeVar("AnyMessage", bound=Message)

_VERSION = 1
# The end of the year 9999, the last that a timestamp can say.
_SECONDS_MAX = 253_402_300_799


@dataclass(frozen=True)
class KeptCharge:
    """A finished call. It carries its `occurred_at`, or it would be priced as of its delivery."""

    charge: billing.ChargeUsageRequest


@dataclass(frozen=True)
class KeptEnd:
    """The end of a stream."""

    open: billing.StreamOpen
    close: billing.StreamClose
    # Whole seconds since 1970.
    ended_at: int


Kept = KeptCharge | KeptEnd


def encode(kept: Kept) -> bytes:
    return json.dumps(_json_of(kept), separators=(",", ":"), ensure_ascii=False).encode()


def decode(data: bytes) -> Kept | None:
    """An entry; None where a later release wrote it. Raises ValueError where it is none."""
    try:
        content = json.loads(data)
        if not isinstance(content, dict):
            raise TypeError("not an object")
        if content.get("version", _VERSION) != _VERSION:
            return None
        return _kept_of(content)
    except (json_format.ParseError, ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise ValueError("it is neither a charge nor the end of a stream") from error


def now_s() -> int:
    return int(time.time())


def name_of(kept: Kept) -> str:
    """The file's name: user and key name a call, of whatever kind."""
    owner = kept.charge if isinstance(kept, KeptCharge) else kept.open
    # Neither can contain a line feed.
    return hashlib.sha256(f"{owner.user_id}\n{owner.idempotency_key}".encode()).hexdigest() + ".json"


def finished_call_of(end: KeptEnd) -> billing.ChargeUsageRequest:
    """The call of a stream that was never opened, at what served it."""
    call = billing.ChargeUsageRequest()
    for field in ("idempotency_key", "user_id", "model", "provider", "quote_id", "service_tier", "api_key_id"):
        setattr(call, field, getattr(end.open, field))
    call.model = end.close.served_model or call.model
    call.provider = end.close.served_provider or call.provider
    call.service_tier = end.close.served_service_tier or call.service_tier
    call.labels.update(end.open.labels)
    call.occurred_at.FromSeconds(end.ended_at)
    call.usage_source = end.close.usage_source
    call.reported_cost_nanousd = end.close.reported_cost_nanousd
    call.reported_cost_source = end.close.reported_cost_source
    if end.close.HasField("provider_usage"):
        call.provider_usage.CopyFrom(end.close.provider_usage)
    else:
        call.usage.CopyFrom(end.close.usage)
    return call


def _json_of(kept: Kept) -> Mapping[str, object]:
    if isinstance(kept, KeptCharge):
        return {"version": _VERSION, "charge": json_format.MessageToDict(kept.charge)}
    return {
        "version": _VERSION,
        "open": json_format.MessageToDict(kept.open),
        "close": json_format.MessageToDict(kept.close),
        "endedAt": kept.ended_at,
    }


def _kept_of(content: dict[str, object]) -> Kept:
    if "charge" in content:
        return KeptCharge(_parsed(content["charge"], billing.ChargeUsageRequest()))
    if "open" not in content or "close" not in content:
        raise TypeError("neither a charge nor the end of a stream")
    ended_at = content.get("endedAt")
    if not isinstance(ended_at, int) or not 0 <= ended_at <= _SECONDS_MAX:
        raise TypeError("endedAt is no time")
    opening = _parsed(content["open"], billing.StreamOpen())
    return KeptEnd(opening, _parsed(content["close"], billing.StreamClose()), ended_at)


def _parsed(value: object, message: AnyMessage) -> AnyMessage:
    if not isinstance(value, dict):
        raise TypeError("not an object")
    occurred_at = value.get("occurredAt")
    if isinstance(occurred_at, dict):
        # As early releases of the Node client wrote it.
        seconds = int(occurred_at.get("seconds", 0))
        value = {**value, "occurredAt": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))}
    json_format.ParseDict(value, message, ignore_unknown_fields=True)
    return message
