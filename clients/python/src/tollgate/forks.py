"""Notices a fork after a connection was made: gRPC doesn't survive it, and every call would hang."""

import os

_was_connected = False
_is_unusable = False


def connecting() -> None:
    """Raises RuntimeError in a process where a connection can't work."""
    global _was_connected
    if _is_unusable:
        raise RuntimeError(
            "this process was forked from one that had connected to tollgate: connect only after the fork, "
            "or start the process by `spawn`"
        )
    _was_connected = True


def _after_fork() -> None:
    global _is_unusable
    _is_unusable = _was_connected


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
