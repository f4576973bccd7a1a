import type { StoredPrice } from '../database/prices/priceRow'
import { type PriceTables, readVersions } from '../database/prices/prices'
import { followAliases } from './aliases'
import { type Candidate, candidatesOf, modelsOf } from './candidates'
import { catalogData } from './catalog/catalogData'
import { choosePrice } from './choosePrice'

const FREE_SUFFIX = ':free'

/** All that can price one model at one provider at any time: what the price book keeps in memory for it. */
export interface ModelPrices {
  /** After aliases. */
  model: string
  versions: StoredPrice[]
  /** Of the model without `:free`, where it has that. */
  candidates: Candidate[]
  /** Of the whole name, where it ends in `:free`. */
  freeCandidates: Candidate[]
}

/** Reads them: aliases first, then every version of every model that the name may mean. */
export async function readModelPrices(
  tables: PriceTables,
  asked: { model: string; provider: string },
): Promise<ModelPrices> {
  const { provider } = asked
  const catalog = await catalogData()
  const model = await followAliases(tables, asked.model)
  const isFree = model.endsWith(FREE_SUFFIX) && model !== FREE_SUFFIX
  const candidates = candidatesOf(catalog, { model: withoutFreeSuffix(model), provider })
  const freeCandidates = isFree ? candidatesOf(catalog, { model, provider }) : []
  const models = [...new Set(modelsOf([...candidates, ...freeCandidates]))]
  return { model, versions: await readVersions(tables, models), candidates, freeCandidates }
}

export function withoutFreeSuffix(model: string): string {
  return model.endsWith(FREE_SUFFIX) && model !== FREE_SUFFIX ? model.slice(0, -FREE_SUFFIX.length) : model
}

export interface Found {
  version: StoredPrice
  freeSuffixStripped: boolean
}

/**
 * The version in force at `at`. A `:free` model costs nothing only where a source lists it under that very id, and with
 * zero rates; otherwise it is priced as the model without the suffix.
 */
export function versionAt(prices: ModelPrices, at: Date): Found | undefined {
  const listedFree = prices.versions.filter(({ model }) => model.endsWith(FREE_SUFFIX))
  if (prices.freeCandidates.length > 0) {
    const free = choosePrice(listedFree, prices.freeCandidates, at)
    if (free !== undefined) return { version: free, freeSuffixStripped: false }
  }
  const version = choosePrice(prices.versions, prices.candidates, at)
  if (version === undefined) return undefined
  return { version, freeSuffixStripped: prices.freeCandidates.length > 0 }
}

export function isFree(version: StoredPrice): boolean {
  return (
    version.model.endsWith(FREE_SUFFIX) &&
    version.rateCards.every(({ rates }) => rates.every(({ priceNanousd }) => priceNanousd === 0n))
  )
}
