import { BillingError } from '../../errors'
import { addUsages, NO_USAGE, type Usage } from '../usage'
import { latestCounts, type ProviderUsageFormat, type ReadingContext } from './format'
import { isJsonObject, type JsonObject, type Reported, requiredCount } from './reported'

/**
 * Input tokens exclude both cache reads and cache writes. The output includes thinking. A stream has the input in
 * `message_start` and the output, cumulative, in `message_delta`, so that one usage is spread over both. A compaction is a
 * call of the same model that is billed and that only `iterations` counts. The other iterations are in the totals, except for
 * an advisor's, which is another model's and needs a charge of its own. https://docs.anthropic.com/en/api/messages
 */
export const anthropicMessages: ProviderUsageFormat = {
  paths: [
    ['message', 'usage'],
    ['usage'],
    // A line of a batch's results, whose usage names its tier.
    ['result', 'message', 'usage'],
  ],
  marks: ['input_tokens', 'output_tokens'],
  merge: laterCounts,
  usageOf(reported, context) {
    const iterations = reported.list('iterations')
    for (const each of iterations) if (each.text('type') === 'message') each.understood(...COUNTS)
    const compactions = iterations.filter(isCompaction)
    const tools = reported.object('server_tool_use')
    // Fetching a page costs its tokens alone.
    tools.understood('web_fetch_requests')
    return {
      ...[reported, ...compactions].map((each) => tokensOf(each, context)).reduce(addUsages),
      reasoningOutputTokens: reported.object('output_tokens_details').count('thinking_tokens') ?? 0n,
      webSearches: tools.count('web_search_requests') ?? 0n,
    }
  },
  servedOf: (body, usage) => ({
    model:
      body.object('message').text('model') ??
      body.object('result').object('message').text('model') ??
      body.text('model') ??
      '',
    serviceTier: usage.text('service_tier') ?? '',
    speed: usage.text('speed') ?? '',
    geography: usage.text('inference_geo') ?? '',
  }),
}

const COUNTS = [
  'input_tokens',
  'output_tokens',
  'cache_read_input_tokens',
  'cache_creation_input_tokens',
  'cache_creation',
  'output_tokens_details',
]

function isCompaction(iteration: Reported): boolean {
  return iteration.text('type') === 'compaction'
}

function tokensOf(reported: Reported, context: ReadingContext): Usage {
  const read = reported.count('cache_read_input_tokens') ?? 0n
  const { written, oneHour } = cacheWritesOf(reported, context)
  return {
    ...NO_USAGE,
    inputTokens: requiredCount(reported, 'input_tokens') + written + read,
    outputTokens: reported.count('output_tokens') ?? 0n,
    cacheReadInputTokens: read,
    cacheCreationInputTokens: written,
    cacheCreation1hInputTokens: oneHour,
  }
}

/**
 * A split of which both parts are the whole was written once, for an hour: the start of such a stream says so
 * (https://github.com/Wei-Shaw/sub2api/issues/6125).
 */
function cacheWritesOf(reported: Reported, { assume }: ReadingContext): { written: bigint; oneHour: bigint } {
  const split = reported.object('cache_creation')
  const fiveMinutes = split.count('ephemeral_5m_input_tokens') ?? 0n
  const oneHour = split.count('ephemeral_1h_input_tokens') ?? 0n
  const written = reported.count('cache_creation_input_tokens') ?? fiveMinutes + oneHour
  if (fiveMinutes + oneHour <= written) return { written, oneHour }
  if (oneHour === written && fiveMinutes === written) {
    assume('all of cache_creation_input_tokens were written for an hour, as both parts are the whole')
    return { written, oneHour }
  }
  const field = `${reported.field}.cache_creation_input_tokens`
  const problem = `${field} is ${written}, less than its parts together (${fiveMinutes + oneHour})`
  throw new BillingError('IMPOSSIBLE_USAGE', problem, { field })
}

/**
 * A stream that compacts starts with what the compaction wrote and ends with what the answer did, which may be zero: there
 * the end counts. Everywhere else a zero replaces no count.
 */
function laterCounts(earlier: JsonObject, later: JsonObject): JsonObject {
  const merged: Record<string, unknown> = { ...latestCounts(earlier, later) }
  if (hasCompaction(later)) Object.assign(merged, withoutNulls(later))
  // A write that shrank is another one, whose parts the end leaves out.
  if (later['cache_creation'] === undefined && isLess(merged, earlier)) merged['cache_creation'] = undefined
  return merged
}

function hasCompaction({ iterations }: JsonObject): boolean {
  if (!Array.isArray(iterations)) return false
  return iterations.some((each) => isJsonObject(each) && each['type'] === 'compaction')
}

function withoutNulls(object: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(object).filter(([, value]) => value !== null && value !== undefined),
  )
}

function isLess(later: JsonObject, earlier: JsonObject): boolean {
  const [now, before] = [later['cache_creation_input_tokens'], earlier['cache_creation_input_tokens']]
  return typeof now === 'number' && typeof before === 'number' && now < before
}
