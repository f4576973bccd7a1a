import { listDeductionFailures } from '../../billing/failures/listDeductionFailures'
import { mapInSlices } from '../../timing/slices'
import type { ListDeductionFailuresRequest__Output } from '../../wire/generated/tollgate/billing/v1/ListDeductionFailuresRequest'
import type { ListDeductionFailuresResponse } from '../../wire/generated/tollgate/billing/v1/ListDeductionFailuresResponse'
import { FAILURE_STATES } from '../fields/enums'
import { readOptionalId, readPage } from '../fields/read'
import { failureToWire } from '../fields/writeFailure'
import type { UnaryHandler } from '../server/unary'

export const handleListDeductionFailures: UnaryHandler<
  ListDeductionFailuresRequest__Output,
  ListDeductionFailuresResponse
> = async (billing, request) => {
  const { failures, nextPageToken } = await listDeductionFailures(billing, {
    ...readPage(request),
    ...(request.state !== 'FAILURE_STATE_UNSPECIFIED' && { state: FAILURE_STATES.read(request, 'state') }),
    userId: readOptionalId(request, 'userId'),
  })
  return { failures: await mapInSlices(failures, failureToWire), nextPageToken }
}
