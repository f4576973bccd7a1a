"""Delivers a charge or the end of a stream, and says what became of it."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

import grpc

from ..billing.v1 import billing_service_pb2 as billing
from ..errors import TollgateError, is_final, is_listed
from ..entries import KeptEnd, finished_call_of
from .session import MeterSession

ChargeUsage = Callable[[billing.ChargeUsageRequest], Awaitable[billing.ChargeUsageResponse]]

Outcome = Literal["delivered", "listed", "fenced", "refused", "waiting"]
"""What became of it, by the table of clients/STORE.md.

listed: tollgate refused it and has it on its list of deduction failures; fenced: another connection
has the stream, and settles it; refused: for good; waiting: to be tried again.
"""


@dataclass(frozen=True)
class Delivered:
    outcome: Outcome
    charge: billing.Charge | None = None
    replayed: bool = False
    shortfall_nanousd: int = 0
    # Why it was not delivered.
    error: TollgateError | None = None


async def deliver_charge(charge_usage: ChargeUsage, request: billing.ChargeUsageRequest) -> Delivered:
    """Sends the charge of a finished call."""
    try:
        answer = await charge_usage(request)
    except TollgateError as error:
        return Delivered(_outcome_of(error), error=error)
    return Delivered("delivered", answer.charge, answer.replayed)


async def deliver_end(
    session: MeterSession, end: KeptEnd, timeout_s: float, charge_usage: ChargeUsage
) -> Delivered:
    """Closes the stream. One that never opened, and can't now, is a finished call under the same key."""
    session.close(end.close)
    ends_at = time.monotonic() + timeout_s
    while not session.is_over and session.failure is None and time.monotonic() < ends_at:
        await session.change(ends_at - time.monotonic())
    session.abandon()
    settled, error = session.settled, session.failure
    if session.is_over and settled is not None:
        if _is_settled_without(end.close, settled.charge):
            return Delivered("refused", error=_settled_without())
        return Delivered(
            "delivered", settled.charge, settled.replayed, shortfall_nanousd=settled.shortfall_nanousd
        )
    if error is None:
        return Delivered("waiting", error=session.trouble or _no_answer())
    if _never_opened(session, error):
        return await deliver_charge(charge_usage, finished_call_of(end))
    return Delivered(_outcome_of(error), error=error)


def _outcome_of(error: TollgateError) -> Outcome:
    if is_listed(error):
        return "listed"
    return "refused" if is_final(error) else "waiting"


def _never_opened(session: MeterSession, error: TollgateError) -> bool:
    # An expired quote opens no stream, but a finished call is charged; and such a charge may be what
    # has the key.
    if error.reason in ("QUOTE_EXPIRED", "IDEMPOTENCY_KEY_REUSED"):
        return True
    return is_listed(error) and session.grant is None


def _is_settled_without(close: billing.StreamClose, charge: billing.Charge) -> bool:
    """Only a close says how a stream ended: at its expiry it was settled without what it used last."""
    says_how = close.end != billing.STREAM_END_UNSPECIFIED
    return says_how and charge.end == billing.STREAM_END_UNSPECIFIED and charge.hold_id != ""


def _settled_without() -> TollgateError:
    return TollgateError(
        grpc.StatusCode.FAILED_PRECONDITION, "the stream was settled before its end was delivered"
    )


def _no_answer() -> TollgateError:
    return TollgateError(grpc.StatusCode.UNAVAILABLE, "no server answered in time")
