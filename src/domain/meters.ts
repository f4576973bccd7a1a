import { maxOf, minOf } from './money'
import type { Meter } from './price'
import { requestsOf, type Usage } from './usage'

/**
 * A usage's inclusive totals, split into meters that share no token. The cache comes off the input first; a modality's
 * fresh share is what it declares less its cached share, at most what is left of the input. Zero counts are left out.
 */
export function metersOf(usage: Usage): [meter: Meter, units: bigint][] {
  const split: [Meter, bigint][] = [...inputMeters(usage), ...outputMeters(usage)]
  split.push(['WEB_SEARCHES', usage.webSearches], ['REQUESTS', requestsOf(usage)])
  return split.filter(([, units]) => units > 0n)
}

function inputMeters(usage: Usage): [Meter, bigint][] {
  const cachedAudio = minOf(usage.audioCacheReadInputTokens, usage.cacheReadInputTokens)
  const cachedImage = minOf(usage.imageCacheReadInputTokens, usage.cacheReadInputTokens - cachedAudio)
  const fresh = usage.inputTokens - usage.cacheReadInputTokens - usage.cacheCreationInputTokens
  const freshAudio = minOf(usage.audioInputTokens - usage.audioCacheReadInputTokens, fresh)
  const freshImage = minOf(usage.imageInputTokens - usage.imageCacheReadInputTokens, fresh - freshAudio)
  return [
    ['INPUT_TOKENS', fresh - freshAudio - freshImage],
    ['CACHE_READ_INPUT_TOKENS', usage.cacheReadInputTokens - cachedAudio - cachedImage],
    ['CACHE_CREATION_INPUT_TOKENS', usage.cacheCreationInputTokens - usage.cacheCreation1hInputTokens],
    ['CACHE_CREATION_1H_INPUT_TOKENS', usage.cacheCreation1hInputTokens],
    ['AUDIO_INPUT_TOKENS', freshAudio],
    ['AUDIO_CACHE_READ_INPUT_TOKENS', cachedAudio],
    ['IMAGE_INPUT_TOKENS', freshImage],
    ['IMAGE_CACHE_READ_INPUT_TOKENS', cachedImage],
  ]
}

function outputMeters(usage: Usage): [Meter, bigint][] {
  const parts =
    usage.reasoningOutputTokens +
    usage.audioOutputTokens +
    usage.imageOutputTokens +
    usage.citationOutputTokens
  return [
    ['OUTPUT_TOKENS', maxOf(usage.outputTokens - parts, 0n)],
    ['REASONING_OUTPUT_TOKENS', usage.reasoningOutputTokens],
    ['AUDIO_OUTPUT_TOKENS', usage.audioOutputTokens],
    ['IMAGE_OUTPUT_TOKENS', usage.imageOutputTokens],
    ['CITATION_OUTPUT_TOKENS', usage.citationOutputTokens],
  ]
}
