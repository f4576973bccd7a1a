import { listPriceChanges } from '../../billing/prices/priceChanges'
import { mapInSlices } from '../../timing/slices'
import type { ListPriceChangesRequest__Output } from '../../wire/generated/tollgate/billing/v1/ListPriceChangesRequest'
import type { ListPriceChangesResponse } from '../../wire/generated/tollgate/billing/v1/ListPriceChangesResponse'
import { PRICE_CHANGE_STATES } from '../fields/enums'
import { readPage } from '../fields/read'
import { priceChangeToWire } from '../fields/writePriceChange'
import type { UnaryHandler } from '../server/unary'

export const handleListPriceChanges: UnaryHandler<
  ListPriceChangesRequest__Output,
  ListPriceChangesResponse
> = async (billing, request) => {
  const { changes, nextPageToken } = await listPriceChanges(billing, {
    ...readPage(request),
    ...(request.state !== 'PRICE_CHANGE_STATE_UNSPECIFIED' && {
      state: PRICE_CHANGE_STATES.read(request, 'state'),
    }),
  })
  return { changes: await mapInSlices(changes, priceChangeToWire), nextPageToken }
}
