import type { RatedCall } from '../../domain/ledger/charge'
import { type PinRequest, type Pricing, pinPrice } from './pinPrice'
import { rateCall } from './rateCall'

export type PriceCallRequest = PinRequest & Pick<RatedCall, 'usage' | 'usageSource'>

/**
 * Prices a finished call at the quote that it cites, or else at the price that was in force when it
 * was made.
 *
 * @throws BillingError as `pinPrice`; PRICE_ANOMALY; MODEL_PRICE_MISSING for a meter without a rate
 */
export async function priceCall(pricing: Pricing, request: PriceCallRequest): Promise<RatedCall> {
  return rateCall(pricing, await pinPrice(pricing, request), request)
}
