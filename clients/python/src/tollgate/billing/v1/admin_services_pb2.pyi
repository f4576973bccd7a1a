import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from tollgate.billing.v1 import billing_service_pb2 as _billing_service_pb2
from tollgate.billing.v1 import types_pb2 as _types_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import Any as _Any, ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Pot(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    POT_UNSPECIFIED: _ClassVar[Pot]
    POT_ALLOWANCE: _ClassVar[Pot]
    POT_CREDITS: _ClassVar[Pot]

class GrantMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    GRANT_MODE_UNSPECIFIED: _ClassVar[GrantMode]
    GRANT_MODE_SET: _ClassVar[GrantMode]
    GRANT_MODE_CHARGEBACK: _ClassVar[GrantMode]

class EntryKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ENTRY_KIND_UNSPECIFIED: _ClassVar[EntryKind]
    ENTRY_KIND_CHARGE: _ClassVar[EntryKind]
    ENTRY_KIND_GRANT: _ClassVar[EntryKind]
    ENTRY_KIND_REFUND: _ClassVar[EntryKind]
    ENTRY_KIND_HOLD: _ClassVar[EntryKind]
    ENTRY_KIND_SETTLEMENT: _ClassVar[EntryKind]
    ENTRY_KIND_RELEASE: _ClassVar[EntryKind]
    ENTRY_KIND_PROFILE: _ClassVar[EntryKind]
    ENTRY_KIND_ADJUSTMENT: _ClassVar[EntryKind]
    ENTRY_KIND_BUDGET: _ClassVar[EntryKind]

class SpendField(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SPEND_FIELD_UNSPECIFIED: _ClassVar[SpendField]
    SPEND_FIELD_USER: _ClassVar[SpendField]
    SPEND_FIELD_MODEL: _ClassVar[SpendField]
    SPEND_FIELD_PROVIDER: _ClassVar[SpendField]
    SPEND_FIELD_API_KEY: _ClassVar[SpendField]
    SPEND_FIELD_DAY: _ClassVar[SpendField]
    SPEND_FIELD_LABEL: _ClassVar[SpendField]
    SPEND_FIELD_BUDGET: _ClassVar[SpendField]

class PriceChangeState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PRICE_CHANGE_STATE_UNSPECIFIED: _ClassVar[PriceChangeState]
    PRICE_CHANGE_STATE_APPLIED: _ClassVar[PriceChangeState]
    PRICE_CHANGE_STATE_HELD_BACK: _ClassVar[PriceChangeState]
    PRICE_CHANGE_STATE_REJECTED: _ClassVar[PriceChangeState]

class FailureState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FAILURE_STATE_UNSPECIFIED: _ClassVar[FailureState]
    FAILURE_STATE_PENDING: _ClassVar[FailureState]
    FAILURE_STATE_RESOLVED: _ClassVar[FailureState]
    FAILURE_STATE_WRITTEN_OFF: _ClassVar[FailureState]
POT_UNSPECIFIED: Pot
POT_ALLOWANCE: Pot
POT_CREDITS: Pot
GRANT_MODE_UNSPECIFIED: GrantMode
GRANT_MODE_SET: GrantMode
GRANT_MODE_CHARGEBACK: GrantMode
ENTRY_KIND_UNSPECIFIED: EntryKind
ENTRY_KIND_CHARGE: EntryKind
ENTRY_KIND_GRANT: EntryKind
ENTRY_KIND_REFUND: EntryKind
ENTRY_KIND_HOLD: EntryKind
ENTRY_KIND_SETTLEMENT: EntryKind
ENTRY_KIND_RELEASE: EntryKind
ENTRY_KIND_PROFILE: EntryKind
ENTRY_KIND_ADJUSTMENT: EntryKind
ENTRY_KIND_BUDGET: EntryKind
SPEND_FIELD_UNSPECIFIED: SpendField
SPEND_FIELD_USER: SpendField
SPEND_FIELD_MODEL: SpendField
SPEND_FIELD_PROVIDER: SpendField
SPEND_FIELD_API_KEY: SpendField
SPEND_FIELD_DAY: SpendField
SPEND_FIELD_LABEL: SpendField
SPEND_FIELD_BUDGET: SpendField
PRICE_CHANGE_STATE_UNSPECIFIED: PriceChangeState
PRICE_CHANGE_STATE_APPLIED: PriceChangeState
PRICE_CHANGE_STATE_HELD_BACK: PriceChangeState
PRICE_CHANGE_STATE_REJECTED: PriceChangeState
FAILURE_STATE_UNSPECIFIED: FailureState
FAILURE_STATE_PENDING: FailureState
FAILURE_STATE_RESOLVED: FailureState
FAILURE_STATE_WRITTEN_OFF: FailureState

class User(_message.Message):
    __slots__ = ("user_id", "balance", "tier", "stripe_customer_id", "stripe_subscription_id", "is_trial", "trial_expires_at", "overdraft_limit_nanousd", "created_at", "billed_as_trial", "trial_spent_nanousd", "trial_spent_today_nanousd", "trial_requests", "trial_held_nanousd", "suspended")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    BALANCE_FIELD_NUMBER: _ClassVar[int]
    TIER_FIELD_NUMBER: _ClassVar[int]
    STRIPE_CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    STRIPE_SUBSCRIPTION_ID_FIELD_NUMBER: _ClassVar[int]
    IS_TRIAL_FIELD_NUMBER: _ClassVar[int]
    TRIAL_EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    OVERDRAFT_LIMIT_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    BILLED_AS_TRIAL_FIELD_NUMBER: _ClassVar[int]
    TRIAL_SPENT_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    TRIAL_SPENT_TODAY_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    TRIAL_REQUESTS_FIELD_NUMBER: _ClassVar[int]
    TRIAL_HELD_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    SUSPENDED_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    balance: _types_pb2.Balance
    tier: str
    stripe_customer_id: str
    stripe_subscription_id: str
    is_trial: bool
    trial_expires_at: _timestamp_pb2.Timestamp
    overdraft_limit_nanousd: int
    created_at: _timestamp_pb2.Timestamp
    billed_as_trial: bool
    trial_spent_nanousd: int
    trial_spent_today_nanousd: int
    trial_requests: int
    trial_held_nanousd: int
    suspended: bool
    def __init__(self, user_id: _Optional[str] = ..., balance: _Optional[_Union[_types_pb2.Balance, _Mapping[str, _Any]]] = ..., tier: _Optional[str] = ..., stripe_customer_id: _Optional[str] = ..., stripe_subscription_id: _Optional[str] = ..., is_trial: bool = ..., trial_expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping[str, _Any]]] = ..., overdraft_limit_nanousd: _Optional[int] = ..., created_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping[str, _Any]]] = ..., billed_as_trial: bool = ..., trial_spent_nanousd: _Optional[int] = ..., trial_spent_today_nanousd: _Optional[int] = ..., trial_requests: _Optional[int] = ..., trial_held_nanousd: _Optional[int] = ..., suspended: bool = ...) -> None: ...

