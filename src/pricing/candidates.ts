import { type CatalogData, catalogModelOf, fallbackProvidersOf } from './catalog/catalogData'
import { catalogNameOf, isSynonym, makerOf, namesOf } from './providers'

/** One place to look for a price. Candidates are tried in order, the exact request first. */
export type Candidate =
  /** A model of a known provider, under any of its names. `ownOnly`: not at a price for any provider. */
  | { provider: 'known'; names: readonly string[]; model: string; catalogOnly?: true; ownOnly?: true }
  /** No provider was named. A pair without a provider matches every provider. */
  | { provider: 'open'; pairs: readonly { provider?: string; model: string }[] }

/**
 * Lists where the price of a model may be: under the requested name; without a prefix that names a
 * provider or an AWS region; under the catalog's id for it; without its date. The list is
 * deterministic. It never contains another region's or provider's price, except for providers that
 * sell the models of another provider at its price.
 */
export function candidatesOf(
  catalog: CatalogData,
  { model, provider }: { model: string; provider: string },
): Candidate[] {
  return provider === '' ? openCandidates(catalog, model) : knownCandidates(catalog, provider, model)
}

/** Every model id under which the candidates can find a price. */
export function modelsOf(candidates: readonly Candidate[]): string[] {
  return candidates.flatMap((candidate) =>
    candidate.provider === 'known' ? [candidate.model] : candidate.pairs.map(({ model }) => model),
  )
}

function knownCandidates(catalog: CatalogData, provider: string, model: string): Candidate[] {
  const names = namesOf(provider)
  const own = spellingsOf(catalog, provider, model).map(
    (spelling): Candidate => ({ provider: 'known', names, model: spelling }),
  )
  const others = fallbackProvidersOf(provider).flatMap((other) =>
    spellingsOf(catalog, other, model).map(
      (spelling): Candidate => ({
        provider: 'known',
        names: namesOf(other),
        model: spelling,
        catalogOnly: true,
      }),
    ),
  )
  return [...own, ...others]
}

function openCandidates(catalog: CatalogData, model: string): Candidate[] {
  const everybodys: Candidate = { provider: 'open', pairs: [{ model }, ...catalogPairs(catalog, model)] }
  // A price for any provider under the whole name comes first.
  const wholeName: Candidate = { provider: 'known', names: [], model }
  const prefixed = prefixOf(model)
  if (prefixed !== undefined && isProvider(catalog, prefixed.provider)) {
    return [wholeName, ...knownCandidates(catalog, prefixed.provider, prefixed.model), everybodys]
  }
  const undated = withoutDate(model)
  const others: Candidate[] = undated === undefined ? [] : [{ provider: 'open', pairs: [{ model: undated }] }]
  if (prefixed === undefined) return [everybodys, ...others]
  // The prefix may be a provider that only price lists have, as in `dashscope/qwen-max`. In
  // `meta-llama/llama-4` it is not a provider.
  const listed: Candidate = {
    provider: 'known',
    names: namesOf(prefixed.provider),
    model: prefixed.model,
    ownOnly: true,
  }
  return [wholeName, listed, everybodys, ...others]
}

/**
 * The model's name at each provider of the catalog. Some rules of the catalog match a part of the
 * name. They would match `owner/claude-sonnet-4-5` for Google, so the part before the slash must be
 * kept.
 */
function catalogPairs(catalog: CatalogData, model: string): { provider: string; model: string }[] {
  if (isIsolated(model)) return []
  const providers = makerOf(model) === 'aws' ? ['aws'] : [...catalog.keys()]
  return providers.flatMap((provider) => {
    const id = catalogModelOf(catalog, provider, model)
    return id === undefined || (model.includes('/') && !id.includes('/')) ? [] : [{ provider, model: id }]
  })
}

/** The ways to write one model of one provider, the most exact first. */
function spellingsOf(catalog: CatalogData, provider: string, model: string): string[] {
  const written = [model]
  const prefixed = prefixOf(model)
  const isNamed =
    prefixed !== undefined &&
    (isProvider(catalog, prefixed.provider) || namesOf(provider).includes(prefixed.provider.toLowerCase()))
  const plain = isNamed ? prefixed.model : model
  if (isNamed) written.push(plain)
  if (isIsolated(model)) return written
  if (catalogNameOf(provider) === 'aws') {
    const regionless = withoutRegion(plain)
    if (regionless !== undefined) written.push(regionless)
  }
  const catalogued = written.flatMap((each) => catalogModelOf(catalog, provider, each) ?? [])
  const undated = written.flatMap((each) => withoutDate(each) ?? [])
  return [...new Set([...written, ...catalogued, ...undated])]
}

function prefixOf(model: string): { provider: string; model: string } | undefined {
  const slash = model.indexOf('/')
  if (slash < 1 || slash === model.length - 1) return undefined
  return { provider: model.slice(0, slash), model: model.slice(slash + 1) }
}

function isProvider(catalog: CatalogData, name: string): boolean {
  return catalog.has(catalogNameOf(name)) || isSynonym(name)
}

/** AWS's GovCloud, China and secret regions and inference profiles, which have their own prices. */
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
