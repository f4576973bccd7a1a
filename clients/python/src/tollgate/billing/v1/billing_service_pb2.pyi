import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from tollgate.billing.v1 import types_pb2 as _types_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import Any as _Any, ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ReceiptView(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RECEIPT_VIEW_UNSPECIFIED: _ClassVar[ReceiptView]
    RECEIPT_VIEW_BASIC: _ClassVar[ReceiptView]

class ChargeStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CHARGE_STATUS_UNSPECIFIED: _ClassVar[ChargeStatus]
    CHARGE_STATUS_DEDUCTED: _ClassVar[ChargeStatus]
    CHARGE_STATUS_DEFERRED: _ClassVar[ChargeStatus]
    CHARGE_STATUS_FAILED: _ClassVar[ChargeStatus]

class StreamEnd(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STREAM_END_UNSPECIFIED: _ClassVar[StreamEnd]
    STREAM_END_COMPLETED: _ClassVar[StreamEnd]
    STREAM_END_CANCELLED: _ClassVar[StreamEnd]
    STREAM_END_FAILED: _ClassVar[StreamEnd]

class FinalReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FINAL_REASON_UNSPECIFIED: _ClassVar[FinalReason]
    FINAL_REASON_CREDITS: _ClassVar[FinalReason]
    FINAL_REASON_DAILY_LIMIT: _ClassVar[FinalReason]
    FINAL_REASON_TRIAL_LIMIT: _ClassVar[FinalReason]
    FINAL_REASON_MAX_OUTPUT_TOKENS: _ClassVar[FinalReason]
    FINAL_REASON_BUDGET: _ClassVar[FinalReason]
RECEIPT_VIEW_UNSPECIFIED: ReceiptView
RECEIPT_VIEW_BASIC: ReceiptView
CHARGE_STATUS_UNSPECIFIED: ChargeStatus
CHARGE_STATUS_DEDUCTED: ChargeStatus
CHARGE_STATUS_DEFERRED: ChargeStatus
CHARGE_STATUS_FAILED: ChargeStatus
STREAM_END_UNSPECIFIED: StreamEnd
STREAM_END_COMPLETED: StreamEnd
STREAM_END_CANCELLED: StreamEnd
STREAM_END_FAILED: StreamEnd
FINAL_REASON_UNSPECIFIED: FinalReason
FINAL_REASON_CREDITS: FinalReason
FINAL_REASON_DAILY_LIMIT: FinalReason
FINAL_REASON_TRIAL_LIMIT: FinalReason
FINAL_REASON_MAX_OUTPUT_TOKENS: FinalReason
FINAL_REASON_BUDGET: FinalReason

class PriceQuoteRequest(_message.Message):
    __slots__ = ("model", "provider", "usage", "max_output_tokens", "user_id", "service_tier", "api_key_id", "labels")
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    MODEL_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    USAGE_FIELD_NUMBER: _ClassVar[int]
    MAX_OUTPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    SERVICE_TIER_FIELD_NUMBER: _ClassVar[int]
    API_KEY_ID_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    model: str
    provider: str
    usage: _types_pb2.Usage
    max_output_tokens: int
    user_id: str
    service_tier: str
    api_key_id: str
    labels: _containers.ScalarMap[str, str]
    def __init__(self, model: _Optional[str] = ..., provider: _Optional[str] = ..., usage: _Optional[_Union[_types_pb2.Usage, _Mapping[str, _Any]]] = ..., max_output_tokens: _Optional[int] = ..., user_id: _Optional[str] = ..., service_tier: _Optional[str] = ..., api_key_id: _Optional[str] = ..., labels: _Optional[_Mapping[str, str]] = ...) -> None: ...

class PriceQuoteResponse(_message.Message):
    __slots__ = ("quote_id", "expires_at", "price", "cost_nanousd", "max_cost_nanousd", "line_items", "affordable", "affordable_output_tokens", "balance", "limiting_budget_id")
    QUOTE_ID_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    COST_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    MAX_COST_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    LINE_ITEMS_FIELD_NUMBER: _ClassVar[int]
    AFFORDABLE_FIELD_NUMBER: _ClassVar[int]
    AFFORDABLE_OUTPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    BALANCE_FIELD_NUMBER: _ClassVar[int]
    LIMITING_BUDGET_ID_FIELD_NUMBER: _ClassVar[int]
    quote_id: str
    expires_at: _timestamp_pb2.Timestamp
    price: _types_pb2.Price
    cost_nanousd: int
    max_cost_nanousd: int
    line_items: _containers.RepeatedCompositeFieldContainer[_types_pb2.LineItem]
    affordable: bool
    affordable_output_tokens: int
    balance: _types_pb2.Balance
    limiting_budget_id: str
    def __init__(self, quote_id: _Optional[str] = ..., expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping[str, _Any]]] = ..., price: _Optional[_Union[_types_pb2.Price, _Mapping[str, _Any]]] = ..., cost_nanousd: _Optional[int] = ..., max_cost_nanousd: _Optional[int] = ..., line_items: _Optional[_Iterable[_Union[_types_pb2.LineItem, _Mapping[str, _Any]]]] = ..., affordable: bool = ..., affordable_output_tokens: _Optional[int] = ..., balance: _Optional[_Union[_types_pb2.Balance, _Mapping[str, _Any]]] = ..., limiting_budget_id: _Optional[str] = ...) -> None: ...

