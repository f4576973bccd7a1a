import { type FailurePageKey, listOwedRows } from '../../database/deductionFailures'
import { BillingError } from '../../domain/errors'
import { TOLLGATE } from '../../domain/ledger/actor'
import type { DeductionFailure } from '../../domain/ledger/failure'
import { log } from '../../observability/log'
import { metrics } from '../../observability/metrics'
import type { Billing } from '../billing'
import { collectFailure } from './collectFailure'

const PAGE_SIZE = 100
/** A grant's answer waits no longer than this. The next grant continues, and so does the same grant sent again. */
const COLLECT_MS_MAX = 5_000

/**
 * Deducts what a user owes, the oldest first, as far as the balance goes. The first debt that can't be paid ends it, so that
 * later small debts don't use up what the oldest one waits for. It never fails the grant before it: what is left stays listed.
 */
export async function collectOwed(billing: Billing, userId: string): Promise<void> {
  const untilMs = performance.now() + COLLECT_MS_MAX
  try {
    let after: FailurePageKey | undefined
    do {
      const failures = await listOwedRows(billing.database, userId, { after, limit: PAGE_SIZE })
      for (const failure of failures) {
        if (!(await collect(billing, failure)) || performance.now() > untilMs) return
      }
      after = failures.length < PAGE_SIZE ? undefined : failures.at(-1)
    } while (after !== undefined)
  } catch (error) {
    log.warn({ err: error, user_id: userId }, 'what a user owes could not be collected after a grant')
  }
}

/** False where the balance is used up. A debt that is refused for another reason doesn't stop the others. */
async function collect(billing: Billing, failure: DeductionFailure): Promise<boolean> {
  try {
    await collectFailure(billing, failure, TOLLGATE)
    metrics.failureCollected('grant')
  } catch (error) {
    if (!(error instanceof BillingError)) throw error
    if (error.reason === 'INSUFFICIENT_CREDITS') return false
    log.info({ user_id: failure.userId, reason: error.reason }, 'a failed deduction stays owed after a grant')
  }
  return true
}
