"""How the providers' streams are read."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Json = Any
"""A value of JSON."""


@dataclass(frozen=True)
class ChunkFacts:
    """What one chunk of a provider's stream says."""

    # What it delivers: text, reasoning, a tool call's arguments.
    text: str = ""
    # The provider's usage object, where the chunk carries one.
    usage: Mapping[str, Json] | None = None
    # All completion tokens up to here, and all prompt tokens, by the provider's count.
    output_tokens: int | None = None
    input_tokens: int | None = None
    # What it states beside the usage and the price depends on: the model and the tier that served the
    # call, and the calls of the provider's own tools. Named as in the provider's body.
    served: Mapping[str, Json] = field(default_factory=dict)


MeteredFormat = Literal["openai.chat", "openai.responses", "anthropic.messages", "gemini", "litellm"]
"""By the names of the formats that tollgate knows the usage by."""


def json_of(value: object) -> Json:
    """A chunk or an answer as JSON: a dict, or an object of the OpenAI, Anthropic or Google SDKs."""
    if isinstance(value, Mapping):
        return value
    # OpenAI's helper `chat.completions.stream` wraps the chunks, with all of the text up to each.
    if getattr(value, "type", None) == "chunk":
        value = getattr(value, "chunk", value)
    dump = getattr(value, "model_dump", None)
    if callable(dump):
        return dump(mode="json", by_alias=True, exclude_none=True)
    to_dict = getattr(value, "to_dict", None)
    if callable(to_dict):
        return to_dict()
    raise TypeError(f"a {type(value).__name__} can't be read: give a dict, an object of an SDK, or `read`")


def _openai_chat(chunk: Json) -> ChunkFacts:
    """https://platform.openai.com/docs/api-reference/chat-streaming"""
    texts: list[Json] = []
    for choice in _items(_field(chunk, "choices")):
        delta = _field(choice, "delta")
        # Not OpenAI's own, but of those that speak its format (DeepSeek, OpenRouter).
        reasoning = _field(delta, "reasoning_content")
        texts += [_field(delta, "content"), _field(delta, "refusal")]
        texts.append(_field(delta, "reasoning") if reasoning is None else reasoning)
        for call in _items(_field(delta, "tool_calls")):
            texts.append(_field(_field(call, "function"), "arguments"))
    # Groq and Moonshot have places of their own for a stream's usage.
    usage = (
        _field(chunk, "usage")
        or _field(_field(chunk, "x_groq"), "usage")
        or next((_field(choice, "usage") for choice in _items(_field(chunk, "choices"))), None)
    )
    facts = _facts(texts, usage, _count(usage, "completion_tokens"), _count(usage, "prompt_tokens"))
    return replace(facts, served=_served(chunk, "model", "service_tier"))


def _litellm(chunk: Json) -> ChunkFacts:
    """LiteLLM's chunks name the model that its caller asked for, which is not what served the call."""
    return replace(_openai_chat(chunk), served=_served(chunk, "service_tier"))


def _openai_responses(event: Json) -> ChunkFacts:
    """https://platform.openai.com/docs/api-reference/responses-streaming"""
    is_delta = str(_field(event, "type")).endswith(".delta")
    response = _field(event, "response")
    usage = _field(response, "usage")
    texts = [_field(event, "delta")] if is_delta else []
    facts = _facts(texts, usage, _count(usage, "output_tokens"), _count(usage, "input_tokens"))
    served = {**_served(response, "model", "service_tier", "tool_usage"), **tool_calls(response)}
    return replace(facts, served=served)


def tool_calls(response: Json) -> Mapping[str, Json]:
    """The calls of OpenAI's own tools, some of which have a fee, without what they found."""
    calls: list[Mapping[str, Json]] = []
    for item in _items(_field(response, "output")):
        kind = _field(item, "type")
        if not isinstance(kind, str) or not kind.endswith("_call") or kind == "function_call":
            continue
        action, container = _field(_field(item, "action"), "type"), _field(item, "container_id")
        call: dict[str, Json] = {"type": kind}
        if action is not None:
            call["action"] = {"type": action}
        if container is not None:
            call["container_id"] = container
        calls.append(call)
    return {"output": calls} if calls else {}