class ChargeUsageRequest(_message.Message):
    __slots__ = ("idempotency_key", "user_id", "model", "provider", "usage", "provider_usage", "usage_source", "quote_id", "service_tier", "api_key_id", "labels", "occurred_at", "reported_cost_nanousd", "reported_cost_source", "geography", "speed", "view")
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    USAGE_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_USAGE_FIELD_NUMBER: _ClassVar[int]
    USAGE_SOURCE_FIELD_NUMBER: _ClassVar[int]
    QUOTE_ID_FIELD_NUMBER: _ClassVar[int]
    SERVICE_TIER_FIELD_NUMBER: _ClassVar[int]
    API_KEY_ID_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    REPORTED_COST_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    REPORTED_COST_SOURCE_FIELD_NUMBER: _ClassVar[int]
    GEOGRAPHY_FIELD_NUMBER: _ClassVar[int]
    SPEED_FIELD_NUMBER: _ClassVar[int]
    VIEW_FIELD_NUMBER: _ClassVar[int]
    idempotency_key: str
    user_id: str
    model: str
    provider: str
    usage: _types_pb2.Usage
    provider_usage: _types_pb2.ProviderUsage
    usage_source: _types_pb2.UsageSource
    quote_id: str
    service_tier: str
    api_key_id: str
    labels: _containers.ScalarMap[str, str]
    occurred_at: _timestamp_pb2.Timestamp
    reported_cost_nanousd: int
    reported_cost_source: str
    geography: str
    speed: str
    view: ReceiptView
    def __init__(self, idempotency_key: _Optional[str] = ..., user_id: _Optional[str] = ..., model: _Optional[str] = ..., provider: _Optional[str] = ..., usage: _Optional[_Union[_types_pb2.Usage, _Mapping[str, _Any]]] = ..., provider_usage: _Optional[_Union[_types_pb2.ProviderUsage, _Mapping[str, _Any]]] = ..., usage_source: _Optional[_Union[_types_pb2.UsageSource, str]] = ..., quote_id: _Optional[str] = ..., service_tier: _Optional[str] = ..., api_key_id: _Optional[str] = ..., labels: _Optional[_Mapping[str, str]] = ..., occurred_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping[str, _Any]]] = ..., reported_cost_nanousd: _Optional[int] = ..., reported_cost_source: _Optional[str] = ..., geography: _Optional[str] = ..., speed: _Optional[str] = ..., view: _Optional[_Union[ReceiptView, str]] = ...) -> None: ...

