import type { BillingError } from '../../domain/errors'
import type { Actor } from '../../domain/ledger/actor'
import { failedDeductionOf } from '../../domain/ledger/failure'
import type { Hold } from '../../domain/ledger/hold'
import { publicIdOf, refusedCloseOf } from '../../domain/ledger/ids'
import { keyedRequestOf } from '../../domain/ledger/keyRef'
import { requestHashOf, usageFields } from '../../domain/ledger/requestHash'
import type { Ending, StreamEvent } from '../../domain/stream/state'
import { UnreadableUsage } from '../../domain/usage/readProviderUsage'
import type { Billing } from '../billing'
import { keptError } from '../charges/chargeUsage'

/**
 * Keeps what a stream's close reported where it can't be charged as it is: the generation was made, and an operator has to
 * look at it. The stream itself stays as it was; a later close that can be charged resolves the failure.
 */
export async function refuseClose(
  { ledger }: Pick<Billing, 'ledger'>,
  { hold, ending, error }: { hold: Hold; ending: Ending; error: BillingError },
  actor: Actor,
): Promise<StreamEvent> {
  const { userId, keyId } = refusedCloseOf(hold)
  const failure = { ...keyedRequestOf(hold), keyId, holdKeyId: hold.keyId }
  try {
    await ledger.post({
      type: 'reject',
      actor,
      userId,
      // This key is never used up. The stream's own key is that of its hold.
      keyId,
      idempotencyKey: `${publicIdOf('hd', hold.keyId)}/refused`,
      requestHash: requestHashOf('StreamSettle refuse', { usage: usageFields(ending.usage) }),
      error: error instanceof UnreadableUsage ? keptError(error, { keyId }) : error,
      failure: failedDeductionOf(
        failure,
        { ...hold.open.call, ...ending, ...(error instanceof UnreadableUsage && unreadable(error)) },
        { reason: error.reason },
      ),
    })
    return { type: 'failed', error }
  } catch (refusal) {
    return { type: 'failed', error: refusal }
  }
}

/** The ending has the last progress then, which is not what the close reported. */
function unreadable({ body }: UnreadableUsage) {
  return { body, usage: undefined }
}
