"""Lets a generation pass as far as it is paid for."""

import time
from collections.abc import Callable, Mapping
from typing import Literal

import grpc

from ..billing.v1 import billing_service_pb2 as billing
from ..billing.v1 import types_pb2 as types
from ..errors import TollgateError
from ..trust import WhenDown
from .session import MeterSession

StopReason = Literal[
    "FINAL_REASON_CREDITS",
    "FINAL_REASON_DAILY_LIMIT",
    "FINAL_REASON_TRIAL_LIMIT",
    "FINAL_REASON_BUDGET",
    "ABORTED",
    "UNREACHABLE",
    "SETTLED",
    "REFUSED",
]
"""Why a generation was stopped before the provider ended it.

The reason of a final grant; ABORTED: by its reader; UNREACHABLE: no server for too long; SETTLED: by
expiry, or by an operator; REFUSED: another connection has the stream, or the server ended it.
"""

# Reports are cheap for the server, and it extends the hold by them. It reads only so many a second:
# a provider that answers all at once must not fill the connection before the close.
_REPORT_INTERVAL_S = 1.0


class Gate:
    """Asks a session whether so much is paid for, and waits for credits where it isn't."""

    def __init__(self, session: MeterSession, rules: WhenDown, may_trust: Callable[[], bool]) -> None:
        self._session = session
        self._rules = rules
        self._may_trust = may_trust
        self._reported_at = 0.0
        # The grant whose end was reported to be near.
        self._used_up: billing.StreamGrant | None = None
        self._has_waited = False
        # Whether a stream may continue beyond its grant while no server answers.
        self._is_trusted = False

    async def open(self) -> None:
        """Waits for the first grant. Raises TollgateError where the call must not start."""
        session = self._session
        ends_at = time.monotonic() + self._rules.wait_s
        while session.grant is None:
            if session.failure is not None:
                raise session.failure
            if session.settled is not None:
                raise _used_key("names a stream that is settled")
            left_s = ends_at - time.monotonic()
            if left_s <= 0:
                self._has_waited = True
                if not self._is_trusted_now():
                    raise _no_server(session.trouble)
                return
            await session.change(left_s)
        if session.grant.acknowledged_sequence != 0:
            raise _used_key("names a stream that has usage on record")

    async def pass_(self, usage: types.Usage, is_stopped: Callable[[], bool]) -> StopReason | None:
        """Waits until so much is paid for. None = it is."""
        self._report_now_and_then(usage)
        ends_at = time.monotonic() + self._rules.wait_s
        while True:
            if is_stopped():
                return "ABORTED"
            verdict = self._verdict(usage.output_tokens)
            if verdict != "WAIT":
                return verdict
            left_s = ends_at - time.monotonic()
            if left_s <= 0:
                self._has_waited = True
            else:
                await self._session.change(left_s)

    def _verdict(self, output_tokens: int) -> StopReason | Literal["WAIT"] | None:
        session = self._session
        if session.settled is not None:
            return "SETTLED"
        if session.failure is not None:
            return "REFUSED"
        granted = session.grant.granted_output_tokens if session.grant is not None else 0
        if output_tokens <= granted:
            self._has_waited = False
            return None
        reason = session.grant.final_reason if session.grant is not None else 0
        # The provider holds itself to the most that it was asked for, and counts better.
        if reason == billing.FINAL_REASON_MAX_OUTPUT_TOKENS:
            return None
        if reason != billing.FINAL_REASON_UNSPECIFIED:
            return reason_name(reason)
        if not self._has_waited:
            return "WAIT"
        beyond = self._rules.output_tokens_beyond_grant if self._is_trusted_now() else 0
        return None if output_tokens <= granted + beyond else "UNREACHABLE"

    def _is_trusted_now(self) -> bool:
        # Asked once: the answer counts against what the user may start on trust.
        self._is_trusted = self._is_trusted or self._may_trust()
        return self._is_trusted

    def _report_now_and_then(self, usage: types.Usage) -> None:
        now, grant = time.monotonic(), self._session.grant
        granted = grant.granted_output_tokens if grant is not None else 0
        is_used_up = usage.output_tokens * 5 >= granted * 4 and grant is not self._used_up
        is_final = grant is not None and grant.final_reason != billing.FINAL_REASON_UNSPECIFIED
        must_wait = usage.output_tokens > granted and not self._has_waited and not is_final
        if now - self._reported_at < _REPORT_INTERVAL_S and not is_used_up and not must_wait:
            return
        self._reported_at = now
        if is_used_up:
            self._used_up = grant
        self._session.report(usage)


def reason_name(reason: int) -> StopReason:
    # One of a later release is final all the same.
    return _REASONS.get(reason, "FINAL_REASON_CREDITS")


_REASONS: Mapping[int, StopReason] = {
    1: "FINAL_REASON_CREDITS",
    2: "FINAL_REASON_DAILY_LIMIT",
    3: "FINAL_REASON_TRIAL_LIMIT",
    5: "FINAL_REASON_BUDGET",
}


def _no_server(trouble: TollgateError | None) -> TollgateError:
    why = f" ({trouble})" if trouble is not None else ""
    return TollgateError(
        grpc.StatusCode.UNAVAILABLE, f"no tollgate server takes the stream: nothing was started{why}"
    )


def _used_key(what: str) -> TollgateError:
    return TollgateError(
        grpc.StatusCode.ALREADY_EXISTS, f"idempotency_key {what}: a new generation needs a new key"
    )
