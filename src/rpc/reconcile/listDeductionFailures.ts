import { listDeductionFailures } from '../../billing/failures/listDeductionFailures'
import type { ListDeductionFailuresRequest__Output } from '../../wire/generated/tollgate/billing/v1/ListDeductionFailuresRequest'
import type { ListDeductionFailuresResponse } from '../../wire/generated/tollgate/billing/v1/ListDeductionFailuresResponse'
import { readEnum, readOptionalId, readPage } from '../fields/read'
import { failureToWire } from '../fields/writeFailure'
import type { UnaryHandler } from '../server/unary'

const STATES = {
  FAILURE_STATE_UNSPECIFIED: 'any',
  FAILURE_STATE_PENDING: 'pending',
  FAILURE_STATE_RESOLVED: 'resolved',
  FAILURE_STATE_WRITTEN_OFF: 'written-off',
} as const

export const handleListDeductionFailures: UnaryHandler<
  ListDeductionFailuresRequest__Output,
  ListDeductionFailuresResponse
> = async (billing, request) => {
  const state = readEnum(request, 'state', { values: STATES })
  const { failures, nextPageToken } = await listDeductionFailures(billing, {
    ...readPage(request),
    ...(state !== 'any' && { state }),
    userId: readOptionalId(request, 'userId'),
  })
  return { failures: failures.map(failureToWire), nextPageToken }
}
