import { type BatchOutcome, batchChargeUsage } from '../../billing/charges/batchChargeUsage'
import type { ChargeUsageRequest } from '../../billing/charges/chargeUsage'
import { BillingError, invalidField } from '../../domain/errors'
import type { BatchChargeUsageRequest__Output } from '../../wire/generated/tollgate/billing/v1/BatchChargeUsageRequest'
import type { BatchChargeUsageResponse } from '../../wire/generated/tollgate/billing/v1/BatchChargeUsageResponse'
import type { ChargeUsageRequest__Output } from '../../wire/generated/tollgate/billing/v1/ChargeUsageRequest'
import type { ChargeUsageResult } from '../../wire/generated/tollgate/billing/v1/ChargeUsageResult'
import { wireErrorOf } from '../server/errors'
import type { UnaryHandler } from '../server/unary'
import { chargeResultToWire, readChargeUsage } from './chargeUsage'

const REQUESTS_MAX = 1_000

export const handleBatchChargeUsage: UnaryHandler<
  BatchChargeUsageRequest__Output,
  BatchChargeUsageResponse
> = async (billing, { requests }, caller) => {
  if (requests.length > REQUESTS_MAX) throw invalidField('requests', `must be at most ${REQUESTS_MAX}`)
  const outcomes = await batchChargeUsage(billing, requests.map(readOrRefuse), caller)
  return { results: outcomes.map(outcomeToWire) }
}

/** An invalid request is refused by itself, without the rest of the batch. */
function readOrRefuse(request: ChargeUsageRequest__Output): ChargeUsageRequest | BillingError {
  try {
    return readChargeUsage(request)
  } catch (error) {
    if (error instanceof BillingError) return error
    throw error
  }
}

function outcomeToWire(outcome: BatchOutcome): ChargeUsageResult {
  if (!('error' in outcome)) return { response: chargeResultToWire(outcome) }
  const { code, message, details } = wireErrorOf(outcome.error, 'BatchChargeUsage')
  return { error: { code, reason: details.reason, message, metadata: details.metadata } }
}
