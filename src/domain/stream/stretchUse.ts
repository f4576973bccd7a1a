import { isSameUnits } from '../usage/units'
import type { Usage } from '../usage/usage'
import type { Live, LiveState, Progress, Stretch } from './state'
import { costOf, tokensCoveredBy } from './stretch'

/** Judges by tokens, and also by cost if anything but the output tokens changed. */
export function isStretchUsedUp(live: Live): boolean {
  return isUsedUpBy(live, live.latest.usage)
}

function isUsedUpBy({ stretch, hold, terms }: Live, usage: Usage): boolean {
  const producedTokens = usage.outputTokens - stretch.usageBefore.outputTokens
  if (producedTokens * 5n >= stretch.tokens * 4n) return true
  if (isQuiet(stretch, usage)) return false
  const spentNanousd = costOf(terms, usage) - stretch.costBeforeNanousd
  return spentNanousd * 5n >= (hold.heldNanousd - stretch.costBeforeNanousd) * 4n
}

function isQuiet({ usageBefore, quiet }: Stretch, usage: Usage): boolean {
  if (isSameBesideOutput(usage, usageBefore)) return true
  return (
    quiet !== undefined && usage.outputTokens < quiet.upToTokens && isSameBesideOutput(usage, quiet.usage)
  )
}

/**
 * If anything but the output changed (most often the input, from its estimate), computes the
 * number of output tokens up to which no new rating is needed. Each token counts at the highest
 * rate, because tokens that were reported as plain may turn out to be of another kind.
 */
export function withRerateThreshold(live: LiveState): LiveState {
  const { stretch, latest, terms, hold } = live
  if (isSameBesideOutput(latest.usage, lastRatedUsage(stretch))) return live
  const usage = withoutOutput(latest.usage)
  const budgetNanousd = stretch.costBeforeNanousd + ((hold.heldNanousd - stretch.costBeforeNanousd) * 4n) / 5n
  const upToTokens = tokensCoveredBy(terms, usage, budgetNanousd - 1n)
  return { ...live, stretch: { ...stretch, quiet: { usage, upToTokens } } }
}

function lastRatedUsage({ quiet, usageBefore }: Stretch): Usage {
  return quiet?.usage ?? usageBefore
}

function withoutOutput(usage: Usage): Usage {
  return {
    ...usage,
    outputTokens: 0n,
    reasoningOutputTokens: 0n,
    audioOutputTokens: 0n,
    imageOutputTokens: 0n,
    citationOutputTokens: 0n,
  }
}

function isSameBesideOutput(a: Usage, b: Usage): boolean {
  return (
    a.inputTokens === b.inputTokens &&
    a.cacheReadInputTokens === b.cacheReadInputTokens &&
    a.cacheCreationInputTokens === b.cacheCreationInputTokens &&
    a.cacheCreation1hInputTokens === b.cacheCreation1hInputTokens &&
    a.audioInputTokens === b.audioInputTokens &&
    a.audioCacheReadInputTokens === b.audioCacheReadInputTokens &&
    a.imageInputTokens === b.imageInputTokens &&
    a.imageCacheReadInputTokens === b.imageCacheReadInputTokens &&
    a.webSearches === b.webSearches &&
    a.requests === b.requests &&
    isSameUnits(a.units, b.units)
  )
}

/**
 * Whether it has a kind of tokens that the last report lacked. The price may have no rate for it.
 */
function hasNewMeter(usage: Usage, before: Usage): boolean {
  return (
    isNew(plainOutput(usage), plainOutput(before)) ||
    isNew(usage.reasoningOutputTokens, before.reasoningOutputTokens) ||
    isNew(usage.audioOutputTokens, before.audioOutputTokens) ||
    isNew(usage.imageOutputTokens, before.imageOutputTokens) ||
    isNew(usage.citationOutputTokens, before.citationOutputTokens)
  )
}

function isNew(tokens: bigint, before: bigint): boolean {
  return before <= 0n && tokens > 0n
}

function plainOutput(usage: Usage): bigint {
  return (
    usage.outputTokens -
    usage.reasoningOutputTokens -
    usage.audioOutputTokens -
    usage.imageOutputTokens -
    usage.citationOutputTokens
  )
}

/**
 * Records a report in place if a step would change nothing else and have no effect. Returns whether
 * it did. This saves a step for most reports, of which there are tens of thousands a second.
 */
export function absorb(
  live: LiveState,
  progress: Progress,
  { isRenewalDue }: { isRenewalDue: boolean },
): boolean {
  const { sequence, usage } = progress
  if (sequence <= live.latest.sequence || (isRenewalDue && !live.renewing)) return false
  if (!isSameBesideOutput(usage, lastRatedUsage(live.stretch)) || isUsedUpBy(live, usage)) return false
  if (hasNewMeter(usage, live.latest.usage)) return false
  live.latest = progress
  return true
}
