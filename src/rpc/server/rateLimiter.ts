import { performance } from 'node:perf_hooks'

/** A token bucket that holds one second's worth, at least one. */
export class RateLimiter {
  readonly perSecond: number
  readonly #capacity: number
  readonly #nowMs: () => number
  #available: number
  #filledAtMs: number

  constructor(perSecond: number, nowMs = () => performance.now()) {
    this.perSecond = perSecond
    this.#capacity = Math.max(1, perSecond)
    this.#nowMs = nowMs
    this.#available = this.#capacity
    this.#filledAtMs = nowMs()
  }

  /** Whether one was available, and is taken now. */
  tryTake(): boolean {
    this.#refill()
    if (this.#available < 1) return false
    this.#available -= 1
    return true
  }

  /** How long until `count` are available; 0 = they are. `count` must not exceed a second's worth. */
  waitMs(count = 1): number {
    this.#refill()
    return Math.ceil((Math.max(0, count - this.#available) * 1_000) / this.perSecond)
  }

  #refill(): void {
    const nowMs = this.#nowMs()
    const refill = ((nowMs - this.#filledAtMs) * this.perSecond) / 1_000
    this.#available = Math.min(this.#capacity, this.#available + refill)
    this.#filledAtMs = nowMs
  }
}
