"""How calls fail, and what a failure means for a charge."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import grpc
from google.rpc import error_details_pb2, status_pb2

from .billing.v1 import billing_service_pb2 as billing

_DETAILS_KEY = "grpc-status-details-bin"
_CODES: Mapping[int, grpc.StatusCode] = {code.value[0]: code for code in grpc.StatusCode}


@dataclass(frozen=True)
class FieldViolation:
    field: str
    description: str


class TollgateError(Exception):
    """A call that did not succeed, with what the server said about it.

    `reason` is one of the contract's, such as INSUFFICIENT_CREDITS; where no server answered (a lost
    connection, a deadline) it is the name of the gRPC status. `is_from_server` tells the two apart.
    """

    def __init__(
        self,
        code: grpc.StatusCode,
        message: str,
        *,
        reason: str | None = None,
        metadata: Mapping[str, str] | None = None,
        field_violations: tuple[FieldViolation, ...] = (),
        retry_after_s: float = 0.0,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.is_from_server = reason is not None
        self.reason: str = reason or code.name
        self.metadata: Mapping[str, str] = metadata or {}
        self.field_violations = field_violations
        self.retry_after_s = retry_after_s


class ClientClosedError(TollgateError):
    """The client was closed before the call was answered."""

    def __init__(self) -> None:
        super().__init__(grpc.StatusCode.CANCELLED, "the client is closed")


class StoreError(Exception):
    """The store on disk can't be used: the message says why."""


class StoreFullError(StoreError):
    """The store has reached its bound, and takes no more."""


def error_of_call(error: grpc.aio.AioRpcError) -> TollgateError:
    """The error of a call, read from the details that tollgate sends with each."""
    reason: str | None = None
    metadata: Mapping[str, str] = {}
    violations: tuple[FieldViolation, ...] = ()
    retry_after_s = 0.0
    for detail in _details_of(error):
        info = error_details_pb2.ErrorInfo()
        bad_request = error_details_pb2.BadRequest()
        retry = error_details_pb2.RetryInfo()
        if detail.Unpack(info):
            reason, metadata = info.reason, dict(info.metadata)
        elif detail.Unpack(bad_request):
            violations = tuple(
                FieldViolation(each.field, each.description) for each in bad_request.field_violations
            )
        elif detail.Unpack(retry):
            retry_after_s = retry.retry_delay.ToTimedelta().total_seconds()
    return TollgateError(
        error.code(),
        error.details() or error.code().name,
        reason=reason,
        metadata=metadata,
        field_violations=violations,
        retry_after_s=retry_after_s,
    )


def _details_of(error: grpc.aio.AioRpcError) -> Iterable[Any]:
    for key, value in error.trailing_metadata() or ():
        if key == _DETAILS_KEY:
            details: Iterable[Any] = status_pb2.Status.FromString(value).details
            return details
    return ()


def error_of_item(error: billing.ChargeUsageError) -> TollgateError:
    """What one request of a batch would have been refused with alone."""
    code = _CODES.get(error.code, grpc.StatusCode.UNKNOWN)
    return TollgateError(code, error.message, reason=error.reason, metadata=dict(error.metadata))


# What gRPC makes of a connection that breaks under a call, or of a stream that is reset.
_BROKEN_CONNECTION = frozenset(
    {
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.CANCELLED,
        grpc.StatusCode.UNKNOWN,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
    }
)


def may_be_retried(error: BaseException) -> bool:
    """Whether the cause passes by itself. A limit, a refusal or a mistake does not."""
    if not isinstance(error, TollgateError) or isinstance(error, ClientClosedError):
        return False
    # tollgate sends details with every error: one without them comes from the transport or a proxy.
    is_broken_connection = not error.is_from_server and error.code in _BROKEN_CONNECTION
    return (
        is_broken_connection
        or error.code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)
        or error.reason in ("CONCURRENT_MODIFICATION", "OVERLOADED")
    )


_UNKNOWN_OUTCOMES = frozenset(
    {
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.ABORTED,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.UNKNOWN,
        grpc.StatusCode.CANCELLED,
    }
)


def is_undecided(error: BaseException) -> bool:
    """Whether a call that names a key may have been done, or may be done when it is sent again.

    Such a request must be kept and sent later under the same key. Every other one was refused for
    good: credits, a limit, a price, a request that is wrong.
    """
    if not isinstance(error, TollgateError):
        return False
    return may_be_retried(error) or error.code in _UNKNOWN_OUTCOMES or _is_refused_unseen(error)


def _is_refused_unseen(error: TollgateError) -> bool:
    """Refused for its token, or by something in tollgate's place, before tollgate saw the call."""
    return error.code in (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED) or (
        # What gRPC makes of a proxy's 404. tollgate sends details with it.
        error.code == grpc.StatusCode.UNIMPLEMENTED and not error.is_from_server
    )


_LISTED = frozenset(
    {
        "INSUFFICIENT_CREDITS",
        "DAILY_LIMIT_REACHED",
        "TRIAL_LIMIT_REACHED",
        "TRIAL_EXPIRED",
        "USER_SUSPENDED",
        "MODEL_PRICE_MISSING",
        "PRICE_ANOMALY",
        "REPORTED_COST_NOT_ALLOWED",
        "SERVICE_TIER_UNKNOWN",
        "BUDGET_REACHED",
    }
)


def is_listed(error: BaseException) -> bool:
    """Whether tollgate puts a finished call that is refused so on its list of deduction failures."""
    return isinstance(error, TollgateError) and error.reason in _LISTED


_FINAL = frozenset(
    {
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.NOT_FOUND,
        grpc.StatusCode.ALREADY_EXISTS,
        grpc.StatusCode.FAILED_PRECONDITION,
    }
)


def is_final(error: BaseException) -> bool:
    """Whether no later attempt can change the answer."""
    if not isinstance(error, TollgateError):
        return False
    return error.code in _FINAL or error.reason == "MESSAGE_TOO_LARGE"
