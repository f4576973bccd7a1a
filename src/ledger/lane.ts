import type { ConnectionSettings } from '../database/database'
import { databaseErrorKind, isContention, isLockTimeout } from '../database/errors'
import { type BackendId, LedgerConnection } from '../database/ledger/connection'
import { BillingError } from '../domain/errors'
import type { Decision, Posting, Rules } from '../domain/posting'
import { log } from '../observability/log'
import { metrics } from '../observability/metrics'
import { changedChargeRefOf, type DecidedBatch, decideBatch, failureRefOf, holdRefOf } from './batch'
import type { DatabaseClock } from './databaseClock'
import type { PostResult } from './engine'
import { FairQueue } from './fairQueue'
import { reportFailedDeduction } from './reportFailedDeduction'
import { RETRIES_MAX, retryDelay } from './retryDelay'

/** A posting that waits in a lane, and whoever waits for it. */
export interface QueuedPosting {
  posting: Posting
  /** On this process's monotonic clock. */
  deadlineAtMs?: number
  resolve: (result: PostResult) => void
  reject: (error: unknown) => void
  /** Hash of the entry that an attempt of unknown outcome tried to write: finding it there is no replay. */
  sentHash?: Buffer
}

export interface LaneSettings {
  connection: ConnectionSettings
  clock: DatabaseClock
  rules: Rules
  batchSizeMax: number
  queueLengthMax: number
  now: () => number
}

/**
 * One queue of postings, each user's in their order of arrival, and one connection. One batch is in flight at a time; while it commits, the
 * next gathers. An idle lane sends a single posting at once: no timer, no added latency.
 */
export class Lane {
  readonly #settings: LaneSettings
  readonly #queue = new FairQueue<QueuedPosting>()
  #running: Promise<void> | undefined
  #connection: LedgerConnection | undefined
  /** A server process that may still commit what it was last sent. Nothing is decided until it is gone. */
  #suspect: BackendId | undefined

  constructor(settings: LaneSettings) {
    this.#settings = settings
  }

  enqueue(queued: QueuedPosting): void {
    if (this.#queue.length >= this.#settings.queueLengthMax) {
      queued.reject(overloaded())
      return
    }
    this.#queue.push(queued.posting.userId, queued)
    metrics.postingQueued()
    this.#running ??= this.#run()
  }

  /** Connects, so that the first posting doesn't have to. */
  async connect(): Promise<void> {
    await this.#connected()
  }

  /** Waits for what was accepted, then closes. */
  async drain(): Promise<void> {
    await this.#running
    await this.#connection?.close()
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue.take(this.#settings.batchSizeMax)
      metrics.postingsTaken(batch.length)
      try {
        await this.#commit(batch.filter((queued) => this.#isInTime(queued)))
      } catch (error) {
        // A bug: nobody may be left waiting for it. Those that were answered already don't notice.
        for (const { reject } of batch) reject(error)
      }
      // A loop of promises alone would starve the sockets that bring the next batch.
      await new Promise(setImmediate)
    }
    // In the same turn as the last look at the queue: whoever comes next starts a new run.
    this.#running = undefined
  }

  #isInTime({ deadlineAtMs, reject }: QueuedPosting): boolean {
    if (deadlineAtMs === undefined || deadlineAtMs > this.#settings.now()) return true
    reject(
      new BillingError(
        'DEADLINE_EXCEEDED',
        'the deadline passed before anything was sent; nothing was charged',
      ),
    )
    return false
  }

