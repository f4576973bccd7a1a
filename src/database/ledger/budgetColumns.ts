import { budgetToJson, type StoredBudget } from '../../domain/budget/budget'
import type { Counter, CounterRef } from '../../domain/budget/counter'
import { groupIdOf } from '../../domain/ledger/ids'
import type { BudgetCounterRow, BudgetRow } from '../schema'
import type { Column } from './columns'

/** Names a counter of any user. */
export interface UserCounterRef extends CounterRef {
  userId: string
}

/** A counter after a batch. */
export interface CounterRecord extends UserCounterRef {
  counter: Counter
  isNew: boolean
  /** Only of a new counter. Undefined = its window never ends. */
  keptUntil: Date | undefined
}

export const COUNTER_KEY_COLUMNS: readonly Column<BudgetCounterRow, UserCounterRef>[] = [
  { name: 'user_id', type: 'text', value: ({ userId }) => userId },
  { name: 'budget_id', type: 'text', value: ({ budgetId }) => budgetId },
  { name: 'generation', type: 'int4', value: ({ generation }) => generation },
  { name: 'window_from', type: 'timestamptz', value: ({ windowFrom }) => windowFrom },
  { name: 'group_id', type: 'uuid', value: ({ groupValues }) => groupIdOf(groupValues) },
]

/** The columns that change. */
export const COUNTED_COLUMNS: readonly Column<BudgetCounterRow, CounterRecord>[] = [
  { name: 'spent_nanousd', type: 'int8', value: ({ counter }) => counter.spentNanousd },
  { name: 'held_nanousd', type: 'int8', value: ({ counter }) => counter.heldNanousd },
  { name: 'notified_percent', type: 'int4', value: ({ counter }) => counter.notifiedPercent },
]

export const COUNTER_COLUMNS: readonly Column<BudgetCounterRow, CounterRecord>[] = [
  ...COUNTER_KEY_COLUMNS,
  { name: 'group_values', type: 'text', value: ({ groupValues }) => JSON.stringify(groupValues) },
  ...COUNTED_COLUMNS,
  { name: 'kept_until', type: 'timestamptz', value: ({ keptUntil }) => keptUntil },
]

export const BUDGET_COLUMNS: readonly Column<BudgetRow, { userId: string; budget: StoredBudget }>[] = [
  { name: 'user_id', type: 'text', value: ({ userId }) => userId },
  { name: 'budget_id', type: 'text', value: ({ budget }) => budget.budgetId },
  { name: 'generation', type: 'int4', value: ({ budget }) => budget.generation },
  { name: 'definition', type: 'jsonb', value: ({ budget }) => JSON.stringify(budgetToJson(budget)) },
  { name: 'deleted', type: 'boolean', value: ({ budget }) => budget.deleted },
]