class CreateUserRequest(_message.Message):
    __slots__ = ("user_id", "tier", "stripe_customer_id", "stripe_subscription_id", "is_trial", "trial_expires_at", "daily_limit_nanousd", "overdraft_limit_nanousd")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    TIER_FIELD_NUMBER: _ClassVar[int]
    STRIPE_CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    STRIPE_SUBSCRIPTION_ID_FIELD_NUMBER: _ClassVar[int]
    IS_TRIAL_FIELD_NUMBER: _ClassVar[int]
    TRIAL_EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    DAILY_LIMIT_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    OVERDRAFT_LIMIT_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    tier: str
    stripe_customer_id: str
    stripe_subscription_id: str
    is_trial: bool
    trial_expires_at: _timestamp_pb2.Timestamp
    daily_limit_nanousd: int
    overdraft_limit_nanousd: int
    def __init__(self, user_id: _Optional[str] = ..., tier: _Optional[str] = ..., stripe_customer_id: _Optional[str] = ..., stripe_subscription_id: _Optional[str] = ..., is_trial: bool = ..., trial_expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping[str, _Any]]] = ..., daily_limit_nanousd: _Optional[int] = ..., overdraft_limit_nanousd: _Optional[int] = ...) -> None: ...

class CreateUserResponse(_message.Message):
    __slots__ = ("user",)
    USER_FIELD_NUMBER: _ClassVar[int]
    user: User
    def __init__(self, user: _Optional[_Union[User, _Mapping[str, _Any]]] = ...) -> None: ...

class GetUserRequest(_message.Message):
    __slots__ = ("user_id",)
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    def __init__(self, user_id: _Optional[str] = ...) -> None: ...

class GetUserResponse(_message.Message):
    __slots__ = ("user",)
    USER_FIELD_NUMBER: _ClassVar[int]
    user: User
    def __init__(self, user: _Optional[_Union[User, _Mapping[str, _Any]]] = ...) -> None: ...

