import { retryDeductionFailure } from '../../billing/failures/deductionFailures'
import type { RetryDeductionFailureRequest__Output } from '../../wire/generated/tollgate/billing/v1/RetryDeductionFailureRequest'
import type { RetryDeductionFailureResponse } from '../../wire/generated/tollgate/billing/v1/RetryDeductionFailureResponse'
import { readId, readPublicId } from '../fields/read'
import { readMeasured } from '../fields/readUsage'
import { failureToWire } from '../fields/writeFailure'
import type { UnaryHandler } from '../server/unary'

export const handleRetryDeductionFailure: UnaryHandler<
  RetryDeductionFailureRequest__Output,
  RetryDeductionFailureResponse
> = async (billing, request, caller) => {
  const keyId = readPublicId(request, 'failureId', { prefix: 'fl' })
  const corrected = readMeasured(request)
  const asked = {
    userId: readId(request, 'userId'),
    keyId,
    ...(corrected !== undefined && { corrected }),
  }
  const failure = await retryDeductionFailure(billing, asked, caller)
  return { failure: failureToWire(failure) }
}
