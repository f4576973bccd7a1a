import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { log } from '../../observability/log'
import { backoffMs } from '../../timing/backoff'
import { type Deliver, DRAIN_BACKOFF, drainRound } from './drainRound'
import type { Spool } from './spool'

const BATCH_MAX = 256
/** Pause between the last attempts before the process ends, while the database is unreachable. */
const LAST_TRIES_MS = 250

/**
 * Deducts the spool's entries in the background: whole batches while the database answers; while it doesn't, one entry at a
 * time after ever longer pauses. It never gives up.
 */
export class SpoolDrainer {
  readonly #spool: Spool
  readonly #deliver: Deliver
  #stopped = false
  #running: Promise<void> | undefined
  /** Rounds in a row without an answer of the database; 0 while it answers. */
  #failures = 0
  #pauseMs = 0
  #wake: () => void = () => undefined
  #isIdle = false

  constructor(spool: Spool, deliver: Deliver) {
    this.#spool = spool
    this.#deliver = deliver
  }

  start(): void {
    this.#running = this.#run()
  }

  /** There is something to drain. */
  added(): void {
    if (this.#isIdle) this.#wake()
  }

  /** Another request got an answer from the database, so the pause need not last any longer. */
  databaseAnswers(): void {
    if (this.#failures === 0) return
    this.#answered()
    this.#wake()
  }

  /** Stops the background work and drains in the foreground until the spool is empty or the time is over. */
  async finish(deadlineMs: number): Promise<void> {
    this.#stopped = true
    this.#wake()
    await this.#running
    while (this.#spool.size > 0 && performance.now() < deadlineMs) {
      // Entries that were postponed get their last chance as well.
      const round = await drainRound(this.#spool, this.#deliver, {
        limit: BATCH_MAX,
        nowMs: Number.POSITIVE_INFINITY,
      })
      if (round.delivered === 0)
        await sleep(Math.min(LAST_TRIES_MS, Math.max(0, deadlineMs - performance.now())))
    }
    const { size } = this.#spool
    if (size > 0) log.warn({ entries: size }, 'deferred charges stay on this disk until the next start')
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      await this.#pause()
      if (this.#stopped) return
      try {
        await this.#round()
      } catch (error) {
        log.error({ err: error }, 'a bug stopped a round of draining the spool; the next round follows')
        this.#failed()
      }
    }
  }

  async #round(): Promise<void> {
    const limit = this.#failures === 0 ? BATCH_MAX : 1
    const { delivered, unavailable } = await drainRound(this.#spool, this.#deliver, {
      limit,
      nowMs: performance.now(),
    })
    if (delivered > 0) this.#answered()
    else if (unavailable > 0) this.#failed()
  }

  #answered(): void {
    this.#failures = 0
    this.#pauseMs = 0
  }

  #failed(): void {
    this.#failures += 1
    this.#pauseMs = backoffMs(this.#failures, DRAIN_BACKOFF)
  }

  /** Waits until an entry is due, or until something wakes the drainer. */
  async #pause(): Promise<void> {
    const { nextDueMs } = this.#spool
    const untilDueMs = nextDueMs === undefined ? undefined : Math.max(0, nextDueMs - performance.now())
    const pauseMs = untilDueMs === undefined ? undefined : Math.max(untilDueMs, this.#pauseMs)
    // Between two batches, other work of the process gets its turn.
    if (pauseMs === 0) return await new Promise((resolve) => setImmediate(resolve))
    await new Promise<void>((resolve) => {
      const timer = pauseMs === undefined ? undefined : setTimeout(resolve, pauseMs)
      this.#isIdle = pauseMs === undefined
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#wake = () => undefined
    this.#isIdle = false
  }
}
