import { divideRoundingHalfUp } from '../domain/money'
import type { Conditions, RateCard } from '../domain/rating/price'
import { isTokenMeter } from '../domain/rating/rateCards'

/** A multiple of every token rate for calls that are served in one way. */
export interface Multiplier {
  condition: keyof Conditions
  name: string
  /** A fraction, so that prices stay exact. */
  times: readonly [numerator: bigint, denominator: bigint]
}

/** The cards once more for every combination of a tier, a speed and a geography that has a multiple of its own. */
export function withMultipliers(cards: readonly RateCard[], multipliers: readonly Multiplier[]): RateCard[] {
  const of = (condition: keyof Conditions) =>
    [undefined, ...multipliers.filter((each) => each.condition === condition)] as const
  const combinations = of('serviceTier').flatMap((tier) =>
    of('speed').flatMap((speed) => of('geography').map((geography) => [tier, speed, geography])),
  )
  return combinations
    .map((each) => each.filter((multiplier) => multiplier !== undefined))
    .sort((a, b) => b.length - a.length)
    .flatMap((each) => cards.filter((card) => takes(card, each)).map((card) => each.reduce(multiplied, card)))
}

/** No provider sells one call both in a tier and at a speed of its own. */
function takes({ serviceTier }: RateCard, multipliers: readonly Multiplier[]): boolean {
  const ways = multipliers.filter(({ condition }) => condition !== 'geography').length
  return ways + (serviceTier === undefined || ways === 0 ? 0 : 1) < 2
}

/** Tokens alone: a search costs the same in every tier. */
function multiplied(
  card: RateCard,
  { condition, name, times: [numerator, denominator] }: Multiplier,
): RateCard {
  return {
    ...card,
    [condition]: name,
    rates: card.rates.map((rate) =>
      isTokenMeter(rate.meter)
        ? { ...rate, priceNanousd: divideRoundingHalfUp(rate.priceNanousd * numerator, denominator) }
        : rate,
    ),
  }
}
