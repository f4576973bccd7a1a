import { listedModelOf } from '../domain/ledger/charge'
import type { FailedDeduction } from '../domain/ledger/failure'
import { approximateUsd } from '../domain/money'
import { metrics } from '../observability/metrics'
import { reportFatal } from '../observability/sentry'

/** Reports a call that was made and is not paid for. It is in the list of deduction failures. */
export function reportFailedDeduction(failure: FailedDeduction): void {
  const { userId, reported, reason, amountNanousd, priced } = failure
  const { model } = reported
  metrics.deductionFailure({
    reason,
    missed: amountNanousd,
    pricedModel: priced && listedModelOf(priced),
  })
  const missing =
    amountNanousd === undefined ? 'an amount that no price is known for' : approximateUsd(amountNanousd)
  reportFatal('DEDUCTION_FAILED', {
    subject: userId,
    message: `a call of ${model} could not be deducted: ${missing} is missing (${reason})`,
    tags: { reason, model },
  })
}
