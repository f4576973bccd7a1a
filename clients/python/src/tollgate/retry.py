"""Repeats a call where that may help and can have no further effect."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from .errors import TollgateError, may_be_retried

Answer = TypeVar("Answer")

_FIRST_DELAY_S, _DELAY_S_MAX = 0.05, 5.0


@dataclass(frozen=True)
class RetrySettings:
    """For calls that name an idempotency key, or only read."""

    # Attempts after the first; 0 = none.
    retries_max: int = 3
    # How long one attempt may take before the next is made under the same key.
    attempt_timeout_s: float = 10.0


async def with_retries(
    attempt: Callable[[float], Awaitable[Answer]], timeout_s: float, settings: RetrySettings
) -> Answer:
    """Attempts until the call is answered, refused, or `timeout_s` have passed.

    Raises the TollgateError of the last attempt.
    """
    ends_at = time.monotonic() + timeout_s
    for retries in range(settings.retries_max + 1):
        left_s = ends_at - time.monotonic()
        is_only = settings.retries_max == 0
        try:
            return await attempt(left_s if is_only else min(left_s, settings.attempt_timeout_s))
        except TollgateError as error:
            if retries == settings.retries_max or not may_be_retried(error):
                raise
            delay_s = max(error.retry_after_s, backoff_s(retries))
            if time.monotonic() + delay_s >= ends_at:
                raise
        await asyncio.sleep(delay_s)
    raise AssertionError("the last attempt returns or raises")


def backoff_s(retries: int, first_s: float = _FIRST_DELAY_S, max_s: float = _DELAY_S_MAX) -> float:
    """Grows exponentially; half of it is left to chance, so that many clients don't ask at once."""
    return min(max_s, first_s * 2.0 ** min(retries, 16)) * random.uniform(0.5, 1.0)
