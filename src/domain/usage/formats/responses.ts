import { maxOf } from '../../money'
import type { Usage } from '../usage'
import { servedByOpenAi } from './chat'
import type { ProviderUsageFormat, ReadingContext } from './format'
import { type JsonObject, type Reported, requiredCount } from './reported'

/**
 * The Responses API, its stream (`response.completed`), Realtime (`response.done`) and Images. Both totals include every part.
 * A Realtime session sends one `response.done` for each turn, and each has the usage of its own turn.
 * https://platform.openai.com/docs/api-reference/responses/object
 */
export const openaiResponses: ProviderUsageFormat = {
  paths: [['response', 'usage'], ['usage']],
  marks: ['input_tokens', 'output_tokens'],
  finishedResponse: (body) => (body['type'] === 'response.done' ? responseIdOf(body) : undefined),
  usageOf: responsesUsageOf,
  besides: (body) => ({ webSearches: webSearchesIn(responseIn(body)) }),
  servedOf: (body) => servedByOpenAi(responseIn(body)),
}

function responseIdOf({ response }: JsonObject): string {
  const id: unknown = (response as JsonObject | undefined)?.['id']
  return typeof id === 'string' ? id : ''
}

/** Totals and parts of the Responses shape, in which both totals include every part. */
export function responsesUsageOf(reported: Reported, { assume }: ReadingContext): Partial<Usage> {
  // Realtime writes `input_token_details`, everything else `input_tokens_details`.
  const input = reported.object(
    reported.has('input_token_details') ? 'input_token_details' : 'input_tokens_details',
  )
  const output = reported.object(
    reported.has('output_token_details') ? 'output_token_details' : 'output_tokens_details',
  )
  const cached = input.object('cached_tokens_details')
  for (const details of [input, output, cached]) details.understood('text_tokens')
  const inputTokens = requiredCount(reported, 'input_tokens')
  const stated = reported.count('output_tokens') ?? 0n
  const uncounted = maxOf((reported.count('total_tokens') ?? 0n) - inputTokens - stated, 0n)
  // Images count the images of their input, and say nothing of their output, which is images alone
  // (https://github.com/BerriAI/litellm/issues/31142). Every other body has details of its output.
  const isImages = input.has('image_tokens') && !OUTPUT_DETAILS.some((name) => reported.has(name))
  if (isImages && stated > 0n) assume('output_tokens of an image are image tokens')
  if (uncounted > 0n) assume('total_tokens has output that output_tokens leave out')
  return {
    inputTokens,
    outputTokens: stated + uncounted,
    cacheReadInputTokens: input.count('cached_tokens') ?? 0n,
    cacheCreationInputTokens: input.count('cache_write_tokens') ?? 0n,
    audioInputTokens: input.count('audio_tokens') ?? 0n,
    imageInputTokens: input.count('image_tokens') ?? 0n,
    audioCacheReadInputTokens: cached.count('audio_tokens') ?? 0n,
    imageCacheReadInputTokens: cached.count('image_tokens') ?? 0n,
    reasoningOutputTokens: output.count('reasoning_tokens') ?? 0n,
    audioOutputTokens: output.count('audio_tokens') ?? 0n,
    imageOutputTokens: isImages ? stated : (output.count('image_tokens') ?? 0n),
  }
}

const OUTPUT_DETAILS = ['output_tokens_details', 'output_token_details']

/** A stream's events have it as `response`. */
export function responseIn(body: Reported): Reported {
  return body.has('response') ? body.object('response') : body
}

/**
 * Searches are billed by the request, which a newer body counts itself. Of an older body's calls, opening a page that was
 * found is none. Only a whole body has them.
 */
export function webSearchesIn(response: Reported): bigint {
  const counted = response.object('tool_usage').object('web_search').count('num_requests')
  if (counted !== undefined) return counted
  const calls = response.list('output').filter((item) => item.text('type') === 'web_search_call')
  return BigInt(calls.filter((call) => (call.object('action').text('type') ?? 'search') === 'search').length)
}
