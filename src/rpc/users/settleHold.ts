import { settleHold } from '../../billing/streams/settleHold'
import type { SettleHoldRequest__Output } from '../../wire/generated/tollgate/billing/v1/SettleHoldRequest'
import type { SettleHoldResponse } from '../../wire/generated/tollgate/billing/v1/SettleHoldResponse'
import { readId, readPublicId } from '../fields/read'
import { readUsage } from '../fields/readUsage'
import { chargeToWire } from '../fields/writeCharge'
import type { UnaryHandler } from '../server/unary'

export const handleSettleHold: UnaryHandler<SettleHoldRequest__Output, SettleHoldResponse> = async (
  billing,
  request,
  caller,
) => {
  const asked = {
    userId: readId(request, 'userId'),
    holdKeyId: readPublicId(request, 'holdId', { prefix: 'hd' }),
    ...(request.usage !== null && { usage: readUsage(request.usage, 'usage.') }),
  }
  const { receipt, idempotencyKey } = await settleHold(billing, asked, caller)
  return { charge: chargeToWire(receipt, idempotencyKey) }
}
