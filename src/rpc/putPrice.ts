import { type PutPriceRequest, putPrice } from '../billing/prices'
import type { PutPriceRequest__Output } from '../wire/generated/tollgate/billing/v1/PutPriceRequest'
import type { PutPriceResponse } from '../wire/generated/tollgate/billing/v1/PutPriceResponse'
import { readId, readOptionalId, readTimestamp } from './read'
import { readRateCards } from './readRateCards'
import type { UnaryHandler } from './unary'
import { priceToWire } from './writePrice'

export const handlePutPrice: UnaryHandler<PutPriceRequest__Output, PutPriceResponse> = async (
  billing,
  request,
) => ({ price: priceToWire(await putPrice(billing, readRequest(request))) })

function readRequest(request: PutPriceRequest__Output): PutPriceRequest {
  const effectiveFrom = readTimestamp(request, 'effectiveFrom')
  const { markupBasisPoints } = request
  return {
    model: readId(request, 'model'),
    provider: readOptionalId(request, 'provider'),
    rateCards: readRateCards(request.rateCards),
    ...(effectiveFrom !== undefined && { effectiveFrom }),
    ...(markupBasisPoints !== undefined && { markupBasisPoints }),
  }
}