class GetChargeRequest(_message.Message):
    __slots__ = ("user_id", "charge_id", "idempotency_key")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    CHARGE_ID_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    charge_id: str
    idempotency_key: str
    def __init__(self, user_id: _Optional[str] = ..., charge_id: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class GetChargeResponse(_message.Message):
    __slots__ = ("charge",)
    CHARGE_FIELD_NUMBER: _ClassVar[int]
    charge: Charge
    def __init__(self, charge: _Optional[_Union[Charge, _Mapping[str, _Any]]] = ...) -> None: ...

class ChargeUsageResponse(_message.Message):
    __slots__ = ("charge", "replayed")
    CHARGE_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    charge: Charge
    replayed: bool
    def __init__(self, charge: _Optional[_Union[Charge, _Mapping[str, _Any]]] = ..., replayed: bool = ...) -> None: ...

class BatchChargeUsageRequest(_message.Message):
    __slots__ = ("requests",)
    REQUESTS_FIELD_NUMBER: _ClassVar[int]
    requests: _containers.RepeatedCompositeFieldContainer[ChargeUsageRequest]
    def __init__(self, requests: _Optional[_Iterable[_Union[ChargeUsageRequest, _Mapping[str, _Any]]]] = ...) -> None: ...

class BatchChargeUsageResponse(_message.Message):
    __slots__ = ("results",)
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[ChargeUsageResult]
    def __init__(self, results: _Optional[_Iterable[_Union[ChargeUsageResult, _Mapping[str, _Any]]]] = ...) -> None: ...

class ChargeUsageResult(_message.Message):
    __slots__ = ("response", "error")
    RESPONSE_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    response: ChargeUsageResponse
    error: ChargeUsageError
    def __init__(self, response: _Optional[_Union[ChargeUsageResponse, _Mapping[str, _Any]]] = ..., error: _Optional[_Union[ChargeUsageError, _Mapping[str, _Any]]] = ...) -> None: ...

class ChargeUsageError(_message.Message):
    __slots__ = ("code", "reason", "message", "metadata")
    class MetadataEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    CODE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    code: int
    reason: str
    message: str
    metadata: _containers.ScalarMap[str, str]
    def __init__(self, code: _Optional[int] = ..., reason: _Optional[str] = ..., message: _Optional[str] = ..., metadata: _Optional[_Mapping[str, str]] = ...) -> None: ...

class Charge(_message.Message):
    __slots__ = ("charge_id", "user_id", "idempotency_key", "model", "priced_model", "price_id", "price_source", "usage", "usage_source", "amount_nanousd", "allowance_nanousd", "credits_nanousd", "line_items", "balance", "status", "created_at", "provider", "priced_provider", "service_tier", "occurred_at", "quote_id", "quote_expired", "api_key_id", "labels", "markup_basis_points", "cost_nanousd", "trial", "forgone_nanousd", "refunded_nanousd", "hold_id", "end", "failure_id", "budgets", "served_model", "served_service_tier", "unread_usage_fields", "reported_cost_nanousd", "usage_assumptions", "served_geography", "served_speed", "actor", "reported_cost_source", "rated_amount_nanousd")
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    CHARGE_ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    PRICED_MODEL_FIELD_NUMBER: _ClassVar[int]
    PRICE_ID_FIELD_NUMBER: _ClassVar[int]
    PRICE_SOURCE_FIELD_NUMBER: _ClassVar[int]
    USAGE_FIELD_NUMBER: _ClassVar[int]
    USAGE_SOURCE_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    ALLOWANCE_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    CREDITS_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    LINE_ITEMS_FIELD_NUMBER: _ClassVar[int]
    BALANCE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    PRICED_PROVIDER_FIELD_NUMBER: _ClassVar[int]
    SERVICE_TIER_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    QUOTE_ID_FIELD_NUMBER: _ClassVar[int]
    QUOTE_EXPIRED_FIELD_NUMBER: _ClassVar[int]
    API_KEY_ID_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    MARKUP_BASIS_POINTS_FIELD_NUMBER: _ClassVar[int]
    COST_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    TRIAL_FIELD_NUMBER: _ClassVar[int]
    FORGONE_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    REFUNDED_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    HOLD_ID_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    FAILURE_ID_FIELD_NUMBER: _ClassVar[int]
    BUDGETS_FIELD_NUMBER: _ClassVar[int]
    SERVED_MODEL_FIELD_NUMBER: _ClassVar[int]
    SERVED_SERVICE_TIER_FIELD_NUMBER: _ClassVar[int]
    UNREAD_USAGE_FIELDS_FIELD_NUMBER: _ClassVar[int]
    REPORTED_COST_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    USAGE_ASSUMPTIONS_FIELD_NUMBER: _ClassVar[int]
    SERVED_GEOGRAPHY_FIELD_NUMBER: _ClassVar[int]
    SERVED_SPEED_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    REPORTED_COST_SOURCE_FIELD_NUMBER: _ClassVar[int]
    RATED_AMOUNT_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    charge_id: str
    user_id: str
    idempotency_key: str
    model: str
    priced_model: str
    price_id: str
    price_source: _types_pb2.PriceSource
    usage: _types_pb2.Usage
    usage_source: _types_pb2.UsageSource
    amount_nanousd: int
    allowance_nanousd: int
    credits_nanousd: int
    line_items: _containers.RepeatedCompositeFieldContainer[_types_pb2.LineItem]
    balance: _types_pb2.Balance
    status: ChargeStatus
    created_at: _timestamp_pb2.Timestamp
    provider: str
    priced_provider: str
    service_tier: str
    occurred_at: _timestamp_pb2.Timestamp
    quote_id: str
    quote_expired: bool
    api_key_id: str
    labels: _containers.ScalarMap[str, str]
    markup_basis_points: int
    cost_nanousd: int
    trial: bool
    forgone_nanousd: int
    refunded_nanousd: int
    hold_id: str
    end: StreamEnd
    failure_id: str
    budgets: _containers.RepeatedCompositeFieldContainer[BudgetImpact]
    served_model: str
    served_service_tier: str
    unread_usage_fields: _containers.RepeatedScalarFieldContainer[str]
    reported_cost_nanousd: int
    usage_assumptions: _containers.RepeatedScalarFieldContainer[str]
    served_geography: str
    served_speed: str
    actor: str
    reported_cost_source: str
    rated_amount_nanousd: int
    def __init__(self, charge_id: _Optional[str] = ..., user_id: _Optional[str] = ..., idempotency_key: _Optional[str] = ..., model: _Optional[str] = ..., priced_model: _Optional[str] = ..., price_id: _Optional[str] = ..., price_source: _Optional[_Union[_types_pb2.PriceSource, str]] = ..., usage: _Optional[_Union[_types_pb2.Usage, _Mapping[str, _Any]]] = ..., usage_source: _Optional[_Union[_types_pb2.UsageSource, str]] = ..., amount_nanousd: _Optional[int] = ..., allowance_nanousd: _Optional[int] = ..., credits_nanousd: _Optional[int] = ..., line_items: _Optional[_Iterable[_Union[_types_pb2.LineItem, _Mapping[str, _Any]]]] = ..., balance: _Optional[_Union[_types_pb2.Balance, _Mapping[str, _Any]]] = ..., status: _Optional[_Union[ChargeStatus, str]] = ..., created_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping[str, _Any]]] = ..., provider: _Optional[str] = ..., priced_provider: _Optional[str] = ..., service_tier: _Optional[str] = ..., occurred_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping[str, _Any]]] = ..., quote_id: _Optional[str] = ..., quote_expired: bool = ..., api_key_id: _Optional[str] = ..., labels: _Optional[_Mapping[str, str]] = ..., markup_basis_points: _Optional[int] = ..., cost_nanousd: _Optional[int] = ..., trial: bool = ..., forgone_nanousd: _Optional[int] = ..., refunded_nanousd: _Optional[int] = ..., hold_id: _Optional[str] = ..., end: _Optional[_Union[StreamEnd, str]] = ..., failure_id: _Optional[str] = ..., budgets: _Optional[_Iterable[_Union[BudgetImpact, _Mapping[str, _Any]]]] = ..., served_model: _Optional[str] = ..., served_service_tier: _Optional[str] = ..., unread_usage_fields: _Optional[_Iterable[str]] = ..., reported_cost_nanousd: _Optional[int] = ..., usage_assumptions: _Optional[_Iterable[str]] = ..., served_geography: _Optional[str] = ..., served_speed: _Optional[str] = ..., actor: _Optional[str] = ..., reported_cost_source: _Optional[str] = ..., rated_amount_nanousd: _Optional[int] = ...) -> None: ...

