import { ExponentialBackoff } from 'cockatiel'

export const RETRIES_MAX = 3

const BACKOFF = new ExponentialBackoff({ initialDelay: 20, maxDelay: 1_000 })

/** Waits before retry number `retries + 1` of a batch: exponential, with decorrelated jitter. */
export async function retryDelay(retries: number): Promise<void> {
  let backoff = BACKOFF.next()
  for (let step = 0; step < retries; step++) backoff = backoff.next(undefined)
  const delayMs = backoff.duration
  await new Promise((resolve) => setTimeout(resolve, delayMs))
}
