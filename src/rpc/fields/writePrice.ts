import type { Price, PriceSource, RateCard } from '../../domain/rating/price'
import type { Price as WirePrice } from '../../wire/generated/tollgate/billing/v1/Price'
import type { RateCard as WireRateCard } from '../../wire/generated/tollgate/billing/v1/RateCard'
import { meterToWire } from './meters'
import { integerToWire, timestampToWire } from './write'

export const PRICE_SOURCE_NAMES = {
  operator: 'PRICE_SOURCE_OPERATOR',
  live: 'PRICE_SOURCE_LIVE',
  stored: 'PRICE_SOURCE_STORED',
  catalog: 'PRICE_SOURCE_CATALOG',
  default: 'PRICE_SOURCE_DEFAULT',
  free: 'PRICE_SOURCE_FREE',
} as const satisfies Record<PriceSource, string>

export function priceToWire(price: Price): WirePrice {
  return {
    priceId: price.priceId,
    model: price.model,
    provider: price.provider,
    source: PRICE_SOURCE_NAMES[price.source],
    effectiveFrom: timestampToWire(price.effectiveFrom),
    ...(price.effectiveTo !== undefined && { effectiveTo: timestampToWire(price.effectiveTo) }),
    rateCards: price.rateCards.map(rateCardToWire),
    markupBasisPoints: price.markupBasisPoints,
  }
}

function rateCardToWire(card: RateCard): WireRateCard {
  return {
    aboveInputTokens: integerToWire(card.aboveInputTokens ?? 0n),
    serviceTier: card.serviceTier ?? '',
    ...(card.daily !== undefined && {
      dailyFromUtc: timeOfDay(card.daily.fromMinute),
      dailyToUtc: timeOfDay(card.daily.toMinute),
    }),
    weekdaysUtc: [...(card.weekdays ?? [])],
    geography: card.geography ?? '',
    speed: card.speed ?? '',
    rates: card.rates.map((rate) => ({
      meter: meterToWire(rate.meter),
      priceNanousd: integerToWire(rate.priceNanousd),
      per: integerToWire(rate.per),
    })),
  }
}

function timeOfDay(minute: number): string {
  const two = (value: number) => String(value).padStart(2, '0')
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`
}
