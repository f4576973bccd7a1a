import { type RefundChargeRequest, refundCharge } from '../../billing/charges/refundCharge'
import type { RefundChargeRequest__Output } from '../../wire/generated/tollgate/billing/v1/RefundChargeRequest'
import type { RefundChargeResponse } from '../../wire/generated/tollgate/billing/v1/RefundChargeResponse'
import { readId, readIdempotencyKey, readNanousd, readPublicId, readText } from '../fields/read'
import { entryToWire } from '../fields/writeEntry'
import type { UnaryHandler } from '../server/unary'

export const handleRefundCharge: UnaryHandler<RefundChargeRequest__Output, RefundChargeResponse> = async (
  billing,
  request,
  caller,
) => {
  const { entry, replayed } = await refundCharge(billing, readRequest(request), caller)
  return { entry: entryToWire({ entry }), replayed }
}

function readRequest(request: RefundChargeRequest__Output): RefundChargeRequest {
  return {
    idempotencyKey: readIdempotencyKey(request, 'idempotencyKey'),
    userId: readId(request, 'userId'),
    chargeKeyId: readPublicId(request, 'chargeId', { prefix: 'ch' }),
    amountNanousd: readNanousd(request, 'amountNanousd'),
    reason: readText(request, 'reason'),
  }
}
