import type { Price, Rate, RateCard } from '../../domain/rating/price'
import type { Price as WirePrice } from '../../wire/generated/tollgate/billing/v1/Price'
import type { RateCard as WireRateCard } from '../../wire/generated/tollgate/billing/v1/RateCard'
import { METERS, PRICE_SOURCES } from './enums'
import { integerToWire, timestampToWire } from './write'

export function priceToWire(price: Price): WirePrice {
  return {
    priceId: price.priceId,
    model: price.model,
    provider: price.provider,
    source: PRICE_SOURCES.write(price.source),
    effectiveFrom: timestampToWire(price.effectiveFrom),
    ...(price.effectiveTo !== undefined && { effectiveTo: timestampToWire(price.effectiveTo) }),
    rateCards: price.rateCards.map(rateCardToWire),
    markupBasisPoints: price.markupBasisPoints,
    actor: price.actor ?? '',
    endedBy: price.endedBy ?? '',
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
    rates: [
      ...card.rates.map((rate) => ({ meter: METERS.write(rate.meter), ...amountToWire(rate) })),
      ...(card.unitRates ?? []).map((rate) => ({ unit: rate.unit, ...amountToWire(rate) })),
    ],
  }
}

function amountToWire({ priceNanousd, per }: Pick<Rate, 'priceNanousd' | 'per'>) {
  return { priceNanousd: integerToWire(priceNanousd), per: integerToWire(per) }
}

function timeOfDay(minute: number): string {
  const two = (value: number) => String(value).padStart(2, '0')
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`
}
