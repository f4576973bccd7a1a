import { rateAnomaly } from '../../domain/bounds'
import { scaledDecimalOf } from '../../domain/decimal'
import type { Meter, Rate, RateCard } from '../../domain/price'
import { isTokenMeter, perOf } from '../../domain/rateCards'

/** One model's price in a list. */
export interface ListedPrice {
  model: string
  provider: string
  rateCards: RateCard[]
}

/** A list, read: every entry is a price or a rejection with its reason. */
export interface PriceList {
  prices: ListedPrice[]
  rejections: string[]
}

/** Why an entry is no price of ours. */
export interface Rejected {
  rejected: string
}

export function isRejected(value: object): value is Rejected {
  return 'rejected' in value
}

/** What a list may say of one meter: US dollars for a token or a unit. */
export type RatesUsd = ReadonlyMap<Meter, number | string>

/** A million tokens at 10^9 nano-dollars a dollar, or one unit. */
export function ratesOf(usd: RatesUsd): Rate[] | Rejected {
  const rates: Rate[] = []
  for (const [meter, amount] of usd) {
    const priceNanousd = scaledDecimalOf(amount, isTokenMeter(meter) ? 15 : 9)
    if (priceNanousd === undefined) return { rejected: `has ${meter} at ${amount}, which is no price` }
    if (priceNanousd < 0n) return { rejected: `has ${meter} at ${amount}, which is negative` }
    rates.push({ meter, priceNanousd, per: perOf(meter) })
  }
  return rates
}

/** What every list's prices have to pass. All zero is free, and must be said by the name. */
export function checkedCards(model: string, rateCards: RateCard[]): RateCard[] | Rejected {
  const isFree = rateCards.every(({ rates }) => rates.every(({ priceNanousd }) => priceNanousd === 0n))
  if (isFree && !model.endsWith(':free')) return { rejected: 'costs nothing without saying that it is free' }
  const anomaly = rateAnomaly(rateCards)
  return anomaly === undefined ? rateCards : { rejected: `has ${anomaly.description}` }
}

/** Collects entries; the first of two that are the same model of the same provider stands. */
export function priceListOf(entries: Iterable<{ name: string; read: ListedPrice | Rejected }>): PriceList {
  const prices = new Map<string, ListedPrice>()
  const rejections: string[] = []
  for (const { name, read } of entries) {
    if (isRejected(read)) {
      rejections.push(`${name} ${read.rejected}`)
      continue
    }
    const key = `${read.provider}\n${read.model}`
    if (prices.has(key)) rejections.push(`${name} is listed twice, as ${read.model} of ${read.provider}`)
    else prices.set(key, read)
  }
  return { prices: [...prices.values()], rejections }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