class BudgetImpact(_message.Message):
    __slots__ = ("budget_id", "group_values", "over")
    BUDGET_ID_FIELD_NUMBER: _ClassVar[int]
    GROUP_VALUES_FIELD_NUMBER: _ClassVar[int]
    OVER_FIELD_NUMBER: _ClassVar[int]
    budget_id: str
    group_values: _containers.RepeatedScalarFieldContainer[str]
    over: bool
    def __init__(self, budget_id: _Optional[str] = ..., group_values: _Optional[_Iterable[str]] = ..., over: bool = ...) -> None: ...

class ReportPartsRequest(_message.Message):
    __slots__ = ("user_id", "idempotency_key", "hold_id", "parts", "close", "end")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    HOLD_ID_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    CLOSE_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    idempotency_key: str
    hold_id: str
    parts: _containers.RepeatedCompositeFieldContainer[StreamPart]
    close: bool
    end: StreamEnd
    def __init__(self, user_id: _Optional[str] = ..., idempotency_key: _Optional[str] = ..., hold_id: _Optional[str] = ..., parts: _Optional[_Iterable[_Union[StreamPart, _Mapping[str, _Any]]]] = ..., close: bool = ..., end: _Optional[_Union[StreamEnd, str]] = ...) -> None: ...

class StreamPart(_message.Message):
    __slots__ = ("part_id", "sequence", "usage", "provider_usage")
    PART_ID_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    USAGE_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_USAGE_FIELD_NUMBER: _ClassVar[int]
    part_id: str
    sequence: int
    usage: _types_pb2.Usage
    provider_usage: _types_pb2.ProviderUsage
    def __init__(self, part_id: _Optional[str] = ..., sequence: _Optional[int] = ..., usage: _Optional[_Union[_types_pb2.Usage, _Mapping[str, _Any]]] = ..., provider_usage: _Optional[_Union[_types_pb2.ProviderUsage, _Mapping[str, _Any]]] = ...) -> None: ...

