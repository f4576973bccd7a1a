import type { Meter, RateCard, UnitRate } from '../../domain/rating/price'
import {
  checkedPrice,
  isObject,
  isRejected,
  type PriceList,
  priceListOf,
  type RatesUsd,
  type ReadEntry,
  type ReadingOptions,
  type Rejected,
  ratesOf,
  refinedUsd,
  unitRateOfUsd,
} from './priceList'

/** Decimal strings in US dollars: for a token, or for a search or request. https://openrouter.ai/docs/api-reference/list-available-models */
const METER_OF_FIELD: ReadonlyMap<string, Meter> = new Map(
  Object.entries<Meter>({
    prompt: 'INPUT_TOKENS',
    completion: 'OUTPUT_TOKENS',
    input_cache_read: 'CACHE_READ_INPUT_TOKENS',
    input_cache_write: 'CACHE_CREATION_INPUT_TOKENS',
    input_cache_write_1h: 'CACHE_CREATION_1H_INPUT_TOKENS',
    internal_reasoning: 'REASONING_OUTPUT_TOKENS',
    audio: 'AUDIO_INPUT_TOKENS',
    input_audio_cache: 'AUDIO_CACHE_READ_INPUT_TOKENS',
    audio_output: 'AUDIO_OUTPUT_TOKENS',
    image: 'IMAGE_INPUT_TOKENS',
    image_token: 'IMAGE_INPUT_TOKENS',
    image_output: 'IMAGE_OUTPUT_TOKENS',
    web_search: 'WEB_SEARCHES',
    request: 'REQUESTS',
  }),
)

/** A price above this is that of a whole image, not of an image token. */
const IMAGE_TOKEN_USD_MAX = 0.000_2

function isOfWholeImage(meter: Meter, value: number | string): boolean {
  return meter === 'IMAGE_INPUT_TOKENS' && Number(value) > IMAGE_TOKEN_USD_MAX
}

/** The price of a whole image of the input, less the discount. */
function unitRatesOf({ discount = 0, ...pricing }: Readonly<Record<string, unknown>>): UnitRate[] | Rejected {
  for (const [field, value] of Object.entries(pricing)) {
    const meter = METER_OF_FIELD.get(field)
    if (meter === undefined || (typeof value !== 'string' && typeof value !== 'number')) continue
    if (!isOfWholeImage(meter, value)) continue
    const share = Number(discount)
    const rate = unitRateOfUsd('image_input', share === 0 ? value : Number(value) * (1 - share))
    return isRejected(rate) ? rate : [rate]
  }
  return []
}

/** A zero of these means that there is no separate price: such tokens cost what the others do. */
const INCLUDED_IN_TOKENS: ReadonlySet<Meter> = new Set<Meter>([
  'REASONING_OUTPUT_TOKENS',
  'AUDIO_INPUT_TOKENS',
  'AUDIO_OUTPUT_TOKENS',
  'IMAGE_INPUT_TOKENS',
  'IMAGE_OUTPUT_TOKENS',
])

/** OpenRouter's `GET /api/v1/models`. Every model is OpenRouter's own price for it, not its maker's. */
export function readOpenRouter(body: unknown, options: ReadingOptions): PriceList | Rejected {
  if (!isObject(body) || !Array.isArray(body['data'])) return { rejected: 'has no "data" array' }
  const models: readonly unknown[] = body['data']
  return priceListOf(
    models.map((model, index) => ({ name: nameOf(model, index), read: priceOf(model, options) })),
  )
}

function nameOf(model: unknown, index: number): string {
  return isObject(model) && typeof model['id'] === 'string' ? model['id'] : `entry ${index}`
}

function priceOf(entry: unknown, options: ReadingOptions): ReadEntry | Rejected {
  if (!isObject(entry) || typeof entry['id'] !== 'string' || entry['id'] === '')
    return { rejected: 'has no id' }
  const { id: model, pricing } = entry
  if (!isObject(pricing)) return { rejected: 'has no pricing' }
  const base = discounted(pricing, usdOf)
  if (isRejected(base)) return base
  if (!base.has('INPUT_TOKENS') || !base.has('OUTPUT_TOKENS'))
    return { rejected: 'has no price of its tokens' }
  const unitRates = unitRatesOf(pricing)
  if (isRejected(unitRates)) return unitRates
  const cards = cardsOf(base, pricing['overrides'] ?? [])
  if (isRejected(cards)) return cards
  const rateCards = unitRates.length === 0 ? cards : cards.map((card) => ({ ...card, unitRates }))
  return checkedPrice({ model, provider: 'openrouter', rateCards }, options)
}

/** `discount: 0.2` takes a fifth off every price (https://openrouter.ai/docs/api-reference/list-available-models). */
function discounted(
  { discount = 0, ...pricing }: Readonly<Record<string, unknown>>,
  read: (fields: Readonly<Record<string, unknown>>) => RatesUsd | Rejected,
): RatesUsd | Rejected {
  const usd = read(pricing)
  const share = Number(discount)
  if (isRejected(usd) || share === 0) return usd
  if (!(share > 0 && share < 1)) return { rejected: 'has a discount that is none' }
  return new Map([...usd].map(([meter, amount]) => [meter, Number(amount) * (1 - share)]))
}

function cardsOf(base: RatesUsd, overrides: unknown): RateCard[] | Rejected {
  if (!Array.isArray(overrides)) return { rejected: 'has overrides that are no array' }
  const cards: RateCard[] = []
  for (const override of overrides as readonly unknown[]) {
    if (!isObject(override)) return { rejected: 'has an override that is no object' }
    const { min_prompt_tokens: minimum, ...fields } = override
    if (typeof minimum !== 'number' || !Number.isSafeInteger(minimum) || minimum < 1) {
      return { rejected: 'has an override by something other than min_prompt_tokens' }
    }
    const usd = discounted(fields, usdOf)
    if (isRejected(usd)) return usd
    const rates = ratesOf(refinedUsd(base, usd))
    if (isRejected(rates)) return rates
    cards.push({ aboveInputTokens: BigInt(minimum - 1), rates })
  }
  cards.sort((a, b) => Number((b.aboveInputTokens ?? 0n) - (a.aboveInputTokens ?? 0n)))
  const rates = ratesOf(base)
  return isRejected(rates) ? rates : [...cards, { rates }]
}

function usdOf(fields: Readonly<Record<string, unknown>>): RatesUsd | Rejected {
  const usd = new Map<Meter, number | string>()
  for (const [field, value] of Object.entries(fields)) {
    if (field === 'overrides' || value === null || value === undefined) continue
    const meter = METER_OF_FIELD.get(field)
    if (meter === undefined) return { rejected: `is priced by ${field}, which is not known` }
    if (typeof value !== 'string' && typeof value !== 'number')
      return { rejected: `has a ${field} that is no price` }
    if (Number(value) === -1)
      return { rejected: 'has no price of its own: it depends on the model that is chosen' }
    if (isOfWholeImage(meter, value)) continue
    if (Number(value) === 0 && INCLUDED_IN_TOKENS.has(meter)) continue
    usd.set(meter, value)
  }
  return usd
}
