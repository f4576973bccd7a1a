import type { BillingError } from '../../domain/errors'
import { failedDeductionOf } from '../../domain/ledger/failure'
import type { Hold } from '../../domain/ledger/hold'
import { derivedKeyIdOf, publicIdOf } from '../../domain/ledger/ids'
import { requestHashOf, usageFields } from '../../domain/ledger/requestHash'
import type { Ending, StreamEvent } from '../../domain/stream/state'
import type { Billing } from '../billing'

/**
 * Keeps what a stream's close reported where it can't be charged as it is: the generation was made, and an operator has to
 * look at it. The stream itself stays as it was; a later close that can be charged replaces the failure.
 */
export async function refuseClose(
  { ledger }: Pick<Billing, 'ledger'>,
  { hold, ending, error }: { hold: Hold; ending: Ending; error: BillingError },
): Promise<StreamEvent> {
  const { userId, keyId } = hold
  const idempotencyKey = `${publicIdOf('hd', keyId)}/refused`
  const { reason } = error
  try {
    await ledger.post({
      type: 'reject',
      userId,
      // This key is never used up. The stream's own key is that of its hold.
      keyId: derivedKeyIdOf(userId, idempotencyKey),
      idempotencyKey,
      requestHash: requestHashOf('StreamSettle refuse', { usage: usageFields(ending.usage) }),
      error,
      failure: failedDeductionOf({ ...hold, holdKeyId: keyId }, { ...hold.open.call, ...ending }, { reason }),
    })
    return { type: 'failed', error }
  } catch (refusal) {
    return { type: 'failed', error: refusal }
  }
}
