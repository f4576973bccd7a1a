import { maxOf } from '../../money'
import type { Usage } from '../usage'
import { servedByOpenAi } from './chat'
import { lastCounts, type ProviderUsageFormat, type ReadingContext } from './format'
import { MEDIA_MARKS, mediaUsageOf } from './media'
import { type JsonObject, type Reported, requiredCount } from './reported'
import { isCacheBeside } from './totals'

/**
 * The Responses API, its stream (`response.completed`), Realtime (`response.done`) and Images. Both totals include every part.
 * A Realtime session sends one `response.done` for each turn, and each has the usage of its own turn.
 * https://platform.openai.com/docs/api-reference/responses/object
 */
export const openaiResponses: ProviderUsageFormat = {
  paths: [['response', 'usage'], ['response', 'body', 'usage'], ['usage']],
  marks: ['input_tokens', 'output_tokens', ...MEDIA_MARKS],
  finishedResponse(body) {
    if (body['type'] === 'response.done') return responseIdOf(body)
    // A Realtime session bills what it transcribes besides its turns.
    return body['type'] === TRANSCRIBED ? `item ${String(body['item_id'])}` : undefined
  },
  usageOf: (reported, context) => mediaUsageOf(reported) ?? responsesUsageOf(reported, context),
  besides: (bodies) => lastCounts(bodies, (body) => ({ webSearches: webSearchesIn(responseIn(body)) })),
  unratedCalls: (body) => unratedCallsIn(responseIn(body)),
  servedOf: (body) => servedByOpenAi(isBatchLine(body) ? body : responseIn(body)),
}

const TRANSCRIBED = 'conversation.item.input_audio_transcription.completed'

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
  const fresh = requiredCount(reported, 'input_tokens')
  const stated = reported.count('output_tokens') ?? 0n
  const read = input.count('cached_tokens') ?? 0n
  const written = input.count('cache_write_tokens') ?? 0n
  const cache = read + written
  const isBeside =
    cache > fresh && isCacheBeside(reported.count('total_tokens'), { input: fresh, output: stated, cache })
  if (isBeside) assume('input_tokens exclude the cache, as total_tokens says')
  const inputTokens = isBeside ? fresh + cache : fresh
  const uncounted = maxOf((reported.count('total_tokens') ?? 0n) - inputTokens - stated, 0n)
  // Images count the images of their input, and say nothing of their output, which is images alone
  // (https://github.com/BerriAI/litellm/issues/31142). Every other body has details of its output.
  const isImages = input.has('image_tokens') && !OUTPUT_DETAILS.some((name) => reported.has(name))
  if (isImages && stated > 0n) assume('output_tokens of an image are image tokens')
  if (uncounted > 0n) assume('total_tokens has output that output_tokens leave out')
  return {
    inputTokens,
    outputTokens: stated + uncounted,
    cacheReadInputTokens: read,
    cacheCreationInputTokens: written,
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

/**
 * OpenAI bills a call of a file search, and a session of a container, on top of the tokens; what makes an image is another model
 * (https://developers.openai.com/api/docs/pricing, read 2026-11-05). A gateway charges these on their own.
 */
const CALLS_WITH_A_FEE: ReadonlySet<string> = new Set([
  'file_search_call',
  'code_interpreter_call',
  'shell_call',
  'image_generation_call',
])

function unratedCallsIn(response: Reported): string[] {
  const types = response.list('output').map((item) => item.text('type') ?? '')
  return types.filter((type) => CALLS_WITH_A_FEE.has(type)).map((type) => `output.${type}`)
}

/** A stream's events have it as `response`; a line of a batch's output as `response.body`. */
export function responseIn(body: Reported): Reported {
  if (isBatchLine(body)) return body.object('response').object('body')
  return body.has('response') ? body.object('response') : body
}

function isBatchLine(body: Reported): boolean {
  return body.object('response').has('body')
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
