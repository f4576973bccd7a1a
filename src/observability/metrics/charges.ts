import type { ErrorReason } from '../../domain/errors'
import { listedModelOf } from '../../domain/ledger/charge'
import type { ChargeEntry, LedgerEntry } from '../../domain/ledger/entry'
import { counter, counters, type Series, seriesBy } from '../instruments'
import { amountsOf } from './models'
import { countReportedCost } from './reportedCosts'

const charges = counters({
  name: 'tollgate_charges_total',
  help: 'Charges by outcome; reason is set on refusals.',
})
const deductionFailures = counters({
  name: 'tollgate_deduction_failures_total',
  help: 'Finished calls that could not be deducted, wholly or in part.',
})
// Apart from their parts by model, which can't be there from the start: a sum over those would miss a model's first call.
const chargedNanousd = counter({
  name: 'tollgate_charged_nanousd_total',
  help: 'Deducted from users, in nano-USD. The ledger is exact; this is a float.',
})
const missedNanousd = counters({
  name: 'tollgate_missed_nanousd_total',
  help: 'Sum of deduction failures, in nano-USD, where a price is known.',
})

const refundedNanousd = counter({
  name: 'tollgate_refunded_nanousd_total',
  help: 'Refunded, in nano-USD.',
})
const collectedFailures = counters({
  name: 'tollgate_deduction_failures_collected_total',
  help: 'Deduction failures whose charge was deducted later, by what triggered it: an operator, or a grant.',
})
const writtenOffFailures = counter({
  name: 'tollgate_deduction_failures_written_off_total',
  help: 'Deduction failures that were written off.',
})
const COLLECTED_BY = ['retry', 'grant'] as const
const collected = seriesBy(collectedFailures, 'by', COLLECTED_BY)

/** What leaves a finished call unpaid. */
const UNPAID_REASONS = [
  'INSUFFICIENT_CREDITS',
  'DAILY_LIMIT_REACHED',
  'BUDGET_REACHED',
  'TRIAL_LIMIT_REACHED',
  'TRIAL_EXPIRED',
  'USER_SUSPENDED',
  'MODEL_PRICE_MISSING',
  'SERVICE_TIER_UNKNOWN',
  'PRICE_ANOMALY',
  // Of a provider's counts alone, which are kept to be corrected.
  'IMPOSSIBLE_USAGE',
  'INVALID_FIELD',
  'REPORTED_COST_NOT_ALLOWED',
  // Of deferred charges alone, which were answered before they were decided.
  'USER_NOT_FOUND',
  'IDEMPOTENCY_KEY_REUSED',
  'ALREADY_DECIDED',
] as const satisfies ErrorReason[]

/** What else a charge is answered with. */
const OTHER_REASONS = [
  'QUOTE_INVALID',
  'QUOTE_MISMATCH',
  'OVERLOADED',
  'CONCURRENT_MODIFICATION',
  'DATABASE_UNAVAILABLE',
  'SHUTTING_DOWN',
  'DEADLINE_EXCEEDED',
] as const satisfies ErrorReason[]

const [deducted, deferred, failed] = ['deducted', 'deferred', 'failed'].map((status) =>
  charges.series({ status, reason: '' }),
) as [Series, Series, Series]
const refused = new Map<string, Series>()
for (const reason of [...UNPAID_REASONS, ...OTHER_REASONS]) refusedFor(reason)
const unpaid: Partial<Record<ErrorReason, Series>> = seriesBy(deductionFailures, 'reason', UNPAID_REASONS)
const missedBy: Partial<Record<ErrorReason, Series>> = seriesBy(missedNanousd, 'reason', UNPAID_REASONS)

export const chargeMetrics = {
  charged({ charge }: Pick<ChargeEntry, 'charge'>): void {
    const amount = Number(charge.amountNanousd)
    const model = amountsOf(listedModelOf(charge.priced))
    deducted.add()
    chargedNanousd.add(amount)
    model.charges.add()
    model.charged.add(amount)
    if (charge.serving?.reportedCost !== undefined) countReportedCost(charge, charge.serving.reportedCost)
  },
  /** A late close corrected a settlement; what goes back is no deduction. */
  adjusted({ charge }: Pick<ChargeEntry, 'charge'>): void {
    const amount = Math.max(Number(charge.amountNanousd), 0)
    chargedNanousd.add(amount)
    amountsOf(listedModelOf(charge.priced)).charged.add(amount)
  },
  refunded({ allowanceDeltaNanousd, creditsDeltaNanousd }: LedgerEntry): void {
    refundedNanousd.add(Number(allowanceDeltaNanousd + creditsDeltaNanousd))
  },
  failureCollected(by: (typeof COLLECTED_BY)[number]): void {
    collected[by].add()
  },
  failureWrittenOff(): void {
    writtenOffFailures.add()
  },
  chargeDeferred(): void {
    deferred.add()
  },
  /** A deferred charge turned out impossible to deduct. */
  deferredChargeFailed(): void {
    failed.add()
  },
  chargeRefused(reason: ErrorReason): void {
    refusedFor(reason).add()
  },
  /** `pricedModel` absent = no source lists a price for it. */
  deductionFailure({
    reason,
    missed,
    pricedModel,
  }: {
    reason: ErrorReason
    missed: bigint | undefined
    pricedModel: string | undefined
  }): void {
    unpaid[reason] ??= deductionFailures.series({ reason })
    unpaid[reason].add()
    missedBy[reason] ??= missedNanousd.series({ reason })
    missedBy[reason].add(Number(missed ?? 0n))
    amountsOf(pricedModel).missed.add(Number(missed ?? 0n))
  },
}

function refusedFor(reason: ErrorReason): Series {
  const known = refused.get(reason)
  if (known !== undefined) return known
  const made = charges.series({ status: 'refused', reason })
  refused.set(reason, made)
  return made
}
