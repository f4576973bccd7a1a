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
  /** From the end of one run, on any replica, to the next. */
  intervalMs: number
  /** From one run that starts at the first entries to the next. The runs between them start at checkpoints. */
  fromStartIntervalMs: number
  /** The job pauses between reads to stay below this, because charges come first. */
  entriesPerSecondMax: number
  leaseValidityMs?: number
  /** How often the job checks whether a run is due. */
  pollIntervalMs?: number
}

const LEASE_VALIDITY_MS = 120_000
const POLL_INTERVAL_MS_MAX = 30_000
const USERS_PER_CHUNK = 100
const ENTRIES_PER_CHUNK_MAX = 2_000
/** Drift in every ledger at once would otherwise flood Sentry. */
const USERS_REPORTED_MAX = 20

type RunEnd = 'finished' | 'left' | 'lost'

/** Reconciles all users regularly: on one replica at a time, in chunks, at a limited rate. */
export class ReconcileJob {
  readonly #billing: Reads
  readonly #settings: Required<ReconcileJobSettings>
  readonly #stopping = new AbortController()
  #running: Promise<void> | undefined

  constructor(billing: Reads, settings: ReconcileJobSettings) {
    this.#billing = billing
    const pollIntervalMs = Math.min(POLL_INTERVAL_MS_MAX, settings.intervalMs)
    this.#settings = { leaseValidityMs: LEASE_VALIDITY_MS, pollIntervalMs, ...settings }
  }

  start(): void {
    this.#running = this.#pollLoop()
  }

  /** Stops after the current chunk. Another replica continues from there. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }

  async #pollLoop(): Promise<void> {
    metrics.reconcileInterval(this.#settings.intervalMs)
    // On a database without any run, the first one is overdue from now on.
    metrics.booksProvedAt(new Date())
    while (!this.#stopping.signal.aborted) {
      await this.#publishLastRun()
      await this.runIfDue().catch((error: unknown) => {
        metrics.reconcileRunEnded('failed')
        log.warn({ err: error }, 'the books could not be proved to the end; another run will continue')
      })
      await this.#pause(this.#settings.pollIntervalMs)
    }
  }

  /** Every replica publishes it: only one runs, and the others must notice if that one stops. */
  async #publishLastRun(): Promise<void> {
    try {
      const at = await readLastFinishedAt(this.#billing.database)
      if (at !== undefined) metrics.booksProvedAt(at)
    } catch (error) {
      log.warn({ err: error }, 'when the books were last proved could not be read')
    }
  }

  /** Runs once, if a run is due and no other replica has it. Undefined = nothing was due. */
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

  /** Pauses after each read to keep to the rate. */
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

/** Another release may have left a position that this one can't read. Then the run starts again. */
function positionOrStart(position: string): string {
  try {
    positionOfToken(position)
    return position
  } catch {
    return ''
  }
}

/** The findings of this process' part of a run. */
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

  /** Reports the user and the kinds. The amounts are only in the answer of Reconcile. */
  #report(userId: string, kinds: DiscrepancyKind[]): void {
    log.error({ userId, kinds }, "a user's books do not add up, or want looking after")
    // Remembers only the reported users: a set of a million users would take too much memory.
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
