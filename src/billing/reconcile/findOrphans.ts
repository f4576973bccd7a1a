import {
  readOldFailures,
  readOwnerless,
  readTroubledHolds,
  type UserRange,
} from '../../database/reconcile/orphans'
import { publicIdOf } from '../../domain/ledger/ids'
import type { Discrepancy } from '../../domain/reconcile/reconcile'
import type { Billing } from '../billing'

/** The sweeper settles a hold within seconds of its expiry, or of an outage's end. */
const OVERDUE_MS = 60 * 60_000
const FAILURE_OLD_MS = 24 * 60 * 60_000

/** What a walk of users' ledgers does not see: rows without a user, and neglected holds and failures. */
export async function findOrphans(
  { database }: Pick<Billing, 'database'>,
  range: UserRange,
): Promise<Discrepancy[]> {
  const ownerless = await readOwnerless(database, range)
  const holds = await readTroubledHolds(database, range, { overdueMs: OVERDUE_MS })
  const failures = await readOldFailures(database, range, { olderMs: FAILURE_OLD_MS })
  return [
    ...ownerless.map(
      ({ userId, table }): Discrepancy => ({
        userId,
        kind: 'USER_MISSING',
        detail: `there are ${table} of a user who is not there`,
      }),
    ),
    ...holds.map(({ userId, keyId, hasKey, expiresAt }): Discrepancy => {
      const holdId = publicIdOf('hd', keyId)
      return hasKey
        ? { userId, kind: 'HOLD_OVERDUE', detail: `${holdId} expired at ${expiresAt.toISOString()}` }
        : { userId, kind: 'HOLD_ORPHANED', detail: `no entry opened ${holdId}` }
    }),
    ...failures.map(
      ({ userId, count, oldestAt }): Discrepancy => ({
        userId,
        kind: 'FAILURE_PENDING',
        detail: `${count} deduction failures wait for more than a day, the oldest since ${oldestAt.toISOString()}`,
      }),
    ),
  ]
}