class ListUsersRequest(_message.Message):
    __slots__ = ("user_id_prefix", "page_size", "page_token")
    USER_ID_PREFIX_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    user_id_prefix: str
    page_size: int
    page_token: str
    def __init__(self, user_id_prefix: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListUsersResponse(_message.Message):
    __slots__ = ("users", "next_page_token")
    USERS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    users: _containers.RepeatedCompositeFieldContainer[User]
    next_page_token: str
    def __init__(self, users: _Optional[_Iterable[_Union[User, _Mapping[str, _Any]]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class UpdateUserRequest(_message.Message):
    __slots__ = ("user_id", "tier", "stripe_customer_id", "stripe_subscription_id", "is_trial", "trial_expires_at", "daily_limit_nanousd", "overdraft_limit_nanousd", "clear_trial_expires_at", "suspended", "idempotency_key")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    TIER_FIELD_NUMBER: _ClassVar[int]
    STRIPE_CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    STRIPE_SUBSCRIPTION_ID_FIELD_NUMBER: _ClassVar[int]
    IS_TRIAL_FIELD_NUMBER: _ClassVar[int]
    TRIAL_EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    DAILY_LIMIT_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    OVERDRAFT_LIMIT_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    CLEAR_TRIAL_EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    SUSPENDED_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    tier: str
    stripe_customer_id: str
    stripe_subscription_id: str
    is_trial: bool
    trial_expires_at: _timestamp_pb2.Timestamp
    daily_limit_nanousd: int
    overdraft_limit_nanousd: int
    clear_trial_expires_at: bool
    suspended: bool
    idempotency_key: str
    def __init__(self, user_id: _Optional[str] = ..., tier: _Optional[str] = ..., stripe_customer_id: _Optional[str] = ..., stripe_subscription_id: _Optional[str] = ..., is_trial: bool = ..., trial_expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping[str, _Any]]] = ..., daily_limit_nanousd: _Optional[int] = ..., overdraft_limit_nanousd: _Optional[int] = ..., clear_trial_expires_at: bool = ..., suspended: bool = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class UpdateUserResponse(_message.Message):
    __slots__ = ("user",)
    USER_FIELD_NUMBER: _ClassVar[int]
    user: User
    def __init__(self, user: _Optional[_Union[User, _Mapping[str, _Any]]] = ...) -> None: ...

class GrantCreditsRequest(_message.Message):
    __slots__ = ("idempotency_key", "user_id", "pot", "amount_nanousd", "reason", "mode")
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    POT_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    idempotency_key: str
    user_id: str
    pot: Pot
    amount_nanousd: int
    reason: str
    mode: GrantMode
    def __init__(self, idempotency_key: _Optional[str] = ..., user_id: _Optional[str] = ..., pot: _Optional[_Union[Pot, str]] = ..., amount_nanousd: _Optional[int] = ..., reason: _Optional[str] = ..., mode: _Optional[_Union[GrantMode, str]] = ...) -> None: ...

class GrantCreditsResponse(_message.Message):
    __slots__ = ("entry", "replayed")
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    entry: LedgerEntry
    replayed: bool
    def __init__(self, entry: _Optional[_Union[LedgerEntry, _Mapping[str, _Any]]] = ..., replayed: bool = ...) -> None: ...

class RefundChargeRequest(_message.Message):
    __slots__ = ("idempotency_key", "user_id", "charge_id", "amount_nanousd", "reason")
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    CHARGE_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    idempotency_key: str
    user_id: str
    charge_id: str
    amount_nanousd: int
    reason: str
    def __init__(self, idempotency_key: _Optional[str] = ..., user_id: _Optional[str] = ..., charge_id: _Optional[str] = ..., amount_nanousd: _Optional[int] = ..., reason: _Optional[str] = ...) -> None: ...

class RefundChargeResponse(_message.Message):
    __slots__ = ("entry", "replayed")
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    entry: LedgerEntry
    replayed: bool
    def __init__(self, entry: _Optional[_Union[LedgerEntry, _Mapping[str, _Any]]] = ..., replayed: bool = ...) -> None: ...

class LedgerEntry(_message.Message):
    __slots__ = ("entry_id", "user_id", "version", "kind", "idempotency_key", "allowance_delta_nanousd", "credits_delta_nanousd", "held_delta_nanousd", "balance", "charge", "reason", "created_at", "charge_id", "hold_id", "spent_today_delta_nanousd", "hash", "actor")
    ENTRY_ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    ALLOWANCE_DELTA_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    CREDITS_DELTA_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    HELD_DELTA_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    BALANCE_FIELD_NUMBER: _ClassVar[int]
    CHARGE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    CHARGE_ID_FIELD_NUMBER: _ClassVar[int]
    HOLD_ID_FIELD_NUMBER: _ClassVar[int]
    SPENT_TODAY_DELTA_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    HASH_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    entry_id: str
    user_id: str
    version: int
    kind: EntryKind
    idempotency_key: str
    allowance_delta_nanousd: int
    credits_delta_nanousd: int
    held_delta_nanousd: int
    balance: _types_pb2.Balance
    charge: _billing_service_pb2.Charge
    reason: str
    created_at: _timestamp_pb2.Timestamp
    charge_id: str
    hold_id: str
    spent_today_delta_nanousd: int
    hash: bytes
    actor: str
    def __init__(self, entry_id: _Optional[str] = ..., user_id: _Optional[str] = ..., version: _Optional[int] = ..., kind: _Optional[_Union[EntryKind, str]] = ..., idempotency_key: _Optional[str] = ..., allowance_delta_nanousd: _Optional[int] = ..., credits_delta_nanousd: _Optional[int] = ..., held_delta_nanousd: _Optional[int] = ..., balance: _Optional[_Union[_types_pb2.Balance, _Mapping[str, _Any]]] = ..., charge: _Optional[_Union[_billing_service_pb2.Charge, _Mapping[str, _Any]]] = ..., reason: _Optional[str] = ..., created_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping[str, _Any]]] = ..., charge_id: _Optional[str] = ..., hold_id: _Optional[str] = ..., spent_today_delta_nanousd: _Optional[int] = ..., hash: _Optional[bytes] = ..., actor: _Optional[str] = ...) -> None: ...

class ListLedgerEntriesRequest(_message.Message):
    __slots__ = ("user_id", "page_size", "page_token", "kinds", "until", "api_key_id")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    KINDS_FIELD_NUMBER: _ClassVar[int]
    FROM_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    API_KEY_ID_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    page_size: int
    page_token: str
    kinds: _containers.RepeatedScalarFieldContainer[EntryKind]
    until: _timestamp_pb2.Timestamp
    api_key_id: str
    def __init__(self, user_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., kinds: _Optional[_Iterable[_Union[EntryKind, str]]] = ..., until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping[str, _Any]]] = ..., api_key_id: _Optional[str] = ..., **kwargs: _Any) -> None: ...

