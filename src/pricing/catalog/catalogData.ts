import { type MatchLogic, type ModelInfo, type Provider, waitForUpdate } from '@pydantic/genai-prices'
import { catalogNameOf } from '../providers'

/** The models that the bundled catalog (`@pydantic/genai-prices`, MIT) knows, by provider. */
export type CatalogData = ReadonlyMap<string, Provider>

let loading: Promise<CatalogData> | undefined

/** The package's own data, as it was published: nothing is fetched, no update is ever started. */
export function catalogData(): Promise<CatalogData> {
  loading ??= waitForUpdate().then(
    (providers) => new Map((providers ?? []).map((provider) => [provider.id, provider])),
  )
  return loading
}

/** The catalog's id for what a provider calls `model`, dated ids and spellings included. */
export function catalogModelOf(catalog: CatalogData, provider: string, model: string): string | undefined {
  const models = catalog.get(catalogNameOf(provider))?.models ?? []
  return modelMatching(models, model)?.id
}

/** Providers whose prices the catalog takes for models that this one resells without listing them. */
export function fallbackProvidersOf(catalog: CatalogData, provider: string): readonly string[] {
  return catalog.get(catalogNameOf(provider))?.fallback_model_providers ?? []
}

function modelMatching(models: readonly ModelInfo[], model: string): ModelInfo | undefined {
  const name = model.toLowerCase().trim()
  return models.find(({ id }) => id === model) ?? models.find(({ match }) => matches(match, name))
}

/** The catalog writes its rules for lower-case names. */
function matches(rule: MatchLogic, name: string): boolean {
  if ('or' in rule) return rule.or.some((each) => matches(each, name))
  if ('and' in rule) return rule.and.every((each) => matches(each, name))
  if ('equals' in rule) return name === rule.equals.toLowerCase()
  if ('starts_with' in rule) return name.startsWith(rule.starts_with.toLowerCase())
  if ('ends_with' in rule) return name.endsWith(rule.ends_with.toLowerCase())
  if ('contains' in rule) return name.includes(rule.contains.toLowerCase())
  return regexOf(rule.regex).test(name)
}

const REGEXES = new Map<string, RegExp>()

function regexOf(source: string): RegExp {
  const known = REGEXES.get(source)
  if (known !== undefined) return known
  const regex = new RegExp(source)
  REGEXES.set(source, regex)
  return regex
}
