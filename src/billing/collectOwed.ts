import { listOwedRows } from '../database/deductionFailures'
import { BillingError } from '../domain/errors'
import { log } from '../observability/log'
import { metrics } from '../observability/metrics'
import type { Billing } from './billing'
import { deductFailed } from './deductFailed'

/** Of one user, at one grant; the next goes on. */
const FAILURES_MAX = 100

/**
 * Deducts what a user owes, the oldest first, as far as the balance goes: the first that can't be paid ends it, so that later
 * small debts don't use up what the oldest waits for. It never fails the grant that it follows: what is left stays listed.
 */
export async function collectOwed(billing: Billing, userId: string): Promise<void> {
  try {
    for (const failure of await listOwedRows(billing.database, { userId, limit: FAILURES_MAX })) {
      try {
        await deductFailed(billing, failure)
        metrics.failureCollected('grant')
      } catch (error) {
        if (!(error instanceof BillingError)) throw error
        if (error.reason === 'INSUFFICIENT_CREDITS') return
        log.info({ user_id: userId, reason: error.reason }, 'a failed deduction stays owed after a grant')
      }
    }
  } catch (error) {
    log.warn({ err: error, user_id: userId }, 'what a user owes could not be collected after a grant')
  }
}
