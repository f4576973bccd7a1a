import { listPriceChangeRows, type StoredPriceChange } from '../../database/prices/priceChanges'
import { readVersionsById } from '../../database/prices/prices'
import type { Actor } from '../../domain/ledger/actor'
import { ANY_TEXT, INSTANT_MS, keyOfPageToken, type Page, pageOf, pageTokenOf } from '../../domain/page'
import type { Price, PriceChangeState } from '../../domain/rating/price'
import type { Billing } from '../billing'
import type { Caller } from '../caller'

export interface PriceChange {
  changeId: string
  before: Price | undefined
  /** Without an id while it is held back, and for ever if it is rejected. */
  after: Price
  state: PriceChangeState
  /** Why it was held back. */
  reason: string
  seenAt: Date
  /** Who decided it, or whose list applied it. Absent where nobody is known, and while it is held back. */
  actor?: Actor
}

type Prices = Pick<Billing, 'prices' | 'database'>

/** What was seen to change, newest first. */
export async function listPriceChanges(
  billing: Prices,
  request: Page & { state?: PriceChangeState },
): Promise<{ changes: PriceChange[]; nextPageToken: string }> {
  const { state, pageSize, pageToken } = request
  const after = pageToken === '' ? undefined : placeOf(pageToken)
  const rows = await listPriceChangeRows(billing.database.kysely, {
    ...(state !== undefined && { state }),
    ...(after !== undefined && { after }),
    limit: pageSize + 1,
  })
  const { page, nextPageToken } = pageOf(rows, request, (last) =>
    pageTokenOf([`${last.seenAt.getTime()}`, last.changeId]),
  )
  return { changes: await withPrices(billing, page), nextPageToken }
}

/** Puts a change that was held back into force, or rejects it. @throws BillingError CHANGE_NOT_FOUND, ALREADY_DECIDED */
export async function decidePriceChange(
  billing: Prices,
  decision: { changeId: string; approve: boolean },
  { actor }: Caller,
): Promise<PriceChange> {
  const [change] = await withPrices(billing, [await billing.prices.decidePriceChange(decision, actor)])
  if (change === undefined) throw new Error('one change went in, and none came out')
  return change
}

function placeOf(pageToken: string): { seenAt: Date; changeId: string } {
  const [seenAtMs = '', changeId = ''] = keyOfPageToken(pageToken, [INSTANT_MS, ANY_TEXT])
  return { seenAt: new Date(Number(seenAtMs)), changeId }
}

/** With the versions that they name as they stand now: a version may have ended since it was last looked at. */
async function withPrices(
  { prices, database }: Prices,
  changes: readonly StoredPriceChange[],
): Promise<PriceChange[]> {
  const ids = changes.flatMap(({ beforePriceId, after: { priceId } }) => [beforePriceId, priceId ?? ''])
  const versions = await readVersionsById(database.kysely, ids)
  const priceById = (priceId = '') => {
    const version = versions.get(priceId)
    return version === undefined ? undefined : prices.priceOf(version)
  }
  return changes.map(({ model, provider, source, beforePriceId, after, ...change }) => {
    const { rateCards } = after
    const proposed = prices.priceOf({
      priceId: '',
      model,
      provider,
      source,
      effectiveFrom: change.seenAt,
      rateCards,
    })
    const before = priceById(beforePriceId)
    return { ...change, before, after: priceById(after.priceId) ?? proposed }
  })
}
