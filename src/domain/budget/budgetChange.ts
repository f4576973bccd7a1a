import type { ProfileText } from '../ledger/profile'
import { type Budget, type BudgetJson, budgetFromJson, budgetToJson, type StoredBudget } from './budget'

/** A change of a budget, as its entry records it. */
export interface BudgetChange {
  /** Undefined = there was never a budget of this id. */
  before: StoredBudget | undefined
  after: StoredBudget
}

export function budgetChangeText({ before, after }: BudgetChange): ProfileText {
  return {
    budget_id: after.budgetId,
    ...(before !== undefined && { before: storedText(before) }),
    after: storedText(after),
  }
}

/** What an entry of a budget says. */
export function budgetChangeOf(text: ProfileText): BudgetChange {
  const { budget_id: budgetId = '', before, after } = text
  if (after === undefined) throw new Error('an entry of a budget lacks the budget')
  return {
    before: before === undefined ? undefined : storedFromText(before, budgetId),
    after: storedFromText(after, budgetId),
  }
}

/** Whether the counters of a budget that is in force started again. */
export function hasRestarted({ before, after }: BudgetChange): boolean {
  return before !== undefined && before.generation !== after.generation
}

/** The whole row as text, the same for the same budget. */
export function storedText(budget: StoredBudget): string {
  const { generation, deleted } = budget
  return JSON.stringify({ generation, deleted, ...budgetToJson(budget) })
}

function storedFromText(text: string, budgetId: string): StoredBudget {
  const { generation, deleted, ...json } = JSON.parse(text) as BudgetJson &
    Pick<Budget, 'generation'> & { deleted: boolean }
  return { ...budgetFromJson(json, { budgetId, generation }), deleted }
}
