import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import Any as _Any, ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class UsageSource(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    USAGE_SOURCE_UNSPECIFIED: _ClassVar[UsageSource]
    USAGE_SOURCE_PROVIDER: _ClassVar[UsageSource]
    USAGE_SOURCE_ESTIMATED: _ClassVar[UsageSource]

class Meter(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    METER_UNSPECIFIED: _ClassVar[Meter]
    METER_INPUT_TOKENS: _ClassVar[Meter]
    METER_OUTPUT_TOKENS: _ClassVar[Meter]
    METER_CACHE_READ_INPUT_TOKENS: _ClassVar[Meter]
    METER_CACHE_CREATION_INPUT_TOKENS: _ClassVar[Meter]
    METER_CACHE_CREATION_1H_INPUT_TOKENS: _ClassVar[Meter]
    METER_REASONING_OUTPUT_TOKENS: _ClassVar[Meter]
    METER_AUDIO_INPUT_TOKENS: _ClassVar[Meter]
    METER_AUDIO_CACHE_READ_INPUT_TOKENS: _ClassVar[Meter]
    METER_AUDIO_OUTPUT_TOKENS: _ClassVar[Meter]
    METER_IMAGE_INPUT_TOKENS: _ClassVar[Meter]
    METER_IMAGE_OUTPUT_TOKENS: _ClassVar[Meter]
    METER_WEB_SEARCHES: _ClassVar[Meter]
    METER_REQUESTS: _ClassVar[Meter]
    METER_CITATION_OUTPUT_TOKENS: _ClassVar[Meter]
    METER_IMAGE_CACHE_READ_INPUT_TOKENS: _ClassVar[Meter]

class PriceSource(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PRICE_SOURCE_UNSPECIFIED: _ClassVar[PriceSource]
    PRICE_SOURCE_OPERATOR: _ClassVar[PriceSource]
    PRICE_SOURCE_LIVE: _ClassVar[PriceSource]
    PRICE_SOURCE_STORED: _ClassVar[PriceSource]
    PRICE_SOURCE_CATALOG: _ClassVar[PriceSource]
    PRICE_SOURCE_DEFAULT: _ClassVar[PriceSource]
    PRICE_SOURCE_FREE: _ClassVar[PriceSource]
    PRICE_SOURCE_REPORTED: _ClassVar[PriceSource]
USAGE_SOURCE_UNSPECIFIED: UsageSource
USAGE_SOURCE_PROVIDER: UsageSource
USAGE_SOURCE_ESTIMATED: UsageSource
METER_UNSPECIFIED: Meter
METER_INPUT_TOKENS: Meter
METER_OUTPUT_TOKENS: Meter
METER_CACHE_READ_INPUT_TOKENS: Meter
METER_CACHE_CREATION_INPUT_TOKENS: Meter
METER_CACHE_CREATION_1H_INPUT_TOKENS: Meter
METER_REASONING_OUTPUT_TOKENS: Meter
METER_AUDIO_INPUT_TOKENS: Meter
METER_AUDIO_CACHE_READ_INPUT_TOKENS: Meter
METER_AUDIO_OUTPUT_TOKENS: Meter
METER_IMAGE_INPUT_TOKENS: Meter
METER_IMAGE_OUTPUT_TOKENS: Meter
METER_WEB_SEARCHES: Meter
METER_REQUESTS: Meter
METER_CITATION_OUTPUT_TOKENS: Meter
METER_IMAGE_CACHE_READ_INPUT_TOKENS: Meter
PRICE_SOURCE_UNSPECIFIED: PriceSource
PRICE_SOURCE_OPERATOR: PriceSource
PRICE_SOURCE_LIVE: PriceSource
PRICE_SOURCE_STORED: PriceSource
PRICE_SOURCE_CATALOG: PriceSource
PRICE_SOURCE_DEFAULT: PriceSource
PRICE_SOURCE_FREE: PriceSource
PRICE_SOURCE_REPORTED: PriceSource

class Usage(_message.Message):
    __slots__ = ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "cache_creation_1h_input_tokens", "reasoning_output_tokens", "audio_input_tokens", "audio_cache_read_input_tokens", "audio_output_tokens", "image_input_tokens", "image_output_tokens", "web_searches", "requests", "citation_output_tokens", "image_cache_read_input_tokens", "units")
    class UnitsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    INPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    CACHE_READ_INPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    CACHE_CREATION_INPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    CACHE_CREATION_1H_INPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    REASONING_OUTPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    AUDIO_INPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    AUDIO_CACHE_READ_INPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    AUDIO_OUTPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    IMAGE_INPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    IMAGE_OUTPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    WEB_SEARCHES_FIELD_NUMBER: _ClassVar[int]
    REQUESTS_FIELD_NUMBER: _ClassVar[int]
    CITATION_OUTPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    IMAGE_CACHE_READ_INPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    UNITS_FIELD_NUMBER: _ClassVar[int]
    input_tokens: int
    output_tokens: int
    cache_read_input_tokens: int
    cache_creation_input_tokens: int
    cache_creation_1h_input_tokens: int
    reasoning_output_tokens: int
    audio_input_tokens: int
    audio_cache_read_input_tokens: int
    audio_output_tokens: int
    image_input_tokens: int
    image_output_tokens: int
    web_searches: int
    requests: int
    citation_output_tokens: int
    image_cache_read_input_tokens: int
    units: _containers.ScalarMap[str, str]
    def __init__(self, input_tokens: _Optional[int] = ..., output_tokens: _Optional[int] = ..., cache_read_input_tokens: _Optional[int] = ..., cache_creation_input_tokens: _Optional[int] = ..., cache_creation_1h_input_tokens: _Optional[int] = ..., reasoning_output_tokens: _Optional[int] = ..., audio_input_tokens: _Optional[int] = ..., audio_cache_read_input_tokens: _Optional[int] = ..., audio_output_tokens: _Optional[int] = ..., image_input_tokens: _Optional[int] = ..., image_output_tokens: _Optional[int] = ..., web_searches: _Optional[int] = ..., requests: _Optional[int] = ..., citation_output_tokens: _Optional[int] = ..., image_cache_read_input_tokens: _Optional[int] = ..., units: _Optional[_Mapping[str, str]] = ...) -> None: ...

class ProviderUsage(_message.Message):
    __slots__ = ("format", "json")
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    JSON_FIELD_NUMBER: _ClassVar[int]
    format: str
    json: str
    def __init__(self, format: _Optional[str] = ..., json: _Optional[str] = ...) -> None: ...

class Rate(_message.Message):
    __slots__ = ("meter", "price_nanousd", "per", "unit")
    METER_FIELD_NUMBER: _ClassVar[int]
    PRICE_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    PER_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    meter: Meter
    price_nanousd: int
    per: int
    unit: str
    def __init__(self, meter: _Optional[_Union[Meter, str]] = ..., price_nanousd: _Optional[int] = ..., per: _Optional[int] = ..., unit: _Optional[str] = ...) -> None: ...

class RateCard(_message.Message):
    __slots__ = ("above_input_tokens", "service_tier", "daily_from_utc", "daily_to_utc", "rates", "weekdays_utc", "geography", "speed")
    ABOVE_INPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    SERVICE_TIER_FIELD_NUMBER: _ClassVar[int]
    DAILY_FROM_UTC_FIELD_NUMBER: _ClassVar[int]
    DAILY_TO_UTC_FIELD_NUMBER: _ClassVar[int]
    RATES_FIELD_NUMBER: _ClassVar[int]
    WEEKDAYS_UTC_FIELD_NUMBER: _ClassVar[int]
    GEOGRAPHY_FIELD_NUMBER: _ClassVar[int]
    SPEED_FIELD_NUMBER: _ClassVar[int]
    above_input_tokens: int
    service_tier: str
    daily_from_utc: str
    daily_to_utc: str
    rates: _containers.RepeatedCompositeFieldContainer[Rate]
    weekdays_utc: _containers.RepeatedScalarFieldContainer[int]
    geography: str
    speed: str
    def __init__(self, above_input_tokens: _Optional[int] = ..., service_tier: _Optional[str] = ..., daily_from_utc: _Optional[str] = ..., daily_to_utc: _Optional[str] = ..., rates: _Optional[_Iterable[_Union[Rate, _Mapping[str, _Any]]]] = ..., weekdays_utc: _Optional[_Iterable[int]] = ..., geography: _Optional[str] = ..., speed: _Optional[str] = ...) -> None: ...

class Price(_message.Message):
    __slots__ = ("price_id", "model", "provider", "source", "effective_from", "effective_to", "rate_cards", "markup_basis_points", "actor", "ended_by")
    PRICE_ID_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    EFFECTIVE_FROM_FIELD_NUMBER: _ClassVar[int]
    EFFECTIVE_TO_FIELD_NUMBER: _ClassVar[int]
    RATE_CARDS_FIELD_NUMBER: _ClassVar[int]
    MARKUP_BASIS_POINTS_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    ENDED_BY_FIELD_NUMBER: _ClassVar[int]
    price_id: str
    model: str
    provider: str
    source: PriceSource
    effective_from: _timestamp_pb2.Timestamp
    effective_to: _timestamp_pb2.Timestamp
    rate_cards: _containers.RepeatedCompositeFieldContainer[RateCard]
    markup_basis_points: int
    actor: str
    ended_by: str
    def __init__(self, price_id: _Optional[str] = ..., model: _Optional[str] = ..., provider: _Optional[str] = ..., source: _Optional[_Union[PriceSource, str]] = ..., effective_from: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping[str, _Any]]] = ..., effective_to: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping[str, _Any]]] = ..., rate_cards: _Optional[_Iterable[_Union[RateCard, _Mapping[str, _Any]]]] = ..., markup_basis_points: _Optional[int] = ..., actor: _Optional[str] = ..., ended_by: _Optional[str] = ...) -> None: ...

