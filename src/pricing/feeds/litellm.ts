import type { RateCard } from '../../domain/rating/price'
import { type CardKey, cardKeyOf, fieldOf, type LiteLlmField } from './litellmFields'
import {
  checkedPrice,
  isObject,
  isRejected,
  type ListedPrice,
  type PriceList,
  priceListOf,
  type RatesUsd,
  type Rejected,
  ratesOf,
  refinedUsd,
} from './priceList'

/** LiteLLM's `model_prices_and_context_window.json`: US dollars as floats, a token or a unit, by field names with suffixes. */
export function readLiteLlm(body: unknown): PriceList | Rejected {
  if (!isObject(body)) return { rejected: 'is no object of models' }
  return priceListOf(Object.entries(body).map(([name, entry]) => ({ name, read: priceOf(name, entry) })))
}

/** What these do is billed by something that no usage states, unless all that they list is by the token. */
const MODES_BY_TOKEN = new Set(['chat', 'completion', 'responses', 'embedding', 'realtime'])

function priceOf(name: string, entry: unknown): ListedPrice | Rejected {
  if (name === 'sample_spec') return { rejected: 'is the list’s own example' }
  if (!isObject(entry)) return { rejected: 'is no model' }
  const { litellm_provider: litellmProvider, mode } = entry
  if (typeof litellmProvider !== 'string' || litellmProvider === '') return { rejected: 'has no provider' }
  const fields = fieldsOf(entry)
  if (isRejected(fields)) return fields
  const others = Object.keys(entry).filter((field) => isPricedByOther(field, entry[field]))
  if (fields.length === 0) return { rejected: others.length === 0 ? 'has no price' : pricedBy(others) }
  if (others.length > 0 && !MODES_BY_TOKEN.has(String(mode))) return { rejected: pricedBy(others) }
  const rateCards = cardsOf(fields)
  if (isRejected(rateCards)) return rateCards
  return checkedPrice({ ...identityOf(name, litellmProvider), rateCards })
}

function pricedBy(fields: readonly string[]): string {
  return `is priced by ${fields.slice(0, 3).join(', ')}, which no usage states`
}

function isPricedByOther(field: string, value: unknown): boolean {
  return (
    /cost|pricing/.test(field) &&
    !/dbu|session|search|_hit$/.test(field) &&
    fieldOf(field, value) === undefined &&
    value !== 0
  )
}

function fieldsOf(entry: Readonly<Record<string, unknown>>): LiteLlmField[] | Rejected {
  const fields: LiteLlmField[] = []
  for (const [name, value] of Object.entries(entry)) {
    const read = fieldOf(name, value)
    if (read === undefined) continue
    if (isRejected(read)) return read
    fields.push(...read)
  }
  return fields
}

/**
 * One card for each size and tier that some field names. What a card doesn't say itself stands in the one it refines: the
 * same tier below that size, the same size in the ordinary tier, at last the plain card. A tier that says nothing of a size
 * has the ordinary price above it, as no list says that its discount goes on.
 */
function cardsOf(fields: readonly LiteLlmField[]): RateCard[] | Rejected {
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
    })
  }
  const plain = cards.at(-1)
  return plain?.rates.some(({ meter }) => meter === 'INPUT_TOKENS' || meter === 'OUTPUT_TOKENS')
    ? cards
    : { rejected: 'has no price of its tokens' }
}

const PLAIN: CardKey = { above: 0, tier: '' }

function refines(card: CardKey, other: CardKey): boolean {
  return (other.above === 0 || other.above === card.above) && (other.tier === '' || other.tier === card.tier)
}

function isSameCard(a: CardKey, b: CardKey): boolean {
  return a.above === b.above && a.tier === b.tier
}

/** Larger sizes first; of one size the tiers first, the plain card last. */
function bySizeThenTier(a: CardKey, b: CardKey): number {
  return b.above - a.above || (a.tier === b.tier ? 0 : a.tier < b.tier ? 1 : -1)
}

/** `azure/eu/gpt-4o` of `azure` is Azure's `eu/gpt-4o`; `vertex_ai-anthropic_models` are all Vertex's. */
function identityOf(name: string, litellmProvider: string): { model: string; provider: string } {
  const provider = PROVIDERS.get(litellmProvider) ?? withoutKind(litellmProvider)
  const slash = name.indexOf('/')
  const prefix = name.slice(0, slash)
  const isPrefix = slash > 0 && (prefix === provider || prefix === litellmProvider)
  return { model: isPrefix ? name.slice(slash + 1) : name, provider }
}

function withoutKind(litellmProvider: string): string {
  return litellmProvider.startsWith('vertex_ai-')
    ? 'vertex_ai'
    : litellmProvider.replace(/-embedding-models$/, '')
}

const PROVIDERS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    bedrock_converse: 'bedrock',
    bedrock_mantle: 'bedrock',
    cohere_chat: 'cohere',
    azure_text: 'azure',
    codestral: 'mistral',
    'text-completion-openai': 'openai',
    'text-completion-codestral': 'mistral',
    'text-completion-inception': 'inception',
  }),
)
