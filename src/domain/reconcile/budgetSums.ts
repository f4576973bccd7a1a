import { hash } from 'node:crypto'
import type { StoredBudget } from '../budget/budget'
import { budgetChangeOf, storedText } from '../budget/budgetChange'
import type { CounterRef } from '../budget/counter'
import type { LedgerEntry } from '../ledger/entry'
import { groupIdOf } from '../ledger/ids'

/**
 * Sums over a user's budgets and counters, each times a weight of its own. So wrong counters don't cancel each other out, and a
 * few numbers, which a page token and a checkpoint can hold, prove millions of counters.
 */
export interface BudgetSums {
  /** Entries that put or deleted a budget. */
  changes: bigint
  budgets: bigint
  spent: bigint
  held: bigint
}

export const NO_BUDGET_SUMS: BudgetSums = { changes: 0n, budgets: 0n, spent: 0n, held: 0n }

/** The sums after one more entry. */
export function withEntry(sums: BudgetSums, { kind, profile, counterMoves = [] }: LedgerEntry): BudgetSums {
  let { changes, budgets, spent, held } = sums
  if (kind === 'budget' && profile !== undefined) {
    const { before, after } = budgetChangeOf(profile)
    changes += 1n
    budgets += budgetWeight(after) - (before === undefined ? 0n : budgetWeight(before))
  }
  for (const move of counterMoves) {
    const weight = counterWeight(move)
    spent += weight * move.spentDeltaNanousd
    held += weight * move.heldDeltaNanousd
  }
  return { changes, budgets, spent, held }
}

export function budgetWeight(budget: StoredBudget): bigint {
  return weightOf(`${budget.budgetId}\n${storedText(budget)}`)
}

/** `budgetCounters.ts` computes the same in SQL. */
export function counterWeight({ budgetId, generation, windowFrom, groupValues }: CounterRef): bigint {
  const group = `${groupIdOf(groupValues)}\n${JSON.stringify(groupValues)}`
  return weightOf(`${budgetId}\n${generation}\n${windowFrom.getTime()}\n${group}`)
}

/** The first 48 bits of SHA-256. */
function weightOf(text: string): bigint {
  return BigInt(`0x${hash('sha256', text, 'hex').slice(0, 12)}`)
}
