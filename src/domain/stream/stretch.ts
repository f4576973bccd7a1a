import type { PinnedOpen } from '../ledger/hold'
import { ratedAsOf } from '../ledger/serving'
import { maxOf, minOf, type Nanousd } from '../money'
import type { Meter } from '../rating/price'
import { amountOf, cardFor, dearestOutputRate, outputTokensAffordable, type Rates } from '../rating/rating'
import { COUNT_MAX, type Usage } from '../usage/usage'
import type { StepRules } from './rules'

/** An open stream's terms: what it said at its open, and the rates that were pinned for it. */
export interface Terms {
  open: PinnedOpen
  rates: Rates
}

/**
 * The most that the stream may be charged. What was accepted is settled by the rules it was accepted under, so a limit that
 * was lowered since does not apply; one that was raised does.
 */
export function chargeMaxOf({ chargeNanousdMax = 0n }: PinnedOpen, nowNanousdMax: Nanousd): Nanousd {
  return maxOf(chargeNanousdMax, nowNanousdMax)
}

/** What a usage costs on these terms, markup included. */
export function costOf({ open, rates }: Terms, usage: Usage): Nanousd {
  return amountOf(rates, { usage, conditions: ratedAsOf(open.call), at: open.call.reported.occurredAt })
}

/**
 * What the stream costs if it continues to `outputTokens` in all, however those turn out to be priced: further tokens count
 * as the dearest of the card. The input is the open's estimate until a progress reports it.
 */
export function costUpTo(terms: Terms, usage: Usage, outputTokens: bigint): Nanousd {
  const known = withEstimatedInput(terms.open, usage)
  const furtherTokens = maxOf(outputTokens - known.outputTokens, 0n)
  return costOf(terms, withFurtherOutput(terms, known, furtherTokens))
}

/** Output tokens in all that a hold of this size covers, at most those that the open allows. */
export function tokensCoveredBy({ open, rates }: Terms, usage: Usage, heldNanousd: Nanousd): bigint {
  return outputTokensAffordable({
    price: rates,
    usage: withEstimatedInput(open, usage),
    conditions: ratedAsOf(open.call),
    at: open.call.reported.occurredAt,
    budgetNanousd: heldNanousd,
    maxOutputTokens: outputTokensMaxOf(open),
    furtherTokens: 'dearest',
  })
}

/** The most that the open says the completion may grow to. */
export function outputTokensMaxOf({ maxOutputTokens }: PinnedOpen): bigint {
  return maxOutputTokens === 0n ? COUNT_MAX : maxOutputTokens
}

/** A stretch grows at most this much from one grant to the next, so that one burst doesn't reserve a whole balance. */
const GROWTH_MAX = 4n
/** Two messages a moment apart say nothing about a rate. */
const ELAPSED_MS_MIN = 1_000

/** How many tokens to grant ahead: what the stream produces in one validity at the rate of its last stretch. */
export function nextStretchTokens(
  last: { producedTokens: bigint; elapsedMs: number; stretchTokens: bigint },
  { validityMs, firstStretchTokens }: Pick<StepRules, 'validityMs' | 'firstStretchTokens'>,
): bigint {
  const elapsedMs = BigInt(Math.max(Math.ceil(last.elapsedMs), ELAPSED_MS_MIN))
  const perValidityTokens = (last.producedTokens * BigInt(validityMs)) / elapsedMs
  const largestTokens = maxOf(last.stretchTokens * GROWTH_MAX, firstStretchTokens)
  return minOf(maxOf(perValidityTokens, firstStretchTokens), largestTokens)
}

function withEstimatedInput(open: PinnedOpen, usage: Usage): Usage {
  return usage.inputTokens === 0n ? { ...usage, inputTokens: open.inputTokens } : usage
}

const PART_OF_METER: Partial<Record<Meter, keyof Usage>> = {
  REASONING_OUTPUT_TOKENS: 'reasoningOutputTokens',
  AUDIO_OUTPUT_TOKENS: 'audioOutputTokens',
  IMAGE_OUTPUT_TOKENS: 'imageOutputTokens',
  CITATION_OUTPUT_TOKENS: 'citationOutputTokens',
}

function withFurtherOutput({ open, rates }: Terms, usage: Usage, furtherTokens: bigint): Usage {
  const at = open.call.reported.occurredAt
  const card = cardFor(rates, { usage, conditions: ratedAsOf(open.call), at })
  const part = PART_OF_METER[dearestOutputRate(card).meter]
  const further = { ...usage, outputTokens: usage.outputTokens + furtherTokens }
  return part === undefined ? further : { ...further, [part]: (usage[part] ?? 0n) + furtherTokens }
}
