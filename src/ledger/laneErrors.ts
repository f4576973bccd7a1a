import { isContention } from '../database/errors'
import { BillingError } from '../domain/errors'
import { log } from '../observability/log'

export function overloaded(): BillingError {
  return new BillingError(
    'OVERLOADED',
    'the ledger has more work queued than it accepts; try again shortly',
    {
      retryAfterMs: 100,
    },
  )
}

export function retriesUsedUp(error: unknown): BillingError {
  if (error instanceof BillingError) return error
  if (error === undefined || isContention(error)) {
    return new BillingError(
      'CONCURRENT_MODIFICATION',
      'others kept changing this user; send the same request again under the same key',
      { cause: error },
    )
  }
  return databaseUnavailable(error)
}

export function databaseUnavailable(cause: unknown): BillingError {
  log.warn({ err: cause }, 'the ledger cannot reach the database')
  return new BillingError(
    'DATABASE_UNAVAILABLE',
    'the database cannot be reached; send the same request again under the same key',
    { retryAfterMs: 1_000, cause },
  )
}
