import type { BillingError } from '../errors'
import type { FailedDeduction } from '../ledger/failure'
import type { Decision } from './posting'

/** A refusal; with `failure` where a finished call goes unpaid by it. */
export function refused(error: BillingError, failure?: FailedDeduction): Decision {
  return failure === undefined ? { outcome: 'refused', error } : { outcome: 'refused', error, failure }
}
