import { BillingError } from '../../domain/errors'
import type { Billing } from '../billing'
import type { Caller } from '../caller'
import { type ChargeUsageRequest, type ChargeUsageResult, chargeUsage } from './chargeUsage'

/** What each request came to: its result, or the error that ChargeUsage alone would have answered. */
export type BatchOutcome = ChargeUsageResult | { error: unknown }

/**
 * Deducts many finished calls, each on its own; results are in the order of the requests. A request that could not be read is passed
 * through as its error, so that it changes nothing for the others.
 */
export function batchChargeUsage(
  billing: Billing,
  requests: readonly (ChargeUsageRequest | BillingError)[],
  caller: Caller,
): Promise<BatchOutcome[]> {
  return Promise.all(
    requests.map(async (request): Promise<BatchOutcome> => {
      if (request instanceof BillingError) return { error: request }
      try {
        return await chargeUsage(billing, request, caller)
      } catch (error) {
        return { error }
      }
    }),
  )
}
