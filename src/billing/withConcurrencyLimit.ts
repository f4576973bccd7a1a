import { Semaphore } from 'async-mutex'

/** Leaves most of the pool to everybody else. */
const AT_ONCE_MAX = 4

const turns = new Semaphore(AT_ONCE_MAX)

/**
 * Runs what reads or writes one stream's hold through the pool, a few at a time. When a server comes back, thousands of
 * streams open again at one moment; waiting in the pool, they would run into its time limit, and keep charges from it.
 */
export function fewAtOnce<T>(work: () => Promise<T>): Promise<T> {
  return turns.runExclusive(work)
}
