import { setTimeout as sleep } from 'node:timers/promises'
import { status } from '@grpc/grpc-js'
import { ExponentialBackoff } from 'cockatiel'
import { ClientClosedError, ClientOverloadedError, hasUnknownOutcome, TollgateError } from './errors'

export interface RetrySettings {
  /** Attempts after the first; 0 = none. Default: 3. */
  retriesMax?: number
  /** How long one attempt may take before the next one. Default: 10 s. */
  attemptTimeoutMs?: number
}

export type Attempt<Answer> = (timeoutMs: number) => Promise<Answer>

export const RETRY_DEFAULTS: Required<RetrySettings> = { retriesMax: 3, attemptTimeoutMs: 10_000 }

const BACKOFF = new ExponentialBackoff({ initialDelay: 50, maxDelay: 5_000 })

/**
 * Repeats a call until it is answered or refused, or `timeoutMs` have passed. Only for calls that name an idempotency key, or
 * only read.
 *
 * @throws TollgateError the last attempt's
 */
export async function withRetries<Answer>(
  attempt: Attempt<Answer>,
  timeoutMs: number,
  { retriesMax, attemptTimeoutMs }: Required<RetrySettings>,
): Promise<Answer> {
  const endsAt = performance.now() + timeoutMs
  let backoff = BACKOFF.next()
  for (let retries = 0; ; retries++) {
    const leftMs = endsAt - performance.now()
    try {
      return await attempt(retriesMax === 0 ? leftMs : Math.min(leftMs, attemptTimeoutMs))
    } catch (error) {
      if (retries === retriesMax || !mayBeRetried(error)) throw error
      const { retryAfterMs = 0 } = error as TollgateError
      const delayMs = Math.max(retryAfterMs, backoff.duration)
      if (performance.now() + delayMs >= endsAt) throw error
      await sleep(delayMs)
      backoff = backoff.next(undefined)
    }
  }
}

/** The codes, besides UNAVAILABLE, that gRPC gives to a broken connection or a reset stream. */
const BROKEN_CONNECTION: ReadonlySet<status> = new Set([
  status.INTERNAL,
  status.CANCELLED,
  status.UNKNOWN,
  status.RESOURCE_EXHAUSTED,
])

/** Whether the error is transient. A limit, a refusal or a mistake is not. */
export function mayBeRetried(error: unknown): boolean {
  if (!(error instanceof TollgateError) || error instanceof ClientClosedError) return false
  // Every error of tollgate has details: one without comes from the transport, or from something in between.
  const isBrokenConnection = error.details === undefined && BROKEN_CONNECTION.has(error.code)
  return (
    isBrokenConnection ||
    error.code === status.UNAVAILABLE ||
    error.code === status.DEADLINE_EXCEEDED ||
    error.reason === 'CONCURRENT_MODIFICATION' ||
    error.reason === 'OVERLOADED'
  )
}

/**
 * Whether the outcome of a call under a key is unknown, or a later attempt may succeed. Keep its request, and send it again
 * under the same key. Every other error is a final refusal: credits, a limit, a price, a request that is wrong.
 */
export function isUndecided(error: unknown): boolean {
  return mayBeRetried(error) || hasUnknownOutcome(error) || isRefusedUnseen(error)
}

/** Refused before tollgate read the call: because of its token, or by a proxy. It passes once that is fixed. */
function isRefusedUnseen(error: unknown): boolean {
  if (!(error instanceof TollgateError)) return false
  return (
    error instanceof ClientOverloadedError ||
    error.code === status.UNAUTHENTICATED ||
    error.code === status.PERMISSION_DENIED ||
    // A proxy's 404, as gRPC reports it. tollgate's own has details.
    (error.code === status.UNIMPLEMENTED && error.details === undefined)
  )
}
