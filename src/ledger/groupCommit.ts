import { setTimeout as sleep } from 'node:timers/promises'
import { databaseErrorKind, isLockTimeout } from '../database/errors'
import type { LedgerConnection, WriteResult } from '../database/ledger/connection'
import type { Posting, Rules } from '../domain/decide/posting'
import { BillingError } from '../domain/errors'
import type { User } from '../domain/ledger/user'
import { metrics } from '../observability/metrics'
import { backoffMs } from '../timing/backoff'
import { type DecidedBatch, decideBatch } from './batch'
import { refsOf } from './batchRefs'
import { BudgetReader } from './budgetReader'
import type { DatabaseClock } from './databaseClock'
import type { LaneConnection } from './laneConnection'
import { retriesUsedUp } from './laneErrors'
import { answer, forgetSent, type QueuedPosting, rememberSent } from './queuedPosting'
import { reportFailedDeduction } from './reportFailedDeduction'
import { reportThreshold } from './reportThreshold'

const RETRIES_MAX = 3
const RETRY_BACKOFF = { firstMs: 20, maxMs: 1_000 }

/**
 * An attempt takes seconds if the database's host doesn't answer at all. After this time, the batch
 * fails with DATABASE_UNAVAILABLE instead of being tried again.
 */
const CONNECTING_MS_MAX = 4_000

export interface CommitSettings {
  clock: DatabaseClock
  rules: Rules
  /** Monotonic. */
  now: () => number
}

/** Reads, decides and writes a batch, with retries. */
export class GroupCommit {
  readonly #connection: LaneConnection
  readonly #settings: CommitSettings
  readonly #budgets = new BudgetReader()

  constructor(connection: LaneConnection, settings: CommitSettings) {
    this.#connection = connection
    this.#settings = settings
  }

  /** Resolves or rejects every posting of a batch. An error says what the caller can do. */
  async commit(batch: readonly QueuedPosting[]): Promise<void> {
    const begunMs = this.#settings.now()
    let pending = batch
    let lastError: unknown
    for (let retries = 0; pending.length > 0; retries++) {
      if (retries > 0) metrics.deductionRetry(pending.length)
      try {
        pending = await this.#attempt(pending, { locked: pending.length > 1 || retries > 0 })
        // A lost swap is tried again at once with locks, so it can't be lost twice.
        if (pending.length > 0) metrics.casConflict(pending.length)
        lastError = undefined
      } catch (error) {
        if (isPermanent(error) || (pending.length > 1 && isOfOneUser(error))) {
          return await this.#bisect(pending, error)
        }
        lastError = error
        if (isUnreachable(error) && this.#settings.now() - begunMs > CONNECTING_MS_MAX) break
        if (retries < RETRIES_MAX) await sleep(backoffMs(retries + 1, RETRY_BACKOFF))
      }
      if (retries === RETRIES_MAX) break
    }
    for (const { reject } of pending) reject(retriesUsedUp(lastError))
  }

  /** A batch that fails because of one posting or one user is halved until only that one fails. */
  async #bisect(batch: readonly QueuedPosting[], error: unknown): Promise<void> {
    const [only] = batch
    if (batch.length === 1 && only !== undefined) {
      only.reject(error)
      return
    }
    const middle = batch.length >> 1
    await this.commit(batch.slice(0, middle))
    await this.commit(batch.slice(middle))
  }

