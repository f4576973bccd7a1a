import type { Database } from '../database/database'
import {
  decidePriceChangeRow,
  readPriceChanges,
  type StoredPriceChange,
} from '../database/prices/priceChanges'
import { changePriceBook, endVersions, insertVersions, readCurrentOfSource } from '../database/prices/prices'
import { BillingError } from '../domain/errors'
import type { Actor } from '../domain/ledger/actor'
import { type ImportedSource, newVersion } from './decideImport'

/** An operator's word on a change that was held back: it comes into force now, or never. */
export function decidePriceChange(
  database: Database,
  { changeId, approve }: { changeId: string; approve: boolean },
  actor: Actor,
): Promise<StoredPriceChange> {
  return changePriceBook<StoredPriceChange>(database, async (tables, now) => {
    const [change] = await readPriceChanges(tables, [changeId])
    if (change === undefined)
      throw new BillingError('CHANGE_NOT_FOUND', `there is no price change ${changeId}`)
    if (change.state !== 'held-back') {
      throw new BillingError('ALREADY_DECIDED', `price change ${changeId} is ${change.state} already`)
    }
    if (!approve) {
      const rejected = { ...change, state: 'rejected' as const, decidedAt: now, actor }
      await decidePriceChangeRow(tables, rejected)
      return { changed: false, result: rejected }
    }
    const { model, provider, source, after } = change
    const current = await readCurrentOfSource(tables, { source, at: now })
    const before = current.find(
      (version) => version.model === model && version.provider === provider && version.effectiveFrom <= now,
    )
    if ((before?.priceId ?? '') !== change.beforePriceId) {
      throw new BillingError(
        'ALREADY_DECIDED',
        `price change ${changeId} was to follow ${change.beforePriceId || 'no price'}, which is in force no longer: put the price that counts with PutPrice, or reject the change`,
      )
    }
    const version = {
      ...newVersion({ model, provider, rateCards: after.rateCards }, source as ImportedSource, now, before),
      actor,
    }
    if (before !== undefined)
      await endVersions(tables, [{ priceId: before.priceId, effectiveTo: now }], actor)
    await insertVersions(tables, [version], now)
    const applied = {
      ...change,
      after: { rateCards: after.rateCards, priceId: version.priceId },
      state: 'applied' as const,
      decidedAt: now,
      actor,
    }
    await decidePriceChangeRow(tables, applied)
    return { changed: true, result: applied }
  })
}
