import { listBudgetRows } from '../../database/budgets'
import { type CounterDrift, findCounterDrift } from '../../database/reconcile/budgetCounters'
import { BUDGETS_MAX, type Budget } from '../../domain/budget/budget'
import { keptUntil } from '../../domain/budget/matchBudgets'
import type { Books, Discrepancy } from '../../domain/reconcile/reconcile'
import { log } from '../../observability/log'
import type { Billing } from '../billing'

const FINDINGS_MAX = 50

/** Which counters of a user are wrong, where their sum is. Empty where that takes too long to find out. */
export async function counterFindings(
  { database }: Pick<Billing, 'database'>,
  { user: { userId }, readAt }: Books,
): Promise<Discrepancy[]> {
  try {
    const budgets = await listBudgetRows(database, { userId, limit: BUDGETS_MAX })
    const drifts = await findCounterDrift(database, userId, { limit: FINDINGS_MAX })
    return drifts
      .filter((drift) => drift.row !== undefined || !mayBeCleaned(drift, budgets, readAt))
      .map((drift) => ({ userId, kind: 'BUDGET_DRIFT', detail: detailOf(drift) }))
  } catch (error) {
    log.warn({ err: error, user_id: userId }, "a user's wrong counters could not be looked for")
    return []
  }
}

/** Counters are removed some time after their windows, and those of earlier generations at any time. */
function mayBeCleaned(
  { ref, heldByStreamsNanousd }: CounterDrift,
  budgets: readonly Budget[],
  now: Date,
): boolean {
  if (heldByStreamsNanousd > 0n) return false
  const budget = budgets.find(({ budgetId }) => budgetId === ref.budgetId)
  if (budget?.generation !== ref.generation) return true
  const until = keptUntil(budget.window, ref.windowFrom)
  return until !== undefined && until < now
}

function detailOf({ ref, row, ...said }: CounterDrift): string {
  const { budgetId, generation, windowFrom, groupValues } = ref
  const counter = `the counter of budget ${JSON.stringify(budgetId)}, generation ${generation}, ${JSON.stringify(groupValues)} since ${windowFrom.toISOString()}`
  const should = `${said.spentNanousd} spent and ${said.heldNanousd} held by its entries, ${said.heldByStreamsNanousd} held by its open streams`
  return row === undefined
    ? `${counter} is missing: it should be ${should} (nano-USD)`
    : `${counter} should be ${should}, is ${row.spentNanousd} spent and ${row.heldNanousd} held (nano-USD)`
}
