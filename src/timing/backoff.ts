export interface BackoffSettings {
  /** Before the first retry. */
  firstMs: number
  maxMs: number
}

/** After this many failures the delay has long reached its maximum, and a larger power would overflow. */
const DOUBLINGS_MAX = 30

/** How long to wait after `failures` failures in a row: twice as long after each, of that a random share above a half. */
export function backoffMs(failures: number, { firstMs, maxMs }: BackoffSettings): number {
  const delayMs = firstMs * 2 ** Math.min(failures - 1, DOUBLINGS_MAX)
  return Math.min(delayMs, maxMs) * (0.5 + Math.random() / 2)
}
