import type { Nanousd } from '../money'
import type { BudgetWindow } from './window'

/** `warn` counts like `enforce`, and refuses nothing. */
export type BudgetAction = 'enforce' | 'warn'

/** What a budget has a counter of its own for: each value of this. */
export type BudgetGroup = { by: 'apiKey' | 'model' | 'provider' } | { by: 'label'; label: string }

/** Everything that is set must hold. What is empty sets nothing. */
export interface BudgetMatch {
  apiKeyIds: readonly string[]
  labels: Readonly<Record<string, string>>
  /** Globs on the priced model. */
  models: readonly string[]
  providers: readonly string[]
}

/** A cap on what a user's matching calls cost in a window of time, as a client states it. */
export interface BudgetDefinition {
  budgetId: string
  match: BudgetMatch
  /** Empty = one counter. */
  groupBy: readonly BudgetGroup[]
  window: BudgetWindow
  /** Of each counter in each window. 0 stops every call that matches and costs anything. */
  limitNanousd: Nanousd
  action: BudgetAction
  /** Percentages of the limit that are reported when they are passed, ascending. */
  notifyAtPercent: readonly number[]
}

/** A budget that is in force. */
export interface Budget extends BudgetDefinition {
  /** Grows when the counters start again, because match, grouping or window changed. */
  generation: number
}

/** The row of a budget. One that was deleted stays, so that its id never names old counters again. */
export interface StoredBudget extends Budget {
  deleted: boolean
}

export const BUDGETS_MAX = 64
/** Budgets that can match one call. */
export const MATCHING_BUDGETS_MAX = 16
export const COUNTERS_MAX = 1_000_000n

/** As tables and entries have a definition: the order of the fields is fixed. */
export interface BudgetJson {
  match: BudgetMatch
  groupBy: readonly BudgetGroup[]
  window: BudgetWindow
  limit: string
  action: BudgetAction
  notifyAtPercent: readonly number[]
}

export function budgetToJson(budget: BudgetDefinition): BudgetJson {
  const { match, window } = budget
  return {
    match: {
      apiKeyIds: match.apiKeyIds,
      labels: sortedByName(match.labels),
      models: match.models,
      providers: match.providers,
    },
    groupBy: budget.groupBy.map((group) =>
      group.by === 'label' ? { by: group.by, label: group.label } : { by: group.by },
    ),
    window: {
      period: window.period,
      timeZone: window.timeZone,
      weekStartsOn: window.weekStartsOn,
      monthStartsOn: window.monthStartsOn,
    },
    limit: budget.limitNanousd.toString(),
    action: budget.action,
    notifyAtPercent: budget.notifyAtPercent,
  }
}

export function budgetFromJson(
  json: BudgetJson,
  { budgetId, generation }: Pick<Budget, 'budgetId' | 'generation'>,
): Budget {
  const { match, groupBy, window, limit, action, notifyAtPercent } = json
  return {
    budgetId,
    generation,
    match,
    groupBy,
    window,
    limitNanousd: BigInt(limit),
    action,
    notifyAtPercent,
  }
}

/** Whether a new definition counts the same calls in the same counters, so that they continue. */
export function countsAlike(a: BudgetDefinition, b: BudgetDefinition): boolean {
  return countedText(a) === countedText(b)
}

function countedText(budget: BudgetDefinition): string {
  const { match, groupBy, window } = budgetToJson(budget)
  return JSON.stringify([
    match.apiKeyIds.toSorted(),
    match.labels,
    match.models.toSorted(),
    match.providers.toSorted(),
    groupBy,
    window,
  ])
}

function sortedByName(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))
}
