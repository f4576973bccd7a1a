"""What LiteLLM's requests and answers say."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ..billing.v1 import types_pb2 as types
from ..meter.readers import json_of

Json = Any

EMBEDDING_ROUTES = frozenset({"embedding", "aembedding", "embeddings"})

FORMAT_OF_ROUTE: Mapping[str, str] = {
    **dict.fromkeys(("completion", "acompletion", "text_completion", "atext_completion"), "litellm"),
    **dict.fromkeys(EMBEDDING_ROUTES, "litellm"),
    **dict.fromkeys(("anthropic_messages", "aanthropic_messages"), "anthropic.messages"),
    **dict.fromkeys(("responses", "aresponses"), "openai.responses"),
}
"""Routes that are metered, by LiteLLM's call types, with the format of their usage."""

# Routes that no provider bills for.
FREE_ROUTES = frozenset({"moderation", "amoderation"})

_BYTES_PER_TOKEN = 4
# An image in a prompt is sent as much more text than it counts for.
_TOKENS_PER_IMAGE = 1_000


def input_tokens_of(data: Mapping[str, Json]) -> int:
    """A guess of the prompt's size; the provider's count takes its place."""
    fields = ("messages", "input", "prompt", "system", "tools", "instructions")
    return 1 + sum(_size_of(data.get(field)) for field in fields) // _BYTES_PER_TOKEN


def _size_of(value: Json) -> int:
    if isinstance(value, str):
        return len(value.encode("utf-8", "surrogatepass"))
    if isinstance(value, Mapping):
        if str(value.get("type")) in ("image_url", "image", "input_image", "input_audio", "file", "document"):
            return _TOKENS_PER_IMAGE * _BYTES_PER_TOKEN
        return sum(_size_of(each) for each in value.values())
    if isinstance(value, (list, tuple)):
        # A prompt of token ids.
        if value and all(isinstance(each, int) for each in value):
            return len(value) * _BYTES_PER_TOKEN
        return sum(_size_of(each) for each in value)
    return 0


def output_tokens_max_of(data: Mapping[str, Json], default: int) -> int:
    """The most that the answer may count, of all choices together."""
    limit = default
    for field in ("max_completion_tokens", "max_tokens", "max_output_tokens"):
        if isinstance(data.get(field), int) and data[field] > 0:
            limit = data[field]
            break
    choices = data.get("n")
    return limit * (choices if isinstance(choices, int) and choices > 1 else 1)


def usage_of(answer: object, format: str) -> types.ProviderUsage | None:
    """The usage of an answer that came at once; None where it has none."""
    usage = answer.get("usage") if isinstance(answer, Mapping) else getattr(answer, "usage", None)
    if usage is None:
        return None
    return types.ProviderUsage(format=format, json=json.dumps(json_of(usage)))


def hidden_of(answer: object) -> Mapping[str, Json]:
    """What LiteLLM notes about how an answer, or a chunk, was made."""
    hidden = answer.get("_hidden_params") if isinstance(answer, Mapping) else getattr(answer, "_hidden_params", None)
    return hidden if isinstance(hidden, Mapping) else {}


def says_only_usage(chunk: object) -> bool:
    """A chunk that comes only because a stream's usage was asked for."""
    if getattr(chunk, "usage", None) is None:
        return False
    return all(
        not getattr(choice, "finish_reason", None) and not getattr(getattr(choice, "delta", None), "content", None)
        for choice in getattr(chunk, "choices", ())
    )


class SseReader:
    """Events of a stream that comes as bytes, whose frames may be cut anywhere."""

    def __init__(self) -> None:
        self._rest = b""

    def events(self, data: bytes | str) -> Iterator[Json]:
        self._rest += data.encode() if isinstance(data, str) else data
        *lines, self._rest = self._rest.split(b"\n")
        for line in lines:
            if line.startswith(b"data:"):
                try:
                    yield json.loads(line[5:])
                except ValueError:
                    continue  # `[DONE]`, or nothing that counts.
