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
import { findStrays } from './findOrphans'
import { proveUser } from './proveUser'
import type { Reads } from './walkLedger'

export interface ReconcileRequest {
  /** Empty = every user, a page at a time. */
  userId: string
  pageSize: number
  pageToken: string
  /** A caller's, who may have made it up: what is found where it goes on within a ledger is told, and raises no alert. */
  isTokenOfCaller?: boolean
  /** From where each ledger was last proved, where it was; otherwise from its first entry. */
  fromCheckpoints?: boolean
  /** How many entries a page may walk: a longer ledger goes on in the next page. */
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
  /** How many there are in all, about where they are very many; only in a first page. */
  usersTotal?: bigint
  /** Where ledgers stand that nothing is wrong with. */
  proved: Checkpoint[]
}

const ENTRIES_PER_PAGE = 20_000
/** Keys without an entry: more of a user's are not counted. */
const EXCESS_KEYS_MAX = 100

/**
 * Proves users' books: every version there once, every balance the sum of the entries before it, holds the sum of the
 * open streams, every amount what its usage costs at its price, every hash in its chain; and that no row belongs to nobody.
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
  const strays = range === undefined ? [] : await findStrays(billing, range)
  if (request.userId !== '' && books.length === 0 && strays.length === 0) {
    throw new BillingError('USER_NOT_FOUND', `there is no user ${JSON.stringify(request.userId)}`)
  }
  const discrepancies = [...page.discrepancies, ...(await keyTrouble(billing, page)), ...strays]
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
  /** undefined = there is no more. */
  next: ReconcilePosition | undefined
}

/** The user whose ledger is half walked comes first. */
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
  const { from, userId, pageSize, fromCheckpoints = false, pause = leaveOthersTheirTurn } = request
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

/** Of users whose whole ledger was in this page: a page's entries have a page's keys. */
async function keyTrouble({ database }: Reads, { finished }: Page): Promise<Discrepancy[]> {
  const userIds = finished.filter(({ hasKeysToCount }) => hasKeysToCount).map(({ userId }) => userId)
  return (await readKeyCounts(database, userIds, { excessMax: EXCESS_KEYS_MAX })).flatMap(checkKeyCount)
}

/** The users that a page is done with, and whoever should be between them. */
function rangeOf(
  { userId }: ReconcileRequest,
  { afterUserId }: ReconcilePosition,
  { next }: Page,
): UserRange | undefined {
  if (userId !== '') return next === undefined ? { userId } : undefined
  if (next === undefined) return { afterUserId }
  return next.afterUserId === afterUserId ? undefined : { afterUserId, upToUserId: next.afterUserId }
}

function leaveOthersTheirTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
