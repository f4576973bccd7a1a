import { log } from '../observability/log'
import { metrics } from '../observability/metrics'
import type { PassedThreshold } from './batchBudgets'

/** Says that a counter has passed a threshold of its budget, once in its window. Says no amounts. */
export function reportThreshold({ userId, budget, groupValues, percent }: PassedThreshold): void {
  metrics.budgetThresholdPassed(budget.action)
  log.warn(
    {
      user_id: userId,
      budget_id: budget.budgetId,
      group_values: groupValues,
      percent,
      action: budget.action,
    },
    'a budget has passed a threshold',
  )
}
