import { listPriceChangeRows, type PriceChangeState, type StoredPriceChange } from '../database/priceChanges'
import { invalidField } from '../domain/errors'
import type { Price } from '../domain/price'
import type { Billing } from './billing'
import { keyOfToken, tokenOf } from './keyToken'
import { type Page, pageOf } from './page'

export interface PriceChange {
  changeId: string
  before: Price | undefined
  /** Without an id while it is held back, and for ever if it is rejected. */
  after: Price
  state: PriceChangeState
  /** Why it was held back. */
  reason: string
  seenAt: Date
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
    tokenOf([`${last.seenAt.getTime()}`, last.changeId]),
  )
  return { changes: await Promise.all(page.map((row) => changeOf(billing, row))), nextPageToken }
}

/** Puts a change that was held back into force, or rejects it. @throws BillingError CHANGE_NOT_FOUND, ALREADY_DECIDED */
export async function decidePriceChange(
  billing: Prices,
  decision: { changeId: string; approve: boolean },
): Promise<PriceChange> {
  return changeOf(billing, await billing.prices.decidePriceChange(decision))
}

function placeOf(pageToken: string): { seenAt: Date; changeId: string } {
  const [seenAtMs = '', changeId = ''] = keyOfToken(pageToken, 2)
  if (!/^\d{1,15}$/.test(seenAtMs)) throw invalidField('page_token', 'is not one that an earlier page gave')
  return { seenAt: new Date(Number(seenAtMs)), changeId }
}

async function changeOf({ prices }: Prices, change: StoredPriceChange): Promise<PriceChange> {
  const { changeId, model, provider, source, state, reason, seenAt } = change
  const { rateCards, priceId = '' } = change.after
  const applied = priceId === '' ? undefined : await prices.priceById(priceId)
  const proposed = prices.priceOf({ priceId: '', model, provider, source, effectiveFrom: seenAt, rateCards })
  const before = await prices.priceById(change.beforePriceId)
  return { changeId, before, after: applied ?? proposed, state, reason, seenAt }
}
