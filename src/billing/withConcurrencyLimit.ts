import { Semaphore } from 'async-mutex'

/** Leaves most of the pool to other work. */
const AT_ONCE_MAX = 4

const turns = new Semaphore(AT_ONCE_MAX)

/**
 * Runs work that reads or writes one stream's hold through the pool, a few at a time. When a server comes back, thousands of
 * streams open again at the same moment. Waiting in the pool, they would run into its time limit and delay charges.
 */
export function withConcurrencyLimit<T>(work: () => Promise<T>): Promise<T> {
  return turns.runExclusive(work)
}
