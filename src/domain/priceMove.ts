import type { Meter, RateCard } from './price'
import { PARENT_OF, selectRateCard } from './rateCards'

/** One rate in two versions of a price, under the same conditions. */
export interface RateMove {
  meter: Meter
  beforeNanousd: bigint
  afterNanousd: bigint
}

/**
 * Rates that differ between two versions, wherever either of them has a card: what a request would have cost, and what it
 * would cost now. A meter that only one of them prices has not moved.
 */
export function rateMoves(before: readonly RateCard[], after: readonly RateCard[]): RateMove[] {
  const moves: RateMove[] = []
  for (const card of [...before, ...after]) {
    const request = requestFor(card)
    const [old, now] = [selectRateCard(before, request), selectRateCard(after, request)]
    for (const meter of new Set([...old.rates, ...now.rates].map((rate) => rate.meter))) {
      const [beforeNanousd, afterNanousd] = [priceIn(old, meter), priceIn(now, meter)]
      if (beforeNanousd === undefined || afterNanousd === undefined || beforeNanousd === afterNanousd)
        continue
      moves.push({ meter, beforeNanousd, afterNanousd })
    }
  }
  return moves
}

/** Whether a rate went up or down by more than this many percent of what it was. From nothing, anything is more. */
export function movesMoreThan({ beforeNanousd, afterNanousd }: RateMove, percent: number): boolean {
  const difference =
    afterNanousd > beforeNanousd ? afterNanousd - beforeNanousd : beforeNanousd - afterNanousd
  // In hundredths of a percent, so that a fraction of a percent can be configured.
  return difference * 10_000n > beforeNanousd * BigInt(Math.round(percent * 100))
}

/** Whether two prices agree on every rate within so many percent. */
export function agreeWithin(one: readonly RateCard[], other: readonly RateCard[], percent: number): boolean {
  return rateMoves(one, other).every((move) => !movesMoreThan(move, percent))
}

/** A request that this card's own conditions hold for. */
function requestFor({ aboveInputTokens, serviceTier, daily }: RateCard) {
  return {
    inputTokens: aboveInputTokens === undefined ? 0n : aboveInputTokens + 1n,
    serviceTier: serviceTier ?? '',
    at: new Date((daily?.fromMinute ?? 0) * 60_000),
  }
}

function priceIn(card: RateCard, meter: Meter): bigint | undefined {
  for (let name: Meter | undefined = meter; name !== undefined; name = PARENT_OF[name]) {
    const own = card.rates.find((rate) => rate.meter === name)
    if (own !== undefined) return own.priceNanousd
  }
  return undefined
}