def _anthropic(event: Json) -> ChunkFacts:
    """https://docs.anthropic.com/en/docs/build-with-claude/streaming; the input is in the first event."""
    delta = _field(event, "delta")
    usage = _field(_field(event, "message"), "usage") or _field(event, "usage")
    fresh = _count(usage, "input_tokens")
    cached = (_count(usage, "cache_read_input_tokens") or 0) + (
        _count(usage, "cache_creation_input_tokens") or 0
    )
    texts = [_field(delta, "text"), _field(delta, "partial_json"), _field(delta, "thinking")]
    facts = _facts(
        texts, usage, _count(usage, "output_tokens"), None if fresh is None else fresh + cached
    )
    # The usage itself has the tier, the speed and the geography.
    return replace(facts, served=_served(_field(event, "message") or event, "model"))


def _gemini(chunk: Json) -> ChunkFacts:
    """https://ai.google.dev/api/generate-content#UsageMetadata; thoughts come beside the candidates."""
    texts: list[Json] = []
    for candidate in _items(_field(chunk, "candidates")):
        for part in _items(_field(_field(candidate, "content"), "parts")):
            call = _field(part, "functionCall") or _field(part, "function_call")
            texts.append(_field(part, "text") if call is None else json.dumps(call))
    body = gemini_body(chunk)
    usage = _field(body, "usageMetadata")
    candidates, thoughts = _count(usage, "candidatesTokenCount"), _count(usage, "thoughtsTokenCount")
    is_counted = candidates is not None or thoughts is not None
    output = (candidates or 0) + (thoughts or 0) if is_counted else None
    facts = _facts(texts, usage, output, _count(usage, "promptTokenCount"))
    # The usage itself has the tier.
    return replace(facts, served={**_served(body, "modelVersion"), **web_searches(chunk)})


def web_searches(chunk: Json) -> Mapping[str, Json]:
    """The searches of the web, which have a fee, as numbers instead of their queries."""
    queries: set[str] = set()
    for candidate in _items(_field(chunk, "candidates")):
        grounding = _field(candidate, "groundingMetadata") or _field(candidate, "grounding_metadata")
        found = _field(grounding, "webSearchQueries") or _field(grounding, "web_search_queries")
        for query in _items(found):
            if isinstance(query, str) and query.strip():
                queries.add(query)
    numbers = [str(number + 1) for number in range(len(queries))]
    return {"candidates": [{"groundingMetadata": {"webSearchQueries": numbers}}]} if queries else {}


def gemini_body(body: Json) -> Json:
    """A body with Gemini's own names, where a dict of an SDK has them in snake_case."""
    if not isinstance(body, Mapping):
        return body
    snake = ("usage_metadata", "model_version", "prompt_token_count", "candidates_token_count")
    if not any(name in body for name in snake):
        return body
    return _in_camel_case({name: value for name, value in body.items() if name != "candidates"})


def _in_camel_case(value: Json) -> Json:
    if isinstance(value, Mapping):
        return {_camel(str(name)): _in_camel_case(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_in_camel_case(each) for each in value]
    return value


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(each.capitalize() for each in others)


CHUNK_READERS: Mapping[str, Callable[[Json], ChunkFacts]] = {
    "openai.chat": _openai_chat,
    "openai.responses": _openai_responses,
    "anthropic.messages": _anthropic,
    "gemini": _gemini,
    "litellm": _litellm,
}


def _facts(
    texts: Sequence[Json], usage: Json, output_tokens: int | None, input_tokens: int | None
) -> ChunkFacts:
    return ChunkFacts(
        text="".join(text for text in texts if isinstance(text, str)),
        usage=usage if isinstance(usage, Mapping) else None,
        output_tokens=output_tokens,
        input_tokens=input_tokens,
    )


def _served(body: Json, *names: str) -> Mapping[str, Json]:
    """These fields of a body, where it has them."""
    return {name: _field(body, name) for name in names if _field(body, name) not in (None, "")}


def _field(value: Json, name: str) -> Json:
    return value.get(name) if isinstance(value, Mapping) else None


def _items(value: Json) -> Sequence[Json]:
    return value if isinstance(value, (list, tuple)) else ()


def _count(value: Json, name: str) -> int | None:
    count = _field(value, name)
    return count if isinstance(count, int) and not isinstance(count, bool) else None
