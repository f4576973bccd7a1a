import { performance } from 'node:perf_hooks'
import { log } from '../observability/log'
import { metrics } from '../observability/metrics'
import { reportWarning } from '../observability/sentry'

/** Commits, pauses and failovers move the time by less than this. */
export const JUMP_MS_MAX = 5 * 60_000

export interface ProcessClocks {
  /** `performance.now` */
  monotonicMs(): number
  /** `Date.now` */
  wallMs(): number
}

const PROCESS_CLOCKS: ProcessClocks = { monotonicMs: () => performance.now(), wallMs: () => Date.now() }

/**
 * The database's time without a query: the last time that was seen, plus the monotonic time since. If this process's own
 * clock is wrong or set back, it decides nothing differently.
 *
 * A time that is far ahead of both that and this process's own clock is not believed: an entry that was dated by it would
 * keep its user in the future.
 */
export class DatabaseClock {
  readonly #clocks: ProcessClocks
  #seenMs: number | undefined
  #seenAtMonotonicMs = 0
  #isRefusing = false

  constructor(clocks: ProcessClocks = PROCESS_CLOCKS) {
    this.#clocks = clocks
  }

  observe(databaseNow: Date): void {
    const observedMs = databaseNow.getTime()
    const isRefused = this.#isFarAhead(observedMs)
    if (isRefused) this.#reportRefused(observedMs)
    this.#isRefusing = isRefused
    if (isRefused) return
    this.#seenMs = observedMs
    this.#seenAtMonotonicMs = this.#clocks.monotonicMs()
  }

  /** There is no time before the database was first seen. Nothing is decided before that. */
  now(): Date {
    if (this.#seenMs === undefined) throw new Error('the database has not been seen yet')
    return new Date(Math.floor(this.#expectedMs(this.#seenMs)))
  }

  #isFarAhead(observedMs: number): boolean {
    // The first time can't be compared with anything: this process's clock may be the wrong one.
    if (this.#seenMs === undefined) return false
    const latestMs = Math.max(this.#expectedMs(this.#seenMs), this.#clocks.wallMs())
    return observedMs > latestMs + JUMP_MS_MAX
  }

  #expectedMs(seenMs: number): number {
    return seenMs + this.#clocks.monotonicMs() - this.#seenAtMonotonicMs
  }

  #reportRefused(observedMs: number): void {
    metrics.databaseClockRefused()
    if (this.#isRefusing) return
    const database = new Date(observedMs).toISOString()
    const message = `the database's clock jumped ahead to ${database}, which is not believed; check its clock`
    log.error({ database, used: this.now().toISOString() }, message)
    reportWarning('DATABASE_CLOCK_AHEAD', { message })
  }
}
