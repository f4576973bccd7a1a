"""Which calls may start while no server answers."""

import time
from collections import OrderedDict
from dataclasses import dataclass

_USERS_MAX = 100_000


@dataclass(frozen=True)
class WhenDown:
    """What is allowed while tollgate is down. Without a store, nothing is.

    A user is known if a call of theirs was admitted within `known_for_s`. Calls that start on trust
    are kept on disk and delivered later; a user who isn't known is refused with UNAVAILABLE.
    """

    known_for_s: float = 600.0
    # Calls that a known user may start on trust, until one is admitted again.
    calls_max: int = 20
    # Completion tokens that a stream may deliver beyond its grant.
    output_tokens_beyond_grant: int = 4_096
    # How long a call waits for a server.
    wait_s: float = 5.0


@dataclass
class _Known:
    # By time.monotonic().
    admitted_at: float
    calls_on_trust: int = 0


class Trust:
    """Remembers who was admitted last, for a bounded number of users."""

    def __init__(self, rules: WhenDown) -> None:
        self._rules = rules
        self._users: OrderedDict[str, _Known] = OrderedDict()

    def admitted(self, user_id: str) -> None:
        self._users[user_id] = _Known(time.monotonic())
        self._users.move_to_end(user_id)
        if len(self._users) > _USERS_MAX:
            self._users.popitem(last=False)

    def start(self, user_id: str) -> bool:
        """Whether this user may start a call now; if so, it counts."""
        known = self._users.get(user_id)
        if known is None or time.monotonic() - known.admitted_at > self._rules.known_for_s:
            return False
        if known.calls_on_trust >= self._rules.calls_max:
            return False
        known.calls_on_trust += 1
        return True
