"""Counts what a generation has used."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..billing.v1 import billing_service_pb2 as billing
from ..billing.v1 import types_pb2 as types
from .readers import ChunkFacts

CountTokens = Callable[[str], int]
"""Tokens of a text, where the gateway has the model's tokeniser."""

# Of English text in the usual tokenisers; other languages have more bytes, and more tokens, a letter.
_BYTES_PER_TOKEN = 4


@dataclass(frozen=True)
class Text:
    """How much text was delivered."""

    chunks: int = 0
    bytes: int = 0
    counted: int = 0
    words: int = 0
    # Whether the last chunk ended within a word.
    is_in_word: bool = False

    def plus(self, text: str, count_tokens: CountTokens | None) -> "Text":
        if not text:
            return self
        words = len(text.split())
        if self.is_in_word and words and not text[0].isspace():
            words -= 1
        return Text(
            chunks=self.chunks + 1,
            bytes=self.bytes + len(text.encode("utf-8", "surrogatepass")),
            counted=self.counted + (count_tokens(text) if count_tokens is not None else 0),
            words=self.words + words,
            is_in_word=not text[-1].isspace(),
        )

    def tokens(self, count_tokens: CountTokens | None) -> int:
        """A chunk and a word are a token at least; where nobody counts, four bytes are one."""
        if count_tokens is not None:
            return self.counted
        return max(self.chunks, self.words, -(-self.bytes // _BYTES_PER_TOKEN))

    def tokens_at_least(self, count_tokens: CountTokens | None) -> int:
        """What no tokeniser counts below: a word is a token at least."""
        return self.counted if count_tokens is not None else self.words


@dataclass(frozen=True)
class Tally:
    """What was used up to a chunk."""

    input_tokens: int
    # By the provider's highest count.
    reported_output_tokens: int = 0
    # What came after that count.
    unreported: Text = field(default_factory=Text)
    delivered: Text = field(default_factory=Text)
    # The provider's first usage object and its latest, which may be one.
    usages: tuple[Mapping[str, Any], ...] = ()
    # What the provider last stated beside its usage.
    served: Mapping[str, Any] = field(default_factory=dict)

    def plus(self, facts: ChunkFacts, count_tokens: CountTokens | None = None) -> "Tally":
        """A later count of the provider's never lowers an earlier one."""
        output_tokens, input_tokens = facts.output_tokens or 0, facts.input_tokens or 0
        is_lower = facts.output_tokens is not None and output_tokens < self.reported_output_tokens
        # The prompt is the caller's guess until the provider counts it.
        is_first_count = not self.usages
        is_lower_input = not is_first_count and facts.input_tokens is not None and input_tokens < self.input_tokens
        takes_usage = facts.usage is not None and not is_lower and not is_lower_input
        counts_input = facts.input_tokens is not None and not is_lower_input
        tally = replace(
            self,
            unreported=self.unreported.plus(facts.text, count_tokens),
            delivered=self.delivered.plus(facts.text, count_tokens),
            input_tokens=input_tokens if counts_input else self.input_tokens,
            usages=(*self.usages[:1], facts.usage) if takes_usage and facts.usage is not None else self.usages,
            served={**self.served, **facts.served} if facts.served else self.served,
        )
        if facts.output_tokens is None or is_lower:
            return tally
        return replace(tally, reported_output_tokens=output_tokens, unreported=Text())

    def usage(self, count_tokens: CountTokens | None = None) -> types.Usage:
        """Prompt and completion tokens so far, never below what was delivered."""
        counted = self.reported_output_tokens + self.unreported.tokens(count_tokens)
        if self.is_underreported(count_tokens):
            counted = max(counted, self.delivered.tokens(count_tokens))
        return types.Usage(input_tokens=self.input_tokens, output_tokens=counted)

    def is_underreported(self, count_tokens: CountTokens | None = None) -> bool:
        """Whether the provider's count and a tenth of it are less than what was delivered."""
        counted = self.reported_output_tokens + self.unreported.tokens(count_tokens)
        return counted * 11 < self.delivered.tokens_at_least(count_tokens) * 10

    def measured(self, format: str | None, count_tokens: CountTokens | None = None) -> billing.StreamClose:
        """A close with what is to be settled: the provider's count where it covers what came, else ours."""
        is_final_count = self.unreported.chunks == 0 and not self.is_underreported(count_tokens)
        if format is None or not self.usages or not (is_final_count or format == "anthropic.messages"):
            return self._estimated(format, self.usage(count_tokens))
        if format != "anthropic.messages":
            body = self._body(format, self.usages[-1])
            provided = types.ProviderUsage(format=format, json=json.dumps(body))
            return billing.StreamClose(provider_usage=provided, usage_source=types.USAGE_SOURCE_PROVIDER)
        # Its first event has the prompt with the parts of the cache, which are kept where the last
        # event never came.
        usages = [self._body(format, self.usages[0]), *self.usages[1:]]
        if not is_final_count:
            usages.append({"output_tokens": self.usage(count_tokens).output_tokens})
        source = types.USAGE_SOURCE_PROVIDER if is_final_count else types.USAGE_SOURCE_ESTIMATED
        return billing.StreamClose(
            provider_usage=types.ProviderUsage(format=format, json=json.dumps(usages)),
            usage_source=source,
        )

    def _estimated(self, format: str | None, usage: types.Usage) -> billing.StreamClose:
        """Our own count; in the provider's format where it stated how it served the call."""
        close = billing.StreamClose(usage_source=types.USAGE_SOURCE_ESTIMATED)
        if format is None or not self.served:
            close.usage.CopyFrom(usage)
            return close
        prompt, completion = _COUNT_NAMES[format]
        counted = {prompt: usage.input_tokens, completion: usage.output_tokens}
        body = json.dumps(self._body(format, counted))
        close.provider_usage.CopyFrom(types.ProviderUsage(format=format, json=body))
        return close

    def _body(self, format: str, usage: Mapping[str, Any]) -> Mapping[str, Any]:
        """A body as the provider would send it, without its texts."""
        if not self.served:
            return usage
        return {**self.served, "usageMetadata" if format == "gemini" else "usage": usage}


_COUNT_NAMES: Mapping[str, tuple[str, str]] = {
    "openai.chat": ("prompt_tokens", "completion_tokens"),
    "litellm": ("prompt_tokens", "completion_tokens"),
    "openai.responses": ("input_tokens", "output_tokens"),
    "anthropic.messages": ("input_tokens", "output_tokens"),
    "gemini": ("promptTokenCount", "candidatesTokenCount"),
}
