import { scaledDecimalOf } from '../../domain/decimal'
import type { RateCard, UnitRate } from '../../domain/rating/price'
import { type Multiplier, withMultipliers } from '../multipliers'
import { listNameOf } from '../providers'
import { type CardKey, cardKeyOf, fieldOf, isImplied, type LiteLlmField } from './litellmFields'
import { unitsOf } from './litellmUnits'
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
} from './priceList'

type Entry = Readonly<Record<string, unknown>>

/**
 * Reads LiteLLM's `model_prices_and_context_window.json`. Its prices are US dollars as floats, per
 * token or unit. Suffixes of field names state sizes and tiers.
 */
export function readLiteLlm(body: unknown, options: ReadingOptions): PriceList | Rejected {
  if (!isObject(body)) return { rejected: 'is no object of models' }
  return priceListOf(Object.keys(body).map((name) => ({ name, read: readEntry(name, body, options) })))
}

/** One entry of the list. */
export function readEntry(name: string, list: Entry, options: ReadingOptions): ReadEntry | Rejected {
  return priceOf(name, withUndatedTiers(name, list[name], list), options)
}

/**
 * Modes that are billed by tokens. An entry of another mode with a price that was not read might be
 * billed by that price.
 */
const MODES_BY_TOKEN = new Set(['chat', 'completion', 'responses', 'embedding', 'realtime', 'rerank'])

function priceOf(name: string, entry: unknown, options: ReadingOptions): ReadEntry | Rejected {
  if (name === 'sample_spec') return { rejected: 'is the list’s own example' }
  if (!isObject(entry)) return { rejected: 'is no model' }
  const { litellm_provider: litellmProvider, mode } = entry
  if (typeof litellmProvider !== 'string' || litellmProvider === '') return { rejected: 'has no provider' }
  const fields = fieldsOf(entry)
  if (isRejected(fields)) return fields
  const units = unitsOf(name, entry)
  if (isRejected(units)) return units
  const unreadFields = Object.keys(entry).filter(
    (field) => !units.fields.has(field) && isPrice(field, entry[field], entry),
  )
  if (fields.length === 0 && units.rates.length === 0) {
    return { rejected: unreadFields.length === 0 ? 'has no price' : pricedBy(unreadFields) }
  }
  const beside = unreadFields.filter((field) => !BESIDE_THE_TOKENS.test(field))
  if (beside.length > 0 && !MODES_BY_TOKEN.has(String(mode)) && !isByImageToken(entry)) {
    return { rejected: pricedBy(beside) }
  }
  const multipliers = multipliersOf(entry)
  if (isRejected(multipliers)) return multipliers
  // Tokens at zero beside a unit have no price of their own: they are not given away.
  const isByUnits = units.rates.length > 0 && fields.every(({ usd }) => Number(usd) === 0)
  const cards = cardsOf(isByUnits ? [] : fields, units.rates)
  if (isRejected(cards)) return cards
  const rateCards = withMultipliers(withTiersAtEverySize(cards), multipliers)
  return checkedPrice({ ...identityOf(name, litellmProvider), rateCards, unreadFields }, options)
}

function pricedBy(fields: readonly string[]): string {
  return `is priced by ${fields.slice(0, 3).join(', ')}, which is not known`
}

/** Fees on top of the tokens. The tokens are priced correctly without them. */
const BESIDE_THE_TOKENS = /dbu|session|search|_hit$|storage|vector_store/

function isPrice(field: string, value: unknown, entry: Entry): boolean {
  if (!/cost|pricing/.test(field) || value === 0 || value === null) return false
  return fieldOf(field, value, entry) === undefined && !isImplied(field)
}

/**
 * Text tokens and image tokens both have rates. A price per image then only repeats the token rate,
 * for one size of image.
 */
function isByImageToken(entry: Entry): boolean {
  return (
    entry['input_cost_per_token'] !== undefined &&
    entry['output_cost_per_token'] !== undefined &&
    (entry['output_cost_per_image_token'] ?? entry['input_cost_per_image_token']) !== undefined
  )
}

function fieldsOf(entry: Entry): LiteLlmField[] | Rejected {
  const fields: LiteLlmField[] = []
  for (const [name, value] of Object.entries(entry)) {
    const read = fieldOf(name, value, entry)
    if (read === undefined) continue
    if (isRejected(read)) return read
    fields.push(...read)
  }
  return fields
}

/** Reads `provider_specific_entry: { us: 1.1, fast: 2 }` and the uplifts of regional processing. */
function multipliersOf(entry: Entry): Multiplier[] | Rejected {
  const stated: [Multiplier['condition'], string, unknown][] = []
  const specific = entry['provider_specific_entry']
  if (isObject(specific)) {
    for (const [name, value] of Object.entries(specific)) {
      if (typeof value === 'number') stated.push([name === 'fast' ? 'speed' : 'geography', name, value])
    }
  }
  for (const region of ['us', 'eu']) {
    const value = entry[`regional_processing_uplift_multiplier_${region}`]
    if (value !== undefined && !stated.some(([, name]) => name === region)) {
      stated.push(['geography', region, value])
    }
  }
  const multipliers: Multiplier[] = []
  for (const [condition, name, value] of stated) {
    const numerator = typeof value === 'number' ? scaledDecimalOf(value, 6) : undefined
    if (numerator === undefined || numerator < 1n || numerator > MULTIPLE_MAX * ONE) {
      return { rejected: `has a multiple for ${name} that is none` }
    }
    multipliers.push({ condition, name, times: [numerator, ONE] })
  }
  return multipliers
}

const ONE = 1_000_000n
const MULTIPLE_MAX = 20n

