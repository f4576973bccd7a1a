"""Client of tollgate: charges and meters model calls against prepaid credits, exactly once.

Messages of the contract are in `tollgate.billing.v1`; those of the first calls are here as well.
"""

from .aio import AsyncTollgate
from .billing.v1.billing_service_pb2 import Charge, ChargeUsageRequest, PriceQuoteRequest, StreamOpen
from .billing.v1.types_pb2 import USAGE_SOURCE_ESTIMATED, USAGE_SOURCE_PROVIDER, ProviderUsage, Usage
from .channel import Tls
from .client import Tollgate
from .delivery import Delivery
from .errors import (
    ClientClosedError,
    FieldViolation,
    StoreError,
    StoreFullError,
    TollgateError,
    is_undecided,
    may_be_retried,
)
from .meter.hold import AsyncHold
from .meter.meter import MeteredEnd
from .meter.readers import ChunkFacts
from .meter.stream import AsyncMeteredStream
from .retry import RetrySettings
from .store import Store
from .sync import Hold, MeteredStream
from .trust import WhenDown

__all__ = [
    "USAGE_SOURCE_ESTIMATED",
    "USAGE_SOURCE_PROVIDER",
    "AsyncHold",
    "AsyncMeteredStream",
    "AsyncTollgate",
    "Charge",
    "ChargeUsageRequest",
    "ChunkFacts",
    "ClientClosedError",
    "Delivery",
    "FieldViolation",
    "Hold",
    "MeteredEnd",
    "MeteredStream",
    "PriceQuoteRequest",
    "ProviderUsage",
    "RetrySettings",
    "Store",
    "StoreError",
    "StoreFullError",
    "StreamOpen",
    "Tls",
    "Tollgate",
    "TollgateError",
    "Usage",
    "WhenDown",
    "is_undecided",
    "may_be_retried",
]
