import {
  type ChargeUsageRequest,
  type ChargeUsageResult,
  chargeUsage,
} from '../../billing/charges/chargeUsage'
import { invalidField } from '../../domain/errors'
import type { ChargeUsageRequest__Output } from '../../wire/generated/tollgate/billing/v1/ChargeUsageRequest'
import type { ChargeUsageResponse } from '../../wire/generated/tollgate/billing/v1/ChargeUsageResponse'
import { USAGE_SOURCES } from '../fields/enums'
import {
  readId,
  readIdempotencyKey,
  readLabels,
  readOptionalId,
  readQuoteId,
  readTimestamp,
} from '../fields/read'
import { readMeasured } from '../fields/readUsage'
import { chargeToWire } from '../fields/writeCharge'
import { deferredChargeToWire } from '../fields/writeDeferred'
import type { UnaryHandler } from '../server/unary'

export const handleChargeUsage: UnaryHandler<ChargeUsageRequest__Output, ChargeUsageResponse> = async (
  billing,
  request,
  options,
) => chargeResultToWire(await chargeUsage(billing, readChargeUsage(request), options))

/** @throws BillingError INVALID_FIELD */
export function readChargeUsage(request: ChargeUsageRequest__Output): ChargeUsageRequest {
  const measured = readMeasured(request)
  if (measured === undefined) throw invalidField('measured', 'must be set: either usage or provider_usage')
  const occurredAt = readTimestamp(request, 'occurredAt')
  return {
    idempotencyKey: readIdempotencyKey(request, 'idempotencyKey'),
    userId: readId(request, 'userId'),
    model: readId(request, 'model'),
    provider: readOptionalId(request, 'provider'),
    measured,
    usageSource: USAGE_SOURCES.read(request, 'usageSource'),
    quoteId: readQuoteId(request, 'quoteId'),
    serviceTier: readOptionalId(request, 'serviceTier'),
    apiKeyId: readOptionalId(request, 'apiKeyId'),
    labels: readLabels(request, 'labels'),
    ...(occurredAt !== undefined && { occurredAt }),
  }
}

export function chargeResultToWire({ receipt, replayed }: ChargeUsageResult): ChargeUsageResponse {
  return {
    charge: 'deferred' in receipt ? deferredChargeToWire(receipt) : chargeToWire(receipt),
    replayed,
  }
}
