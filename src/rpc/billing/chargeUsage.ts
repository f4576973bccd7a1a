import {
  type ChargeUsageRequest,
  type ChargeUsageResult,
  chargeUsage,
} from '../../billing/charges/chargeUsage'
import type { CallRequest } from '../../domain/ledger/charge'
import type { ChargeUsageRequest__Output } from '../../wire/generated/tollgate/billing/v1/ChargeUsageRequest'
import type { ChargeUsageResponse } from '../../wire/generated/tollgate/billing/v1/ChargeUsageResponse'
import { RECEIPT_VIEWS, USAGE_SOURCES } from '../fields/enums'
import { readId, readIdempotencyKey, readOptionalId, readTimestamp } from '../fields/read'
import { readCall, readReportedCost } from '../fields/readCall'
import { requireMeasured } from '../fields/readUsage'
import { chargeToWire } from '../fields/writeCharge'
import { deferredChargeToWire } from '../fields/writeDeferred'
import type { UnaryHandler } from '../server/unary'

export const handleChargeUsage: UnaryHandler<ChargeUsageRequest__Output, ChargeUsageResponse> = async (
  billing,
  request,
  caller,
) => chargeResultToWire(await chargeUsage(billing, readChargeUsage(request), caller))

/** @throws BillingError INVALID_FIELD */
export function readChargeUsage(request: ChargeUsageRequest__Output): ChargeUsageRequest {
  const measured = requireMeasured(request)
  const call: CallRequest = readCall(request)
  const occurredAt = readTimestamp(request, 'occurredAt')
  if (occurredAt !== undefined) call.occurredAt = occurredAt
  const reportedCost = readReportedCost(request)
  return {
    idempotencyKey: readIdempotencyKey(request, 'idempotencyKey'),
    userId: readId(request, 'userId'),
    call,
    measured,
    usageSource: USAGE_SOURCES.read(request, 'usageSource'),
    geography: readOptionalId(request, 'geography'),
    speed: readOptionalId(request, 'speed'),
    view: RECEIPT_VIEWS.read(request, 'view'),
    ...(reportedCost !== undefined && { reportedCost }),
  }
}

export function chargeResultToWire({ receipt, replayed }: ChargeUsageResult): ChargeUsageResponse {
  return {
    charge: 'deferred' in receipt ? deferredChargeToWire(receipt) : chargeToWire(receipt),
    replayed,
  }
}
