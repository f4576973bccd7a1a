import { countedFailureOf } from '../../billing/failures/countedFailure'
import { BillingError } from '../../domain/errors'
import type { DeductionFailure } from '../../domain/ledger/failure'
import { publicIdOf } from '../../domain/ledger/ids'
import type { DeductionFailure as WireFailure } from '../../wire/generated/tollgate/billing/v1/DeductionFailure'
import { FAILURE_STATES } from './enums'
import { integerToWire, labelsToWire, timestampToWire, usageToWire } from './write'

export function failureToWire(failure: DeductionFailure): WireFailure {
  return {
    failureId: publicIdOf('fl', failure.keyId),
    userId: failure.userId,
    idempotencyKey: failure.idempotencyKey,
    model: failure.reported.model,
    amountNanousd: integerToWire(failure.amountNanousd ?? 0n),
    reason: failure.reason,
    attempts: failure.attempts,
    state: FAILURE_STATES.write(failure.state),
    createdAt: timestampToWire(failure.createdAt),
    ...(failure.resolvedAt !== undefined && { resolvedAt: timestampToWire(failure.resolvedAt) }),
    note: failure.note,
    actor: failure.actor ?? '',
    provider: failure.reported.provider,
    ...(failure.usage !== undefined && { usage: usageToWire(failure.usage) }),
    serviceTier: failure.reported.serviceTier,
    occurredAt: timestampToWire(failure.reported.occurredAt),
    ...(failure.holdKeyId !== undefined && { holdId: publicIdOf('hd', failure.holdKeyId) }),
    // Of a stream's refused close: the stream's charge.
    chargeId: publicIdOf('ch', failure.holdKeyId ?? failure.keyId),
    apiKeyId: failure.reported.apiKeyId,
    labels: labelsToWire(failure.reported.labels),
    ...(failure.body !== undefined && { providerUsage: failure.body }),
    problem: problemOf(failure),
    reportedCostNanousd: integerToWire(failure.serving?.reportedCost?.reportedNanousd ?? 0n),
  }
}

/** Why the counts can't be charged. Empty if they can. */
function problemOf(failure: DeductionFailure): string {
  try {
    countedFailureOf(failure)
    return ''
  } catch (error) {
    if (error instanceof BillingError) return error.message
    throw error
  }
}
