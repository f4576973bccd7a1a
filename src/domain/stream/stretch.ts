import type { PinnedOpen } from '../ledger/hold'
import { ratedAsOf } from '../ledger/serving'
import { maxOf, minOf, type Nanousd } from '../money'
import type { Meter } from '../rating/price'
import { dearestOutputRate } from '../rating/rateOf'
import { amountOf, cardFor, outputTokensAffordable, type Rates } from '../rating/rating'
import { addUnits, VIDEO_OUTPUT_TOKEN, wholeUnits } from '../usage/units'
import { COUNT_MAX, type Count, type Usage } from '../usage/usage'
import type { StepRules } from './rules'

/** A stream's terms: its open message, and the rates that were pinned for it. */
export interface Terms {
  open: PinnedOpen
  rates: Rates
}

/**
 * The maximum charge of the stream. A stream is settled under the rules of its open, so a limit
 * that was lowered since then doesn't apply. One that was raised does.
 */
export function chargeMaxOf({ chargeNanousdMax = 0n }: PinnedOpen, nowNanousdMax: Nanousd): Nanousd {
  return maxOf(chargeNanousdMax, nowNanousdMax)
}

/** The cost of a usage on these terms, including markup. */
export function costOf({ open, rates }: Terms, usage: Usage): Nanousd {
  return amountOf(rates, { usage, conditions: ratedAsOf(open.call), at: open.call.reported.occurredAt })
}

/**
 * The maximum cost of the stream if it continues to a total of `outputTokens`. Each further token
 * counts at the card's highest output rate. The input is the open's estimate until it is reported.
 */
export function costUpTo(terms: Terms, usage: Usage, outputTokens: bigint): Nanousd {
  const known = withEstimatedInput(terms.open, usage)
  const furtherTokens = maxOf(outputTokens - known.outputTokens, 0n)
  return costOf(terms, withFurtherOutput(terms, known, furtherTokens))
}

/** The total output tokens that a hold of this size covers, at most the maximum of the open. */
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

/** The maximum number of output tokens that the open states. */
export function outputTokensMaxOf({ maxOutputTokens }: PinnedOpen): bigint {
  return maxOutputTokens === 0n ? COUNT_MAX : maxOutputTokens
}

/**
 * A stretch grows at most this much per grant, so that one burst doesn't reserve a whole balance.
 */
const GROWTH_MAX = 4n
/** The time between two messages in quick succession is too short to measure a rate. */
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

/** The open's estimates stand until a report has input, or units. */
function withEstimatedInput({ inputTokens, units }: PinnedOpen, usage: Usage): Usage {
  const known = usage.inputTokens === 0n ? { ...usage, inputTokens } : usage
  return units === undefined || usage.units !== undefined ? known : { ...known, units }
}

const PART_OF_METER: Partial<Record<Meter, Count>> = {
  REASONING_OUTPUT_TOKENS: 'reasoningOutputTokens',
  AUDIO_OUTPUT_TOKENS: 'audioOutputTokens',
  IMAGE_OUTPUT_TOKENS: 'imageOutputTokens',
  CITATION_OUTPUT_TOKENS: 'citationOutputTokens',
}

function withFurtherOutput({ open, rates }: Terms, usage: Usage, furtherTokens: bigint): Usage {
  const at = open.call.reported.occurredAt
  const card = cardFor(rates, { usage, conditions: ratedAsOf(open.call), at })
  const dearest = dearestOutputRate(card)
  // A price of seconds, images or pages has none for output.
  if (dearest === undefined) return usage
  const further = { ...usage, outputTokens: usage.outputTokens + furtherTokens }
  if ('unit' in dearest) {
    const units = addUnits(usage.units, wholeUnits({ [VIDEO_OUTPUT_TOKEN]: furtherTokens }))
    return units === undefined ? further : { ...further, units }
  }
  const part = PART_OF_METER[dearest.meter]
  return part === undefined ? further : { ...further, [part]: (usage[part] ?? 0n) + furtherTokens }
}
