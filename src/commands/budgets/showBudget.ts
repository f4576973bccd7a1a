import type { Budget__Output } from '../../wire/generated/tollgate/billing/v1/Budget'
import type { BudgetGroup__Output } from '../../wire/generated/tollgate/billing/v1/BudgetGroup'
import type { BudgetWindow__Output } from '../../wire/generated/tollgate/billing/v1/BudgetWindow'
import { print, printable } from '../print'
import { labelsOf } from '../receipt/showReceipt'
import { usdOf } from '../users/showUser'

/** In the order of the contract: the first is 1. */
export const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']

/** One budget, in a line. */
export function showBudget(budget: Budget__Output): void {
  const { userId, budgetId, limitNanousd, window } = budget
  const each = budget.groupBy.length === 0 ? '' : ` for each ${groupsOf(budget)}`
  const what = `${budgetId} of ${userId}: ${usdOf(limitNanousd)} a ${windowOf(window)}${each}, of ${callsOf(budget)}`
  print(`${printable(what)}; ${actionOf(budget)}`)
}

/** `month from day 15 in Europe/Berlin`. */
export function windowOf(window: BudgetWindow__Output | null): string {
  if (window === null) return ''
  const { weekStartsOn, monthStartsOn, timeZone } = window
  const period = window.period.replace('BUDGET_PERIOD_', '').toLowerCase()
  if (period === 'lifetime') return period
  const starts =
    period === 'week'
      ? ` from ${WEEKDAYS[(weekStartsOn || 1) - 1]}`
      : period === 'month' && monthStartsOn > 1
        ? ` from day ${monthStartsOn}`
        : ''
  return `${period}${starts} in ${timeZone || 'UTC'}`
}

export function groupsOf({ groupBy }: Pick<Budget__Output, 'groupBy'>): string {
  return groupBy.map(groupOf).join(', ')
}

function groupOf(group: BudgetGroup__Output): string {
  if (group.by === 'label') return `label ${group.label}`
  return group.by === 'apiKey' ? 'API key' : (group.by ?? '')
}

/** Which calls it counts. */
export function callsOf({ match }: Pick<Budget__Output, 'match'>): string {
  if (match === null) return 'every call'
  const parts = [
    oneOf('API key', match.apiKeyIds),
    labelsOf(match.labels),
    oneOf('model', match.models),
    oneOf('provider', match.providers),
  ].filter((part) => part !== '')
  return parts.length === 0 ? 'every call' : parts.join(', ')
}

function oneOf(name: string, values: readonly string[]): string {
  return values.length === 0 ? '' : `${name} ${values.join(' or ')}`
}

export function actionOf({ action }: Pick<Budget__Output, 'action'>): string {
  return action === 'BUDGET_ACTION_WARN' ? 'only reported' : 'enforced'
}
