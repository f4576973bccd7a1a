import { listPrices } from '../../billing/prices/prices'
import { mapInSlices } from '../../timing/slices'
import type { ListPricesRequest__Output } from '../../wire/generated/tollgate/billing/v1/ListPricesRequest'
import type { ListPricesResponse } from '../../wire/generated/tollgate/billing/v1/ListPricesResponse'
import { readOptionalId, readPage } from '../fields/read'
import { priceToWire } from '../fields/writePrice'
import type { UnaryHandler } from '../server/unary'

export const handleListPrices: UnaryHandler<ListPricesRequest__Output, ListPricesResponse> = async (
  billing,
  request,
) => {
  const { prices, nextPageToken } = await listPrices(billing, {
    ...readPage(request),
    modelPrefix: readOptionalId(request, 'modelPrefix'),
  })
  return { prices: await mapInSlices(prices, priceToWire), nextPageToken }
}