class ReportPartsResponse(_message.Message):
    __slots__ = ("hold_id", "cost_nanousd", "held_nanousd", "parts", "expires_at", "settled")
    HOLD_ID_FIELD_NUMBER: _ClassVar[int]
    COST_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    HELD_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    SETTLED_FIELD_NUMBER: _ClassVar[int]
    hold_id: str
    cost_nanousd: int
    held_nanousd: int
    parts: int
    expires_at: _timestamp_pb2.Timestamp
    settled: StreamSettled
    def __init__(self, hold_id: _Optional[str] = ..., cost_nanousd: _Optional[int] = ..., held_nanousd: _Optional[int] = ..., parts: _Optional[int] = ..., expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping[str, _Any]]] = ..., settled: _Optional[_Union[StreamSettled, _Mapping[str, _Any]]] = ...) -> None: ...

class StreamSettleRequest(_message.Message):
    __slots__ = ("open", "progress", "close")
    OPEN_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    CLOSE_FIELD_NUMBER: _ClassVar[int]
    open: StreamOpen
    progress: StreamProgress
    close: StreamClose
    def __init__(self, open: _Optional[_Union[StreamOpen, _Mapping[str, _Any]]] = ..., progress: _Optional[_Union[StreamProgress, _Mapping[str, _Any]]] = ..., close: _Optional[_Union[StreamClose, _Mapping[str, _Any]]] = ...) -> None: ...

