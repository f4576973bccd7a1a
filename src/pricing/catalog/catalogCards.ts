import type { ConditionalPrice, ModelInfo, ModelPrice } from '@pydantic/genai-prices'
import { scaledDecimalOf } from '../../domain/decimal'
import { rateAnomaly } from '../../domain/rating/bounds'
import type { Meter, Rate, RateCard } from '../../domain/rating/price'
import { perOf } from '../../domain/rating/rateCards'
import { withAdditions } from './additions'

/** The catalog's keys by meter. `_mtok` is US dollars for a million tokens, `_kcount` for a thousand units. */
const METER_OF_KEY: Readonly<Record<string, Meter>> = {
  input_mtok: 'INPUT_TOKENS',
  output_mtok: 'OUTPUT_TOKENS',
  cache_read_mtok: 'CACHE_READ_INPUT_TOKENS',
  cache_write_mtok: 'CACHE_CREATION_INPUT_TOKENS',
  cache_write_1h_mtok: 'CACHE_CREATION_1H_INPUT_TOKENS',
  output_reasoning_mtok: 'REASONING_OUTPUT_TOKENS',
  output_citation_mtok: 'CITATION_OUTPUT_TOKENS',
  input_audio_mtok: 'AUDIO_INPUT_TOKENS',
  cache_audio_read_mtok: 'AUDIO_CACHE_READ_INPUT_TOKENS',
  output_audio_mtok: 'AUDIO_OUTPUT_TOKENS',
  input_image_mtok: 'IMAGE_INPUT_TOKENS',
  cache_image_read_mtok: 'IMAGE_CACHE_READ_INPUT_TOKENS',
  output_image_mtok: 'IMAGE_OUTPUT_TOKENS',
  web_searches_kcount: 'WEB_SEARCHES',
  requests_kcount: 'REQUESTS',
}

/** Fees on top of the tokens. The tokens are priced correctly without them. */
const BESIDE_THE_TOKENS = new Set(['storage_searches_kcount'])

/** The price that begins at an instant. The first version has no start. */
export interface CatalogVersion {
  from: Date | undefined
  rateCards: RateCard[]
}

/** All versions of a catalog model's price, or the reason why tollgate can't use it. */
export function catalogVersionsOf(
  provider: string,
  model: ModelInfo,
): CatalogVersion[] | { rejected: string } {
  const entries = Array.isArray(model.prices) ? model.prices : [{ prices: model.prices }]
  const dates = entries.flatMap(({ constraint }) =>
    constraint?.type === 'start_date' ? [startOf(constraint.start_date)] : [],
  )
  const versions: CatalogVersion[] = []
  for (const start of [...new Set([ALWAYS, ...dates])].sort((a, b) => a - b)) {
    const rateCards = cardsAt(entries, start, model.id)
    if ('rejected' in rateCards) return rateCards
    const from = start === ALWAYS ? undefined : new Date(start)
    versions.push({ from, rateCards: withAdditions(rateCards, { provider, model: model.id, from }) })
  }
  return versions
}

/** The start of an entry without a start date, in milliseconds since 1970. */
const ALWAYS = -Infinity

function startOf(date: string): number {
  return Date.parse(`${date}T00:00:00Z`)
}

/**
 * The cards from one start date on. In the catalog's list, the last entry whose condition holds is the
 * price. An entry for a time of day refines the entry with a start date before it, and begins with it.
 */
function cardsAt(
  entries: readonly ConditionalPrice[],
  start: number,
  modelId: string,
): RateCard[] | { rejected: string } {
  const cards: RateCard[] = []
  const current = entries.filter((_, index) => startBefore(entries, index) <= start)
  for (const { constraint, prices } of current.reverse()) {
    const daily = constraint?.type === 'time_of_date' ? dailyOf(constraint) : undefined
    if (daily === null) return { rejected: 'has a time of day that is no whole minute' }
    const priced = cardsOf(prices, modelId)
    if ('rejected' in priced) return priced
    cards.push(...priced.map((card) => (daily === undefined ? card : { ...card, daily })))
    if (daily === undefined) break
  }
  return cards
}

