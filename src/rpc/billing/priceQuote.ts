import { type PriceQuoteRequest, priceQuote } from '../../billing/prices/priceQuote'
import { NO_USAGE } from '../../domain/usage/usage'
import type { PriceQuoteRequest__Output } from '../../wire/generated/tollgate/billing/v1/PriceQuoteRequest'
import type { PriceQuoteResponse } from '../../wire/generated/tollgate/billing/v1/PriceQuoteResponse'
import { readCount, readId, readLabels, readOptionalId } from '../fields/read'
import { readUsage } from '../fields/readUsage'
import { integerToWire, timestampToWire, userBalanceToWire } from '../fields/write'
import { lineItemToWire } from '../fields/writeCharge'
import { quotedPriceToWire } from '../fields/writePrice'
import type { UnaryHandler } from '../server/unary'

export const handlePriceQuote: UnaryHandler<PriceQuoteRequest__Output, PriceQuoteResponse> = async (
  billing,
  request,
) => {
  const quote = await priceQuote(billing, readRequest(request))
  return {
    quoteId: quote.quoteId,
    expiresAt: timestampToWire(quote.expiresAt),
    price: quotedPriceToWire(quote.price),
    costNanousd: integerToWire(quote.costNanousd),
    maxCostNanousd: integerToWire(quote.maxCostNanousd),
    lineItems: quote.lineItems.map(lineItemToWire),
    ...(quote.payer !== undefined && {
      affordable: quote.payer.affordable,
      affordableOutputTokens: integerToWire(quote.payer.affordableOutputTokens),
      balance: userBalanceToWire(quote.payer.user, billing.ledger.now()),
      limitingBudgetId: quote.payer.limitingBudgetId ?? '',
    }),
  }
}

function readRequest(request: PriceQuoteRequest__Output): PriceQuoteRequest {
  return {
    model: readId(request, 'model'),
    provider: readOptionalId(request, 'provider'),
    usage: request.usage === null ? NO_USAGE : readUsage(request.usage, 'usage.'),
    maxOutputTokens: readCount(request, 'maxOutputTokens'),
    userId: readOptionalId(request, 'userId'),
    serviceTier: readOptionalId(request, 'serviceTier'),
    apiKeyId: readOptionalId(request, 'apiKeyId'),
    labels: readLabels(request, 'labels'),
  }
}
