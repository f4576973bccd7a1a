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

const quoted = new WeakMap<readonly RateCard[], { price: Price; wire: WirePrice }>()

/** Like {@link priceToWire}, but the same object each time for the same price, so that its bytes can be kept. */
export function quotedPriceToWire(price: Price): WirePrice {
  const last = quoted.get(price.rateCards)
  if (last !== undefined && isSameQuoted(last.price, price)) return last.wire
  const wire = priceToWire(price)
  quoted.set(price.rateCards, { price, wire })
  return wire
}

/** A version never changes, except that it may get an end. The source and the markup depend on the deployment and the feed. */
function isSameQuoted(a: Price, b: Price): boolean {
  return (
    a.priceId === b.priceId &&
    a.source === b.source &&
    a.markupBasisPoints === b.markupBasisPoints &&
    a.effectiveTo?.getTime() === b.effectiveTo?.getTime() &&
    a.endedBy === b.endedBy
  )
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
