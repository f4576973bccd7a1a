import { findHold } from '../../database/holds/holds'
import { BillingError } from '../../domain/errors'
import { receiptEntryOf } from '../../domain/stream/amendment'
import type { Settlement } from '../../domain/stream/state'
import { checkUsage } from '../../domain/usage/checkUsage'
import type { Usage } from '../../domain/usage/usage'
import type { Billing } from '../billing'
import { type Receipt, receiptOf } from '../charges/receipt'
import { streamEnded } from './streamEnds'
import { isMoved, settle, settlementOf } from './streamPostings'

export interface SettleHoldRequest {
  userId: string
  /** The key's id inside the hold's public id. */
  holdKeyId: string
  /** Absent = the last recorded progress. */
  usage?: Usage
}

/** Reports that an operator's settlement may cross on its way. */
const ATTEMPTS_MAX = 5

/**
 * Ends a stream at an operator's word; whoever is connected gets the receipt. A hold that had ended gives its receipt.
 *
 * @throws BillingError HOLD_NOT_FOUND; CONCURRENT_MODIFICATION where the stream keeps reporting.
 */
export async function settleHold(
  billing: Billing,
  { userId, holdKeyId, usage }: SettleHoldRequest,
): Promise<{ receipt: Receipt; idempotencyKey: string }> {
  if (usage !== undefined) checkUsage(usage, 'usage')
  for (let attempt = 1; ; attempt++) {
    const hold = await findHold(billing.database, { userId, keyId: holdKeyId })
    if (hold === undefined) {
      throw new BillingError('HOLD_NOT_FOUND', 'there is no such hold', { field: 'hold_id' })
    }
    const earlier = await settlementOf(billing, hold)
    if (earlier !== undefined) return await answerOf(billing, earlier)
    try {
      const settlement = await settle(billing, hold, {
        ending: { usage: usage ?? hold.usage, usageSource: 'unspecified', end: 'unspecified' },
        settledBy: { by: 'operator', sequence: hold.sequence },
      })
      streamEnded(hold)
      return await answerOf(billing, settlement)
    } catch (error) {
      if (attempt === ATTEMPTS_MAX || !(error instanceof BillingError && isMoved(error))) throw error
    }
  }
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