/**
 * If a dated model has no prices for a tier, it takes those of the undated model, provided that
 * both have the same ordinary rates. The list omits them
 * (https://github.com/BerriAI/litellm/issues/37046).
 */
function withUndatedTiers(name: string, entry: unknown, list: Entry): unknown {
  const undated = list[name.replace(/-20\d\d-\d\d-\d\d$/, '')]
  if (undated === entry || !isObject(entry) || !isObject(undated)) return entry
  const isSame = ['input_cost_per_token', 'output_cost_per_token'].every(
    (field) => entry[field] !== undefined && entry[field] === undated[field],
  )
  if (!isSame) return entry
  const tiers = ['priority', 'flex', 'batches'].filter((tier) =>
    Object.keys(entry).every((field) => !field.endsWith(`_${tier}`)),
  )
  const missing = Object.entries(undated).filter(([field]) =>
    tiers.some((tier) => field.endsWith(`_${tier}`)),
  )
  return { ...entry, ...Object.fromEntries(missing) }
}

/**
 * Returns one card for each size and tier that a field names. A card takes missing rates from the
 * cards that it refines: the same size in the ordinary tier, then the same tier without a size, and
 * then the plain card.
 */
function cardsOf(fields: readonly LiteLlmField[], unitRates: readonly UnitRate[]): RateCard[] | Rejected {
  const keys = new Map<string, CardKey>([[cardKeyOf(PLAIN), PLAIN]])
  for (const { card } of fields) keys.set(cardKeyOf(card), card)
  const cards: RateCard[] = []
  for (const key of [...keys.values()].sort(bySizeThenTier)) {
    const usd = [...keys.values()]
      .filter((card) => refines(key, card))
      .sort((a, b) => bySizeThenTier(b, a))
      .map(
        (card) =>
          new Map(
            fields
              .filter((field) => isSameCard(field.card, card))
              .map(({ meter, usd: amount }) => [meter, amount]),
          ),
      )
      .reduce<RatesUsd>(refinedUsd, new Map())
    const rates = ratesOf(usd)
    if (isRejected(rates)) return rates
    const { above, tier } = key
    cards.push({
      ...(above > 0 && { aboveInputTokens: BigInt(above) }),
      ...(tier !== '' && { serviceTier: tier }),
      rates,
      // A unit costs the same at every size and in every tier: the list states no other price.
      ...(unitRates.length > 0 && { unitRates: [...unitRates] }),
    })
  }
  const plain = cards.at(-1)
  return unitRates.length > 0 || plain?.rates.some(({ meter }) => PAID_BY.has(meter))
    ? cards
    : { rejected: 'has no price of its tokens' }
}

/**
 * Applies a tier's discount at every size if it is the same for input and output. The list seldom
 * states sizes and tiers together, but Google and OpenAI also halve the prices of batches above
 * 200,000 tokens. A more expensive tier is not sold for long inputs if the list has no price for it
 * (https://openai.com/api-priority-processing/, read 2026-11-30), so the ordinary price applies.
 */
function withTiersAtEverySize(cards: readonly RateCard[]): RateCard[] {
  const plain = cards.at(-1)
  if (plain === undefined) return []
  return cards.flatMap((card) => {
    const { aboveInputTokens: above, serviceTier } = card
    if (above === undefined || serviceTier !== undefined) return [card]
    const missing = cards.filter(
      (tier) =>
        tier.serviceTier !== undefined &&
        tier.aboveInputTokens === undefined &&
        !cards.some((each) => each.aboveInputTokens === above && each.serviceTier === tier.serviceTier),
    )
    const multipliers = missing.flatMap((tier): Multiplier[] => {
      const times = multipleOf(tier, plain)
      return times === undefined ? [] : [{ condition: 'serviceTier', name: tier.serviceTier ?? '', times }]
    })
    return withMultipliers([card], multipliers)
  })
}

function multipleOf(tier: RateCard, plain: RateCard): Multiplier['times'] | undefined {
  const prices = (['INPUT_TOKENS', 'OUTPUT_TOKENS'] as const).map((name) => ({
    of: tier.rates.find(({ meter }) => meter === name)?.priceNanousd ?? 0n,
    to: plain.rates.find(({ meter }) => meter === name)?.priceNanousd ?? 0n,
  }))
  const [input, output] = prices
  if (input === undefined || output === undefined || input.to === 0n || output.to === 0n) return undefined
  if (input.of >= input.to || input.of * output.to !== output.of * input.to) return undefined
  return [input.of, input.to]
}

const PAID_BY: ReadonlySet<string> = new Set(['INPUT_TOKENS', 'OUTPUT_TOKENS', 'REQUESTS'])

const PLAIN: CardKey = { above: 0, tier: '' }

function refines(card: CardKey, other: CardKey): boolean {
  return (other.above === 0 || other.above === card.above) && (other.tier === '' || other.tier === card.tier)
}

function isSameCard(a: CardKey, b: CardKey): boolean {
  return a.above === b.above && a.tier === b.tier
}

/** Larger sizes come first. Within one size, the tiers come first and the plain card last. */
function bySizeThenTier(a: CardKey, b: CardKey): number {
  return b.above - a.above || (a.tier === b.tier ? 0 : a.tier < b.tier ? 1 : -1)
}

/** `azure/eu/gpt-4o` of `azure` is Azure's `eu/gpt-4o`; `vertex_ai-anthropic_models` are all Vertex's. */
function identityOf(name: string, litellmProvider: string): { model: string; provider: string } {
  const provider = listNameOf(litellmProvider)
  const slash = name.indexOf('/')
  const prefix = name.slice(0, slash)
  const isPrefix = slash > 0 && (prefix === provider || prefix === litellmProvider)
  return { model: isPrefix ? name.slice(slash + 1) : name, provider }
}
