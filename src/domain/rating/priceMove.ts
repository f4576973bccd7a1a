import type { Meter, RateCard } from './price'
import { type CardChoice, PARENT_OF, pointsOf, selectRateCard, TOKENS_PER_RATE } from './rateCards'
import { ownUnitRateOf } from './rateOf'

/** One rate in two versions of a price, under the same conditions. */
export interface RateMove {
  /** A meter or a named unit. */
  of: string
  beforeNanousd: bigint
  afterNanousd: bigint
}

/**
 * The rates that differ between two versions, for every kind of request that either version distinguishes: what it would have
 * cost, and what it costs now. A meter that only one version prices has not moved.
 */
export function rateMoves(before: readonly RateCard[], after: readonly RateCard[]): RateMove[] {
  const moves: RateMove[] = []
  for (const request of requestsFor([...before, ...after])) {
    const [old, now] = [selectRateCard(before, request), selectRateCard(after, request)]
    for (const meter of new Set([...old.rates, ...now.rates].map((rate) => rate.meter))) {
      const [beforeNanousd, afterNanousd] = [priceIn(old, meter), priceIn(now, meter)]
      if (beforeNanousd === undefined || afterNanousd === undefined || beforeNanousd === afterNanousd)
        continue
      moves.push({ of: meter, beforeNanousd, afterNanousd })
    }
    moves.push(...unitMoves(old, now))
  }
  return moves
}

/** Whether a rate moved by more than this percentage of its old value. Any move from zero is more. */
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

/** One request for each kind that the cards distinguish. */
function requestsFor(cards: readonly RateCard[]): CardChoice[] {
  const points = pointsOf(cards) ?? []
  return points.map(({ inputTokens, conditions, minute, weekday }) => ({
    inputTokens,
    conditions,
    at: new Date(A_SUNDAY_MS + (weekday * 24 * 60 + minute) * 60_000),
  }))
}

/** In nano-USD for a million units, because two versions may be for different numbers of them. */
function unitMoves(old: RateCard, now: RateCard): RateMove[] {
  const units = [...(old.unitRates ?? []), ...(now.unitRates ?? [])].map(({ unit }) => unit)
  return [...new Set(units)].flatMap((unit) => {
    const [before, after] = [ownUnitRateOf(old, unit), ownUnitRateOf(now, unit)]
    if (before === undefined || after === undefined) return []
    const beforeNanousd = before.priceNanousd * (TOKENS_PER_RATE / before.per)
    const afterNanousd = after.priceNanousd * (TOKENS_PER_RATE / after.per)
    const of = `1,000,000 ${unit}`
    return beforeNanousd === afterNanousd ? [] : [{ of, beforeNanousd, afterNanousd }]
  })
}

const A_SUNDAY_MS = Date.parse('2026-01-04T00:00:00Z')

function priceIn(card: RateCard, meter: Meter): bigint | undefined {
  for (let name: Meter | undefined = meter; name !== undefined; name = PARENT_OF[name]) {
    const own = card.rates.find((rate) => rate.meter === name)
    if (own !== undefined) return own.priceNanousd
  }
  return undefined
}
