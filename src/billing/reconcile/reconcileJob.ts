import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { writeCheckpoints } from '../../database/reconcile/checkpoints'
import {
  finishLease,
  type ReconcileLease,
  readLastFinishedAt,
  releaseLease,
  renewLease,
  takeLease,
} from '../../database/reconcile/lease'
import { type Discrepancy, type DiscrepancyKind, isDrift } from '../../domain/reconcile/reconcile'
import { positionOfToken } from '../../domain/reconcile/reconcilePosition'
import { log } from '../../observability/log'
import { metrics } from '../../observability/metrics'
import { reportFatal, reportWarning } from '../../observability/sentry'
import { reconcile } from './reconcile'
import type { Reads } from './walkLedger'

export interface ReconcileJobSettings {
  /** From the end of one run, on whichever replica, to the next. */
  intervalMs: number
  /** From a run that begins at everybody's first entry to the next that does; those between begin at checkpoints. */
  fromStartIntervalMs: number
  /** Charges come first: no more than this, the rest is pauses. */
  entriesPerSecondMax: number
  leaseValidityMs?: number
  /** How often is looked whether a run is due. */
  lookMs?: number
}

const LEASE_VALIDITY_MS = 120_000
const LOOK_MS_MAX = 30_000
const USERS_PER_CHUNK = 100
const ENTRIES_PER_CHUNK_MAX = 2_000
/** One who wrote in all books at once would otherwise fill Sentry. */
const USERS_REPORTED_MAX = 20

type RunEnd = 'finished' | 'left' | 'lost'

/** Proves everybody's books again and again: on one replica at a time, a chunk of users at a time, and slowly. */
export class ReconcileJob {
  readonly #billing: Reads
  readonly #settings: Required<ReconcileJobSettings>
  readonly #stopping = new AbortController()
  #running: Promise<void> | undefined

  constructor(billing: Reads, settings: ReconcileJobSettings) {
    this.#billing = billing
    const lookMs = Math.min(LOOK_MS_MAX, settings.intervalMs)
    this.#settings = { leaseValidityMs: LEASE_VALIDITY_MS, lookMs, ...settings }
  }

  start(): void {
    this.#running = this.#lookAgainAndAgain()
  }

  /** Ends within a chunk; another replica goes on from there. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }

  async #lookAgainAndAgain(): Promise<void> {
    metrics.reconcileInterval(this.#settings.intervalMs)
    // For a database without a run so far: from now on, one is missed.
    metrics.booksProvedAt(new Date())
    while (!this.#stopping.signal.aborted) {
      await this.#lookWhenProved()
      await this.runIfDue().catch((error: unknown) => {
        metrics.reconcileRunEnded('failed')
        log.warn({ err: error }, 'the books could not be proved to the end; another run will go on')
      })
      await this.#pause(this.#settings.lookMs)
    }
  }

  /** Every replica says it: one alone runs, and nobody else knows when that one stops running. */
  async #lookWhenProved(): Promise<void> {
    try {
      const at = await readLastFinishedAt(this.#billing.database)
      if (at !== undefined) metrics.booksProvedAt(at)
    } catch (error) {
      log.warn({ err: error }, 'when the books were last proved could not be read')
    }
  }

