import type { CallRequest } from '../../domain/ledger/charge'
import type { ChargeUsageRequest__Output } from '../../wire/generated/tollgate/billing/v1/ChargeUsageRequest'
import type { StreamOpen__Output } from '../../wire/generated/tollgate/billing/v1/StreamOpen'
import { readId, readLabels, readOptionalId, readQuoteId } from './read'

/**
 * What a request states about its call, beside usage and time.
 *
 * @throws BillingError INVALID_FIELD
 */
export function readCall(request: ChargeUsageRequest__Output | StreamOpen__Output, at = ''): CallRequest {
  return {
    model: readId(request, 'model', at),
    provider: readOptionalId(request, 'provider', at),
    serviceTier: readOptionalId(request, 'serviceTier', at),
    quoteId: readQuoteId(request, 'quoteId', at),
    apiKeyId: readOptionalId(request, 'apiKeyId', at),
    labels: readLabels(request, 'labels', at),
  }
}
