import { BillingError } from '../../domain/errors'
import { receiptEntryOf } from '../../domain/stream/amendment'
import type { Settlement } from '../../domain/stream/state'
import { checkUsage } from '../../domain/usage/checkUsage'
import type { Usage } from '../../domain/usage/usage'
import type { Billing } from '../billing'
import type { Caller } from '../caller'
import { type Receipt, receiptOf } from '../charges/receipt'
import { withFreshHold } from './freshHold'
import { settle } from './streamPostings'

export interface SettleHoldRequest {
  userId: string
  /** The key's id inside the hold's public id. */
  holdKeyId: string
  /** Absent = the last recorded progress. */
  usage?: Usage
}

/**
 * Ends a stream on an operator's request; a connected client gets the receipt. For a hold that had ended it returns that
 * receipt.
 *
 * @throws BillingError HOLD_NOT_FOUND; CONCURRENT_MODIFICATION where the stream keeps reporting.
 */
export async function settleHold(
  billing: Billing,
  { userId, holdKeyId, usage }: SettleHoldRequest,
  { actor }: Caller,
): Promise<{ receipt: Receipt; idempotencyKey: string }> {
  if (usage !== undefined) checkUsage(usage, 'usage')
  return await withFreshHold(
    billing,
    { userId, keyId: holdKeyId },
    async ({ hold, settlement }) =>
      await answerOf(
        billing,
        settlement ??
          (await settle(billing, hold, {
            actor,
            ending: { usage: usage ?? hold.usage, usageSource: 'unspecified', end: 'unspecified' },
            settledBy: { by: 'operator', sequence: hold.sequence },
          })),
      ),
    () => Promise.reject(new BillingError('HOLD_NOT_FOUND', 'there is no such hold', { field: 'hold_id' })),
  )
}

async function answerOf(
  billing: Billing,
  settlement: Settlement,
): Promise<{ receipt: Receipt; idempotencyKey: string }> {
  return {
    receipt: await receiptOf(billing, receiptEntryOf(settlement)),
    idempotencyKey: settlement.idempotencyKey,
  }
}
