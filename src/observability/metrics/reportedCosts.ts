import { type ChargeDetail, ratedAmountOf } from '../../domain/ledger/charge'
import type { ReportedCost } from '../../domain/ledger/serving'
import { counters, type Distribution, histograms, type Series } from '../instruments'

/** Where any provider's stated cost is charged, a gateway may name any provider. */
const PROVIDER_LABELS_MAX = 50
const OTHER = 'other'

const charges = counters({
  name: 'tollgate_reported_cost_charges_total',
  help: 'Charges of a cost that the gateway stated, by provider; "other" are those beyond the first 50 of a process.',
})
const reportedNanousd = counters({
  name: 'tollgate_reported_cost_nanousd_total',
  help: 'Such charges that have a price beside them, in nano-USD after markup.',
})
const ratedNanousd = counters({
  name: 'tollgate_reported_cost_rated_nanousd_total',
  help: 'What those charges would have come to at the price, in nano-USD.',
})
const ratios = histograms(
  {
    name: 'tollgate_reported_cost_ratio',
    help: 'A stated cost over what the usage costs at the price: 1 where they agree.',
  },
  [0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1.01, 1.05, 1.1, 1.25, 1.5, 2, 4, 10],
)

interface ReportedCosts {
  charges: Series
  reported: Series
  rated: Series
  ratio: Distribution
}

const byProvider = new Map<string, ReportedCosts>()
const other = admit(OTHER)

export function countReportedCost(
  charge: ChargeDetail,
  { ratedAmountNanousd }: Pick<ReportedCost, 'ratedAmountNanousd'>,
): void {
  const counts = countsOf(
    charge.serving?.stated.provider || charge.reported.provider || charge.priced.provider,
  )
  counts.charges.add()
  if (ratedAmountNanousd === undefined) return
  const amount = Number(ratedAmountOf(charge))
  counts.reported.add(amount)
  counts.rated.add(Number(ratedAmountNanousd))
  if (ratedAmountNanousd > 0n) counts.ratio.observe(amount / Number(ratedAmountNanousd))
}

function countsOf(provider: string): ReportedCosts {
  const known = byProvider.get(provider)
  if (known !== undefined) return known
  // One is `other`.
  if (provider === '' || byProvider.size > PROVIDER_LABELS_MAX) return other
  return admit(provider)
}

function admit(provider: string): ReportedCosts {
  const made = {
    charges: charges.series({ provider }),
    reported: reportedNanousd.series({ provider }),
    rated: ratedNanousd.series({ provider }),
    ratio: ratios.series({ provider }),
  }
  byProvider.set(provider, made)
  return made
}
