import { BillingError } from '../errors'
import type { ProviderUsageFormat } from './format'
import { type JsonObject, requiredCount } from './reported'

/**
 * Input tokens exclude both cache reads and cache writes; output includes thinking. A stream has the input in
 * `message_start` and the output, cumulative, in `message_delta`, so that one usage is spread over both.
 * https://docs.anthropic.com/en/api/messages
 */
export const anthropicMessages: ProviderUsageFormat = {
  paths: [['message', 'usage'], ['usage']],
  marks: ['input_tokens', 'output_tokens'],
  merge: laterCountsStand,
  usageOf(reported) {
    const written = reported.object('cache_creation')
    const fiveMinutes = written.count('ephemeral_5m_input_tokens') ?? 0n
    const oneHour = written.count('ephemeral_1h_input_tokens') ?? 0n
    const creation = reported.count('cache_creation_input_tokens') ?? fiveMinutes + oneHour
    if (fiveMinutes + oneHour > creation) {
      const field = `${reported.field}.cache_creation_input_tokens`
      const problem = `${field} is ${creation}, less than its parts together (${fiveMinutes + oneHour})`
      throw new BillingError('IMPOSSIBLE_USAGE', problem, { field })
    }
    const read = reported.count('cache_read_input_tokens') ?? 0n
    return {
      inputTokens: requiredCount(reported, 'input_tokens') + creation + read,
      outputTokens: reported.count('output_tokens') ?? 0n,
      cacheReadInputTokens: read,
      cacheCreationInputTokens: creation,
      cacheCreation1hInputTokens: oneHour,
      reasoningOutputTokens: reported.object('output_tokens_details').count('thinking_tokens') ?? 0n,
      webSearches: reported.object('server_tool_use').count('web_search_requests') ?? 0n,
    }
  },
}

function laterCountsStand(earlier: JsonObject, later: JsonObject): JsonObject {
  const said = Object.entries(later).filter(([, value]) => value !== null && value !== undefined)
  return { ...earlier, ...Object.fromEntries(said) }
}
