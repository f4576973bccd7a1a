import { maxOf } from '../../money'
import type { Usage } from '../usage'
import type { ProviderUsageFormat, ReadingContext } from './format'
import { MEDIA_MARKS, mediaUsageOf } from './media'
import { type Reported, requiredCount } from './reported'
import { isCacheBeside } from './totals'

/**
 * Chat completions and embeddings, as OpenAI answers them and as many others do: both totals include every part.
 * https://platform.openai.com/docs/api-reference/chat/object, https://docs.mistral.ai/api/,
 * https://api-docs.deepseek.com/api/create-chat-completion, https://openrouter.ai/docs/use-cases/usage-accounting,
 * https://docs.perplexity.ai/api-reference/chat-completions-post. Moonshot puts a stream's usage into its choice, Groq into
 * `x_groq`. What a provider states as its own cost is left alone.
 */
export const chat: ProviderUsageFormat = {
  paths: [
    ['usage'],
    ['x_groq', 'usage'],
    ['choices', 0, 'usage'],
    ['data', 'usage'],
    ['response', 'body', 'usage'],
    ['usage_info'],
  ],
  marks: ['prompt_tokens', 'completion_tokens', ...MEDIA_MARKS],
  usageOf: (reported, context) => mediaUsageOf(reported) ?? chatUsageOf(reported, context),
  servedOf: (body, usage) => ({
    ...servedByOpenAi(body),
    searchContextSize: usage.text('search_context_size') ?? '',
  }),
}

/**
 * The model and the tier, at the top of a body. A line of a batch's output has the body inside of it,
 * and was served as a batch, whatever tier the body names.
 */
export function servedByOpenAi(body: Reported): { model: string; serviceTier: string } {
  const line = body.object('response').object('body')
  if (line.has('usage')) return { model: line.text('model') ?? '', serviceTier: 'batch' }
  return { model: body.text('model') ?? '', serviceTier: body.text('service_tier') ?? '' }
}

export function chatUsageOf(reported: Reported, context: ReadingContext): Partial<Usage> {
  const { inputTokens, ...input } = chatInputOf(reported, context)
  const output = chatOutputOf(reported, { inputTokens, ...context })
  const tools = reported.object(
    reported.has('server_tool_use_details') ? 'server_tool_use_details' : 'server_tool_use',
  )
  tools.understood('web_fetch_requests')
  reported.understood('total_tokens', 'prompt_cache_miss_tokens')
  return {
    inputTokens,
    ...input,
    ...output,
    webSearches:
      tools.count('web_search_requests') ??
      reported.count('num_search_queries') ??
      connectorSearchesOf(reported),
  }
}

/** Of Mistral's agents and conversations. Its other connectors have fees that no meter has. */
function connectorSearchesOf(reported: Reported): bigint {
  const connectors = reported.object('connectors')
  return (connectors.count('web_search') ?? 0n) + (connectors.count('web_search_premium') ?? 0n)
}

/**
 * The prompt, with what Mistral's connectors put into it, which its total has beside prompt and
 * completion (https://docs.mistral.ai/agents/tools/built-in/websearch: 188 + 55 + 7,112 = 7,355). Some
 * embeddings state their total alone (Voyage, Jina).
 */
function promptOf(reported: Reported, { assume }: ReadingContext): bigint {
  const total = reported.count('total_tokens')
  const completion = reported.count('completion_tokens') ?? 0n
  if (!reported.has('prompt_tokens') && total !== undefined && total >= completion) {
    assume('prompt_tokens are what total_tokens has beside completion_tokens')
    return total - completion
  }
  const prompt = requiredCount(reported, 'prompt_tokens')
  const connectors = reported.count('connector_tokens') ?? 0n
  return total === prompt + completion ? prompt : prompt + connectors
}

/**
 * The prompt and its parts, under every name that is in use for them: `cached_tokens` beside the counts (Moonshot, Together),
 * `num_cached_tokens` (Mistral), `prompt_cache_hit_tokens` (DeepSeek), `cache_read_input_tokens` (LiteLLM);
 * `cache_creation_input_tokens` in the details (DashScope, https://github.com/BerriAI/litellm/issues/40090) or beside them.
 */
