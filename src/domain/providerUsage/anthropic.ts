import { BillingError } from '../errors'
import type { Usage } from '../usage/usage'
import type { ProviderUsageFormat } from './format'
import { type JsonObject, type Reported, requiredCount } from './reported'

/**
 * Input tokens exclude both cache reads and cache writes; output includes thinking. A stream has the input in
 * `message_start` and the output, cumulative, in `message_delta`, so that one usage is spread over both. A compaction is a
 * call of the same model that is billed and that only `iterations` tells of; the other iterations are in the totals, but for
 * an advisor's, which is another model's: that needs a charge of its own.
 * https://docs.anthropic.com/en/api/messages
 */
export const anthropicMessages: ProviderUsageFormat = {
  paths: [['message', 'usage'], ['usage']],
  marks: ['input_tokens', 'output_tokens'],
  merge: laterCountsStand,
  usageOf(reported) {
    const compactions = reported.list('iterations').filter((each) => each.text('type') === 'compaction')
    return {
      ...[reported, ...compactions].map(tokensOf).reduce(sumOf),
      reasoningOutputTokens: reported.object('output_tokens_details').count('thinking_tokens') ?? 0n,
      webSearches: reported.object('server_tool_use').count('web_search_requests') ?? 0n,
    }
  },
}

type Tokens = Pick<
  Usage,
  | 'inputTokens'
  | 'outputTokens'
  | 'cacheReadInputTokens'
  | 'cacheCreationInputTokens'
  | 'cacheCreation1hInputTokens'
>

function tokensOf(reported: Reported): Tokens {
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
  }
}

function sumOf(first: Tokens, second: Tokens): Tokens {
  return {
    inputTokens: first.inputTokens + second.inputTokens,
    outputTokens: first.outputTokens + second.outputTokens,
    cacheReadInputTokens: first.cacheReadInputTokens + second.cacheReadInputTokens,
    cacheCreationInputTokens: first.cacheCreationInputTokens + second.cacheCreationInputTokens,
    cacheCreation1hInputTokens: first.cacheCreation1hInputTokens + second.cacheCreation1hInputTokens,
  }
}

function laterCountsStand(earlier: JsonObject, later: JsonObject): JsonObject {
  const said = Object.entries(later).filter(([, value]) => value !== null && value !== undefined)
  const merged: Record<string, unknown> = { ...earlier, ...Object.fromEntries(said) }
  // A stream that compacts starts with what the compaction wrote, and ends with what the answer did, without its parts.
  if (later['cache_creation'] === undefined && isLess(merged, earlier)) merged['cache_creation'] = undefined
  return merged
}

function isLess(later: JsonObject, earlier: JsonObject): boolean {
  const [now, before] = [later['cache_creation_input_tokens'], earlier['cache_creation_input_tokens']]
  return typeof now === 'number' && typeof before === 'number' && now < before
}