  /** One transaction. Returns the postings whose users' swap was lost, to be read and decided again. */
  async #attempt(
    batch: readonly QueuedPosting[],
    { locked }: { locked: boolean },
  ): Promise<readonly QueuedPosting[]> {
    const connection = await this.#connection.get()
    try {
      if (!locked && batch.every((queued) => this.#worksWithoutLocks(queued))) {
        const lost = await this.#swapAlone(connection, batch)
        if (lost !== 'needs locks') return lost
      }
      return await this.#swapLocked(connection, batch)
    } catch (error) {
      await this.#connection.leave(connection, error)
      throw error
    }
  }

  /**
   * Writes a single posting without locks. It reads the user, and the swap is lost if another
   * writer was faster. The swap itself checks whether the key is new.
   */
  async #swapAlone(
    connection: LedgerConnection,
    batch: readonly QueuedPosting[],
  ): Promise<readonly QueuedPosting[] | 'needs locks'> {
    const postings = postingsOf(batch)
    const facts = await connection.read(refsOf(postings).userIds)
    if (postings.some(({ type }) => type === 'charge') && facts.users.some(hasBudgets)) return 'needs locks'
    const decided = decideBatch(facts, postings, this.#context())
    if (!decided.decisions.every(standsWithoutLocks)) return 'needs locks'
    const sent = await this.#send(batch, decided, (write) => connection.writeNewKey(write))
    if (!sent.keyIsKnown) return this.#conclude(batch, decided, sent)
    forgetSent(batch)
    return 'needs locks'
  }

  async #swapLocked(
    connection: LedgerConnection,
    batch: readonly QueuedPosting[],
  ): Promise<readonly QueuedPosting[]> {
    const postings = postingsOf(batch)
    const read = await connection.lockAndRead(refsOf(postings))
    const context = this.#context()
    const budgets = await this.#budgets.read(connection, read, { postings, now: context.now })
    const facts = budgets === undefined ? read : { ...read, budgets }
    const decided = decideBatch(facts, postings, context)
    if (isEmpty(decided.write)) {
      await connection.rollback()
      answer(batch, decided.decisions)
      return []
    }
    const sent = await this.#send(batch, decided, (write) => connection.writeAndCommit(write))
    return this.#conclude(batch, decided, sent)
  }

  /**
   * If the outcome is unknown, it remembers the entries' hashes, so that a retry recognises them.
   */
  async #send<R extends WriteResult>(
    batch: readonly QueuedPosting[],
    decided: DecidedBatch,
    send: (write: DecidedBatch['write']) => Promise<R>,
  ): Promise<R & { commitMs: number }> {
    rememberSent(batch, decided)
    const sentAtMs = this.#settings.now()
    try {
      const result = await send(decided.write)
      this.#settings.clock.observe(result.databaseNow)
      return { ...result, commitMs: this.#settings.now() - sentAtMs }
    } catch (error) {
      if (databaseErrorKind(error) !== 'disconnected') forgetSent(batch)
      // If the batch was committed, the retry finds these failures and doesn't report them again.
      // If not, they are reported twice, and Sentry deduplicates them.
      else reportFailures(decided)
      throw error
    }
  }

  /** Answers what was written. Returns the postings whose users' swap was lost. */
  #conclude(
    batch: readonly QueuedPosting[],
    { decisions, write, newFailures, passed }: DecidedBatch,
    { swappedUserIds, commitMs }: WriteResult & { commitMs: number },
  ): readonly QueuedPosting[] {
    const lostUsers = new Set(write.users.map(({ user }) => user.userId))
    for (const userId of swappedUserIds) lostUsers.delete(userId)
    const entries = write.entries.filter(({ entry }) => !lostUsers.has(entry.userId))
    const last = entries.at(-1)
    if (last !== undefined) this.#connection.posted(last.entry)
    if (lostUsers.size === 0 || entries.length > 0) metrics.batchCommitted({ size: entries.length, commitMs })
    this.#budgets.wrote(write, lostUsers)
    reportFailures({ newFailures })
    for (const threshold of passed) if (!lostUsers.has(threshold.userId)) reportThreshold(threshold)
    const lost = answer(batch, decisions, lostUsers)
    forgetSent(lost)
    return lost
  }

  /**
   * Whether a posting can be decided on a snapshot. One with a hold can't, because holds are locked when they are read; nor
   * can one that moves budgets' counters. One that an attempt of unknown outcome may have written must be looked up.
   */
  #worksWithoutLocks({ posting, sentHash }: QueuedPosting): boolean {
    if (sentHash !== undefined) return false
    if (posting.type === 'charge') return !this.#budgets.hasBudgets(posting.userId)
    return posting.type === 'grant'
  }

  #context(): { rules: Rules; now: Date } {
    const { rules, clock } = this.#settings
    return { rules, now: clock.now() }
  }
}

/** What its charges move in counters is written under locks. */
function hasBudgets({ budgetsVersion }: User): boolean {
  return budgetsVersion > 0n
}

function postingsOf(batch: readonly QueuedPosting[]): Posting[] {
  return batch.map(({ posting }) => posting)
}

/** Whether the batch itself causes the error. An unreachable database is never permanent. */
function isPermanent(error: unknown): boolean {
  return !(error instanceof BillingError) && databaseErrorKind(error) === 'permanent'
}

function isUnreachable(error: unknown): boolean {
  return error instanceof BillingError && error.reason === 'DATABASE_UNAVAILABLE'
}

/**
 * Whether one user causes the error: another session keeps its lock, or its row and ledger
 * disagree. The other users of the batch must not fail.
 */
function isOfOneUser(error: unknown): boolean {
  return isLockTimeout(error) || databaseErrorKind(error) === 'conflict'
}

function isEmpty({ entries, failures, resolvedFailures }: DecidedBatch['write']): boolean {
  return entries.length + failures.length + resolvedFailures.length === 0
}

/** A refusal is answered only on locked state: an unlocked read may be stale, and may not know the key. */
function standsWithoutLocks(decision: DecidedBatch['decisions'][number]): boolean {
  return decision.outcome === 'posted'
}

function reportFailures({ newFailures }: Pick<DecidedBatch, 'newFailures'>): void {
  for (const failure of newFailures) reportFailedDeduction(failure)
}
