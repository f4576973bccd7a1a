import type { DeferredCharge } from '../../domain/ledger/deferred'
import { type KeyRef, keyRefText } from '../../domain/ledger/keyRef'
import type { Nanousd } from '../../domain/money'
import type { Place } from './segment'

/** The part of a waiting entry that is kept in memory. The rest is on the disk. */
export interface SpoolEntry extends Pick<DeferredCharge, 'userId' | 'keyId' | 'requestHash' | 'acceptedAt'> {
  uncoveredNanousd: Nanousd
  place: Place
  /** The number of attempts that failed because of this entry. */
  attempts: number
  /** The earliest time of the next attempt, by the monotonic clock. */
  notBeforeMs: number
}

/** All waiting entries, in the order of their next attempts. */
export class SpoolIndex {
  readonly #entries = new Set<SpoolEntry>()
  /** A key has several entries only if a failed append left one behind. */
  readonly #byKey = new Map<string, SpoolEntry[]>()
  readonly #uncoveredByUser = new Map<string, Nanousd>()

  get size(): number {
    return this.#entries.size
  }

  add(waiting: SpoolEntry): void {
    const key = keyRefText(waiting)
    this.#entries.add(waiting)
    this.#byKey.set(key, [...(this.#byKey.get(key) ?? []), waiting])
    this.#addUncovered(waiting.userId, waiting.uncoveredNanousd)
  }

  remove(waiting: SpoolEntry): void {
    if (!this.#entries.delete(waiting)) return
    const key = keyRefText(waiting)
    const others = this.#byKey.get(key)?.filter((other) => other !== waiting) ?? []
    if (others.length > 0) this.#byKey.set(key, others)
    else this.#byKey.delete(key)
    this.#addUncovered(waiting.userId, -waiting.uncoveredNanousd)
  }

  find(key: KeyRef): SpoolEntry | undefined {
    return this.#byKey.get(keyRefText(key))?.[0]
  }

  /** Behind all others. */
  putLast(waiting: SpoolEntry): void {
    if (this.#entries.delete(waiting)) this.#entries.add(waiting)
  }

  /** The first that may be tried now. */
  due(limit: number, nowMs: number): SpoolEntry[] {
    const due: SpoolEntry[] = []
    for (const waiting of this.#entries) {
      if (due.length === limit) break
      if (waiting.notBeforeMs <= nowMs) due.push(waiting)
    }
    return due
  }

  /** Looked for among all: asked when metrics are read, and entries that were put last may be older than those before. */
  get oldestAcceptedAt(): Date | undefined {
    let oldest: Date | undefined
    for (const { acceptedAt } of this.#entries)
      if (oldest === undefined || acceptedAt < oldest) oldest = acceptedAt
    return oldest
  }

  /** When the next one may be tried; undefined where nothing waits. */
  get nextDueMs(): number | undefined {
    let nextMs: number | undefined
    for (const { notBeforeMs } of this.#entries) {
      if (notBeforeMs === 0) return 0
      nextMs = Math.min(nextMs ?? notBeforeMs, notBeforeMs)
    }
    return nextMs
  }

  uncoveredOf(userId: string): Nanousd {
    return this.#uncoveredByUser.get(userId) ?? 0n
  }

  #addUncovered(userId: string, nanousd: Nanousd): void {
    const sum = this.uncoveredOf(userId) + nanousd
    if (sum === 0n) this.#uncoveredByUser.delete(userId)
    else this.#uncoveredByUser.set(userId, sum)
  }
}
