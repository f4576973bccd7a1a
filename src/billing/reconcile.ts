import { type Books, readBooks, readEntriesAfter } from '../database/reconciliation'
import type { LedgerEntry } from '../domain/entry'
import { BillingError, invalidField } from '../domain/errors'
import type { Nanousd } from '../domain/money'
import { beginWalk, type Discrepancy, endWalk, walkEntry } from '../domain/reconcile'
import type { Billing } from './billing'
import { rateAgain } from './priceCall'

export interface ReconcileRequest {
  /** Empty = every user, a page at a time. */
  userId: string
  pageSize: number
  pageToken: string
}

export interface ReconcileResult {
  usersChecked: number
  entriesChecked: number
  discrepancies: Discrepancy[]
  /** Empty after the last page. */
  nextPageToken: string
}

/** Entries of one user that are in memory at once. */
const ENTRIES_PER_READ = 1_000

/**
 * Proves users' books: every version there once, every balance the sum of the entries before it, holds the sum of the
 * open streams, every amount what its usage costs at its price, every hash in its chain. Users are read first, then their entries up to
 * the version read, so that running charges neither disturb it nor are disturbed.
 *
 * @throws BillingError USER_NOT_FOUND, INVALID_FIELD (`page_token`)
 */
export async function reconcile(
  billing: Pick<Billing, 'database' | 'prices'>,
  { userId, pageSize, pageToken }: ReconcileRequest,
): Promise<ReconcileResult> {
  const books = await readBooks(billing.database, {
    userId: userId === '' ? undefined : userId,
    afterUserId: userIdOfPageToken(pageToken),
    limit: pageSize,
  })
  if (userId !== '' && books.length === 0) {
    throw new BillingError('USER_NOT_FOUND', `there is no user ${JSON.stringify(userId)}`)
  }
  const discrepancies: Discrepancy[] = []
  let entriesChecked = 0
  for (const book of books) {
    const checked = await checkBooks(billing, book)
    discrepancies.push(...checked.discrepancies)
    entriesChecked += checked.entriesChecked
  }
  const last = books.at(-1)
  const more = userId === '' && last !== undefined && books.length === pageSize
  return {
    usersChecked: books.length,
    entriesChecked,
    discrepancies,
    nextPageToken: more ? pageTokenOf(last.user.userId) : '',
  }
}

async function checkBooks(
  billing: Pick<Billing, 'database' | 'prices'>,
  { user, liveHolds }: Books,
): Promise<{ discrepancies: Discrepancy[]; entriesChecked: number }> {
  let walk = beginWalk(user.userId)
  let entriesChecked = 0
  for (;;) {
    const entries = await readEntriesAfter(billing.database, {
      userId: user.userId,
      afterVersion: walk.version,
      upToVersion: user.version,
      limit: ENTRIES_PER_READ,
    })
    for (const entry of entries) walk = walkEntry(walk, entry, await ratedAgain(billing, entry))
    entriesChecked += entries.length
    if (entries.length < ENTRIES_PER_READ) break
  }
  return { discrepancies: endWalk(walk, user, liveHolds), entriesChecked }
}

async function ratedAgain(
  billing: Pick<Billing, 'prices'>,
  { charge }: LedgerEntry,
): Promise<Nanousd | undefined> {
  if (charge === undefined) return undefined
  const price = await billing.prices.priceById(charge.priceId)
  return price && rateAgain(charge, price).amountNanousd
}

const PAGE_TOKEN_PREFIX = 'after:'

function pageTokenOf(userId: string): string {
  return Buffer.from(PAGE_TOKEN_PREFIX + userId).toString('base64url')
}

function userIdOfPageToken(pageToken: string): string {
  if (pageToken === '') return ''
  const text = Buffer.from(pageToken, 'base64url').toString()
  if (!text.startsWith(PAGE_TOKEN_PREFIX))
    throw invalidField('page_token', 'is not one that this service gave')
  return text.slice(PAGE_TOKEN_PREFIX.length)
}