class Balance(_message.Message):
    __slots__ = ("allowance_nanousd", "credits_nanousd", "held_nanousd", "available_nanousd", "spent_today_nanousd", "daily_limit_nanousd", "version")
    ALLOWANCE_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    CREDITS_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    HELD_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    AVAILABLE_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    SPENT_TODAY_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    DAILY_LIMIT_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    allowance_nanousd: int
    credits_nanousd: int
    held_nanousd: int
    available_nanousd: int
    spent_today_nanousd: int
    daily_limit_nanousd: int
    version: int
    def __init__(self, allowance_nanousd: _Optional[int] = ..., credits_nanousd: _Optional[int] = ..., held_nanousd: _Optional[int] = ..., available_nanousd: _Optional[int] = ..., spent_today_nanousd: _Optional[int] = ..., daily_limit_nanousd: _Optional[int] = ..., version: _Optional[int] = ...) -> None: ...

class LineItem(_message.Message):
    __slots__ = ("meter", "units", "price_nanousd", "per", "cost_nanousd", "charged_nanousd", "unit", "unit_count", "model", "provider")
    METER_FIELD_NUMBER: _ClassVar[int]
    UNITS_FIELD_NUMBER: _ClassVar[int]
    PRICE_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    PER_FIELD_NUMBER: _ClassVar[int]
    COST_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    CHARGED_NANOUSD_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    UNIT_COUNT_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    meter: Meter
    units: int
    price_nanousd: int
    per: int
    cost_nanousd: str
    charged_nanousd: str
    unit: str
    unit_count: str
    model: str
    provider: str
    def __init__(self, meter: _Optional[_Union[Meter, str]] = ..., units: _Optional[int] = ..., price_nanousd: _Optional[int] = ..., per: _Optional[int] = ..., cost_nanousd: _Optional[str] = ..., charged_nanousd: _Optional[str] = ..., unit: _Optional[str] = ..., unit_count: _Optional[str] = ..., model: _Optional[str] = ..., provider: _Optional[str] = ...) -> None: ...
