import { listHolds } from '../../billing/streams/listHolds'
import { mapInSlices } from '../../timing/slices'
import type { ListHoldsRequest__Output } from '../../wire/generated/tollgate/billing/v1/ListHoldsRequest'
import type { ListHoldsResponse } from '../../wire/generated/tollgate/billing/v1/ListHoldsResponse'
import { readOptionalId, readPage } from '../fields/read'
import { holdToWire } from '../fields/writeHold'
import type { UnaryHandler } from '../server/unary'

export const handleListHolds: UnaryHandler<ListHoldsRequest__Output, ListHoldsResponse> = async (
  billing,
  request,
) => {
  const { holds, nextPageToken } = await listHolds(billing, {
    ...readPage(request),
    userId: readOptionalId(request, 'userId'),
  })
  return { holds: await mapInSlices(holds, holdToWire), nextPageToken }
}