  /** One run, where one is due and no other replica has it. undefined = it isn't so. */
  async runIfDue(): Promise<RunEnd | undefined> {
    const { intervalMs, fromStartIntervalMs, leaseValidityMs: validityMs } = this.#settings
    const terms = { validityMs, intervalMs, fromStartIntervalMs }
    const lease = await takeLease(this.#billing.database, randomUUID(), terms)
    if (lease === undefined) return undefined
    const run = new RunFindings()
    log.info({ fromStart: lease.fromStart, resumed: lease.position !== '' }, 'proving the books')
    const end = await this.#proveAll(lease, run)
    metrics.reconcileRunEnded(end)
    if (end === 'finished') metrics.reconcileRunFinished(run.result())
    const { users, entries, tookMs, findings } = run.result()
    log.info(
      { end, users, entries, tookMs: Math.round(tookMs), ...Object.fromEntries(findings) },
      'books proved',
    )
    return end
  }

  async #proveAll(lease: ReconcileLease, run: RunFindings): Promise<RunEnd> {
    const { database } = this.#billing
    let position = positionOrStart(lease.position)
    do {
      const chunk = await reconcile(this.#billing, {
        userId: '',
        pageSize: USERS_PER_CHUNK,
        pageToken: position,
        fromCheckpoints: !lease.fromStart,
        entriesMax: Math.min(ENTRIES_PER_CHUNK_MAX, this.#settings.entriesPerSecondMax),
        pause: this.#pace(),
      })
      run.add(chunk)
      await writeCheckpoints(
        database,
        chunk.proved.filter(({ version }) => version > 0n),
      )
      position = chunk.nextPageToken
      if (position === '') break
      const { leaseValidityMs: validityMs } = this.#settings
      if (!(await renewLease(database, lease, { position, validityMs }))) return 'lost'
      if (this.#stopping.signal.aborted) {
        await releaseLease(database, lease)
        return 'left'
      }
    } while (position !== '')
    return (await finishLease(database, lease)) ? 'finished' : 'lost'
  }

  /** So long after each read that there are no more entries a second than there may be. */
  #pace(): (entries: number) => Promise<void> {
    let lastMs = performance.now()
    return async (entries) => {
      const dueMs = lastMs + (entries / this.#settings.entriesPerSecondMax) * 1_000
      await this.#pause(Math.max(0, dueMs - performance.now()))
      lastMs = performance.now()
    }
  }

  async #pause(ms: number): Promise<void> {
    if (this.#stopping.signal.aborted) return
    await sleep(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined)
  }
}

/** Another release may have left the run at a position that means nothing to this one. */
function positionOrStart(position: string): string {
  try {
    positionOfToken(position)
    return position
  } catch {
    return ''
  }
}

/** What one process' part of a run came to. */
class RunFindings {
  readonly #startedMs = performance.now()
  readonly #findings = new Map<DiscrepancyKind, number>()
  readonly #reported = new Set<string>()
  #users = 0
  #entries = 0

  add(chunk: { usersChecked: number; entriesChecked: number; discrepancies: readonly Discrepancy[] }): void {
    this.#users += chunk.usersChecked
    this.#entries += chunk.entriesChecked
    const kindsByUser = new Map<string, Set<DiscrepancyKind>>()
    for (const { userId, kind } of chunk.discrepancies) {
      this.#findings.set(kind, (this.#findings.get(kind) ?? 0) + 1)
      const kinds = kindsByUser.get(userId) ?? new Set()
      kindsByUser.set(userId, kinds.add(kind))
    }
    for (const [userId, kinds] of kindsByUser) this.#report(userId, [...kinds])
  }

  /** Who, and what kinds; the amounts are for whoever calls Reconcile. */
  #report(userId: string, kinds: DiscrepancyKind[]): void {
    log.error({ userId, kinds }, "a user's books do not add up, or want looking after")
    // Of those alone: the findings of a million users are no set to keep.
    if (this.#reported.size >= USERS_REPORTED_MAX && !this.#reported.has(userId)) return
    this.#reported.add(userId)
    const tags = { kinds: kinds.join(' ') }
    if (kinds.some(isDrift)) {
      reportFatal('LEDGER_DRIFT', { subject: userId, message: "A user's books do not add up.", tags })
    } else {
      const message = 'A hold or a deduction failure of a user waits for too long.'
      reportWarning('LEDGER_UNATTENDED', { subject: userId, message, tags })
    }
  }

  result() {
    return {
      finishedAt: new Date(),
      tookMs: performance.now() - this.#startedMs,
      users: this.#users,
      entries: this.#entries,
      findings: this.#findings,
    }
  }
}
