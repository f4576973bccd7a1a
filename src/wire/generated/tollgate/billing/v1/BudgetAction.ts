// Original file: proto/tollgate/billing/v1/budget_service.proto

export const BudgetAction = {
  BUDGET_ACTION_UNSPECIFIED: 'BUDGET_ACTION_UNSPECIFIED',
  /**
   * A call that would pass the limit is refused; a stream ends at it.
   */
  BUDGET_ACTION_ENFORCE: 'BUDGET_ACTION_ENFORCE',
  /**
   * Nothing is refused; events are written.
   */
  BUDGET_ACTION_WARN: 'BUDGET_ACTION_WARN',
} as const;

export type BudgetAction =
  | 'BUDGET_ACTION_UNSPECIFIED'
  | 0
  /**
   * A call that would pass the limit is refused; a stream ends at it.
   */
  | 'BUDGET_ACTION_ENFORCE'
  | 1
  /**
   * Nothing is refused; events are written.
   */
  | 'BUDGET_ACTION_WARN'
  | 2

export type BudgetAction__Output = typeof BudgetAction[keyof typeof BudgetAction]
