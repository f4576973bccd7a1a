import { maxOf, minOf } from '../money'
import { MICROUNITS, tokensOf, type Units, VIDEO_OUTPUT_TOKEN, VIDEO_TOKEN } from '../usage/units'
import { requestsOf, type Usage } from '../usage/usage'
import type { Meter } from './price'

/**
 * A usage's inclusive totals, split into meters that share no token. The cache comes off the input first; a modality's
 * fresh share is what it declares less its cached share, at most what is left of the input. Zero counts are left out.
 * Video tokens come off the totals as well; they are units, not meters: {@link billedUnitsOf}.
 */
export function metersOf(usage: Usage): [meter: Meter, units: bigint][] {
  const split: [Meter, bigint][] = []
  const add = (meter: Meter, units: bigint) => {
    if (units > 0n) split.push([meter, units])
  }
  addInputMeters(usage, add)
  addOutputMeters(usage, add)
  add('WEB_SEARCHES', usage.webSearches)
  add('REQUESTS', requestsOf(usage))
  return split
}

type Add = (meter: Meter, units: bigint) => void

function addInputMeters(usage: Usage, add: Add): void {
  const cachedAudio = minOf(usage.audioCacheReadInputTokens, usage.cacheReadInputTokens)
  const cachedImage = minOf(usage.imageCacheReadInputTokens, usage.cacheReadInputTokens - cachedAudio)
  const fresh = usage.inputTokens - usage.cacheReadInputTokens - usage.cacheCreationInputTokens
  const freshAudio = minOf(usage.audioInputTokens - usage.audioCacheReadInputTokens, fresh)
  const freshImage = minOf(usage.imageInputTokens - usage.imageCacheReadInputTokens, fresh - freshAudio)
  const plain = fresh - freshAudio - freshImage
  add('INPUT_TOKENS', plain - videoIn(usage, plain))
  add('CACHE_READ_INPUT_TOKENS', usage.cacheReadInputTokens - cachedAudio - cachedImage)
  add('CACHE_CREATION_INPUT_TOKENS', usage.cacheCreationInputTokens - usage.cacheCreation1hInputTokens)
  add('CACHE_CREATION_1H_INPUT_TOKENS', usage.cacheCreation1hInputTokens)
  add('AUDIO_INPUT_TOKENS', freshAudio)
  add('AUDIO_CACHE_READ_INPUT_TOKENS', cachedAudio)
  add('IMAGE_INPUT_TOKENS', freshImage)
  add('IMAGE_CACHE_READ_INPUT_TOKENS', cachedImage)
}

/** Video among the tokens of the input that are neither cached nor of another modality. */
function videoIn({ units }: Usage, plain: bigint): bigint {
  return units === undefined ? 0n : minOf(tokensOf(units, VIDEO_TOKEN), plain)
}

/** The named units, in millionths, of which each is priced once: video tokens without those that were read from the cache. */
export function billedUnitsOf(usage: Usage & { units: Units }): [unit: string, micro: bigint][] {
  const billed: [string, bigint][] = []
  for (const unit of Object.keys(usage.units)) {
    const micro = unit === VIDEO_TOKEN ? freshVideoOf(usage) * MICROUNITS : (usage.units[unit] ?? 0n)
    if (micro > 0n) billed.push([unit, micro])
  }
  return billed
}

function freshVideoOf(usage: Usage): bigint {
  let plain = 0n
  addInputMeters({ ...usage, units: {} }, (meter, units) => {
    if (meter === 'INPUT_TOKENS') plain = units
  })
  return videoIn(usage, plain)
}

function addOutputMeters(usage: Usage, add: Add): void {
  const parts =
    usage.reasoningOutputTokens +
    usage.audioOutputTokens +
    usage.imageOutputTokens +
    usage.citationOutputTokens +
    tokensOf(usage.units, VIDEO_OUTPUT_TOKEN)
  add('OUTPUT_TOKENS', maxOf(usage.outputTokens - parts, 0n))
  add('REASONING_OUTPUT_TOKENS', usage.reasoningOutputTokens)
  add('AUDIO_OUTPUT_TOKENS', usage.audioOutputTokens)
  add('IMAGE_OUTPUT_TOKENS', usage.imageOutputTokens)
  add('CITATION_OUTPUT_TOKENS', usage.citationOutputTokens)
}
