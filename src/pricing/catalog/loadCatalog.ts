import type { Database } from '../../database/database'
import type { StoredPrice } from '../../database/prices/priceRow'
import {
  changePriceBook,
  endVersions,
  insertVersions,
  readCurrentOfSource,
} from '../../database/prices/prices'
import { TOLLGATE } from '../../domain/ledger/actor'
import { priceIdOf, rateCardsKey } from '../../domain/rating/priceId'
import { type CatalogVersion, catalogVersionsOf } from './catalogCards'
import { type CatalogData, catalogData } from './catalogData'
import { FURTHER_MODELS } from './providerFacts'

/** The start of a model that the catalog has always known: before any call that can still be charged. */
export const CATALOG_EPOCH = new Date('2020-01-01T00:00:00Z')

export interface CatalogLoad {
  /** Models priced, versions written and ended by this load, and models that can't be priced, with the reason. */
  models: number
  written: number
  ended: number
  rejections: string[]
}

/**
 * Brings the stored catalog prices in line with the bundled catalog, in one transaction. Equal rates
 * write nothing; a changed price ends the old version now and begins another. It is idempotent, and
 * several replicas can run it at once.
 */
export async function loadCatalog(database: Database): Promise<CatalogLoad> {
  const { timelines, rejections } = timelinesOf(await catalogData())
  return changePriceBook(database, async (tables, now) => {
    const stored = groupByModel(await readCurrentOfSource(tables, { source: 'catalog', at: now }))
    const inserts: StoredPrice[] = []
    const ends: { priceId: string; effectiveTo: Date }[] = []
    for (const [key, timeline] of timelines) {
      const change = changeOf(timeline, stored.get(key), now)
      inserts.push(...change.inserts)
      ends.push(...change.ends)
    }
    await endVersions(tables, ends, TOLLGATE)
    const versions = inserts.map((version) => ({ ...version, actor: TOLLGATE }))
    const written = Number(await insertVersions(tables, versions, now))
    const result = { models: timelines.size, written, ended: ends.length, rejections }
    return { changed: written > 0 || ends.length > 0, result }
  })
}

interface Timeline {
  model: string
  provider: string
  versions: CatalogVersion[]
}

function timelinesOf(catalog: CatalogData): { timelines: Map<string, Timeline>; rejections: string[] } {
  const timelines = new Map<string, Timeline>()
  const rejections: string[] = []
  for (const provider of catalog.values()) {
    for (const model of provider.models) {
      const versions = catalogVersionsOf(provider.id, model)
      if ('rejected' in versions) rejections.push(`${provider.id}/${model.id} ${versions.rejected}`)
      else timelines.set(keyOf(provider.id, model.id), { model: model.id, provider: provider.id, versions })
    }
  }
  for (const { provider, models } of FURTHER_MODELS) {
    for (const [model, [inputUsd, outputUsd]] of Object.entries(models)) {
      const info = {
        id: model,
        match: { equals: model },
        prices: { input_mtok: inputUsd, output_mtok: outputUsd },
      }
      const versions = catalogVersionsOf(provider, info)
      if (!('rejected' in versions)) timelines.set(keyOf(provider, model), { model, provider, versions })
    }
  }
  return { timelines, rejections }
}

/** The versions to end and to write, so that the stored versions equal the catalog's from now on. */
function changeOf(
  timeline: Timeline,
  stored: readonly StoredPrice[] | undefined,
  now: Date,
): { inserts: StoredPrice[]; ends: { priceId: string; effectiveTo: Date }[] } {
  if (stored === undefined) return { inserts: storedVersions(timeline, timeline.versions), ends: [] }
  const current = timeline.versions.filter((_, index) => !endedBy(timeline.versions[index + 1], now))
  if (sameSteps(current, stored, now)) return { inserts: [], ends: [] }
  const ends = stored.map(({ priceId, effectiveFrom }) => ({
    priceId,
    effectiveTo: effectiveFrom > now ? effectiveFrom : now,
  }))
  // A stored version that begins at the same instant keeps it; its successor begins a millisecond later.
  const taken = new Set(stored.map(({ effectiveFrom }) => effectiveFrom.getTime()))
  const steps = current.map((version) => {
    const from = Math.max(version.from?.getTime() ?? 0, now.getTime())
    return { ...version, from: new Date(taken.has(from) ? from + 1 : from) }
  })
  return { inserts: storedVersions(timeline, steps), ends }
}

function endedBy(next: CatalogVersion | undefined, now: Date): boolean {
  return next?.from !== undefined && next.from <= now
}

function sameSteps(current: readonly CatalogVersion[], stored: readonly StoredPrice[], now: Date): boolean {
  return (
    current.length === stored.length &&
    current.every(({ from, rateCards }, index) => {
      const version = stored[index]
      if (version === undefined || rateCardsKey(version.rateCards) !== rateCardsKey(rateCards)) return false
      // The start of the version in force doesn't matter. A future version must begin when the catalog says.
      return from === undefined || from <= now || version.effectiveFrom.getTime() - from.getTime() <= 1
    })
  )
}

function storedVersions(timeline: Timeline, versions: readonly CatalogVersion[]): StoredPrice[] {
  return versions.map(({ from, rateCards }, index) => {
    const price = {
      model: timeline.model,
      provider: timeline.provider,
      source: 'catalog' as const,
      effectiveFrom: from ?? CATALOG_EPOCH,
      rateCards,
    }
    const effectiveTo = versions[index + 1]?.from
    return { priceId: priceIdOf(price), ...price, ...(effectiveTo !== undefined && { effectiveTo }) }
  })
}

function groupByModel(prices: readonly StoredPrice[]): Map<string, StoredPrice[]> {
  const groups = new Map<string, StoredPrice[]>()
  for (const price of prices) {
    const key = keyOf(price.provider, price.model)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [price])
    else group.push(price)
  }
  return groups
}

function keyOf(provider: string, model: string): string {
  return `${provider}\n${model}`
}