class SpendDimension(_message.Message):
    __slots__ = ("field", "label")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    field: SpendField
    label: str
    def __init__(self, field: _Optional[_Union[SpendField, str]] = ..., label: _Optional[str] = ...) -> None: ...

class SummarizeSpendRequest(_message.Message):
    __slots__ = ("group_by", "until", "user_id", "page_size", "page_token")
    GROUP_BY_FIELD_NUMBER: _ClassVar[int]
    FROM_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    group_by: _containers.RepeatedCompositeFieldContainer[SpendDimension]
    until: _timestamp_pb2.Timestamp
    user_id: str
    page_size: int
    page_token: str
    def __init__(self, group_by: _Optional[_Iterable[_Union[SpendDimension, _Mapping[str, _Any]]]] = ..., until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping[str, _Any]]] = ..., user_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., **kwargs: _Any) -> None: ...

class SpendGroup(_message.Message):
    __slots__ = ("values", "calls", "charged_nanousd", "adjusted_nanousd", "refunded_nanousd", "spent_nanousd", "from_allowance_nanousd", "from_credits_nanousd", "forgone_nanousd", "input_tokens", "output_tokens")
    VALUES_FIELD_NUMBER: _ClassVar[int]
    CALLS_FIELD_NUMBER: _ClassVar[int]
    CHARGED_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    ADJUSTED_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    REFUNDED_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    SPENT_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    FROM_ALLOWANCE_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    FROM_CREDITS_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    FORGONE_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    INPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    values: _containers.RepeatedScalarFieldContainer[str]
    calls: int
    charged_nanousd: int
    adjusted_nanousd: int
    refunded_nanousd: int
    spent_nanousd: int
    from_allowance_nanousd: int
    from_credits_nanousd: int
    forgone_nanousd: int
    input_tokens: int
    output_tokens: int
    def __init__(self, values: _Optional[_Iterable[str]] = ..., calls: _Optional[int] = ..., charged_nanousd: _Optional[int] = ..., adjusted_nanousd: _Optional[int] = ..., refunded_nanousd: _Optional[int] = ..., spent_nanousd: _Optional[int] = ..., from_allowance_nanousd: _Optional[int] = ..., from_credits_nanousd: _Optional[int] = ..., forgone_nanousd: _Optional[int] = ..., input_tokens: _Optional[int] = ..., output_tokens: _Optional[int] = ...) -> None: ...

