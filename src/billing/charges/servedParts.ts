import type { PinnedCall, RatedCall } from '../../domain/ledger/charge'
import { NO_SERVING, ratedAsOf, type ServedPart } from '../../domain/ledger/serving'
import type { LineItem, Price } from '../../domain/rating/price'
import { costOfParts, lineItemsOf, type PartToRate } from '../../domain/rating/rating'
import { type PinnedPrice, type Pricing, pinServed } from './pinPrice'
import { boundedCost, checkRated } from './rateCall'

/*
 * A stream that several models served, one after the other: a fallback in mid-stream. Each part has its own usage and price.
 */

type Cards = Pick<Price, 'rateCards'>

/**
 * Rates a stream's parts, each at the price of what served it, as one call. A part whose model has no price is charged at
 * the stream's own, as a whole stream would be.
 *
 * @param pinned the stream, at the price that its open pinned
 * @throws BillingError PRICE_ANOMALY, SERVICE_TIER_UNKNOWN; MODEL_PRICE_MISSING for a meter without a rate
 */
export async function rateServedParts(
  pricing: Pricing,
  pinned: PinnedPrice,
  {
    parts,
    usage,
    usageSource,
    serving = NO_SERVING,
  }: Pick<RatedCall, 'usage' | 'usageSource'> &
    Pick<PinnedCall, 'serving'> & { parts: readonly ServedPart[] },
): Promise<RatedCall> {
  const rated: { part: ServedPart; toRate: PartToRate }[] = []
  for (const { stated, usage: used } of parts) {
    const { call, price } = await pinServed(pricing, pinned, { ...NO_SERVING, stated })
    const as = { priced: call.priced, rated: ratedAsOf(call) }
    const part: ServedPart = { stated, usage: used, as }
    const toRate = partToRate(pinned.call, part, price)
    checkRated(toRate)
    rated.push({ part, toRate })
  }
  const { reported, priced } = pinned.call
  const cost = costOfParts(rated.map(({ toRate }) => toRate))
  boundedCost(pricing, { reported, cost, usage })
  const { costNanousd, amountNanousd } = cost
  const known = { ...serving, parts: rated.map(({ part }) => part) }
  return { reported, priced, usage, usageSource, costNanousd, amountNanousd, serving: known }
}

/** Every price that rating a call again needs. */
export function priceIdsOf({ priced, serving }: PinnedCall): string[] {
  return serving?.parts?.map((part) => part.as?.priced.priceId ?? '') ?? [priced.priceId]
}

/** The parts of a rated call, to be rated again. Undefined where a price is missing. */
export function partsAgain(
  call: PinnedCall,
  parts: readonly ServedPart[],
  prices: ReadonlyMap<string, Cards>,
): PartToRate[] | undefined {
  const again = parts.map((part) => {
    const price = prices.get(part.as?.priced.priceId ?? '')
    return price === undefined ? undefined : partToRate(call, part, price)
  })
  return again.every((each) => each !== undefined) ? again : undefined
}

/** Each line names the model at whose price it is. */
export function lineItemsOfParts(parts: readonly ServedPart[], again: readonly PartToRate[]): LineItem[] {
  return again.flatMap(({ price, request }, index) => {
    const { model = '', provider = '' } = parts[index]?.as?.priced ?? {}
    return lineItemsOf(price, request).map((item) => ({ ...item, model, provider }))
  })
}

function partToRate({ reported }: PinnedCall, { usage, as }: ServedPart, { rateCards }: Cards): PartToRate {
  if (as === undefined) throw new Error('a part of a call was never rated')
  return {
    price: { rateCards, markupBasisPoints: as.priced.markupBasisPoints },
    request: { usage, conditions: as.rated, at: reported.occurredAt },
  }
}
