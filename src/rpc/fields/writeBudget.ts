import type { BudgetUsage } from '../../billing/budgets/listBudgetUsage'
import type { Budget, BudgetGroup } from '../../domain/budget/budget'
import type { CounterMove } from '../../domain/budget/counter'
import type { Budget as WireBudget } from '../../wire/generated/tollgate/billing/v1/Budget'
import type { BudgetGroup as WireGroup } from '../../wire/generated/tollgate/billing/v1/BudgetGroup'
import type { BudgetImpact } from '../../wire/generated/tollgate/billing/v1/BudgetImpact'
import type { BudgetUsage as WireUsage } from '../../wire/generated/tollgate/billing/v1/BudgetUsage'
import { BUDGET_ACTIONS, BUDGET_PERIODS } from './enums'
import { integerToWire, labelsToWire, timestampToWire } from './write'

export function budgetToWire(userId: string, budget: Budget): WireBudget {
  const { match, window } = budget
  return {
    budgetId: budget.budgetId,
    userId,
    match: {
      apiKeyIds: [...match.apiKeyIds],
      labels: labelsToWire(match.labels),
      models: [...match.models],
      providers: [...match.providers],
    },
    groupBy: budget.groupBy.map(groupToWire),
    window: {
      period: BUDGET_PERIODS.write(window.period),
      timeZone: window.timeZone,
      ...(window.period === 'week' && { weekStartsOn: window.weekStartsOn }),
      ...(window.period === 'month' && { monthStartsOn: window.monthStartsOn }),
    },
    limitNanousd: integerToWire(budget.limitNanousd),
    action: BUDGET_ACTIONS.write(budget.action),
    notifyAtPercent: [...budget.notifyAtPercent],
    generation: budget.generation,
  }
}

function groupToWire(group: BudgetGroup): WireGroup {
  return group.by === 'label' ? { label: group.label } : { [group.by]: true }
}

export function budgetUsageToWire({ budget, window, groupValues, counter }: BudgetUsage): WireUsage {
  return {
    budgetId: budget.budgetId,
    groupValues: [...groupValues],
    spentNanousd: integerToWire(counter.spentNanousd),
    heldNanousd: integerToWire(counter.heldNanousd),
    limitNanousd: integerToWire(budget.limitNanousd),
    windowFrom: timestampToWire(window.from),
    ...(window.to !== undefined && { windowTo: timestampToWire(window.to) }),
  }
}

/** The budgets that counted a charge, by what its entry moved: also where it gives a hold back, or corrects itself to nothing. */
export function budgetImpactsToWire(moves: readonly CounterMove[]): BudgetImpact[] {
  return moves
    .filter(({ spentDeltaNanousd }) => spentDeltaNanousd !== 0n)
    .map(({ budgetId, groupValues, over }) => ({ budgetId, groupValues: [...groupValues], over }))
}
