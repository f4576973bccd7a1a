import { maxOf } from '../money'
import type { Usage } from '../usage/usage'
import type { ProviderUsageFormat } from './format'
import { type Reported, requiredCount } from './reported'

/**
 * Chat completions, and embeddings: both totals include every part. Others that answer in this shape leave their thinking out
 * of the completion (Gemini, Grok), where only `total_tokens` tells of it: what a total has beyond both is thinking.
 * https://platform.openai.com/docs/api-reference/chat/object
 */
export const openaiChat: ProviderUsageFormat = {
  paths: [['usage']],
  marks: ['prompt_tokens', 'completion_tokens'],
  usageOf(reported) {
    const usage = chatUsageOf(reported)
    const { inputTokens = 0n, outputTokens = 0n, reasoningOutputTokens = 0n } = usage
    const uncounted = maxOf((reported.count('total_tokens') ?? 0n) - inputTokens - outputTokens, 0n)
    return {
      ...usage,
      outputTokens: outputTokens + uncounted,
      reasoningOutputTokens: maxOf(reasoningOutputTokens, uncounted),
    }
  },
}

/**
 * The Responses API, its stream (`response.completed`), Realtime (`response.done`) and Images.
 * https://platform.openai.com/docs/api-reference/responses/object
 */
export const openaiResponses: ProviderUsageFormat = {
  paths: [['response', 'usage'], ['usage']],
  marks: ['input_tokens', 'output_tokens'],
  usageOf: responsesUsageOf,
  besides: (body) => ({ webSearches: webSearchesIn(responseIn(body)) }),
}

/** Totals and parts of the Responses shape, in which both totals include every part. */
export function responsesUsageOf(reported: Reported): Partial<Usage> {
  // Realtime writes `input_token_details`, everything else `input_tokens_details`.
  const input = reported.object(
    reported.has('input_token_details') ? 'input_token_details' : 'input_tokens_details',
  )
  const output = reported.object(
    reported.has('output_token_details') ? 'output_token_details' : 'output_tokens_details',
  )
  return {
    inputTokens: requiredCount(reported, 'input_tokens'),
    outputTokens: reported.count('output_tokens') ?? 0n,
    ...inputParts(input),
    ...outputParts(output),
  }
}

/** A stream's events have it as `response`. */
export function responseIn(body: Reported): Reported {
  return body.has('response') ? body.object('response') : body
}

/** Totals and parts of the chat shape, which many providers share. */
export function chatUsageOf(reported: Reported): Partial<Usage> {
  const inputTokens = requiredCount(reported, 'prompt_tokens')
  const total = reported.count('total_tokens') ?? 0n
  return {
    inputTokens,
    // Embeddings have no completion; a total that says otherwise is believed.
    outputTokens: reported.count('completion_tokens') ?? (total > inputTokens ? total - inputTokens : 0n),
    ...inputParts(reported.object('prompt_tokens_details')),
    ...outputParts(reported.object('completion_tokens_details')),
  }
}

function inputParts(details: Reported): Partial<Usage> {
  const cached = details.object('cached_tokens_details')
  return {
    cacheReadInputTokens: details.count('cached_tokens') ?? 0n,
    cacheCreationInputTokens: details.count('cache_write_tokens') ?? 0n,
    audioInputTokens: details.count('audio_tokens') ?? 0n,
    imageInputTokens: details.count('image_tokens') ?? 0n,
    audioCacheReadInputTokens: cached.count('audio_tokens') ?? 0n,
    imageCacheReadInputTokens: cached.count('image_tokens') ?? 0n,
  }
}

function outputParts(details: Reported): Partial<Usage> {
  return {
    reasoningOutputTokens: details.count('reasoning_tokens') ?? 0n,
    audioOutputTokens: details.count('audio_tokens') ?? 0n,
    imageOutputTokens: details.count('image_tokens') ?? 0n,
  }
}

/**
 * Searches are billed by the request, which a newer body counts itself; of an older one's calls, opening a page that was found
 * is none. Only a whole body tells of them.
 */
export function webSearchesIn(response: Reported): bigint {
  const counted = response.object('tool_usage').object('web_search').count('num_requests')
  if (counted !== undefined) return counted
  const calls = response.list('output').filter((item) => item.text('type') === 'web_search_call')
  return BigInt(calls.filter((call) => (call.object('action').text('type') ?? 'search') === 'search').length)
}
