import { performance } from 'node:perf_hooks'
import type { IBackoff } from 'cockatiel'
import { log } from '../../observability/log'
import { type Deliver, DRAIN_BACKOFF, drainRound } from './drainRound'
import type { Spool } from './spool'

const BATCH_MAX = 256
/** While it drains against the end of its grace, an unreachable database is asked again after this. */
const LAST_TRIES_MS = 250

/**
 * Deducts what waits in a spool, in the background: whole batches while the database answers, one entry at a time, after
 * ever longer pauses, while it doesn't. It never gives up.
 */
export class SpoolDrainer {
  readonly #spool: Spool
  readonly #deliver: Deliver
  #stopped = false
  #running: Promise<void> | undefined
  /** Set while the database is away. */
  #backoff: IBackoff<unknown> | undefined
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

  /** Somebody else had an answer of the database: it is back before it was to be asked again. */
  databaseAnswers(): void {
    if (this.#backoff === undefined) return
    this.#backoff = undefined
    this.#wake()
  }

  /** Stops in the background, and goes on here until the spool is empty or the time is over. */
  async finish(deadlineMs: number): Promise<void> {
    this.#stopped = true
    this.#wake()
    await this.#running
    while (this.#spool.size > 0 && performance.now() < deadlineMs) {
      // Whatever an entry was put off for, this is its last chance for now.
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
        log.error({ err: error }, 'draining the spool failed over a bug; it goes on')
        this.#backoff = this.#backoff?.next(undefined) ?? DRAIN_BACKOFF.next()
      }
    }
  }

  async #round(): Promise<void> {
    const limit = this.#backoff === undefined ? BATCH_MAX : 1
    const { delivered, unavailable } = await drainRound(this.#spool, this.#deliver, {
      limit,
      nowMs: performance.now(),
    })
    if (delivered > 0) this.#backoff = undefined
    else if (unavailable > 0) this.#backoff = this.#backoff?.next(undefined) ?? DRAIN_BACKOFF.next()
  }

  /** Until there is something to try; sooner when somebody wakes it. */
  async #pause(): Promise<void> {
    const { nextDueMs } = this.#spool
    const untilDueMs = nextDueMs === undefined ? undefined : Math.max(0, nextDueMs - performance.now())
    const pauseMs = untilDueMs === undefined ? undefined : Math.max(untilDueMs, this.#backoff?.duration ?? 0)
    // Between two batches, whoever else has something to do goes first.
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

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
