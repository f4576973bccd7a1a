import { divideRoundingHalfUp } from '../../domain/money'
import type { Meter, Rate, RateCard } from '../../domain/rating/price'
import { perOf } from '../../domain/rating/rateCards'
import { withCacheWriteRates } from '../cacheWrites'
import { withMultipliers } from '../multipliers'
import { FEES, type Fee, LONG_CONTEXTS, MULTIPLIERS, WEEKDAY_RULES } from './providerFacts'

/** The provider and model by the catalog's ids, and the time from which the cards apply. */
interface Subject {
  provider: string
  model: string
  from: Date | undefined
}

/**
 * Adds to the cards of a catalog model what the catalog lacks: fees, rates of cache writes for an
 * hour, long context, weekdays, tiers, speeds and geographies. `providerFacts.ts` has these facts
 * and their sources.
 */
export function withAdditions(cards: readonly RateCard[], subject: Subject): RateCard[] {
  const isAbout = (fact: { provider: string; models: RegExp }): boolean =>
    fact.provider === subject.provider && fact.models.test(subject.model)
  let added = cards.map((card) => withCacheWriteRates(card, subject))
  added = added.map((card) => withFees(card, FEES.filter(isAbout)))
  for (const { above, percents } of LONG_CONTEXTS.filter(isAbout)) added = withSize(added, above, percents)
  for (const { since, weekdays } of WEEKDAY_RULES.filter(isAbout)) {
    if (subject.from !== undefined && subject.from >= since) added = withWeekdays(added, weekdays)
  }
  for (const fee of FEES.filter(isAbout)) added = withFeeCards(added, fee)
  return withMultipliers(added, MULTIPLIERS.filter(isAbout))
}

function withFees(card: RateCard, fees: readonly Fee[]): RateCard {
  const rates = [...card.rates]
  for (const { meter, priceNanousd } of fees) {
    if (priceNanousd !== undefined && rates.every((rate) => rate.meter !== meter)) {
      rates.push({ meter, priceNanousd, per: perOf(meter) })
    }
  }
  return { ...card, rates }
}

/** Adds a card for each tier in which the fee differs. */
function withFeeCards(cards: readonly RateCard[], { meter, byTier = {} }: Fee): RateCard[] {
  const tiered = Object.entries(byTier).flatMap(([serviceTier, priceNanousd]) =>
    cards.map((card) => ({ ...card, serviceTier, rates: withRate(card.rates, meter, priceNanousd) })),
  )
  return [...tiered, ...cards]
}

function withRate(rates: readonly Rate[], meter: Meter, priceNanousd: bigint): Rate[] {
  return [...rates.filter((rate) => rate.meter !== meter), { meter, priceNanousd, per: perOf(meter) }]
}

/** If no card depends on the size of the input, adds one for larger inputs to each card. */
function withSize(
  cards: readonly RateCard[],
  above: bigint,
  percents: Readonly<Partial<Record<Meter, bigint>>>,
): RateCard[] {
  if (cards.some((card) => card.aboveInputTokens !== undefined)) return [...cards]
  const larger = cards.map((card) => ({
    ...card,
    aboveInputTokens: above,
    rates: card.rates.map((rate) => ({
      ...rate,
      priceNanousd: percentOf(rate, percents[rate.meter] ?? 100n),
    })),
  }))
  return [...larger, ...cards]
}

function percentOf({ priceNanousd }: Rate, percent: bigint): bigint {
  return divideRoundingHalfUp(priceNanousd * percent, 100n)
}

function withWeekdays(cards: readonly RateCard[], weekdays: readonly number[]): RateCard[] {
  return cards.map((card) => (card.daily === undefined ? card : { ...card, weekdays }))
}
