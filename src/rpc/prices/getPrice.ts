import { getPrice } from '../../billing/prices/prices'
import type { GetPriceRequest__Output } from '../../wire/generated/tollgate/billing/v1/GetPriceRequest'
import type { GetPriceResponse } from '../../wire/generated/tollgate/billing/v1/GetPriceResponse'
import { readId, readOptionalId, readTimestamp } from '../fields/read'
import { priceToWire } from '../fields/writePrice'
import type { UnaryHandler } from '../server/unary'

export const handleGetPrice: UnaryHandler<GetPriceRequest__Output, GetPriceResponse> = async (
  billing,
  request,
) => {
  const at = readTimestamp(request, 'at')
  const price = await getPrice(billing, {
    model: readId(request, 'model'),
    provider: readOptionalId(request, 'provider'),
    ...(at !== undefined && { at }),
  })
  return { price: priceToWire(price) }
}
