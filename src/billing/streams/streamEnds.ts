import type { KeyRef } from '../../domain/ledger/keyRef'

/**
 * Tells this process's connections that a stream was settled, by any connection or process. Correctness doesn't depend on it:
 * connections of other processes find out with their next write.
 */
export class StreamEnds {
  readonly #listeners = new Set<(hold: KeyRef) => void>()

  /** @returns a function that removes the listener */
  listen(listener: (hold: KeyRef) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  ended(hold: KeyRef): void {
    for (const listener of this.#listeners) listener(hold)
  }
}
