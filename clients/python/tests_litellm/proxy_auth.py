"""Keys of the test: a key is the name of its user."""

from typing import Any

from litellm.proxy._types import UserAPIKeyAuth


async def user_of_key(request: Any, api_key: str) -> UserAPIKeyAuth:
    return UserAPIKeyAuth(api_key=api_key, user_id=api_key)