class SummarizeSpendResponse(_message.Message):
    __slots__ = ("groups", "next_page_token", "until")
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    groups: _containers.RepeatedCompositeFieldContainer[SpendGroup]
    next_page_token: str
    until: _timestamp_pb2.Timestamp
    def __init__(self, groups: _Optional[_Iterable[_Union[SpendGroup, _Mapping[str, _Any]]]] = ..., next_page_token: _Optional[str] = ..., until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping[str, _Any]]] = ...) -> None: ...

class Hold(_message.Message):
    __slots__ = ("hold_id", "user_id", "idempotency_key", "model", "held_nanousd", "usage", "opened_at", "expires_at")
    HOLD_ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    HELD_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    USAGE_FIELD_NUMBER: _ClassVar[int]
    OPENED_AT_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    hold_id: str
    user_id: str
    idempotency_key: str
    model: str
    held_nanousd: int
    usage: _types_pb2.Usage
    opened_at: _timestamp_pb2.Timestamp
    expires_at: _timestamp_pb2.Timestamp
    def __init__(self, hold_id: _Optional[str] = ..., user_id: _Optional[str] = ..., idempotency_key: _Optional[str] = ..., model: _Optional[str] = ..., held_nanousd: _Optional[int] = ..., usage: _Optional[_Union[_types_pb2.Usage, _Mapping[str, _Any]]] = ..., opened_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping[str, _Any]]] = ..., expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping[str, _Any]]] = ...) -> None: ...

