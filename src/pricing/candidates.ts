import { type CatalogData, catalogModelOf, fallbackProvidersOf } from './catalog/catalogData'
import { catalogNameOf, isSynonym, namesOf } from './providers'

/** One place to look for a price. Candidates are tried in order: what was asked word for word comes first. */
export type Candidate =
  /** A model of a known provider, under any of its names. */
  | { provider: 'known'; names: readonly string[]; model: string; catalogOnly?: true }
  /** Nobody said which provider: the price must follow from the model alone. A pair without provider is every one's. */
  | { provider: 'open'; pairs: readonly { provider?: string; model: string }[] }

/**
 * Where the price of a model may stand: as asked; without a prefix that names a provider or an AWS region; under the
 * catalog's id for it; without its date. Deterministic, and never another region's or another provider's price, but for
 * those whose models the catalog says a provider resells at their price.
 */
export function candidatesOf(
  catalog: CatalogData,
  { model, provider }: { model: string; provider: string },
): Candidate[] {
  return provider === '' ? openCandidates(catalog, model) : knownCandidates(catalog, provider, model)
}

/** Every model id that the candidates can find a price under. */
export function modelsOf(candidates: readonly Candidate[]): string[] {
  return candidates.flatMap((candidate) =>
    candidate.provider === 'known' ? [candidate.model] : candidate.pairs.map(({ model }) => model),
  )
}

function knownCandidates(catalog: CatalogData, provider: string, model: string): Candidate[] {
  const names = namesOf(provider)
  const fallbacks = fallbackProvidersOf(catalog, provider)
  const candidates: Candidate[] = []
  for (const spelling of spellingsOf(catalog, provider, model)) {
    candidates.push({ provider: 'known', names, model: spelling })
  }
  for (const reseller of fallbacks) {
    for (const spelling of spellingsOf(catalog, reseller, model)) {
      candidates.push({ provider: 'known', names: namesOf(reseller), model: spelling, catalogOnly: true })
    }
  }
  return candidates
}

function openCandidates(catalog: CatalogData, model: string): Candidate[] {
  const everybodys: Candidate = { provider: 'open', pairs: [{ model }, ...catalogPairs(catalog, model)] }
  const prefixed = prefixOf(catalog, model)
  if (prefixed !== undefined) {
    // A price for any provider under the whole name; then what the prefix says; then whoever lists the whole name.
    const wholeName: Candidate = { provider: 'known', names: [], model }
    return [wholeName, ...knownCandidates(catalog, prefixed.provider, prefixed.model), everybodys]
  }
  const undated = withoutDate(model)
  if (undated === undefined) return [everybodys]
  return [everybodys, { provider: 'open', pairs: [{ model: undated }] }]
}

/**
 * What each provider of the catalog calls the model. Some of its rules look for a part of the name, and would take
 * `somebody/claude-sonnet-4-5` for Google's: what stands before a slash says whose it is, and must not get lost.
 */
function catalogPairs(catalog: CatalogData, model: string): { provider: string; model: string }[] {
  if (isIsolated(model)) return []
  return [...catalog.keys()].flatMap((provider) => {
    const id = catalogModelOf(catalog, provider, model)
    return id === undefined || (model.includes('/') && !id.includes('/')) ? [] : [{ provider, model: id }]
  })
}

/** The ways to write one model of one provider, the most exact first. */
function spellingsOf(catalog: CatalogData, provider: string, model: string): string[] {
  const written = [model]
  const prefixed = prefixOf(catalog, model)
  if (prefixed !== undefined) written.push(prefixed.model)
  if (isIsolated(model)) return written
  if (catalogNameOf(provider) === 'aws') {
    const regionless = withoutRegion(prefixed?.model ?? model)
    if (regionless !== undefined) written.push(regionless)
  }
  const catalogued = written.flatMap((each) => catalogModelOf(catalog, provider, each) ?? [])
  const undated = written.flatMap((each) => withoutDate(each) ?? [])
  return [...new Set([...written, ...catalogued, ...undated])]
}

/** `openai/gpt-4o` is OpenAI's gpt-4o; of `meta-llama/llama-4` nobody is the provider. */
function prefixOf(catalog: CatalogData, model: string): { provider: string; model: string } | undefined {
  const slash = model.indexOf('/')
  if (slash < 1 || slash === model.length - 1) return undefined
  const provider = model.slice(0, slash)
  if (!catalog.has(catalogNameOf(provider)) && !isSynonym(provider)) return undefined
  return { provider, model: model.slice(slash + 1) }
}

/** AWS's GovCloud, China and secret regions, as a region or as an inference profile: priced apart, in every list. */
function isIsolated(model: string): boolean {
  return /(?:^|[/.:])(?:us-gov|us-iso[a-z]*|cn)(?:-[a-z]+-\d)?[/.:]/.test(model)
}

/**
 * `eu-west-1/anthropic.claude-…`, or the same behind LiteLLM's `converse/`. AWS lists one price for its commercial regions
 * under the model's plain id; GovCloud and China have prices of their own, and are only found under their full names.
 */
function withoutRegion(model: string): string | undefined {
  return /^(?:(?:converse|invoke)\/)?(?:(?:us|eu|ap|sa|ca|me|af|il|mx)-[a-z]+-\d\/)?(.+)$/.exec(model)?.[1]
}

function withoutDate(model: string): string | undefined {
  const match = /^(.+?)(?:[-@]20\d{2}-?(?:0[1-9]|1[0-2])-?(?:0[1-9]|[12]\d|3[01]))$/.exec(model)
  return match?.[1]
}
