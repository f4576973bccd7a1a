import type { KeyRef } from '../../domain/ledger/keyRef'

const listeners = new Set<(hold: KeyRef) => void>()

/**
 * Calls `listener` whenever a stream is ended in this process by someone else than its connection, so that whoever is
 * connected learns of it at once. Nothing depends on it: other processes' connections find out by their next write.
 *
 * @returns what stops it
 */
export function onStreamEnded(listener: (hold: KeyRef) => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function streamEnded(hold: KeyRef): void {
  for (const listener of listeners) listener(hold)
}
