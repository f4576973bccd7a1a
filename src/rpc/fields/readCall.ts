import type { CallRequest } from '../../domain/ledger/charge'
import type { ReportedCost } from '../../domain/ledger/serving'
import type { ChargeUsageRequest__Output } from '../../wire/generated/tollgate/billing/v1/ChargeUsageRequest'
import type { StreamClose__Output } from '../../wire/generated/tollgate/billing/v1/StreamClose'
import type { StreamOpen__Output } from '../../wire/generated/tollgate/billing/v1/StreamOpen'
import { readId, readLabels, readNanousd, readOptionalId, readQuoteId } from './read'

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

/**
 * What a request states that its call cost. A cost of zero is none: the usage is rated.
 *
 * @throws BillingError INVALID_FIELD
 */
export function readReportedCost(
  request: ChargeUsageRequest__Output | StreamClose__Output,
  at = '',
): ReportedCost | undefined {
  const source = readOptionalId(request, 'reportedCostSource', at)
  if (request.reportedCostNanousd === '0') return undefined
  return { reportedNanousd: readNanousd(request, 'reportedCostNanousd', { at }), source }
}
