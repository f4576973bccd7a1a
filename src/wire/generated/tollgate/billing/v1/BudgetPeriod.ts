// Original file: proto/tollgate/billing/v1/budget_service.proto

export const BudgetPeriod = {
  BUDGET_PERIOD_UNSPECIFIED: 'BUDGET_PERIOD_UNSPECIFIED',
  BUDGET_PERIOD_HOUR: 'BUDGET_PERIOD_HOUR',
  BUDGET_PERIOD_DAY: 'BUDGET_PERIOD_DAY',
  BUDGET_PERIOD_WEEK: 'BUDGET_PERIOD_WEEK',
  BUDGET_PERIOD_MONTH: 'BUDGET_PERIOD_MONTH',
  BUDGET_PERIOD_LIFETIME: 'BUDGET_PERIOD_LIFETIME',
} as const;

export type BudgetPeriod =
  | 'BUDGET_PERIOD_UNSPECIFIED'
  | 0
  | 'BUDGET_PERIOD_HOUR'
  | 1
  | 'BUDGET_PERIOD_DAY'
  | 2
  | 'BUDGET_PERIOD_WEEK'
  | 3
  | 'BUDGET_PERIOD_MONTH'
  | 4
  | 'BUDGET_PERIOD_LIFETIME'
  | 5

export type BudgetPeriod__Output = typeof BudgetPeriod[keyof typeof BudgetPeriod]
