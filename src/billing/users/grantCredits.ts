import type { GrantMode } from '../../domain/decide/posting'
import type { LedgerEntry } from '../../domain/ledger/entry'
import { keyIdOf } from '../../domain/ledger/ids'
import { requestHashOf } from '../../domain/ledger/requestHash'
import type { Nanousd } from '../../domain/money'
import type { Billing } from '../billing'
import type { Caller } from '../caller'
import { collectOwed } from '../failures/collectDebts'
import { getUser } from './getUser'
import { reportMissedWebhook } from './reportMissedWebhook'

export interface GrantCreditsRequest {
  idempotencyKey: string
  userId: string
  pot: 'allowance' | 'credits'
  /** Negative takes back. With `set`, the pot's new amount. */
  amountNanousd: Nanousd
  reason: string
  mode: GrantMode
}

/**
 * Adds to one of a user's pots, takes from it or sets it, exactly once per key. What the user owes is then collected, the
 * oldest first.
 *
 * @throws BillingError USER_NOT_FOUND, IDEMPOTENCY_KEY_REUSED; INSUFFICIENT_CREDITS where the pot or what is available
 *   would fall below its floor, except by a chargeback; INVALID_FIELD where it would leave its range.
 */
export async function grantCredits(
  billing: Billing,
  request: GrantCreditsRequest,
  caller: Caller,
): Promise<{ entry: LedgerEntry; replayed: boolean }> {
  const { entry, replayed } = await billing.ledger.post(
    {
      type: 'grant',
      actor: caller.actor,
      userId: request.userId,
      keyId: keyIdOf(request.userId, request.idempotencyKey),
      idempotencyKey: request.idempotencyKey,
      requestHash: requestHashOf('GrantCredits', { ...request }),
      pot: request.pot,
      mode: request.mode,
      amountNanousd: request.amountNanousd,
      reason: request.reason,
    },
    caller,
  )
  // On a replay, too: the process may have died in between.
  if (billing.collectsOnGrant && request.amountNanousd > 0n) await collectOwed(billing, request.userId)
  // An allowance is a sign of a paid subscription.
  if (!replayed && request.pot === 'allowance')
    reportMissedWebhook(await getUser(billing, request.userId), billing.rules)
  return { entry, replayed }
}