function chatInputOf(reported: Reported, context: ReadingContext): Partial<Usage> & { inputTokens: bigint } {
  const details = reported.object(
    reported.has('prompt_token_details') ? 'prompt_token_details' : 'prompt_tokens_details',
  )
  const cached = details.object('cached_tokens_details')
  const read = largestCount(
    [details, 'cached_tokens', 'cache_read_input_tokens'],
    [
      reported,
      'cached_tokens',
      'num_cached_tokens',
      'prompt_cache_hit_tokens',
      'cache_read_input_tokens',
      'cache_read_tokens',
    ],
  )
  const { written, oneHour } = cacheWritesOf(reported, details)
  details.understood('text_tokens')
  cached.understood('text_tokens')
  const prompt = promptOf(reported, context)
  const isBeside = isCacheBeside(reported.count('total_tokens'), {
    input: prompt,
    output: reported.count('completion_tokens') ?? 0n,
    cache: read + written,
  })
  if (isBeside) context.assume('prompt_tokens exclude the cache, as total_tokens says')
  return {
    inputTokens: isBeside ? prompt + read + written : prompt,
    cacheReadInputTokens: read,
    cacheCreationInputTokens: written,
    cacheCreation1hInputTokens: oneHour,
    audioInputTokens: details.count('audio_tokens') ?? 0n,
    imageInputTokens: details.count('image_tokens') ?? 0n,
    audioCacheReadInputTokens: cached.count('audio_tokens') ?? 0n,
    imageCacheReadInputTokens: cached.count('image_tokens') ?? 0n,
  }
}

function cacheWritesOf(reported: Reported, details: Reported): { written: bigint; oneHour: bigint } {
  const parts = ['cache_creation', 'cache_creation_token_details'].map((name) => details.object(name))
  const oneHour = parts.reduce((sum, part) => sum + (part.count('ephemeral_1h_input_tokens') ?? 0n), 0n)
  const fiveMinutes = parts.reduce((sum, part) => sum + (part.count('ephemeral_5m_input_tokens') ?? 0n), 0n)
  const stated = largestCount(
    [details, 'cache_write_tokens', 'cache_creation_input_tokens', 'cache_creation_tokens'],
    [reported, 'cache_creation_input_tokens', 'cache_write_tokens'],
  )
  return { written: maxOf(stated, oneHour + fiveMinutes), oneHour }
}

/**
 * The completion and its parts. What `total_tokens` has beyond prompt and completion is thinking that the completion leaves
 * out: Gemini and Grok answer so in this shape. Perplexity counts its reasoning and its citations outside of the
 * completion and of the total (https://docs.perplexity.ai/getting-started/pricing).
 */
function chatOutputOf(
  reported: Reported,
  { inputTokens, assume }: ReadingContext & { inputTokens: bigint },
): Pick<Usage, 'outputTokens' | (typeof OUTPUT_PARTS)[number]> {
  const details = reported.object('completion_tokens_details')
  details.understood('text_tokens', 'accepted_prediction_tokens', 'rejected_prediction_tokens')
  const total = reported.count('total_tokens')
  // Embeddings have no completion. A total that says otherwise is believed.
  const completion = reported.count('completion_tokens') ?? maxOf((total ?? 0n) - inputTokens, 0n)
  const parts = {
    audioOutputTokens: details.count('audio_tokens') ?? 0n,
    imageOutputTokens: details.count('image_tokens') ?? 0n,
  }
  const citationOutputTokens = reported.count('citation_tokens') ?? 0n
  const beside = reported.count('reasoning_tokens') ?? 0n
  const inside = details.count('reasoning_tokens') ?? 0n
  if (SEARCHED.some((name) => reported.has(name))) {
    return {
      ...parts,
      outputTokens: completion + beside + citationOutputTokens,
      reasoningOutputTokens: maxOf(beside, inside),
      citationOutputTokens,
    }
  }
  const reasoning = maxOf(beside, inside)
  const uncounted = maxOf((total ?? 0n) - inputTokens - completion, 0n)
  if (uncounted > 0n) assume('total_tokens has reasoning that completion_tokens leave out')
  return {
    ...parts,
    outputTokens: completion + uncounted,
    reasoningOutputTokens: maxOf(reasoning, uncounted),
    citationOutputTokens,
  }
}

const OUTPUT_PARTS = [
  'reasoningOutputTokens',
  'audioOutputTokens',
  'imageOutputTokens',
  'citationOutputTokens',
] as const

/** Fields that Perplexity alone has. */
const SEARCHED = ['num_search_queries', 'citation_tokens', 'search_context_size']

/** The same count has several names, and some servers send one of them as zero. */
function largestCount(...sources: readonly (readonly [Reported, ...string[]])[]): bigint {
  return sources
    .flatMap(([reported, ...names]) => names.map((name) => reported.count(name) ?? 0n))
    .reduce(maxOf)
}
