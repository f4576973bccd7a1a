"""The plug-in's settings, from the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..aio import AsyncTollgate
from ..channel import Tls
from ..store import Store

_USER_FIELDS = ("user_id", "team_id", "org_id", "end_user_id", "key_alias")


@dataclass(frozen=True)
class PluginSettings:
    address: str
    token: str | None
    tls: Tls | None
    store_folder: str | None
    # Which field of LiteLLM's key names tollgate's user.
    user_field: str
    # What a call is held for that names no limit of its own.
    output_tokens_default: int
    # Routes that are not metered pass without a charge, instead of being refused.
    allows_unmetered: bool

    def connect(self) -> AsyncTollgate:
        """Raises StoreError."""
        store = Store(self.store_folder) if self.store_folder else None
        return AsyncTollgate(self.address, token=self.token, tls=self.tls, store=store)

    def user_of(self, key: Any) -> str:
        """Empty where the key names nobody."""
        return str(getattr(key, self.user_field, None) or "")


def settings_of(environment: Mapping[str, str] = os.environ) -> PluginSettings:
    """Raises ValueError with every mistake."""
    mistakes = []
    user_field = environment.get("TOLLGATE_LITELLM_USER", "user_id")
    if user_field not in _USER_FIELDS:
        mistakes.append(f"TOLLGATE_LITELLM_USER must be one of {', '.join(_USER_FIELDS)}")
    output_tokens = environment.get("TOLLGATE_LITELLM_OUTPUT_TOKENS", "4096")
    if not output_tokens.isdigit() or int(output_tokens) == 0:
        mistakes.append("TOLLGATE_LITELLM_OUTPUT_TOKENS must be a whole number above 0")
    unmetered = environment.get("TOLLGATE_LITELLM_UNMETERED", "refuse")
    if unmetered not in ("refuse", "allow"):
        mistakes.append("TOLLGATE_LITELLM_UNMETERED must be refuse or allow")
    if mistakes:
        raise ValueError("; ".join(mistakes))
    return PluginSettings(
        address=environment.get("TOLLGATE_ADDRESS", "127.0.0.1:50051"),
        token=_token_in(environment),
        tls=_tls_in(environment),
        store_folder=environment.get("TOLLGATE_STORE_DIR"),
        user_field=user_field,
        output_tokens_default=int(output_tokens),
        allows_unmetered=unmetered == "allow",
    )


def _token_in(environment: Mapping[str, str]) -> str | None:
    file = environment.get("TOLLGATE_TOKEN_FILE")
    return Path(file).read_text().strip() if file else environment.get("TOLLGATE_TOKEN")


def _tls_in(environment: Mapping[str, str]) -> Tls | None:
    ca = environment.get("TOLLGATE_TLS_CA_FILE")
    if ca:
        return Tls(ca=Path(ca).read_bytes())
    return Tls() if environment.get("TOLLGATE_TLS") == "on" else None
