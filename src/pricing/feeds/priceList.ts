import { scaledDecimalOf } from '../../domain/decimal'
import { BillingError } from '../../domain/errors'
import { rateAnomaly } from '../../domain/rating/bounds'
import type { Meter, Rate, RateCard, UnitRate } from '../../domain/rating/price'
import { isTokenMeter, PARENT_OF, perOf, validateRateCards } from '../../domain/rating/rateCards'
import { COUNT_MAX } from '../../domain/usage/usage'
import { isName } from '../../domain/visible'
import { withCacheWriteRates } from '../cacheWrites'

/** One model's price in a list. */
export interface ListedPrice {
  model: string
  provider: string
  rateCards: RateCard[]
}

/** The result of reading a list: every entry is a price, or a rejection with its reason. */
export interface PriceList {
  prices: ListedPrice[]
  rejections: string[]
  /** Names of price fields that were not read, with the number of prices that have them. */
  unreadFields: Record<string, number>
}

/** An entry of a list: a price, and the names of its price fields that were not read. */
export interface ReadEntry extends ListedPrice {
  unreadFields?: readonly string[]
}

export interface ReadingOptions {
  /** For 1,000,000 tokens. A listed rate above it is considered a wrong unit. */
  tokenRateNanousdMax: bigint
}

/** The reason why an entry can't become a price. */
export interface Rejected {
  rejected: string
}

export function isRejected(value: object): value is Rejected {
  return 'rejected' in value
}

/** A list's rate by meter, in US dollars per token or unit. */
export type RatesUsd = ReadonlyMap<Meter, number | string>

/**
 * The rates of a card that states only its differences from a base. If a rate of the base only
 * repeats its parent's (reasoning at the price of the output), it follows the parent's new rate.
 */
export function refinedUsd(base: RatesUsd, own: RatesUsd): RatesUsd {
  const kept = [...base].filter(([meter, amount]) => {
    const parent = PARENT_OF[meter]
    return parent === undefined || !own.has(parent) || Number(base.get(parent)) !== Number(amount)
  })
  const refined = new Map([...kept, ...own])
  const oneHour = oneHourWriteUsd(base, own)
  return oneHour === undefined ? refined : refined.set('CACHE_CREATION_1H_INPUT_TOKENS', oneHour)
}

/**
 * A cache write for an hour costs a fixed multiple of the ordinary one. If a card raises only the
 * ordinary one, this raises both. Otherwise the write for an hour could be the cheaper of the two.
 */
function oneHourWriteUsd(base: RatesUsd, own: RatesUsd): number | undefined {
  const [before, after] = [base, own].map((usd) => Number(usd.get('CACHE_CREATION_INPUT_TOKENS')))
  const oneHour = base.get('CACHE_CREATION_1H_INPUT_TOKENS')
  if (own.has('CACHE_CREATION_1H_INPUT_TOKENS') || oneHour === undefined) return undefined
  if (before === undefined || after === undefined || !(before > 0) || !(after > 0)) return undefined
  return Number(oneHour) === before ? undefined : (Number(oneHour) * after) / before
}

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

/** The rate of a named unit from US dollars for `per` units, times a number of units in one. */
export function unitRateOfUsd(
  unit: string,
  usd: number | string,
  { per = 1n, times = 1n }: { per?: bigint; times?: bigint } = {},
): UnitRate | Rejected {
  const ofMillion = scaledDecimalOf(usd, 15)
  if (ofMillion === undefined) return { rejected: `has ${unit} at ${usd}, which is no price` }
  if (ofMillion < 0n) return { rejected: `has ${unit} at ${usd}, which is negative` }
  const amount = (ofMillion * times) / per
  const isWhole = amount % MILLION === 0n
  return isWhole
    ? { unit, priceNanousd: amount / MILLION, per: 1n }
    : { unit, priceNanousd: amount, per: MILLION }
}

const MILLION = 1_000_000n

/** Checks a listed price. If all its rates are zero, its name must end in `:free`. */
export function checkedPrice<T extends ListedPrice>(
  listed: T,
  { tokenRateNanousdMax }: ReadingOptions,
): T | Rejected {
  const { model, provider } = listed
  const rateCards = listed.rateCards.map((card) => withCacheWriteRates(card, { model, provider }))
  const price = { ...listed, rateCards }
  if (!isName(model) || !isName(provider)) return { rejected: 'has a name that no call could give' }
  const oddity = oddityOf(rateCards)
  if (oddity !== undefined) return { rejected: oddity }
  const isFree = rateCards.every(({ rates, unitRates = [] }) =>
    [...rates, ...unitRates].every(({ priceNanousd }) => priceNanousd === 0n),
  )
  if (isFree && !model.endsWith(':free')) return { rejected: 'costs nothing without saying that it is free' }
  const anomaly = rateAnomaly(rateCards, { tokenRateNanousdMax })
  return anomaly === undefined ? price : { rejected: `has ${anomaly.description}` }
}

/** Rejects cards that PutPrice would also refuse, such as two for one size, or too many. */
function oddityOf(rateCards: readonly RateCard[]): string | undefined {
  const tooLarge = rateCards.find(({ aboveInputTokens = 0n }) => aboveInputTokens > COUNT_MAX)
  if (tooLarge !== undefined) return `has a price above ${tooLarge.aboveInputTokens} tokens`
  if (rateCards.some(hasOddHour)) return 'has an hour’s cache write that fits no ordinary one beside it'
  try {
    validateRateCards(rateCards, 'rate_cards')
    return undefined
  } catch (error) {
    if (error instanceof BillingError) return `has odd prices: ${error.message}`
    throw error
  }
}

/**
 * Providers charge 1.6 times the ordinary write. Lists have had a third of it and twenty times as
 * much, which were prices copied from other models.
 */
function hasOddHour({ rates }: RateCard): boolean {
  const [ordinary, hour] = (['CACHE_CREATION_INPUT_TOKENS', 'CACHE_CREATION_1H_INPUT_TOKENS'] as const).map(
    (meter) => rates.find((each) => each.meter === meter)?.priceNanousd,
  )
  if (ordinary === undefined || hour === undefined) return false
  return hour < ordinary || hour > ordinary * HOUR_MULTIPLE_MAX
}

const HOUR_MULTIPLE_MAX = 5n

/** Collects entries. If two have the same model and provider, the first one is used. */
export function priceListOf(entries: Iterable<{ name: string; read: ReadEntry | Rejected }>): PriceList {
  const prices = new Map<string, ListedPrice>()
  const rejections: string[] = []
  const unreadFields: Record<string, number> = {}
  for (const { name, read } of entries) {
    if (isRejected(read)) {
      rejections.push(lineOf(`${name} ${read.rejected}`))
      continue
    }
    const key = `${read.provider}\n${read.model}`
    if (prices.has(key))
      rejections.push(lineOf(`${name} is listed twice, as ${read.model} of ${read.provider}`))
    else {
      const { unreadFields: unread = [], ...price } = read
      prices.set(key, price)
      for (const field of unread) unreadFields[field] = (unreadFields[field] ?? 0) + 1
    }
  }
  return { prices: [...prices.values()], rejections, unreadFields }
}

/** Reduces a list's arbitrary text to one line without control characters for terminals. */
function lineOf(text: string): string {
  return text.slice(0, LINE_CHARACTERS_MAX).replaceAll(/\p{C}/gu, ' ')
}

const LINE_CHARACTERS_MAX = 300

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
