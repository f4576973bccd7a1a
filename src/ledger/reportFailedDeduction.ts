import { listedModelOf } from '../domain/ledger/charge'
import type { FailedDeduction } from '../domain/ledger/failure'
import { approximateUsd } from '../domain/money'
import { metrics } from '../observability/metrics'
import { reportFatal } from '../observability/sentry'

/** Says that a call was made that is not paid for. It stands in the list of deduction failures. */
export function reportFailedDeduction(failure: FailedDeduction): void {
  const { userId, model, reason, amountNanousd, pricing } = failure
  metrics.deductionFailure({
    reason,
    missed: amountNanousd,
    pricedModel: pricing && listedModelOf(pricing),
  })
  const missing =
    amountNanousd === undefined ? 'an amount that no price is known for' : approximateUsd(amountNanousd)
  reportFatal('DEDUCTION_FAILED', {
    subject: userId,
    message: `a call of ${model} could not be deducted: ${missing} is missing (${reason})`,
    tags: { reason, model },
  })
}
