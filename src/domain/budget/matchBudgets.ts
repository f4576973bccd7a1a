import { matchesWhole } from '../globs'
import type { PinnedCall } from '../ledger/charge'
import type { Budget, BudgetGroup, BudgetMatch } from './budget'
import type { CounterRef } from './counter'
import type { BudgetWindow, WindowSpan } from './window'
import { WindowCache } from './windowCache'

/** A budget that counts a call, and the counter that counts it. */
export interface MatchedBudget {
  budget: Budget
  ref: CounterRef
  window: WindowSpan
}

const windows = new WindowCache()

/** A counter is kept for as long after its window as so many windows take, to be listed. */
const WINDOWS_KEPT = 35

/** Until when the counter of a window is kept. Undefined = for ever, because the window never ends. */
export function keptUntil(window: BudgetWindow, windowFrom: Date): Date | undefined {
  const { from, to } = windows.at(window, windowFrom)
  return to && new Date(to.getTime() + WINDOWS_KEPT * (to.getTime() - from.getTime()))
}

/** The budgets that count a call, each with its counter in the window of an instant. Every one of them applies. */
export function matchBudgets(budgets: readonly Budget[], call: PinnedCall, at: Date): MatchedBudget[] {
  const matched: MatchedBudget[] = []
  for (const budget of budgets) {
    if (!matchesCall(budget.match, call)) continue
    const window = windows.at(budget.window, at)
    matched.push({
      budget,
      window,
      ref: {
        budgetId: budget.budgetId,
        generation: budget.generation,
        windowFrom: window.from,
        groupValues: budget.groupBy.map((group) => groupValueOf(group, call)),
      },
    })
  }
  return matched
}

/** Whether a counter's window is the one of an instant, and its budget still counts in it. */
export function stillRuns(ref: CounterRef, budgets: readonly Budget[], at: Date): boolean {
  const budget = budgets.find(({ budgetId }) => budgetId === ref.budgetId)
  if (budget === undefined || budget.generation !== ref.generation) return false
  return windows.at(budget.window, at).from.getTime() === ref.windowFrom.getTime()
}

function matchesCall({ apiKeyIds, labels, models, providers }: BudgetMatch, call: PinnedCall): boolean {
  if (apiKeyIds.length > 0 && !apiKeyIds.includes(call.reported.apiKeyId)) return false
  if (providers.length > 0 && !providers.includes(providerOf(call))) return false
  if (models.length > 0 && !matchesWhole(call.priced.model, models)) return false
  for (const name in labels) if (call.reported.labels[name] !== labels[name]) return false
  return true
}

/** A call that lacks the value counts under the empty one: it must not go uncounted. */
function groupValueOf(group: BudgetGroup, call: PinnedCall): string {
  switch (group.by) {
    case 'apiKey':
      return call.reported.apiKeyId
    case 'model':
      return call.priced.model
    case 'provider':
      return providerOf(call)
    case 'label':
      return call.reported.labels[group.label] ?? ''
  }
}

/** A price of any provider names none. Then it is the provider that the gateway reports. */
function providerOf({ priced, reported }: PinnedCall): string {
  return priced.provider === '' ? reported.provider : priced.provider
}
