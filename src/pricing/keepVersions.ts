import type { Database } from '../database/database'
import type { StoredPrice } from '../database/prices/priceRow'
import { insertVersions, readVersionsById } from '../database/prices/prices'

/**
 * Stores versions that calls were priced by and that the database has lost, so that those calls can still be rated again.
 * Each is stored as withdrawn: it prices nothing new. Returns the ids of the lost ones.
 */
export async function keepVersions(
  { kysely }: Database,
  versions: readonly StoredPrice[],
  now: Date,
): Promise<string[]> {
  const stored = await readVersionsById(
    kysely,
    versions.map(({ priceId }) => priceId),
  )
  const lost = versions.filter(({ priceId }) => !stored.has(priceId))
  const withdrawn = lost.map((version) => ({ ...version, effectiveTo: version.effectiveFrom }))
  await insertVersions(kysely, withdrawn, now)
  return lost.map(({ priceId }) => priceId)
}
