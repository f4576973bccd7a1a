import { endPrice } from '../../billing/prices/prices'
import type { EndPriceRequest__Output } from '../../wire/generated/tollgate/billing/v1/EndPriceRequest'
import type { EndPriceResponse } from '../../wire/generated/tollgate/billing/v1/EndPriceResponse'
import { readId, readOptionalId } from '../fields/read'
import { priceToWire } from '../fields/writePrice'
import type { UnaryHandler } from '../server/unary'

export const handleEndPrice: UnaryHandler<EndPriceRequest__Output, EndPriceResponse> = async (
  billing,
  request,
  caller,
) => {
  const key = { model: readId(request, 'model'), provider: readOptionalId(request, 'provider') }
  const price = await endPrice(billing, key, caller)
  return { price: priceToWire(price) }
}
