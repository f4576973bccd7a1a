import type { BillingError } from '../../domain/errors'
import { failedDeductionOf } from '../../domain/ledger/failure'
import type { Hold } from '../../domain/ledger/hold'
import { derivedKeyIdOf, publicIdOf } from '../../domain/ledger/ids'
import { requestHashOf, usageFields } from '../../domain/ledger/requestHash'
import type { Ending, StreamEvent } from '../../domain/stream/state'
import type { Billing } from '../billing'

/**
 * Keeps what a stream's close reported where it can't be charged as it is: the generation was made, and somebody has to
 * look at it. The stream itself stays as it was; a close that can be charged takes the failure's place.
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
      // Never used up: under the stream's own key there is its hold.
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
