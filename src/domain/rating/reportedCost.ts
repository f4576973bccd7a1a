import { BillingError } from '../errors'
import { divideRoundingHalfUp, type Nanousd } from '../money'

/** What an operator says of one provider's stated costs: they are charged, at this markup. */
export interface ReportedCostRule {
  /** In lower case; `*` = any. */
  provider: string
  /** Absent = the price's own, or the deployment's where there is no price. */
  markupBasisPoints?: number
}

const BASIS_POINTS = 10_000n

/**
 * The rule for a provider's stated costs: its own before that of any provider.
 *
 * @throws BillingError REPORTED_COST_NOT_ALLOWED, naming the setting
 */
export function reportedCostRuleOf(rules: readonly ReportedCostRule[], provider: string): ReportedCostRule {
  const name = provider.toLowerCase()
  const rule = rules.find((each) => each.provider === name) ?? rules.find((each) => each.provider === '*')
  if (rule !== undefined) return rule
  const whose = name === '' ? 'a call without a provider' : provider
  throw new BillingError(
    'REPORTED_COST_NOT_ALLOWED',
    `a stated cost of ${whose} is not charged here: list the provider in TOLLGATE_REPORTED_COST_PROVIDERS, or leave reported_cost_nanousd out`,
    { field: 'reported_cost_nanousd', metadata: { setting: 'TOLLGATE_REPORTED_COST_PROVIDERS', provider } },
  )
}

/** What a stated cost is charged as: with the markup, rounded once, half up. */
export function amountOfReported(reportedNanousd: Nanousd, markupBasisPoints: number): Nanousd {
  return divideRoundingHalfUp(reportedNanousd * (BASIS_POINTS + BigInt(markupBasisPoints)), BASIS_POINTS)
}

/**
 * A unit slip is most likely where the stated cost and the rated one differ by more than this factor, either way. Usage that
 * costs nothing at its price says nothing about what the call cost.
 *
 * @throws BillingError PRICE_ANOMALY
 */
export function checkReportedCost(
  { amountNanousd, ratedAmountNanousd }: { amountNanousd: Nanousd; ratedAmountNanousd: Nanousd | undefined },
  timesMax: number,
): void {
  if (ratedAmountNanousd === undefined || ratedAmountNanousd === 0n) return
  const times = BigInt(timesMax)
  const anomaly =
    amountNanousd > ratedAmountNanousd * times
      ? 'above'
      : amountNanousd * times < ratedAmountNanousd
        ? 'below'
        : undefined
  if (anomaly === undefined) return
  throw new BillingError(
    'PRICE_ANOMALY',
    `the stated cost is more than ${timesMax} times ${anomaly} what the usage costs at its price: check its unit, or raise TOLLGATE_REPORTED_COST_TIMES_MAX`,
    { field: 'reported_cost_nanousd', metadata: { anomaly } },
  )
}
