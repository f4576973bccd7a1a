import { counter, counters, seriesBy } from '../instruments'

const thresholds = seriesBy(
  counters({
    name: 'tollgate_budget_thresholds_total',
    help: "Thresholds of budgets that were passed, once for each counter, window and threshold; by the budget's action.",
  }),
  'action',
  ['enforce', 'warn'],
)
const cleaned = counter({
  name: 'tollgate_budget_counters_cleaned_total',
  help: 'Counters of budgets that were removed because their windows ended long ago.',
})

export const budgetMetrics = {
  budgetThresholdPassed(action: keyof typeof thresholds): void {
    thresholds[action].add()
  },
  budgetCountersCleaned(counters: number): void {
    cleaned.add(counters)
  },
}
