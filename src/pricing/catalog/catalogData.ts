import { type MatchLogic, type ModelInfo, type Provider, waitForUpdate } from '@pydantic/genai-prices'
import type { Price, RateCard } from '../../domain/rating/price'
import { catalogNameOf } from '../providers'

/** The models that the bundled catalog (`@pydantic/genai-prices`, MIT) knows, by provider. */
export type CatalogData = ReadonlyMap<string, Provider>

let loading: Promise<CatalogData> | undefined

/** The data inside of the package, as it was published. Nothing is fetched, and no update is started. */
export function catalogData(): Promise<CatalogData> {
  loading ??= waitForUpdate().then(
    (providers) => new Map((providers ?? []).map((provider) => [provider.id, provider])),
  )
  return loading
}

/** The catalog's id of a provider's `model`, which may be a dated id or another spelling. */
export function catalogModelOf(catalog: CatalogData, provider: string, model: string): string | undefined {
  const models = catalog.get(catalogNameOf(provider))?.models ?? []
  return modelMatching(models, model)?.id
}

/**
 * Providers that sell the models of another at that one's price: Azure does so with OpenAI's, in its global deployments
 * (https://azure.microsoft.com/pricing/details/cognitive-services/openai-service/, read 2026-11-30). The catalog names more,
 * whose prices differ: DeepSeek R1 costs $1.35 and $5.40 at Azure, and $0.55 and $2.19 at DeepSeek.
 */
const SOLD_AT_THE_SAME_PRICE: ReadonlyMap<string, readonly string[]> = new Map([['azure', ['openai']]])

export function fallbackProvidersOf(provider: string): readonly string[] {
  return SOLD_AT_THE_SAME_PRICE.get(catalogNameOf(provider)) ?? []
}

/**
 * Microsoft sells batches at half of that price, too (https://learn.microsoft.com/azure/foundry/openai/how-to/batch, read
 * 2026-11-30). Its price of priority processing is its own, and it has no flex.
 */
const TIERS_AT_THE_SAME_PRICE: ReadonlySet<string> = new Set(['batch'])

/** The cards of a price that a provider sells at, which may be another provider's. */
export function cardsSoldBy(
  seller: string,
  { provider, source, rateCards }: Pick<Price, 'provider' | 'source' | 'rateCards'>,
): readonly RateCard[] {
  const isOthers = source === 'catalog' && fallbackProvidersOf(seller).includes(catalogNameOf(provider))
  return isOthers
    ? rateCards.filter(
        ({ serviceTier = '' }) => serviceTier === '' || TIERS_AT_THE_SAME_PRICE.has(serviceTier),
      )
    : rateCards
}

function modelMatching(models: readonly ModelInfo[], model: string): ModelInfo | undefined {
  const name = model.toLowerCase().trim()
  return (
    models.find(({ id }) => id === model) ??
    models.find(({ id, match }) => hasSameSize(id.toLowerCase(), name) && matches(match, name))
  )
}

/**
 * The catalog's rules are for lower-case names. A rule that looks for a part of a name applies only if the rest of the name is a
 * date, a version of the provider's API or a region. Any other rest makes it another model: `titan-embed-text-v2` is not v1, and
 * `MiniMax-M2.5` is not M2.
 */
function matches(rule: MatchLogic, name: string): boolean {
  if ('or' in rule) return rule.or.some((each) => matches(each, name))
  if ('and' in rule) return rule.and.every((each) => matches(each, name))
  if ('equals' in rule) return name === rule.equals.toLowerCase()
  if ('starts_with' in rule) {
    const start = rule.starts_with.toLowerCase()
    return name.startsWith(start) && isWhole(name, start)
  }
  if ('ends_with' in rule) {
    const end = rule.ends_with.toLowerCase()
    return name.endsWith(end) && isWhole(name, end)
  }
  if ('contains' in rule) return isWhole(name, rule.contains.toLowerCase())
  return regexOf(rule.regex).test(name)
}

/**
 * Only a region or a maker (`us.anthropic.`, `openai/`) comes before the part, and only a date, a
 * version or a word that changes no price after it.
 */
function isWhole(name: string, part: string): boolean {
  const at = name.indexOf(part)
  if (at === -1) return false
  const [before, after] = [name.slice(0, at), name.slice(at + part.length)]
  return (before === '' || /[./~]$/.test(before)) && REST_OF_THE_NAME.test(after)
}

const REST_OF_THE_NAME =
  /^(?:[-@:._]?(?:latest|preview|beta|exp|default|instruct|customtools|maas|20\d\d-?\d\d-?\d\d|20\d\d|\d\d-20\d\d|\d\d-\d\d|\d{3,4}|\d{6}|v1|v1:\d|v2:0|0))*$/

/** Names with different sizes are different models: `gpt-oss-safeguard-20b` is not `gpt-oss-120b`. */
function hasSameSize(id: string, name: string): boolean {
  const [one, other] = [sizesIn(id), sizesIn(name)]
  return one.length === 0 || other.length === 0 || one.some((size) => other.includes(size))
}

function sizesIn(name: string): string[] {
  return name.match(/(?<![a-z0-9])\d+(?:\.\d+)?b(?![a-z0-9])/g) ?? []
}

const REGEXES = new Map<string, RegExp>()

function regexOf(source: string): RegExp {
  const known = REGEXES.get(source)
  if (known !== undefined) return known
  const regex = new RegExp(source)
  REGEXES.set(source, regex)
  return regex
}
