import { endPrice } from '../billing/prices'
import type { EndPriceRequest__Output } from '../wire/generated/tollgate/billing/v1/EndPriceRequest'
import type { EndPriceResponse } from '../wire/generated/tollgate/billing/v1/EndPriceResponse'
import { readId, readOptionalId } from './read'
import type { UnaryHandler } from './unary'
import { priceToWire } from './writePrice'

export const handleEndPrice: UnaryHandler<EndPriceRequest__Output, EndPriceResponse> = async (
  billing,
  request,
) => {
  const price = await endPrice(billing, {
    model: readId(request, 'model'),
    provider: readOptionalId(request, 'provider'),
  })
  return { price: priceToWire(price) }
}