class StreamOpen(_message.Message):
    __slots__ = ("idempotency_key", "user_id", "model", "provider", "quote_id", "service_tier", "api_key_id", "labels", "input_tokens", "max_output_tokens", "hold_max_output_tokens", "units", "hold_seconds")
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class UnitsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    QUOTE_ID_FIELD_NUMBER: _ClassVar[int]
    SERVICE_TIER_FIELD_NUMBER: _ClassVar[int]
    API_KEY_ID_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    INPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    MAX_OUTPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    HOLD_MAX_OUTPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    UNITS_FIELD_NUMBER: _ClassVar[int]
    HOLD_SECONDS_FIELD_NUMBER: _ClassVar[int]
    idempotency_key: str
    user_id: str
    model: str
    provider: str
    quote_id: str
    service_tier: str
    api_key_id: str
    labels: _containers.ScalarMap[str, str]
    input_tokens: int
    max_output_tokens: int
    hold_max_output_tokens: bool
    units: _containers.ScalarMap[str, str]
    hold_seconds: int
    def __init__(self, idempotency_key: _Optional[str] = ..., user_id: _Optional[str] = ..., model: _Optional[str] = ..., provider: _Optional[str] = ..., quote_id: _Optional[str] = ..., service_tier: _Optional[str] = ..., api_key_id: _Optional[str] = ..., labels: _Optional[_Mapping[str, str]] = ..., input_tokens: _Optional[int] = ..., max_output_tokens: _Optional[int] = ..., hold_max_output_tokens: bool = ..., units: _Optional[_Mapping[str, str]] = ..., hold_seconds: _Optional[int] = ...) -> None: ...

class StreamProgress(_message.Message):
    __slots__ = ("sequence", "usage")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    USAGE_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    usage: _types_pb2.Usage
    def __init__(self, sequence: _Optional[int] = ..., usage: _Optional[_Union[_types_pb2.Usage, _Mapping[str, _Any]]] = ...) -> None: ...

class StreamClose(_message.Message):
    __slots__ = ("sequence", "usage", "provider_usage", "usage_source", "end", "served_model", "served_provider", "served_service_tier", "reported_cost_nanousd", "reported_cost_source", "parts")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    USAGE_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_USAGE_FIELD_NUMBER: _ClassVar[int]
    USAGE_SOURCE_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    SERVED_MODEL_FIELD_NUMBER: _ClassVar[int]
    SERVED_PROVIDER_FIELD_NUMBER: _ClassVar[int]
    SERVED_SERVICE_TIER_FIELD_NUMBER: _ClassVar[int]
    REPORTED_COST_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    REPORTED_COST_SOURCE_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    usage: _types_pb2.Usage
    provider_usage: _types_pb2.ProviderUsage
    usage_source: _types_pb2.UsageSource
    end: StreamEnd
    served_model: str
    served_provider: str
    served_service_tier: str
    reported_cost_nanousd: int
    reported_cost_source: str
    parts: _containers.RepeatedCompositeFieldContainer[ServedPart]
    def __init__(self, sequence: _Optional[int] = ..., usage: _Optional[_Union[_types_pb2.Usage, _Mapping[str, _Any]]] = ..., provider_usage: _Optional[_Union[_types_pb2.ProviderUsage, _Mapping[str, _Any]]] = ..., usage_source: _Optional[_Union[_types_pb2.UsageSource, str]] = ..., end: _Optional[_Union[StreamEnd, str]] = ..., served_model: _Optional[str] = ..., served_provider: _Optional[str] = ..., served_service_tier: _Optional[str] = ..., reported_cost_nanousd: _Optional[int] = ..., reported_cost_source: _Optional[str] = ..., parts: _Optional[_Iterable[_Union[ServedPart, _Mapping[str, _Any]]]] = ...) -> None: ...

