import { Mutex } from 'async-mutex'
import { LRUCache } from 'lru-cache'

export interface FreshCacheOptions<T> {
  load: (key: string) => Promise<T>
  ttlMs: number
  entriesMax: number
  nowMs: () => number
  onLookup: (result: 'hit' | 'miss' | 'stale') => void
  onReloadError: (error: unknown) => void
}

interface Flight<T> {
  mutex: Mutex
  attempts: number
  last: Promise<T> | undefined
}

/**
 * What was loaded, for as long as it is fresh; after that once more, while it is loaded anew in the background. However
 * many ask for a key at once, it is loaded once, and they share what became of it.
 */
export class FreshCache<T extends object> {
  readonly #options: FreshCacheOptions<T>
  readonly #entries: LRUCache<string, { value: T; loadedAtMs: number }>
  #flights = new Map<string, Flight<T>>()

  constructor(options: FreshCacheOptions<T>) {
    this.#options = options
    this.#entries = new LRUCache({ max: options.entriesMax })
  }

  async get(key: string): Promise<T> {
    const entry = this.#entries.get(key)
    if (entry === undefined) {
      this.#options.onLookup('miss')
      return this.#load(key)
    }
    if (this.#options.nowMs() - entry.loadedAtMs < this.#options.ttlMs) {
      this.#options.onLookup('hit')
      return entry.value
    }
    this.#options.onLookup('stale')
    // A stale value beats none: while the database is unreachable, it stays in use until it can be loaded again.
    if (!this.#flights.has(key)) void this.#load(key).catch(this.#options.onReloadError)
    return entry.value
  }

  /** What is in memory, fresh or stale. */
  peek(key: string): T | undefined {
    return this.#entries.get(key)?.value
  }

  /** Forgets everything. What is being loaded now may be older than this, and will not be kept either. */
  clear(): void {
    this.#entries.clear()
    this.#flights = new Map()
  }

  async #load(key: string): Promise<T> {
    const flights = this.#flights
    const flight = flights.get(key) ?? { mutex: new Mutex(), attempts: 0, last: undefined }
    flights.set(key, flight)
    const attemptsBefore = flight.attempts
    return flight.mutex.runExclusive(async () => {
      // Somebody loaded it while this call waited for its turn: their value, or their error, is this call's too.
      if (flight.last !== undefined && flight.attempts > attemptsBefore) return flight.last
      flight.attempts += 1
      flight.last = this.#options.load(key)
      try {
        const value = await flight.last
        if (flights === this.#flights) this.#entries.set(key, { value, loadedAtMs: this.#options.nowMs() })
        return value
      } finally {
        flights.delete(key)
      }
    })
  }
}
