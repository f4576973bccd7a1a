import { countUsers, readBooks } from '../../database/reconcile/books'
import { type Checkpoint, readCheckpoints } from '../../database/reconcile/checkpoints'
import { readKeyCounts } from '../../database/reconcile/keys'
import type { UserRange } from '../../database/reconcile/orphans'
import { BillingError } from '../../domain/errors'
import {
  type Books,
  checkKeyCount,
  type Discrepancy,
  isDrift,
  type LedgerWalk,
} from '../../domain/reconcile/reconcile'
import {
  positionOfToken,
  positionToken,
  type ReconcilePosition,
} from '../../domain/reconcile/reconcilePosition'
import { metrics } from '../../observability/metrics'
import { Slices } from '../../timing/slices'
import { findOrphans } from './findOrphans'
import { proveUser } from './proveUser'
import type { Reads } from './walkLedger'

export interface ReconcileRequest {
  /** Empty = every user, a page at a time. */
  userId: string
  pageSize: number
  pageToken: string
  /** A caller may forge a token. Findings that follow from one are returned, but raise no alert. */
  isTokenOfCaller?: boolean
  /** Start at each ledger's checkpoint, where there is one, instead of its first entry. */
  fromCheckpoints?: boolean
  /** How many entries a page may walk. A longer ledger continues in the next page. */
  entriesMax?: number
  /** Called after each read, to leave the machine to others. */
  pause?: (entries: number) => Promise<void>
}

export interface ReconcileResult {
  /** Users whose ledgers were walked to their ends. */
  usersChecked: number
  entriesChecked: number
  discrepancies: Discrepancy[]
  /** Empty after the last page. */
  nextPageToken: string
  /** How many users there are; estimated if there are very many. Only in a first page. */
  usersTotal?: bigint
  /** Checkpoints of the ledgers without findings. */
  proved: Checkpoint[]
}

const ENTRIES_PER_PAGE = 20_000
/** At most this many keys without an entry are counted for a user. */
const EXCESS_KEYS_MAX = 100

/**
 * Proves users' books: every version there once, every balance the sum of the entries before it, holds the sum of the
 * open streams, every amount what its usage costs at its price, every hash in its chain; and that every row has a user.
 * Users are read first, then their entries up to the version read, in reads of a bounded size and without a
 * transaction around them, so that running charges neither disturb it nor are disturbed.
 *
 * @throws BillingError USER_NOT_FOUND, INVALID_FIELD (`page_token`)
 */
export async function reconcile(billing: Reads, request: ReconcileRequest): Promise<ReconcileResult> {
  const from = positionOfToken(request.pageToken)
  const books = await booksOf(billing, request, from)
  const page = await proveBooks(billing, books, { ...request, from })
  const range = rangeOf(request, from, page)
  const orphans = range === undefined ? [] : await findOrphans(billing, range)
  if (request.userId !== '' && books.length === 0 && orphans.length === 0) {
    throw new BillingError('USER_NOT_FOUND', `there is no user ${JSON.stringify(request.userId)}`)
  }
  const discrepancies = [...page.discrepancies, ...(await keyFindings(billing, page)), ...orphans]
  const claimedUserId = request.isTokenOfCaller ? from.within?.walk.userId : undefined
  metrics.reconciled({
    users: page.finished.length,
    entries: page.entriesChecked,
    discrepancies: discrepancies.filter(({ userId }) => userId !== claimedUserId),
  })
  const wrong = new Set(discrepancies.filter(({ kind }) => isDrift(kind)).map(({ userId }) => userId))
  return {
    usersChecked: page.finished.length,
    entriesChecked: page.entriesChecked,
    discrepancies,
    nextPageToken: page.next === undefined ? '' : positionToken(page.next),
    ...(request.pageToken === '' && {
      usersTotal: request.userId === '' ? await countUsers(billing.database) : 1n,
    }),
    proved: page.finished.flatMap(({ end }) => (end && !end.flawed && !wrong.has(end.userId) ? [end] : [])),
  }
}

interface Page {
  finished: { userId: string; hasKeysToCount: boolean; end: LedgerWalk | undefined }[]
  entriesChecked: number
  discrepancies: Discrepancy[]
  /** Undefined = this was the last page. */
  next: ReconcilePosition | undefined
}

/** The user whose ledger an earlier page began comes first. */
async function booksOf(
  { database }: Reads,
  { userId, pageSize }: ReconcileRequest,
  { afterUserId, within }: ReconcilePosition,
): Promise<Books[]> {
  if (userId !== '') return readBooks(database, { userId, afterUserId: '', limit: 1 })
  if (within === undefined) return readBooks(database, { userId: undefined, afterUserId, limit: pageSize })
  const [first] = await readBooks(database, { userId: within.walk.userId, afterUserId: '', limit: 1 })
  const others = await readBooks(database, {
    userId: undefined,
    afterUserId: within.walk.userId,
    limit: first === undefined ? pageSize : pageSize - 1,
  })
  return first === undefined ? others : [first, ...others]
}

async function proveBooks(
  billing: Reads,
  books: readonly Books[],
  request: ReconcileRequest & { from: ReconcilePosition },
): Promise<Page> {
  const { from, userId, pageSize, fromCheckpoints = false, pause = restAfterReads() } = request
  const checkpoints = fromCheckpoints
    ? await readCheckpoints(
        billing.database,
        books.map(({ user }) => user.userId),
      )
    : new Map<string, Checkpoint>()
  const page: Page = { finished: [], entriesChecked: 0, discrepancies: [], next: undefined }
  let entriesLeft = request.entriesMax ?? ENTRIES_PER_PAGE
  let afterUserId = from.afterUserId
  for (const book of books) {
    const id = book.user.userId
    if (entriesLeft <= 0) return { ...page, next: { afterUserId } }
    const within = from.within?.walk.userId === id ? from.within : undefined
    const checkpoint = checkpoints.get(id)
    const proof = await proveUser(billing, book, {
      ...(within !== undefined && { within }),
      ...(checkpoint !== undefined && { checkpoint }),
      entriesMax: entriesLeft,
      pause,
    })
    entriesLeft -= proof.effort
    page.entriesChecked += proof.entriesChecked
    page.discrepancies.push(...proof.discrepancies)
    if (proof.unfinished !== undefined) return { ...page, next: { afterUserId, within: proof.unfinished } }
    afterUserId = id
    page.finished.push({ userId: id, hasKeysToCount: proof.hasKeysToCount, end: proof.end })
  }
  const isLast = userId !== '' || books.length < pageSize
  return isLast ? page : { ...page, next: { afterUserId } }
}

/** Counts the keys of users whose whole ledger was in this page. */
async function keyFindings({ database }: Reads, { finished }: Page): Promise<Discrepancy[]> {
  const userIds = finished.filter(({ hasKeysToCount }) => hasKeysToCount).map(({ userId }) => userId)
  return (await readKeyCounts(database, userIds, { excessMax: EXCESS_KEYS_MAX })).flatMap(checkKeyCount)
}

/** The range of user ids that a page has finished, including ids without a user. */
function rangeOf(
  { userId }: ReconcileRequest,
  { afterUserId }: ReconcilePosition,
  { next }: Page,
): UserRange | undefined {
  if (userId !== '') return next === undefined ? { userId } : undefined
  if (next === undefined) return { afterUserId }
  return next.afterUserId === afterUserId ? undefined : { afterUserId, upToUserId: next.afterUserId }
}

function restAfterReads(): () => Promise<void> {
  const slices = new Slices()
  return () => slices.rest()
}
