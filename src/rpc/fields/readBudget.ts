import type { BudgetDefinition, BudgetGroup, BudgetMatch } from '../../domain/budget/budget'
import { canonicalTimeZone } from '../../domain/budget/timeZone'
import type { BudgetWindow } from '../../domain/budget/window'
import { invalidField } from '../../domain/errors'
import type { Budget__Output } from '../../wire/generated/tollgate/billing/v1/Budget'
import type { BudgetGroup__Output } from '../../wire/generated/tollgate/billing/v1/BudgetGroup'
import type { BudgetMatch__Output } from '../../wire/generated/tollgate/billing/v1/BudgetMatch'
import type { BudgetWindow__Output } from '../../wire/generated/tollgate/billing/v1/BudgetWindow'
import { BUDGET_ACTIONS, BUDGET_PERIODS } from './enums'
import { pathOf, readId, readLabelName, readLabels, readNanousd } from './read'

/** Of each list of a match. */
const MATCHED_MAX = 100
const GROUPS_MAX = 4
const THRESHOLDS_MAX = 8
const PERCENT_MAX = 1_000

/**
 * A budget as a client states it. Its generation is the ledger's.
 *
 * @throws BillingError INVALID_FIELD
 */
export function readBudget(budget: Budget__Output, at: string): BudgetDefinition {
  if (budget.window === null) throw invalidField(`${at}window`, 'must be set')
  return {
    budgetId: readId(budget, 'budgetId', at),
    match: readMatch(budget.match, `${at}match.`),
    groupBy: readGroups(budget.groupBy, `${at}group_by`),
    window: readWindow(budget.window, `${at}window.`),
    limitNanousd: readNanousd(budget, 'limitNanousd', { at }),
    action: BUDGET_ACTIONS.read(budget, 'action', at),
    notifyAtPercent: readThresholds(budget.notifyAtPercent, `${at}notify_at_percent`),
  }
}

function readMatch(match: BudgetMatch__Output | null, at: string): BudgetMatch {
  if (match === null) return { apiKeyIds: [], labels: {}, models: [], providers: [] }
  return {
    apiKeyIds: readIds(match, 'apiKeyIds', at),
    labels: readLabels(match, 'labels', at),
    models: readIds(match, 'models', at),
    providers: readIds(match, 'providers', at),
  }
}

function readIds<Key extends string>(
  message: Readonly<Record<Key, readonly string[]>>,
  key: Key,
  at: string,
): string[] {
  const path = pathOf(key, at)
  if (message[key].length > MATCHED_MAX) throw invalidField(path, `must have at most ${MATCHED_MAX} elements`)
  return message[key].map((id, index) => {
    const name = `${path}[${index}]`
    return readId({ [name]: id }, name)
  })
}

function readGroups(groups: readonly BudgetGroup__Output[], path: string): BudgetGroup[] {
  if (groups.length > GROUPS_MAX) throw invalidField(path, `must have at most ${GROUPS_MAX} elements`)
  const read = groups.map((group, index) => readGroup(group, `${path}[${index}].`))
  const texts = read.map((group) => JSON.stringify(group))
  const again = texts.findIndex((text, index) => texts.indexOf(text) !== index)
  if (again !== -1) throw invalidField(`${path}[${again}]`, 'must not be the same as an element before it')
  return read
}

function readGroup(group: BudgetGroup__Output, at: string): BudgetGroup {
  if (group.by === undefined) throw invalidField(`${at}by`, 'must be one of api_key, model, provider, label')
  if (group.by === 'label')
    return { by: 'label', label: readLabelName({ label: group.label ?? '' }, 'label', at) }
  if (group[group.by] !== true) throw invalidField(pathOf(group.by, at), 'must be true where it is set')
  return { by: group.by }
}

function readWindow(window: BudgetWindow__Output, at: string): BudgetWindow {
  const period = BUDGET_PERIODS.read(window, 'period', at)
  const { weekStartsOn, monthStartsOn } = window
  if (weekStartsOn !== 0 && period !== 'week')
    throw invalidField(`${at}week_starts_on`, 'must be set only with BUDGET_PERIOD_WEEK')
  if (monthStartsOn !== 0 && period !== 'month')
    throw invalidField(`${at}month_starts_on`, 'must be set only with BUDGET_PERIOD_MONTH')
  if (weekStartsOn < 0 || weekStartsOn > 7)
    throw invalidField(`${at}week_starts_on`, 'must be from 1 for Monday to 7 for Sunday, or 0 for Monday')
  if (monthStartsOn < 0 || monthStartsOn > 31)
    throw invalidField(`${at}month_starts_on`, 'must be from 1 to 31, or 0 for 1')
  return {
    period,
    timeZone: canonicalTimeZone(window.timeZone, `${at}time_zone`),
    weekStartsOn: weekStartsOn || 1,
    monthStartsOn: monthStartsOn || 1,
  }
}

function readThresholds(percents: readonly number[], path: string): number[] {
  if (percents.length > THRESHOLDS_MAX)
    throw invalidField(path, `must have at most ${THRESHOLDS_MAX} elements`)
  percents.forEach((percent, index) => {
    if (percent < 1 || percent > PERCENT_MAX)
      throw invalidField(`${path}[${index}]`, `must be from 1 to ${PERCENT_MAX}`)
    if (percents.indexOf(percent) !== index)
      throw invalidField(`${path}[${index}]`, 'must not be the same as an element before it')
  })
  return percents.toSorted((a, b) => a - b)
}