class ListHoldsRequest(_message.Message):
    __slots__ = ("user_id", "page_size", "page_token")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    page_size: int
    page_token: str
    def __init__(self, user_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListHoldsResponse(_message.Message):
    __slots__ = ("holds", "next_page_token")
    HOLDS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    holds: _containers.RepeatedCompositeFieldContainer[Hold]
    next_page_token: str
    def __init__(self, holds: _Optional[_Iterable[_Union[Hold, _Mapping[str, _Any]]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class SettleHoldRequest(_message.Message):
    __slots__ = ("user_id", "hold_id", "usage")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    HOLD_ID_FIELD_NUMBER: _ClassVar[int]
    USAGE_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    hold_id: str
    usage: _types_pb2.Usage
    def __init__(self, user_id: _Optional[str] = ..., hold_id: _Optional[str] = ..., usage: _Optional[_Union[_types_pb2.Usage, _Mapping[str, _Any]]] = ...) -> None: ...

class SettleHoldResponse(_message.Message):
    __slots__ = ("charge",)
    CHARGE_FIELD_NUMBER: _ClassVar[int]
    charge: _billing_service_pb2.Charge
    def __init__(self, charge: _Optional[_Union[_billing_service_pb2.Charge, _Mapping[str, _Any]]] = ...) -> None: ...

class ListLedgerEntriesResponse(_message.Message):
    __slots__ = ("entries", "next_page_token")
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[LedgerEntry]
    next_page_token: str
    def __init__(self, entries: _Optional[_Iterable[_Union[LedgerEntry, _Mapping[str, _Any]]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class PutPriceRequest(_message.Message):
    __slots__ = ("model", "provider", "rate_cards", "effective_from", "markup_basis_points")
    MODEL_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    RATE_CARDS_FIELD_NUMBER: _ClassVar[int]
    EFFECTIVE_FROM_FIELD_NUMBER: _ClassVar[int]
    MARKUP_BASIS_POINTS_FIELD_NUMBER: _ClassVar[int]
    model: str
    provider: str
    rate_cards: _containers.RepeatedCompositeFieldContainer[_types_pb2.RateCard]
    effective_from: _timestamp_pb2.Timestamp
    markup_basis_points: int
    def __init__(self, model: _Optional[str] = ..., provider: _Optional[str] = ..., rate_cards: _Optional[_Iterable[_Union[_types_pb2.RateCard, _Mapping[str, _Any]]]] = ..., effective_from: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping[str, _Any]]] = ..., markup_basis_points: _Optional[int] = ...) -> None: ...

class PutPriceResponse(_message.Message):
    __slots__ = ("price",)
    PRICE_FIELD_NUMBER: _ClassVar[int]
    price: _types_pb2.Price
    def __init__(self, price: _Optional[_Union[_types_pb2.Price, _Mapping[str, _Any]]] = ...) -> None: ...

class EndPriceRequest(_message.Message):
    __slots__ = ("model", "provider")
    MODEL_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    model: str
    provider: str
    def __init__(self, model: _Optional[str] = ..., provider: _Optional[str] = ...) -> None: ...

class EndPriceResponse(_message.Message):
    __slots__ = ("price",)
    PRICE_FIELD_NUMBER: _ClassVar[int]
    price: _types_pb2.Price
    def __init__(self, price: _Optional[_Union[_types_pb2.Price, _Mapping[str, _Any]]] = ...) -> None: ...

class GetPriceRequest(_message.Message):
    __slots__ = ("model", "provider", "at")
    MODEL_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    model: str
    provider: str
    at: _timestamp_pb2.Timestamp
    def __init__(self, model: _Optional[str] = ..., provider: _Optional[str] = ..., at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping[str, _Any]]] = ...) -> None: ...

class GetPriceResponse(_message.Message):
    __slots__ = ("price",)
    PRICE_FIELD_NUMBER: _ClassVar[int]
    price: _types_pb2.Price
    def __init__(self, price: _Optional[_Union[_types_pb2.Price, _Mapping[str, _Any]]] = ...) -> None: ...

class ListPricesRequest(_message.Message):
    __slots__ = ("model_prefix", "page_size", "page_token")
    MODEL_PREFIX_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    model_prefix: str
    page_size: int
    page_token: str
    def __init__(self, model_prefix: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListPricesResponse(_message.Message):
    __slots__ = ("prices", "next_page_token")
    PRICES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    prices: _containers.RepeatedCompositeFieldContainer[_types_pb2.Price]
    next_page_token: str
    def __init__(self, prices: _Optional[_Iterable[_Union[_types_pb2.Price, _Mapping[str, _Any]]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class PutAliasRequest(_message.Message):
    __slots__ = ("alias", "model")
    ALIAS_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    alias: str
    model: str
    def __init__(self, alias: _Optional[str] = ..., model: _Optional[str] = ...) -> None: ...

class PutAliasResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListAliasesRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListAliasesResponse(_message.Message):
    __slots__ = ("aliases", "next_page_token")
    class AliasesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    ALIASES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    aliases: _containers.ScalarMap[str, str]
    next_page_token: str
    def __init__(self, aliases: _Optional[_Mapping[str, str]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ImportPricesRequest(_message.Message):
    __slots__ = ("format", "json", "as_operator")
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    JSON_FIELD_NUMBER: _ClassVar[int]
    AS_OPERATOR_FIELD_NUMBER: _ClassVar[int]
    format: str
    json: str
    as_operator: bool
    def __init__(self, format: _Optional[str] = ..., json: _Optional[str] = ..., as_operator: bool = ...) -> None: ...

class ImportPricesResponse(_message.Message):
    __slots__ = ("read", "changed", "unchanged", "held_back", "rejected", "rejections", "unread_price_fields")
    class UnreadPriceFieldsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    READ_FIELD_NUMBER: _ClassVar[int]
    CHANGED_FIELD_NUMBER: _ClassVar[int]
    UNCHANGED_FIELD_NUMBER: _ClassVar[int]
    HELD_BACK_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    REJECTIONS_FIELD_NUMBER: _ClassVar[int]
    UNREAD_PRICE_FIELDS_FIELD_NUMBER: _ClassVar[int]
    read: int
    changed: int
    unchanged: int
    held_back: int
    rejected: int
    rejections: _containers.RepeatedScalarFieldContainer[str]
    unread_price_fields: _containers.ScalarMap[str, int]
    def __init__(self, read: _Optional[int] = ..., changed: _Optional[int] = ..., unchanged: _Optional[int] = ..., held_back: _Optional[int] = ..., rejected: _Optional[int] = ..., rejections: _Optional[_Iterable[str]] = ..., unread_price_fields: _Optional[_Mapping[str, int]] = ...) -> None: ...

class PriceChange(_message.Message):
    __slots__ = ("change_id", "before", "after", "state", "reason", "seen_at", "actor")
    CHANGE_ID_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    SEEN_AT_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    change_id: str
    before: _types_pb2.Price
    after: _types_pb2.Price
    state: PriceChangeState
    reason: str
    seen_at: _timestamp_pb2.Timestamp
    actor: str
    def __init__(self, change_id: _Optional[str] = ..., before: _Optional[_Union[_types_pb2.Price, _Mapping[str, _Any]]] = ..., after: _Optional[_Union[_types_pb2.Price, _Mapping[str, _Any]]] = ..., state: _Optional[_Union[PriceChangeState, str]] = ..., reason: _Optional[str] = ..., seen_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping[str, _Any]]] = ..., actor: _Optional[str] = ...) -> None: ...

class ListPriceChangesRequest(_message.Message):
    __slots__ = ("state", "page_size", "page_token")
    STATE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    state: PriceChangeState
    page_size: int
    page_token: str
    def __init__(self, state: _Optional[_Union[PriceChangeState, str]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListPriceChangesResponse(_message.Message):
    __slots__ = ("changes", "next_page_token")
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    changes: _containers.RepeatedCompositeFieldContainer[PriceChange]
    next_page_token: str
    def __init__(self, changes: _Optional[_Iterable[_Union[PriceChange, _Mapping[str, _Any]]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DecidePriceChangeRequest(_message.Message):
    __slots__ = ("change_id", "approve")
    CHANGE_ID_FIELD_NUMBER: _ClassVar[int]
    APPROVE_FIELD_NUMBER: _ClassVar[int]
    change_id: str
    approve: bool
    def __init__(self, change_id: _Optional[str] = ..., approve: bool = ...) -> None: ...

class DecidePriceChangeResponse(_message.Message):
    __slots__ = ("change",)
    CHANGE_FIELD_NUMBER: _ClassVar[int]
    change: PriceChange
    def __init__(self, change: _Optional[_Union[PriceChange, _Mapping[str, _Any]]] = ...) -> None: ...

class DeductionFailure(_message.Message):
    __slots__ = ("failure_id", "user_id", "idempotency_key", "model", "amount_nanousd", "reason", "attempts", "state", "created_at", "resolved_at", "note", "provider", "usage", "service_tier", "occurred_at", "hold_id", "charge_id", "api_key_id", "labels", "provider_usage", "problem", "actor", "reported_cost_nanousd")
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    FAILURE_ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    RESOLVED_AT_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    USAGE_FIELD_NUMBER: _ClassVar[int]
    SERVICE_TIER_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    HOLD_ID_FIELD_NUMBER: _ClassVar[int]
    CHARGE_ID_FIELD_NUMBER: _ClassVar[int]
    API_KEY_ID_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_USAGE_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    REPORTED_COST_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    failure_id: str
    user_id: str
    idempotency_key: str
    model: str
    amount_nanousd: int
    reason: str
    attempts: int
    state: FailureState
    created_at: _timestamp_pb2.Timestamp
    resolved_at: _timestamp_pb2.Timestamp
    note: str
    provider: str
    usage: _types_pb2.Usage
    service_tier: str
    occurred_at: _timestamp_pb2.Timestamp
    hold_id: str
    charge_id: str
    api_key_id: str
    labels: _containers.ScalarMap[str, str]
    provider_usage: _types_pb2.ProviderUsage
    problem: str
    actor: str
    reported_cost_nanousd: int
    def __init__(self, failure_id: _Optional[str] = ..., user_id: _Optional[str] = ..., idempotency_key: _Optional[str] = ..., model: _Optional[str] = ..., amount_nanousd: _Optional[int] = ..., reason: _Optional[str] = ..., attempts: _Optional[int] = ..., state: _Optional[_Union[FailureState, str]] = ..., created_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping[str, _Any]]] = ..., resolved_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping[str, _Any]]] = ..., note: _Optional[str] = ..., provider: _Optional[str] = ..., usage: _Optional[_Union[_types_pb2.Usage, _Mapping[str, _Any]]] = ..., service_tier: _Optional[str] = ..., occurred_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping[str, _Any]]] = ..., hold_id: _Optional[str] = ..., charge_id: _Optional[str] = ..., api_key_id: _Optional[str] = ..., labels: _Optional[_Mapping[str, str]] = ..., provider_usage: _Optional[_Union[_types_pb2.ProviderUsage, _Mapping[str, _Any]]] = ..., problem: _Optional[str] = ..., actor: _Optional[str] = ..., reported_cost_nanousd: _Optional[int] = ...) -> None: ...

class ListDeductionFailuresRequest(_message.Message):
    __slots__ = ("state", "user_id", "page_size", "page_token")
    STATE_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    state: FailureState
    user_id: str
    page_size: int
    page_token: str
    def __init__(self, state: _Optional[_Union[FailureState, str]] = ..., user_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListDeductionFailuresResponse(_message.Message):
    __slots__ = ("failures", "next_page_token")
    FAILURES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    failures: _containers.RepeatedCompositeFieldContainer[DeductionFailure]
    next_page_token: str
    def __init__(self, failures: _Optional[_Iterable[_Union[DeductionFailure, _Mapping[str, _Any]]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class RetryDeductionFailureRequest(_message.Message):
    __slots__ = ("failure_id", "user_id", "usage", "provider_usage")
    FAILURE_ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    USAGE_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_USAGE_FIELD_NUMBER: _ClassVar[int]
    failure_id: str
    user_id: str
    usage: _types_pb2.Usage
    provider_usage: _types_pb2.ProviderUsage
    def __init__(self, failure_id: _Optional[str] = ..., user_id: _Optional[str] = ..., usage: _Optional[_Union[_types_pb2.Usage, _Mapping[str, _Any]]] = ..., provider_usage: _Optional[_Union[_types_pb2.ProviderUsage, _Mapping[str, _Any]]] = ...) -> None: ...

class RetryDeductionFailureResponse(_message.Message):
    __slots__ = ("failure",)
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    failure: DeductionFailure
    def __init__(self, failure: _Optional[_Union[DeductionFailure, _Mapping[str, _Any]]] = ...) -> None: ...

class WriteOffDeductionFailureRequest(_message.Message):
    __slots__ = ("failure_id", "note", "user_id")
    FAILURE_ID_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    failure_id: str
    note: str
    user_id: str
    def __init__(self, failure_id: _Optional[str] = ..., note: _Optional[str] = ..., user_id: _Optional[str] = ...) -> None: ...

class WriteOffDeductionFailureResponse(_message.Message):
    __slots__ = ("failure",)
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    failure: DeductionFailure
    def __init__(self, failure: _Optional[_Union[DeductionFailure, _Mapping[str, _Any]]] = ...) -> None: ...

class ReconcileRequest(_message.Message):
    __slots__ = ("user_id", "page_size", "page_token", "from_checkpoints")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    FROM_CHECKPOINTS_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    page_size: int
    page_token: str
    from_checkpoints: bool
    def __init__(self, user_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., from_checkpoints: bool = ...) -> None: ...

class ReconcileResponse(_message.Message):
    __slots__ = ("users_checked", "entries_checked", "discrepancies", "next_page_token", "users_total")
    USERS_CHECKED_FIELD_NUMBER: _ClassVar[int]
    ENTRIES_CHECKED_FIELD_NUMBER: _ClassVar[int]
    DISCREPANCIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    USERS_TOTAL_FIELD_NUMBER: _ClassVar[int]
    users_checked: int
    entries_checked: int
    discrepancies: _containers.RepeatedCompositeFieldContainer[Discrepancy]
    next_page_token: str
    users_total: int
    def __init__(self, users_checked: _Optional[int] = ..., entries_checked: _Optional[int] = ..., discrepancies: _Optional[_Iterable[_Union[Discrepancy, _Mapping[str, _Any]]]] = ..., next_page_token: _Optional[str] = ..., users_total: _Optional[int] = ...) -> None: ...

class Discrepancy(_message.Message):
    __slots__ = ("user_id", "kind", "detail")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    kind: str
    detail: str
    def __init__(self, user_id: _Optional[str] = ..., kind: _Optional[str] = ..., detail: _Optional[str] = ...) -> None: ...

class LedgerHead(_message.Message):
    __slots__ = ("user_id", "version", "hash", "at")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    HASH_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    version: int
    hash: bytes
    at: _timestamp_pb2.Timestamp
    def __init__(self, user_id: _Optional[str] = ..., version: _Optional[int] = ..., hash: _Optional[bytes] = ..., at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping[str, _Any]]] = ...) -> None: ...

class ListLedgerHeadsRequest(_message.Message):
    __slots__ = ("user_id_prefix", "page_size", "page_token")
    USER_ID_PREFIX_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    user_id_prefix: str
    page_size: int
    page_token: str
    def __init__(self, user_id_prefix: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListLedgerHeadsResponse(_message.Message):
    __slots__ = ("heads", "next_page_token")
    HEADS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    heads: _containers.RepeatedCompositeFieldContainer[LedgerHead]
    next_page_token: str
    def __init__(self, heads: _Optional[_Iterable[_Union[LedgerHead, _Mapping[str, _Any]]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ReconcileHeadsRequest(_message.Message):
    __slots__ = ("heads",)
    HEADS_FIELD_NUMBER: _ClassVar[int]
    heads: _containers.RepeatedCompositeFieldContainer[LedgerHead]
    def __init__(self, heads: _Optional[_Iterable[_Union[LedgerHead, _Mapping[str, _Any]]]] = ...) -> None: ...

class ReconcileHeadsResponse(_message.Message):
    __slots__ = ("heads_checked", "discrepancies")
    HEADS_CHECKED_FIELD_NUMBER: _ClassVar[int]
    DISCREPANCIES_FIELD_NUMBER: _ClassVar[int]
    heads_checked: int
    discrepancies: _containers.RepeatedCompositeFieldContainer[Discrepancy]
    def __init__(self, heads_checked: _Optional[int] = ..., discrepancies: _Optional[_Iterable[_Union[Discrepancy, _Mapping[str, _Any]]]] = ...) -> None: ...
