import { listHolds } from '../billing/listHolds'
import type { ListHoldsRequest__Output } from '../wire/generated/tollgate/billing/v1/ListHoldsRequest'
import type { ListHoldsResponse } from '../wire/generated/tollgate/billing/v1/ListHoldsResponse'
import { readOptionalId, readPage } from './read'
import type { UnaryHandler } from './unary'
import { holdToWire } from './writeHold'

export const handleListHolds: UnaryHandler<ListHoldsRequest__Output, ListHoldsResponse> = async (
  billing,
  request,
) => {
  const { holds, nextPageToken } = await listHolds(billing, {
    ...readPage(request),
    userId: readOptionalId(request, 'userId'),
  })
  return { holds: holds.map(holdToWire), nextPageToken }
}