class ServedPart(_message.Message):
    __slots__ = ("served_model", "served_provider", "served_service_tier", "usage", "provider_usage")
    SERVED_MODEL_FIELD_NUMBER: _ClassVar[int]
    SERVED_PROVIDER_FIELD_NUMBER: _ClassVar[int]
    SERVED_SERVICE_TIER_FIELD_NUMBER: _ClassVar[int]
    USAGE_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_USAGE_FIELD_NUMBER: _ClassVar[int]
    served_model: str
    served_provider: str
    served_service_tier: str
    usage: _types_pb2.Usage
    provider_usage: _types_pb2.ProviderUsage
    def __init__(self, served_model: _Optional[str] = ..., served_provider: _Optional[str] = ..., served_service_tier: _Optional[str] = ..., usage: _Optional[_Union[_types_pb2.Usage, _Mapping[str, _Any]]] = ..., provider_usage: _Optional[_Union[_types_pb2.ProviderUsage, _Mapping[str, _Any]]] = ...) -> None: ...

class StreamSettleResponse(_message.Message):
    __slots__ = ("grant", "ack", "drain", "settled")
    GRANT_FIELD_NUMBER: _ClassVar[int]
    ACK_FIELD_NUMBER: _ClassVar[int]
    DRAIN_FIELD_NUMBER: _ClassVar[int]
    SETTLED_FIELD_NUMBER: _ClassVar[int]
    grant: StreamGrant
    ack: StreamAck
    drain: StreamDrain
    settled: StreamSettled
    def __init__(self, grant: _Optional[_Union[StreamGrant, _Mapping[str, _Any]]] = ..., ack: _Optional[_Union[StreamAck, _Mapping[str, _Any]]] = ..., drain: _Optional[_Union[StreamDrain, _Mapping[str, _Any]]] = ..., settled: _Optional[_Union[StreamSettled, _Mapping[str, _Any]]] = ...) -> None: ...

class StreamGrant(_message.Message):
    __slots__ = ("hold_id", "granted_nanousd", "granted_output_tokens", "expires_at", "final_reason", "acknowledged_sequence", "limiting_budget_id")
    HOLD_ID_FIELD_NUMBER: _ClassVar[int]
    GRANTED_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    GRANTED_OUTPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    FINAL_REASON_FIELD_NUMBER: _ClassVar[int]
    ACKNOWLEDGED_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    LIMITING_BUDGET_ID_FIELD_NUMBER: _ClassVar[int]
    hold_id: str
    granted_nanousd: int
    granted_output_tokens: int
    expires_at: _timestamp_pb2.Timestamp
    final_reason: FinalReason
    acknowledged_sequence: int
    limiting_budget_id: str
    def __init__(self, hold_id: _Optional[str] = ..., granted_nanousd: _Optional[int] = ..., granted_output_tokens: _Optional[int] = ..., expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping[str, _Any]]] = ..., final_reason: _Optional[_Union[FinalReason, str]] = ..., acknowledged_sequence: _Optional[int] = ..., limiting_budget_id: _Optional[str] = ...) -> None: ...

class StreamAck(_message.Message):
    __slots__ = ("sequence", "cost_nanousd")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    COST_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    cost_nanousd: int
    def __init__(self, sequence: _Optional[int] = ..., cost_nanousd: _Optional[int] = ...) -> None: ...

class StreamDrain(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class StreamSettled(_message.Message):
    __slots__ = ("charge", "replayed", "released_nanousd", "shortfall_nanousd", "amendable_until")
    CHARGE_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    RELEASED_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    SHORTFALL_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    AMENDABLE_UNTIL_FIELD_NUMBER: _ClassVar[int]
    charge: Charge
    replayed: bool
    released_nanousd: int
    shortfall_nanousd: int
    amendable_until: _timestamp_pb2.Timestamp
    def __init__(self, charge: _Optional[_Union[Charge, _Mapping[str, _Any]]] = ..., replayed: bool = ..., released_nanousd: _Optional[int] = ..., shortfall_nanousd: _Optional[int] = ..., amendable_until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping[str, _Any]]] = ...) -> None: ...
