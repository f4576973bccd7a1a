import { maxOf } from '../../money'
import type { Usage } from '../usage'
import type { ProviderUsageFormat } from './format'
import { type Reported, requiredCount } from './reported'

/**
 * Usage as LiteLLM normalises it, whatever provider is behind it: both totals include every part.
 * https://github.com/BerriAI/litellm/blob/main/litellm/types/utils.py, class Usage. A body's `model` is the name that the
 * caller asked LiteLLM for, so it says nothing about what served the call.
 */
export const litellm: ProviderUsageFormat = {
  paths: [['usage']],
  marks: ['prompt_tokens', 'completion_tokens'],
  usageOf(reported) {
    const output = reported.object('completion_tokens_details')
    output.understood('text_tokens', 'accepted_prediction_tokens', 'rejected_prediction_tokens')
    reported.understood('total_tokens', 'prompt_cache_hit_tokens', 'prompt_cache_miss_tokens')
    return {
      ...inputOf(reported),
      outputTokens: reported.count('completion_tokens') ?? 0n,
      reasoningOutputTokens: output.count('reasoning_tokens') ?? 0n,
      audioOutputTokens: output.count('audio_tokens') ?? 0n,
      imageOutputTokens: output.count('image_tokens') ?? 0n,
    }
  },
  servedOf: (body, usage) => ({ serviceTier: usage.text('service_tier') ?? body.text('service_tier') ?? '' }),
}

/** Anthropic's names for the cache stand beside the details and repeat them. */
function inputOf(reported: Reported): Partial<Usage> {
  const details = reported.object('prompt_tokens_details')
  const writes = details.object('cache_creation_token_details')
  const fiveMinutes = writes.count('ephemeral_5m_input_tokens') ?? 0n
  const oneHour = writes.count('ephemeral_1h_input_tokens') ?? 0n
  details.understood('text_tokens')
  return {
    inputTokens: requiredCount(reported, 'prompt_tokens'),
    cacheReadInputTokens: largest(details.count('cached_tokens'), reported.count('cache_read_input_tokens')),
    cacheCreationInputTokens: largest(
      details.count('cache_write_tokens'),
      details.count('cache_creation_tokens'),
      reported.count('cache_creation_input_tokens'),
      fiveMinutes + oneHour,
    ),
    cacheCreation1hInputTokens: oneHour,
    audioInputTokens: details.count('audio_tokens') ?? 0n,
    imageInputTokens: details.count('image_tokens') ?? 0n,
    webSearches: largest(
      details.count('web_search_requests'),
      reported.object('server_tool_use').count('web_search_requests'),
    ),
  }
}

function largest(...counts: readonly (bigint | undefined)[]): bigint {
  return counts.map((count) => count ?? 0n).reduce(maxOf)
}
