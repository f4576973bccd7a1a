"""What is read of the objects and the dicts of the providers' SDKs."""

import json
from types import SimpleNamespace

import pytest

from tollgate.meter.hold import close_of_answer
from tollgate.meter.readers import CHUNK_READERS, json_of

SNAKE = {
    "candidates": [{"content": {"parts": [{"text": "one "}, {"function_call": {"name": "f"}}]}}],
    "model_version": "gemini-2.5-flash",
    "usage_metadata": {
        "prompt_token_count": 10,
        "candidates_token_count": 3,
        "thoughts_token_count": 2,
        "prompt_tokens_details": [{"modality": "TEXT", "token_count": 10}],
    },
}
CAMEL = {
    "candidates": [{"content": {"parts": [{"text": "one "}, {"functionCall": {"name": "f"}}]}}],
    "modelVersion": "gemini-2.5-flash",
    "usageMetadata": {
        "promptTokenCount": 10,
        "candidatesTokenCount": 3,
        "thoughtsTokenCount": 2,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 10}],
    },
}


def test_geminis_dicts_in_snake_case_are_read_like_its_own():
    """`model_dump()` of google-genai, and `to_dict()` of Vertex AI, name the fields so."""
    read = CHUNK_READERS["gemini"]
    assert read(SNAKE) == read(CAMEL)
    assert (read(SNAKE).input_tokens, read(SNAKE).output_tokens) == (10, 5)


@pytest.mark.parametrize("answer", [SNAKE, CAMEL, SNAKE["usage_metadata"], CAMEL["usageMetadata"]])
def test_the_usage_of_a_held_call_is_sent_by_geminis_own_names(answer):
    body = json.loads(close_of_answer(answer, "gemini").provider_usage.json)
    assert body.get("usageMetadata", body) == CAMEL["usageMetadata"]
    assert "one" not in str(body)


def test_the_searches_of_a_held_call_are_sent_without_their_queries():
    """They have a fee."""
    found = {"grounding_metadata": {"web_search_queries": ["secret", "secret", "other"]}}
    body = json.loads(close_of_answer({**SNAKE, "candidates": [found]}, "gemini").provider_usage.json)
    assert body["candidates"] == [{"groundingMetadata": {"webSearchQueries": ["1", "2"]}}]


def test_the_events_of_openais_helper_are_read_once():
    """`client.chat.completions.stream` wraps each chunk, and gives its text again in an event of its own."""
    chunk = SimpleNamespace(model_dump=lambda **_how: {"choices": [{"delta": {"content": "hi"}}]})
    wrapped = SimpleNamespace(type="chunk", chunk=chunk, model_dump=lambda **_how: {"type": "chunk"})
    again = SimpleNamespace(model_dump=lambda **_how: {"type": "content.delta", "delta": "hi", "snapshot": "hi"})
    assert [CHUNK_READERS["openai.chat"](json_of(each)).text for each in (wrapped, again)] == ["hi", ""]
