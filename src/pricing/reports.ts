import { LRUCache } from 'lru-cache'
import type { PriceSource } from '../domain/price'

/** What keeps a wrong price from being charged, each time that it acts. */
export type PriceGuard =
  | 'price-missing'
  | 'high-value-price-missing'
  | 'default-price'
  | 'free-suffix-stripped'
  | 'price-anomaly'
  | 'suspiciously-cheap'

export interface GuardFacts {
  model: string
  provider: string
  detail: string
  /** No other report of this guard and model in the last hour: for what must not be repeated, such as an alert. */
  firstInHour: boolean
}

/** Where the price book says what happens. Metrics, logs and alerts are made of it. */
export interface PriceReports {
  lookup(source: PriceSource): void
  cache(result: 'hit' | 'miss' | 'stale'): void
  guard(guard: PriceGuard, facts: GuardFacts): void
  /** Prices could not be read again; the old ones stay in use. */
  reloadFailed(error: unknown): void
}

const HOUR_MS = 3_600_000

/** Tells the first report of a guard and model in an hour from the rest, in bounded memory. */
export class HourlyReports {
  readonly #reports: PriceReports
  readonly #nowMs: () => number
  readonly #seen = new LRUCache<string, number>({ max: 10_000 })

  constructor(reports: PriceReports, nowMs: () => number) {
    this.#reports = reports
    this.#nowMs = nowMs
  }

  guard(guard: PriceGuard, facts: Omit<GuardFacts, 'firstInHour'>): void {
    const key = `${guard}\n${facts.model}`
    const lastMs = this.#seen.get(key)
    const firstInHour = lastMs === undefined || this.#nowMs() - lastMs >= HOUR_MS
    if (firstInHour) this.#seen.set(key, this.#nowMs())
    this.#reports.guard(guard, { ...facts, firstInHour })
  }
}