/** The start date of the entry itself, or of the last one before it that has one. */
function startBefore(entries: readonly ConditionalPrice[], index: number): number {
  for (const { constraint } of entries.slice(0, index + 1).reverse()) {
    if (constraint?.type === 'start_date') return startOf(constraint.start_date)
  }
  return ALWAYS
}

function dailyOf(constraint: { start_time: string; end_time: string }): RateCard['daily'] | null {
  const [fromMinute, toMinute] = [constraint.start_time, constraint.end_time].map(minuteOf)
  return fromMinute === undefined || toMinute === undefined ? null : { fromMinute, toMinute }
}

function minuteOf(time: string): number | undefined {
  const match = /^(\d{2}):(\d{2}):00Z$/.exec(time)
  return match === null ? undefined : Number(match[1]) * 60 + Number(match[2])
}

/**
 * One card for each size of the input at which a rate changes, the largest first. A card prices the
 * whole request, in the catalog as well as here.
 */
function cardsOf(prices: ModelPrice, modelId: string): RateCard[] | { rejected: string } {
  const keys = Object.keys(prices)
  // The catalog lists OpenRouter's free models without any price.
  if (keys.length === 0 && modelId.endsWith(':free')) return [{ rates: FREE_RATES }]
  const unknown = keys.filter((key) => METER_OF_KEY[key] === undefined && !BESIDE_THE_TOKENS.has(key))
  if (unknown.length > 0) return { rejected: `is priced by ${unknown.join(', ')}, which no usage states` }
  const priced = keys.filter((key) => METER_OF_KEY[key] !== undefined)
  if (priced.length === 0) return { rejected: 'has no price' }
  const starts = new Set(priced.flatMap((key) => tiersOf(prices[key]).map(({ start }) => start)))
  const cards: RateCard[] = []
  for (const start of [...starts].sort((a, b) => b - a).concat(-1)) {
    const rates: Rate[] = []
    for (const key of priced) {
      const rate = rateOf(key, amountAt(prices[key], start))
      if (rate === undefined) return { rejected: `has a ${key} that is no price` }
      rates.push(rate)
    }
    cards.push(start === -1 ? { rates } : { aboveInputTokens: BigInt(start), rates })
  }
  if (cards.every(({ rates }) => rates.every(({ priceNanousd }) => priceNanousd === 0n))) {
    return { rejected: 'costs nothing without saying that it is free' }
  }
  const anomaly = rateAnomaly(cards)
  return anomaly === undefined ? cards : { rejected: `has ${anomaly.description}` }
}

const FREE_RATES: Rate[] = [
  { meter: 'INPUT_TOKENS', priceNanousd: 0n, per: perOf('INPUT_TOKENS') },
  { meter: 'OUTPUT_TOKENS', priceNanousd: 0n, per: perOf('OUTPUT_TOKENS') },
]

function tiersOf(price: ModelPrice[string]): readonly { start: number; price: number }[] {
  return typeof price === 'object' ? price.tiers : []
}

/** The amount above `start` input tokens, or below every tier if `start` is -1. */
function amountAt(price: ModelPrice[string], start: number): number {
  if (typeof price !== 'object') return price ?? 0
  const reached = price.tiers.filter((tier) => tier.start <= start).sort((a, b) => a.start - b.start)
  return reached.at(-1)?.price ?? price.base
}

/** A price of a million tokens keeps its unit. A price of a thousand units becomes that of one unit. */
function rateOf(key: string, amountUsd: number): Rate | undefined {
  const meter = METER_OF_KEY[key]
  const priceNanousd = scaledDecimalOf(amountUsd, key.endsWith('_mtok') ? 9 : 6)
  if (meter === undefined || priceNanousd === undefined) return undefined
  return { meter, priceNanousd, per: perOf(meter) }
}
