import { setTimeout as sleep } from 'node:timers/promises'
import { status } from '@grpc/grpc-js'
import { ExponentialBackoff } from 'cockatiel'
import { ClientClosedError, ClientOverloadedError, hasUnknownOutcome, TollgateError } from './errors'

export interface RetrySettings {
  /** Attempts after the first; 0 = none. Default: 3. */
  retriesMax?: number
  /** How long one attempt may take before the next is made under the same key. Default: 10 s. */
  attemptTimeoutMs?: number
}

export type Attempt<Answer> = (timeoutMs: number) => Promise<Answer>

export const RETRY_DEFAULTS: Required<RetrySettings> = { retriesMax: 3, attemptTimeoutMs: 10_000 }

const BACKOFF = new ExponentialBackoff({ initialDelay: 50, maxDelay: 5_000 })

/**
 * Makes the call again where that may help and can't do anything twice, until it is answered, refused, or `timeoutMs`
 * have gone. For calls that name a key, or only read.
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

/** What gRPC makes of a connection that breaks under a call, or of a stream that is reset, beside UNAVAILABLE. */
const BROKEN_CONNECTION: ReadonlySet<status> = new Set([
  status.INTERNAL,
  status.CANCELLED,
  status.UNKNOWN,
  status.RESOURCE_EXHAUSTED,
])

/** What passes by itself. A limit, a refusal or a mistake does not. */
export function mayBeRetried(error: unknown): boolean {
  if (!(error instanceof TollgateError) || error instanceof ClientClosedError) return false
  // tollgate gives every error its details: what has none is the word of the transport, or of something in between.
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
 * Whether a call that names a key is not decided yet: nobody knows whether it was done, or it may be done when it is sent
 * again. Its request must be kept, and sent later under the same key. What isn't undecided was done, or was refused for good:
 * credits, a limit, a price, a request that is wrong.
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
    // What gRPC makes of a proxy's 404. tollgate says so with details.
    (error.code === status.UNIMPLEMENTED && error.details === undefined)
  )
}
