import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import Any as _Any, ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class BudgetPeriod(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    BUDGET_PERIOD_UNSPECIFIED: _ClassVar[BudgetPeriod]
    BUDGET_PERIOD_HOUR: _ClassVar[BudgetPeriod]
    BUDGET_PERIOD_DAY: _ClassVar[BudgetPeriod]
    BUDGET_PERIOD_WEEK: _ClassVar[BudgetPeriod]
    BUDGET_PERIOD_MONTH: _ClassVar[BudgetPeriod]
    BUDGET_PERIOD_LIFETIME: _ClassVar[BudgetPeriod]

class BudgetAction(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    BUDGET_ACTION_UNSPECIFIED: _ClassVar[BudgetAction]
    BUDGET_ACTION_ENFORCE: _ClassVar[BudgetAction]
    BUDGET_ACTION_WARN: _ClassVar[BudgetAction]
BUDGET_PERIOD_UNSPECIFIED: BudgetPeriod
BUDGET_PERIOD_HOUR: BudgetPeriod
BUDGET_PERIOD_DAY: BudgetPeriod
BUDGET_PERIOD_WEEK: BudgetPeriod
BUDGET_PERIOD_MONTH: BudgetPeriod
BUDGET_PERIOD_LIFETIME: BudgetPeriod
BUDGET_ACTION_UNSPECIFIED: BudgetAction
BUDGET_ACTION_ENFORCE: BudgetAction
BUDGET_ACTION_WARN: BudgetAction

class Budget(_message.Message):
    __slots__ = ("budget_id", "user_id", "match", "group_by", "window", "limit_nanousd", "action", "notify_at_percent", "generation")
    BUDGET_ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    MATCH_FIELD_NUMBER: _ClassVar[int]
    GROUP_BY_FIELD_NUMBER: _ClassVar[int]
    WINDOW_FIELD_NUMBER: _ClassVar[int]
    LIMIT_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    NOTIFY_AT_PERCENT_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    budget_id: str
    user_id: str
    match: BudgetMatch
    group_by: _containers.RepeatedCompositeFieldContainer[BudgetGroup]
    window: BudgetWindow
    limit_nanousd: int
    action: BudgetAction
    notify_at_percent: _containers.RepeatedScalarFieldContainer[int]
    generation: int
    def __init__(self, budget_id: _Optional[str] = ..., user_id: _Optional[str] = ..., match: _Optional[_Union[BudgetMatch, _Mapping[str, _Any]]] = ..., group_by: _Optional[_Iterable[_Union[BudgetGroup, _Mapping[str, _Any]]]] = ..., window: _Optional[_Union[BudgetWindow, _Mapping[str, _Any]]] = ..., limit_nanousd: _Optional[int] = ..., action: _Optional[_Union[BudgetAction, str]] = ..., notify_at_percent: _Optional[_Iterable[int]] = ..., generation: _Optional[int] = ...) -> None: ...

class BudgetMatch(_message.Message):
    __slots__ = ("api_key_ids", "labels", "models", "providers")
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    API_KEY_IDS_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    MODELS_FIELD_NUMBER: _ClassVar[int]
    PROVIDERS_FIELD_NUMBER: _ClassVar[int]
    api_key_ids: _containers.RepeatedScalarFieldContainer[str]
    labels: _containers.ScalarMap[str, str]
    models: _containers.RepeatedScalarFieldContainer[str]
    providers: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, api_key_ids: _Optional[_Iterable[str]] = ..., labels: _Optional[_Mapping[str, str]] = ..., models: _Optional[_Iterable[str]] = ..., providers: _Optional[_Iterable[str]] = ...) -> None: ...

class BudgetGroup(_message.Message):
    __slots__ = ("api_key", "model", "provider", "label")
    API_KEY_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    api_key: bool
    model: bool
    provider: bool
    label: str
    def __init__(self, api_key: bool = ..., model: bool = ..., provider: bool = ..., label: _Optional[str] = ...) -> None: ...

class BudgetWindow(_message.Message):
    __slots__ = ("period", "time_zone", "week_starts_on", "month_starts_on")
    PERIOD_FIELD_NUMBER: _ClassVar[int]
    TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    WEEK_STARTS_ON_FIELD_NUMBER: _ClassVar[int]
    MONTH_STARTS_ON_FIELD_NUMBER: _ClassVar[int]
    period: BudgetPeriod
    time_zone: str
    week_starts_on: int
    month_starts_on: int
    def __init__(self, period: _Optional[_Union[BudgetPeriod, str]] = ..., time_zone: _Optional[str] = ..., week_starts_on: _Optional[int] = ..., month_starts_on: _Optional[int] = ...) -> None: ...

class PutBudgetRequest(_message.Message):
    __slots__ = ("budget", "idempotency_key")
    BUDGET_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    budget: Budget
    idempotency_key: str
    def __init__(self, budget: _Optional[_Union[Budget, _Mapping[str, _Any]]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class PutBudgetResponse(_message.Message):
    __slots__ = ("budget", "restarted")
    BUDGET_FIELD_NUMBER: _ClassVar[int]
    RESTARTED_FIELD_NUMBER: _ClassVar[int]
    budget: Budget
    restarted: bool
    def __init__(self, budget: _Optional[_Union[Budget, _Mapping[str, _Any]]] = ..., restarted: bool = ...) -> None: ...

class ListBudgetsRequest(_message.Message):
    __slots__ = ("user_id", "page_size", "page_token")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    page_size: int
    page_token: str
    def __init__(self, user_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListBudgetsResponse(_message.Message):
    __slots__ = ("budgets", "next_page_token")
    BUDGETS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    budgets: _containers.RepeatedCompositeFieldContainer[Budget]
    next_page_token: str
    def __init__(self, budgets: _Optional[_Iterable[_Union[Budget, _Mapping[str, _Any]]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DeleteBudgetRequest(_message.Message):
    __slots__ = ("user_id", "budget_id", "idempotency_key")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    BUDGET_ID_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    budget_id: str
    idempotency_key: str
    def __init__(self, user_id: _Optional[str] = ..., budget_id: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class DeleteBudgetResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListBudgetUsageRequest(_message.Message):
    __slots__ = ("user_id", "budget_id", "at", "page_size", "page_token")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    BUDGET_ID_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    budget_id: str
    at: _timestamp_pb2.Timestamp
    page_size: int
    page_token: str
    def __init__(self, user_id: _Optional[str] = ..., budget_id: _Optional[str] = ..., at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping[str, _Any]]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListBudgetUsageResponse(_message.Message):
    __slots__ = ("usages", "next_page_token")
    USAGES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    usages: _containers.RepeatedCompositeFieldContainer[BudgetUsage]
    next_page_token: str
    def __init__(self, usages: _Optional[_Iterable[_Union[BudgetUsage, _Mapping[str, _Any]]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class BudgetUsage(_message.Message):
    __slots__ = ("budget_id", "group_values", "spent_nanousd", "held_nanousd", "limit_nanousd", "window_from", "window_to")
    BUDGET_ID_FIELD_NUMBER: _ClassVar[int]
    GROUP_VALUES_FIELD_NUMBER: _ClassVar[int]
    SPENT_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    HELD_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    LIMIT_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    WINDOW_FROM_FIELD_NUMBER: _ClassVar[int]
    WINDOW_TO_FIELD_NUMBER: _ClassVar[int]
    budget_id: str
    group_values: _containers.RepeatedScalarFieldContainer[str]
    spent_nanousd: int
    held_nanousd: int
    limit_nanousd: int
    window_from: _timestamp_pb2.Timestamp
    window_to: _timestamp_pb2.Timestamp
    def __init__(self, budget_id: _Optional[str] = ..., group_values: _Optional[_Iterable[str]] = ..., spent_nanousd: _Optional[int] = ..., held_nanousd: _Optional[int] = ..., limit_nanousd: _Optional[int] = ..., window_from: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping[str, _Any]]] = ..., window_to: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping[str, _Any]]] = ...) -> None: ...
