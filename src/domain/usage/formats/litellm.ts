import { maxOf } from '../../money'
import type { Usage } from '../usage'
import type { ProviderUsageFormat, ReadingContext } from './format'
import { MEDIA_MARKS, mediaUsageOf } from './media'
import { type Reported, requiredCount } from './reported'
import { isCacheBeside } from './totals'

/**
 * Usage as LiteLLM normalises it, whatever provider is behind it: both totals include every part.
 * https://github.com/BerriAI/litellm/blob/main/litellm/types/utils.py, class Usage. A body's `model` is the name that the
 * caller asked LiteLLM for, so it says nothing about what served the call.
 */
export const litellm: ProviderUsageFormat = {
  paths: [['usage'], ['usage_info']],
  marks: ['prompt_tokens', 'completion_tokens', ...MEDIA_MARKS],
  usageOf(reported, context) {
    const media = mediaUsageOf(reported)
    if (media !== undefined) return media
    const output = reported.object('completion_tokens_details')
    output.understood('text_tokens', 'accepted_prediction_tokens', 'rejected_prediction_tokens')
    reported.understood('total_tokens', 'prompt_cache_hit_tokens', 'prompt_cache_miss_tokens')
    const completion = reported.count('completion_tokens') ?? 0n
    const reasoning = output.count('reasoning_tokens') ?? 0n
    const { inputTokens, ...input } = inputOf(reported, completion, context)
    const isOutside =
      reasoning > completion && reported.count('total_tokens') === inputTokens + completion + reasoning
    if (isOutside) context.assume('total_tokens has reasoning that completion_tokens leave out')
    return {
      ...input,
      inputTokens,
      outputTokens: isOutside ? completion + reasoning : completion,
      reasoningOutputTokens: reasoning,
      audioOutputTokens: output.count('audio_tokens') ?? 0n,
      imageOutputTokens: output.count('image_tokens') ?? 0n,
    }
  },
  servedOf: (body, usage) => ({ serviceTier: usage.text('service_tier') ?? body.text('service_tier') ?? '' }),
}

/** Anthropic's names for the cache stand beside the details and repeat them. */
function inputOf(
  reported: Reported,
  completion: bigint,
  { assume }: ReadingContext,
): Partial<Usage> & { inputTokens: bigint } {
  const details = reported.object('prompt_tokens_details')
  const writes = details.object('cache_creation_token_details')
  const fiveMinutes = writes.count('ephemeral_5m_input_tokens') ?? 0n
  const oneHour = writes.count('ephemeral_1h_input_tokens') ?? 0n
  details.understood('text_tokens')
  const prompt = requiredCount(reported, 'prompt_tokens')
  const read = largest(details.count('cached_tokens'), reported.count('cache_read_input_tokens'))
  const written = largest(
    details.count('cache_write_tokens'),
    details.count('cache_creation_tokens'),
    reported.count('cache_creation_input_tokens'),
    fiveMinutes + oneHour,
  )
  const cache = read + written
  const total = reported.count('total_tokens')
  const isBeside = cache > prompt && isCacheBeside(total, { input: prompt, output: completion, cache })
  if (isBeside) assume('prompt_tokens exclude the cache, as total_tokens says')
  return {
    inputTokens: isBeside ? prompt + cache : prompt,
    cacheReadInputTokens: read,
    cacheCreationInputTokens: written,
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
