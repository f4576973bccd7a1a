import { databaseErrorKind } from '../database/errors'
import { findHold } from '../database/holds'
import { readBooks, readEntriesAfter } from '../database/reconciliation'
import { isCollection, type LedgerEntry } from '../domain/entry'
import { BillingError } from '../domain/errors'
import type { Nanousd } from '../domain/money'
import { ANY_TEXT, keyOfPageToken, pageTokenOf } from '../domain/pageToken'
import {
  type Books,
  beginWalk,
  type Discrepancy,
  endWalk,
  type RatedAgain,
  walkEntry,
} from '../domain/reconcile'
import { metrics } from '../observability/metrics'
import type { Billing } from './billing'
import { rateAgain } from './priceCall'
import { settlementOf } from './streamPostings'

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
  const [afterUserId = ''] = pageToken === '' ? [] : keyOfPageToken(pageToken, [ANY_TEXT])
  const books = await readBooks(billing.database, {
    userId: userId === '' ? undefined : userId,
    afterUserId,
    limit: pageSize,
  })
  if (userId !== '' && books.length === 0) {
    throw new BillingError('USER_NOT_FOUND', `there is no user ${JSON.stringify(userId)}`)
  }
  const discrepancies: Discrepancy[] = []
  let entriesChecked = 0
  for (const book of books) {
    const checked = await checkReadableBooks(billing, book)
    discrepancies.push(...checked.discrepancies)
    entriesChecked += checked.entriesChecked
  }
  metrics.reconciled({ users: books.length, entries: entriesChecked, discrepancies })
  const last = books.at(-1)
  const more = userId === '' && last !== undefined && books.length === pageSize
  return {
    usersChecked: books.length,
    entriesChecked,
    discrepancies,
    nextPageToken: more ? pageTokenOf([last.user.userId]) : '',
  }
}

/** A ledger that can't be read as one is a finding too; a database that does not answer is not. */
async function checkReadableBooks(
  billing: Pick<Billing, 'database' | 'prices'>,
  book: Books,
): ReturnType<typeof checkBooks> {
  try {
    return await checkBooks(billing, book)
  } catch (error) {
    if (databaseErrorKind(error) !== 'permanent') throw error
    const detail = `the ledger can't be read: ${error instanceof Error ? error.message : String(error)}`
    return { discrepancies: [{ userId: book.user.userId, kind: 'CHAIN_BROKEN', detail }], entriesChecked: 0 }
  }
}

async function checkBooks(
  billing: Pick<Billing, 'database' | 'prices'>,
  books: Books,
): Promise<{ discrepancies: Discrepancy[]; entriesChecked: number }> {
  const { user } = books
  let walk = beginWalk(user.userId)
  let entriesChecked = 0
  for (;;) {
    const entries = await readEntriesAfter(billing.database, {
      userId: user.userId,
      afterVersion: walk.version,
      upToVersion: user.version,
      limit: ENTRIES_PER_READ,
    })
    for (const { entry, hasKey } of entries) {
      walk = walkEntry(walk, entry, { ratedAgain: await rateEntryAgain(billing, entry), hasKey })
    }
    entriesChecked += entries.length
    if (entries.length < ENTRIES_PER_READ) break
  }
  return { discrepancies: endWalk(walk, books), entriesChecked }
}

/** An adjustment posts the difference to what its stream had been settled at. */
async function settledBefore(
  billing: Pick<Billing, 'database'>,
  { kind, userId, holdKeyId = '' }: LedgerEntry,
): Promise<Nanousd> {
  if (kind !== 'adjustment') return 0n
  const hold = await findHold(billing.database, { userId, keyId: holdKeyId })
  const settled = (hold && (await settlementOf(billing, hold)))?.entry.charge
  if (settled === undefined) throw new Error('it adjusts a stream that is not settled')
  return settled.amountNanousd + settled.shortfallNanousd + settled.forgoneNanousd
}

/** A charge that can't be rated again is a finding, not the end of the page. */
async function rateEntryAgain(
  billing: Pick<Billing, 'database' | 'prices'>,
  entry: LedgerEntry,
): Promise<RatedAgain | undefined> {
  const { charge } = entry
  if (charge === undefined) return undefined
  // Nothing new is rated: what a settlement fell short of is taken.
  if (isCollection(entry)) return { amountNanousd: 0n }
  const price = await billing.prices.priceById(charge.priceId)
  if (price === undefined) return { problem: `its price ${charge.priceId} is missing` }
  try {
    const { amountNanousd } = rateAgain(charge, price)
    return { amountNanousd: amountNanousd - (await settledBefore(billing, entry)) }
  } catch (error) {
    return {
      problem: `its usage can't be rated again: ${error instanceof Error ? error.message : String(error)}`,
    }
  }
}
