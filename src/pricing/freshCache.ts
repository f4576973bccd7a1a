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

interface Entry<T> {
  value: T
  loadedAtMs: number
  /** Something changed since it was loaded, and this value may be affected. */
  isOutdated: boolean
}

/**
 * Caches loaded values. A fresh value is returned from memory. A stale one is also returned, while
 * it is loaded again in the background. An outdated one is loaded again first, and returned only if
 * that fails. Concurrent calls for one key share one load, and get its value or its error.
 */
export class FreshCache<T extends object> {
  readonly #options: FreshCacheOptions<T>
  readonly #entries: LRUCache<string, Entry<T>>
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
    if (entry.isOutdated) {
      this.#options.onLookup('miss')
      return this.#load(key).catch((error: unknown) => {
        // The database may be unreachable, and a value that is probably right is better than none.
        this.#options.onReloadError(error)
        return entry.value
      })
    }
    if (this.#options.nowMs() - entry.loadedAtMs < this.#options.ttlMs) {
      this.#options.onLookup('hit')
      return entry.value
    }
    this.#options.onLookup('stale')
    // While the database is unreachable, a stale value stays in use until it can be loaded again.
    if (!this.#flights.has(key)) void this.#load(key).catch(this.#options.onReloadError)
    return entry.value
  }

  /** The value in memory, unless it is outdated. */
  peek(key: string): T | undefined {
    const entry = this.#entries.get(key)
    return entry?.isOutdated ? undefined : entry?.value
  }

  /**
   * Something changed. Removes the values that `isAbout` names, and marks all others as outdated. A
   * value that is being loaded may be older than the change, so it is not kept.
   */
  changed(isAbout: (value: T, key: string) => boolean = () => false): void {
    for (const [key, entry] of [...this.#entries.entries()]) {
      if (isAbout(entry.value, key)) this.#entries.delete(key)
      else entry.isOutdated = true
    }
    this.#flights = new Map()
  }

  /** Forgets everything. */
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
      // It was loaded while this call waited for its turn: that value, or error, is this call's too.
      if (flight.last !== undefined && flight.attempts > attemptsBefore) return flight.last
      flight.attempts += 1
      flight.last = this.#options.load(key)
      try {
        const value = await flight.last
        const entry = { value, loadedAtMs: this.#options.nowMs(), isOutdated: false }
        if (flights === this.#flights) this.#entries.set(key, entry)
        return value
      } finally {
        flights.delete(key)
      }
    })
  }
}
