import type { Database } from '../database/database'
import { decidePriceChangeRow, insertPriceChanges, readPriceChanges } from '../database/prices/priceChanges'
import {
  changePriceBook,
  endVersions,
  insertVersions,
  readCurrentOfSource,
  readVersions,
} from '../database/prices/prices'
import type { Actor } from '../domain/ledger/actor'
import { log } from '../observability/log'
import { catalogData } from './catalog/catalogData'
import { changeIdsOf, decideImport, type ImportedSource } from './decideImport'
import type { ListedPrice } from './feeds/priceList'
import { reportHeldPriceChange } from './guards'
import { catalogPrices, PeerPrices } from './peerPrices'

export interface ImportedPrices {
  changed: number
  unchanged: number
  heldBack: number
  /** When the new versions began. */
  at: Date
}

/**
 * Brings a source's prices in line with a list, in one transaction: reads, decides (`decideImport.ts`), writes. Models that the
 * list no longer has keep their last price.
 */
export async function importPrices(
  database: Database,
  listed: readonly ListedPrice[],
  { source, changePercentMax, actor }: { source: ImportedSource; changePercentMax: number; actor: Actor },
): Promise<ImportedPrices> {
  const peers = new PeerPrices(catalogPrices(await catalogData()), listed)
  const { counts, held } = await changePriceBook(database, async (tables, now) => {
    const ofSource = await readCurrentOfSource(tables, { source, at: now })
    const current = ofSource.filter(({ effectiveFrom }) => effectiveFrom <= now)
    const known = await readVersions(tables, [...new Set(listed.map(({ model }) => model))])
    const changes = await readPriceChanges(tables, changeIdsOf(listed, current))
    const seen = new Map(changes.map((change) => [change.changeId, change]))
    const decision = decideImport(listed, { source, now, changePercentMax, current, known, seen, peers })
    const { inserts, ends, newChanges, nowApplied, unchanged, heldBack } = decision
    const seenNow = newChanges.map((change) => (change.state === 'applied' ? { ...change, actor } : change))
    await endVersions(tables, ends, actor)
    await insertVersions(
      tables,
      inserts.map((version) => ({ ...version, actor })),
      now,
    )
    await insertPriceChanges(tables, seenNow)
    for (const change of nowApplied) await decidePriceChangeRow(tables, { ...change, actor })
    const counts = { changed: inserts.length, unchanged, heldBack, at: now }
    const held = newChanges.filter(({ state }) => state === 'held-back')
    return { changed: inserts.length > 0, result: { counts, held } }
  })
  for (const change of held) reportHeldPriceChange(change, change.reason)
  log.info({ source, listed: listed.length, ...counts }, 'prices imported')
  return counts
}
