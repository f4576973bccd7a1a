import { createHash } from 'node:crypto'
import type { Price, RateCard } from './price'

/** Names a version by all that it says, so that an id can never come to mean other rates. */
export function priceIdOf(
  price: Pick<Price, 'model' | 'provider' | 'source' | 'effectiveFrom' | 'rateCards'> & {
    markupBasisPoints?: number | undefined
  },
): string {
  const { model, provider, source, effectiveFrom, rateCards, markupBasisPoints } = price
  const text = [
    source,
    provider,
    model,
    effectiveFrom.getTime(),
    markupBasisPoints ?? '',
    rateCardsKey(rateCards),
  ]
  return `pr_${createHash('sha256').update(text.join('\n')).digest('hex').slice(0, 32)}`
}

/** Equal for equal cards alone: what "the same price" means. The order of the rates in a card says nothing. */
export function rateCardsKey(cards: readonly RateCard[]): string {
  return cards.map(cardKey).join('|')
}

function cardKey(card: RateCard): string {
  const { aboveInputTokens, serviceTier, daily, weekdays, geography, speed, rates, unitRates = [] } = card
  const conditions = [
    aboveInputTokens ?? '',
    JSON.stringify(serviceTier ?? ''),
    daily === undefined ? '' : `${daily.fromMinute}-${daily.toMinute}`,
    // Only where they are set: ids of versions from before these conditions stay the same.
    ...(weekdays === undefined ? [] : [`weekdays ${[...weekdays].sort().join(',')}`]),
    ...(geography === undefined ? [] : [`geography ${JSON.stringify(geography)}`]),
    ...(speed === undefined ? [] : [`speed ${JSON.stringify(speed)}`]),
  ]
  const prices = [
    ...rates.map(({ meter, priceNanousd, per }) => `${meter}=${priceNanousd}/${per}`),
    ...unitRates.map(({ unit, priceNanousd, per }) => `unit ${unit}=${priceNanousd}/${per}`),
  ].sort()
  return `${conditions.join(' ')}:${prices.join(' ')}`
}
