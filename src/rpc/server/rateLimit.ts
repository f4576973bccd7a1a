import { performance } from 'node:perf_hooks'
import { BillingError } from '../../domain/errors'
import type { Token } from './auth'

interface Bucket {
  tokens: number
  filledMs: number
}

/** How many calls a second each token may make, with a second's worth at once. A stream counts when it opens. */
export class RateLimit {
  readonly #perSecond: number
  readonly #nowMs: () => number
  /** A tokens file that changed makes new tokens, with full buckets. */
  readonly #buckets = new WeakMap<Token, Bucket>()

  constructor(perSecond: number, nowMs = () => performance.now()) {
    this.#perSecond = perSecond
    this.#nowMs = nowMs
  }

  /** @throws BillingError OVERLOADED that says when the next call may come */
  take(token: Token): void {
    const nowMs = this.#nowMs()
    const bucket = this.#bucketOf(token, nowMs)
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1
      return
    }
    throw new BillingError(
      'OVERLOADED',
      `the token ${token.name} makes more than ${this.#perSecond} calls a second`,
      { retryAfterMs: Math.ceil(((1 - bucket.tokens) * 1_000) / this.#perSecond) },
    )
  }

  #bucketOf(token: Token, nowMs: number): Bucket {
    const fullAt = Math.max(1, this.#perSecond)
    const bucket = this.#buckets.get(token) ?? { tokens: fullAt, filledMs: nowMs }
    const refill = ((nowMs - bucket.filledMs) * this.#perSecond) / 1_000
    bucket.tokens = Math.min(fullAt, bucket.tokens + refill)
    bucket.filledMs = nowMs
    this.#buckets.set(token, bucket)
    return bucket
  }
}
