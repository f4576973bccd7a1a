import { type PutPriceRequest, putPrice } from '../../billing/prices/prices'
import type { PutPriceRequest__Output } from '../../wire/generated/tollgate/billing/v1/PutPriceRequest'
import type { PutPriceResponse } from '../../wire/generated/tollgate/billing/v1/PutPriceResponse'
import { readId, readOptionalId, readTimestamp } from '../fields/read'
import { readRateCards } from '../fields/readRateCards'
import { priceToWire } from '../fields/writePrice'
import type { UnaryHandler } from '../server/unary'

export const handlePutPrice: UnaryHandler<PutPriceRequest__Output, PutPriceResponse> = async (
  billing,
  request,
  caller,
) => ({ price: priceToWire(await putPrice(billing, readRequest(request), caller)) })

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
