import type { StoredPrice } from '../database/prices/priceRow'
import { BillingError } from '../domain/errors'
import type { PriceSource } from '../domain/rating/price'
import { rateCardsKey } from '../domain/rating/priceId'
import type { Candidate } from './candidates'
import { catalogNameOf, makerOf } from './providers'

/** An operator's price wins. Among the other sources, the first one with a price wins. */
const LAYERS: readonly (readonly PriceSource[])[] = [['operator'], ['live', 'stored', 'catalog']]

/**
 * Chooses the version that prices a call at `at`, from all versions of the candidates' models. A
 * known provider has its own price, else the price for any provider. Without a provider it is the
 * price for any provider, else the only provider's, else the common price if all agree, else the
 * price of the model's maker if a list has the model.
 *
 * @throws BillingError INVALID_FIELD naming `provider` if providers disagree and none was named.
 */
export function choosePrice(
  versions: readonly StoredPrice[],
  candidates: readonly Candidate[],
  at: Date,
): StoredPrice | undefined {
  const inForce = versions.filter((version) => isInForce(version, at))
  for (const candidate of candidates) {
    for (const sources of LAYERS) {
      const layer = inForce.filter(({ source }) => sources.includes(source)).sort(bySource)
      const chosen =
        candidate.provider === 'known' ? ofProvider(layer, candidate) : ofAnyProvider(layer, candidate)
      if (chosen !== undefined) return chosen
    }
  }
  return undefined
}

function isInForce({ effectiveFrom, effectiveTo }: StoredPrice, at: Date): boolean {
  return effectiveFrom <= at && (effectiveTo === undefined || effectiveTo > at)
}

function bySource(a: StoredPrice, b: StoredPrice): number {
  const order = LAYERS.flat()
  return order.indexOf(a.source) - order.indexOf(b.source)
}

type KnownCandidate = Extract<Candidate, { provider: 'known' }>
type OpenCandidate = Extract<Candidate, { provider: 'open' }>

function ofProvider(layer: readonly StoredPrice[], { names, model, catalogOnly, ownOnly }: KnownCandidate) {
  const priced = layer.filter(
    (version) => version.model === model && (catalogOnly !== true || version.source === 'catalog'),
  )
  // The layer is sorted by source, which decides before the provider's name.
  const own = priced.filter(({ provider }) => names.includes(provider))
  const best = own.filter(({ source }) => source === own[0]?.source)
  for (const name of names) {
    const named = best.find(({ provider }) => provider === name)
    if (named !== undefined) return named
  }
  return ownOnly === true ? undefined : priced.find(({ provider }) => provider === '')
}

function ofAnyProvider(layer: readonly StoredPrice[], { pairs }: OpenCandidate): StoredPrice | undefined {
  const priced = layer.filter((version) =>
    pairs.some(
      ({ provider, model }) => version.model === model && (provider ?? version.provider) === version.provider,
    ),
  )
  const anyProvider = priced.find(({ provider }) => provider === '')
  if (anyProvider !== undefined) return anyProvider
  // Several names of one provider (`gemini`, `vertex_ai`) count as one. Its best source decides.
  const sources = new Map<string, PriceSource>()
  for (const { provider, source } of priced) {
    const name = catalogNameOf(provider)
    if (!sources.has(name)) sources.set(name, source)
  }
  const [first, ...others] = priced
    .filter(({ provider, source }) => sources.get(catalogNameOf(provider)) === source)
    .sort((a, b) => (a.provider < b.provider ? -1 : 1))
  if (first === undefined) return undefined
  const makers = ofMaker([first, ...others])
  if (makers !== undefined || others.every((other) => isSamePrice(first, other))) return makers ?? first
  throw ambiguous([...new Set([first, ...others].map(({ provider }) => provider))])
}

/**
 * The price of the provider that makes the model, if a list has the model and its bare name
 * identifies the maker: LiteLLM writes `gpt-4o` for OpenAI's and `azure/gpt-4o` for Azure's.
 */
function ofMaker(priced: readonly StoredPrice[]): StoredPrice | undefined {
  if (!priced.some(({ source }) => source === 'live' || source === 'stored')) return undefined
  const own = priced.filter(({ provider, model }) => makerOf(model) === catalogNameOf(provider))
  // If one provider has several names, lists mean Vertex by a bare name.
  return own.find(({ provider }) => provider === 'vertex_ai') ?? own[0]
}

function isSamePrice(a: StoredPrice, b: StoredPrice): boolean {
  return (
    a.markupBasisPoints === b.markupBasisPoints && rateCardsKey(a.rateCards) === rateCardsKey(b.rateCards)
  )
}

function ambiguous(providers: readonly string[]): BillingError {
  const named = providers.slice(0, 8).join(', ')
  const more = providers.length > 8 ? ` and ${providers.length - 8} more` : ''
  return new BillingError(
    'INVALID_FIELD',
    `provider must be set: the model has different prices at ${named}${more}`,
    { field: 'provider' },
  )
}
