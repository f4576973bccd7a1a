import { invalidField } from '../../errors'
import { maxOf } from '../../money'
import { type Units, VIDEO_OUTPUT_TOKEN, VIDEO_TOKEN, wholeUnits } from '../units'
import type { ProviderUsageFormat, ReadingContext } from './format'
import type { Reported } from './reported'
import { isCacheBeside } from './totals'

/**
 * Candidates exclude thoughts, and the prompt excludes what tools put into it: both are billed. Cached tokens are part of the
 * prompt. Zero counts are left out. Streams repeat a cumulative usage. A document is billed as an image, video by its own rate where
 * there is one. Embeddings call
 * their details `promptTokenDetails` (https://github.com/BerriAI/litellm/issues/33681).
 * https://ai.google.dev/api/generate-content#UsageMetadata
 */
export const gemini: ProviderUsageFormat = {
  paths: [['usageMetadata'], ['response', 'usageMetadata']],
  marks: ['promptTokenCount', 'candidatesTokenCount', 'totalTokenCount'],
  usageOf(reported, { assume }) {
    const prompt = reported.count('promptTokenCount')
    const total = reported.count('totalTokenCount')
    const tools = reported.count('toolUsePromptTokenCount') ?? 0n
    const thoughts = reported.count('thoughtsTokenCount') ?? 0n
    // The Live API calls the candidates a response. Of two names for one count, one may be zero.
    const candidates = reported.count('candidatesTokenCount') || reported.count('responseTokenCount') || 0n
    // A prompt of zero is left out. One that only the total has is missing.
    if (prompt === undefined && total !== tools + candidates + thoughts) {
      throw invalidField(`${reported.field}.promptTokenCount`, 'is missing')
    }
    const cached = reported.count('cachedContentTokenCount') ?? 0n
    const stated = (prompt ?? 0n) + tools
    const isBeside =
      cached > stated && isCacheBeside(total, { input: stated, output: candidates + thoughts, cache: cached })
    if (isBeside) assume('promptTokenCount excludes the cache, as totalTokenCount says')
    const inputTokens = isBeside ? stated + cached : stated
    const uncounted = maxOf((total ?? 0n) - inputTokens - candidates - thoughts, 0n)
    if (uncounted > 0n) assume('totalTokenCount has thoughts that no other count has')
    const units = videoIn(reported)
    return {
      ...(units !== undefined && { units }),
      inputTokens,
      outputTokens: candidates + thoughts + uncounted,
      cacheReadInputTokens: cached,
      reasoningOutputTokens: thoughts + uncounted,
      audioInputTokens: sumOf(reported, INPUT_DETAILS, ['AUDIO']),
      audioCacheReadInputTokens: sumOf(reported, CACHE_DETAILS, ['AUDIO']),
      audioOutputTokens: sumOf(reported, OUTPUT_DETAILS, ['AUDIO']),
      imageInputTokens: sumOf(reported, INPUT_DETAILS, IMAGES),
      imageCacheReadInputTokens: sumOf(reported, CACHE_DETAILS, IMAGES),
      imageOutputTokens: sumOf(reported, OUTPUT_DETAILS, ['IMAGE']),
    }
  },
  besides: (bodies, context) => ({ webSearches: searchesIn(bodies, context) }),
  servedOf: (body, usage) => ({
    model: body.text('modelVersion') ?? body.object('response').text('modelVersion') ?? '',
    serviceTier: usage.text('serviceTier') ?? tierOf(usage.text('trafficType') ?? ''),
  }),
}

/**
 * Google bills each query from Gemini 3 on, and each grounded prompt before that, however many queries it took. Empty and
 * repeated queries are free (https://ai.google.dev/gemini-api/docs/google-search, read 2026-11-30). Each chunk of a stream
 * repeats the queries, or has further ones.
 */
function searchesIn(bodies: readonly Reported[], { model }: ReadingContext): bigint {
  const queries = new Set<string>()
  let served = model
  for (const body of bodies.map((each) => (each.has('response') ? each.object('response') : each))) {
    served = body.text('modelVersion') ?? served
    for (const candidate of body.list('candidates')) {
      for (const query of candidate.object('groundingMetadata').texts('webSearchQueries')) {
        if (query.trim() !== '') queries.add(query)
      }
    }
  }
  const isByPrompt = /gemini-([12]\.|(flash|pro|flash-lite)(-\d|-latest|$))/.test(served)
  return isByPrompt && queries.size > 0 ? 1n : BigInt(queries.size)
}

/** Video that was read from the cache costs what the cache does. */
function videoIn(reported: Reported): Units | undefined {
  const [read, cached, made] = [INPUT_DETAILS, CACHE_DETAILS, OUTPUT_DETAILS].map((details) =>
    sumOf(reported, details, ['VIDEO']),
  )
  return wholeUnits({
    [VIDEO_TOKEN]: maxOf((read ?? 0n) - (cached ?? 0n), 0n),
    [VIDEO_OUTPUT_TOKEN]: made ?? 0n,
  })
}

const INPUT_DETAILS = ['promptTokensDetails', 'promptTokenDetails', 'toolUsePromptTokensDetails']
const CACHE_DETAILS = ['cacheTokensDetails']
const OUTPUT_DETAILS = ['candidatesTokensDetails', 'responseTokensDetails']
const IMAGES = ['IMAGE', 'DOCUMENT']

/** Each detail is a list of `{ modality, tokenCount }`. */
function sumOf(reported: Reported, details: readonly string[], modalities: readonly string[]): bigint {
  return details
    .flatMap((name) => reported.list(name))
    .filter((detail) => {
      const modality = detail.text('modality') ?? ''
      if (modality === 'TEXT') detail.understood('tokenCount')
      return modalities.includes(modality)
    })
    .reduce((sum, detail) => sum + (detail.count('tokenCount') ?? 0n), 0n)
}

/** Vertex: ON_DEMAND, ON_DEMAND_FLEX, ON_DEMAND_PRIORITY, PROVISIONED_THROUGHPUT. */
function tierOf(trafficType: string): string {
  return trafficType.toLowerCase().replace(/^on_demand_/, '')
}