  /** Brings every posting of a batch to an end: posted, replayed, refused, or failed with an error that says what to do. */
  async #commit(batch: readonly QueuedPosting[]): Promise<void> {
    let pending = batch
    let lastError: unknown
    for (let retries = 0; pending.length > 0; retries++) {
      if (retries > 0) metrics.deductionRetry(pending.length)
      try {
        pending = await this.#attempt(pending, { locked: pending.length > 1 || retries > 0 })
        // A lost swap is tried again at once, with locks, which keep it from being lost twice.
        if (pending.length > 0) metrics.casConflict(pending.length)
        lastError = undefined
      } catch (error) {
        if (isPermanent(error) || (pending.length > 1 && isOfOneUser(error))) {
          return await this.#bisect(pending, error)
        }
        lastError = error
        if (retries < RETRIES_MAX) await retryDelay(retries)
      }
      if (retries === RETRIES_MAX) break
    }
    for (const { reject } of pending) reject(retriesUsedUp(lastError))
  }

  /** A batch that fails for a reason of one posting's or one user's own is halved until that one stands alone. */
  async #bisect(batch: readonly QueuedPosting[], error: unknown): Promise<void> {
    const [only] = batch
    if (batch.length === 1 && only !== undefined) {
      only.reject(error)
      return
    }
    const middle = batch.length >> 1
    await this.#commit(batch.slice(0, middle))
    await this.#commit(batch.slice(middle))
  }

  /** One transaction. Returns the postings whose users' swap was lost, to be read and decided again. */
  async #attempt(
    batch: readonly QueuedPosting[],
    { locked }: { locked: boolean },
  ): Promise<readonly QueuedPosting[]> {
    const connection = await this.#connected()
    try {
      const postings = batch.map(({ posting }) => posting)
      if (!locked && postings.every(worksWithoutLocks)) {
        const lost = await this.#swapUnlocked(connection, batch, postings)
        if (lost !== 'needs locks') return lost
      }
      return await this.#swapLocked(connection, batch, postings)
    } catch (error) {
      await this.#leave(connection, error)
      throw error
    }
  }

  /** Two round trips without locks: reads, decides, and swaps in one statement, which is lost if anybody was faster. */
  async #swapUnlocked(
    connection: LedgerConnection,
    batch: readonly QueuedPosting[],
    postings: readonly Posting[],
  ): Promise<readonly QueuedPosting[] | 'needs locks'> {
    const facts = await connection.read(userIdsOf(postings), keysOf(postings))
    const decided = decideBatch(facts, postings, this.#context())
    if (!decided.decisions.every(standsWithoutLocks)) return 'needs locks'
    return await this.#write(batch, decided, (write) => connection.write(write))
  }

  async #swapLocked(
    connection: LedgerConnection,
    batch: readonly QueuedPosting[],
    postings: readonly Posting[],
  ): Promise<readonly QueuedPosting[]> {
    const facts = await connection.lockAndRead({
      userIds: userIdsOf(postings),
      keys: keysOf(postings),
      failures: uniqueRefs(postings.map(failureRefOf)),
      holds: refsOf(postings, holdRefOf),
      charges: refsOf(postings, changedChargeRefOf),
    })
    const decided = decideBatch(facts, postings, this.#context())
    if (isEmpty(decided.write)) {
      await connection.rollback()
      answer(batch, decided)
      return []
    }
    return await this.#write(batch, decided, (write) => connection.writeAndCommit(write))
  }

  async #write(
    batch: readonly QueuedPosting[],
    decided: DecidedBatch,
    send: (write: DecidedBatch['write']) => ReturnType<LedgerConnection['write']>,
  ): Promise<readonly QueuedPosting[]> {
    if (isEmpty(decided.write)) {
      answer(batch, decided)
      return []
    }
    batch.forEach((queued, index) => {
      const decision = decided.decisions[index]
      if (decision?.outcome === 'posted') queued.sentHash = decision.entry.hash
    })
    const sentAtMs = this.#settings.now()
    const { swappedUserIds, databaseNow } = await this.#sent(batch, send(decided.write))
    this.#settings.clock.observe(databaseNow)
    metrics.batchCommitted({ size: decided.write.entries.length, commitMs: this.#settings.now() - sentAtMs })
    for (const failure of decided.newFailures) reportFailedDeduction(failure)

    const swapped = new Set(swappedUserIds)
    const lostUsers = new Set(
      decided.write.users.map(({ user }) => user.userId).filter((id) => !swapped.has(id)),
    )
    const lost = answer(batch, decided, lostUsers)
    forgetSent(lost)
    return lost
  }

  /** A write that failed for certain leaves nothing to be recognised later; one of unknown outcome does. */
  async #sent<T>(batch: readonly QueuedPosting[], write: Promise<T>): Promise<T> {
    try {
      return await write
    } catch (error) {
      if (databaseErrorKind(error) !== 'disconnected') forgetSent(batch)
      throw error
    }
  }

  async #connected(): Promise<LedgerConnection> {
    if (this.#connection !== undefined && !this.#connection.broken) return this.#connection
    const connection = await this.#open()
    try {
      await this.#endSuspect(connection)
    } catch (error) {
      await connection.close()
      throw databaseUnavailable(error)
    }
    this.#settings.clock.observe(connection.connectedAt)
    this.#connection = connection
    return connection
  }

  async #endSuspect(connection: LedgerConnection): Promise<void> {
    if (this.#suspect === undefined) return
    if (!(await connection.endBackend(this.#suspect)))
      throw new Error('a lost connection may still be committing')
    this.#suspect = undefined
  }

  async #open(): Promise<LedgerConnection> {
    try {
      return await LedgerConnection.open(this.#settings.connection)
    } catch (error) {
      throw databaseUnavailable(error)
    }
  }

  /** After a failed attempt: back to a clean connection, or away from one that can't be trusted. */
  async #leave(connection: LedgerConnection, error: unknown): Promise<void> {
    const kind = databaseErrorKind(error)
    if (kind !== 'disconnected' && !connection.broken) {
      try {
        await connection.rollback()
        return
      } catch (rollbackError) {
        log.warn({ err: rollbackError }, 'rollback failed; the connection is given up')
      }
    }
    this.#suspect = connection.backend
    this.#connection = undefined
    await connection.close()
  }

  #context(): { rules: Rules; now: Date } {
    return { rules: this.#settings.rules, now: this.#settings.clock.now() }
  }
}

/** Something in the batch itself. That the database can't be reached is not, whatever the driver calls it. */
function isPermanent(error: unknown): boolean {
  return !(error instanceof BillingError) && databaseErrorKind(error) === 'permanent'
}

/** A lock that somebody keeps, or a user whose row and ledger disagree: no reason to fail its neighbours. */
function isOfOneUser(error: unknown): boolean {
  return isLockTimeout(error) || databaseErrorKind(error) === 'conflict'
}

function isEmpty({ entries, failures, resolvedFailures }: DecidedBatch['write']): boolean {
  return entries.length + failures.length + resolvedFailures.length === 0
}

/** Holds are locked when they are read; what doesn't touch one can be decided on a snapshot. */
function worksWithoutLocks(posting: Posting): boolean {
  return posting.type === 'charge' || posting.type === 'grant'
}

/** A refusal is answered, and a failure written or resolved, only on locked state: an unlocked read may be stale. */
function standsWithoutLocks(decision: DecidedBatch['decisions'][number]): boolean {
  return (
    (decision.outcome === 'replayed' || decision.outcome === 'posted') && decision.resolvesFailure !== true
  )
}

/** It is certain that this was not written. (Two replicas that write the same in the same millisecond write equal hashes.) */
function forgetSent(batch: readonly QueuedPosting[]): void {
  for (const queued of batch) delete queued.sentHash
}

/** Answers every posting but those whose user's swap was lost, and returns those. */
function answer(
  batch: readonly QueuedPosting[],
  decided: DecidedBatch,
  lostUsers: ReadonlySet<string> = new Set(),
): readonly QueuedPosting[] {
  return batch.filter((queued, index) => {
    // What was refused or replayed on top of a lost posting is as void as that posting.
    if (lostUsers.has(queued.posting.userId)) return true
    settle(queued, decided.decisions[index])
    return false
  })
}

function settle(
  queued: QueuedPosting,
  decision: Decision | { outcome: 'failed'; error: unknown } | undefined,
): void {
  switch (decision?.outcome) {
    case 'posted':
      queued.resolve({ entry: decision.entry, replayed: false, hold: decision.hold })
      break
    case 'replayed': {
      const replayed = queued.sentHash === undefined || !decision.entry.hash.equals(queued.sentHash)
      if (replayed) metrics.replay()
      queued.resolve({ entry: decision.entry, replayed, hold: decision.hold })
      break
    }
    case 'refused':
    case 'failed':
      queued.reject(decision.error)
      break
    default:
      queued.reject(new Error('the batch decided fewer postings than it was given'))
  }
}

function userIdsOf(postings: readonly Posting[]): string[] {
  return [...new Set(postings.map(({ userId }) => userId))]
}

function keysOf(postings: readonly Posting[]): { userId: string; keyId: string }[] {
  return uniqueRefs(postings)
}

function refsOf(postings: readonly Posting[], refOf: typeof holdRefOf): { userId: string; keyId: string }[] {
  return uniqueRefs(postings.map(refOf).filter((ref) => ref !== undefined))
}

function uniqueRefs(refs: readonly { userId: string; keyId: string }[]): { userId: string; keyId: string }[] {
  return [...new Map(refs.map(({ userId, keyId }) => [`${keyId}${userId}`, { userId, keyId }])).values()]
}

function overloaded(): BillingError {
  return new BillingError(
    'OVERLOADED',
    'the ledger has more work queued than it accepts; try again shortly',
    {
      retryAfterMs: 100,
    },
  )
}

function retriesUsedUp(error: unknown): BillingError {
  if (error instanceof BillingError) return error
  if (error === undefined || isContention(error)) {
    return new BillingError(
      'CONCURRENT_MODIFICATION',
      'others kept changing this user; send the same request again under the same key',
      { cause: error },
    )
  }
  return databaseUnavailable(error)
}

function databaseUnavailable(cause: unknown): BillingError {
  log.warn({ err: cause }, 'the ledger cannot reach the database')
  return new BillingError(
    'DATABASE_UNAVAILABLE',
    'the database cannot be reached; send the same request again under the same key',
    { retryAfterMs: 1_000, cause },
  )
}
