import { performance } from 'node:perf_hooks'

/**
 * The database's time, without asking: the last one seen plus the monotonic time since. A process whose own clock is
 * wrong, or set back, decides nothing differently.
 */
export class DatabaseClock {
  #seenMs: number | undefined
  #seenAtMonotonicMs = 0

  observe(databaseNow: Date): void {
    this.#seenMs = databaseNow.getTime()
    this.#seenAtMonotonicMs = performance.now()
  }

  /** Before the database was first seen there is no time, and nothing to decide. */
  now(): Date {
    if (this.#seenMs === undefined) throw new Error('the database has not been seen yet')
    return new Date(Math.floor(this.#seenMs + performance.now() - this.#seenAtMonotonicMs))
  }
}
