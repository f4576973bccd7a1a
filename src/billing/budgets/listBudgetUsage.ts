import { type CountedGroup, listBudgetRows, listCounters } from '../../database/budgets'
import { BUDGETS_MAX, type Budget } from '../../domain/budget/budget'
import { type Counter, NEW_COUNTER } from '../../domain/budget/counter'
import { type WindowSpan, windowAt } from '../../domain/budget/window'
import { budgetNotFound } from '../../domain/decide/deleteBudget'
import { groupIdOf } from '../../domain/ledger/ids'
import {
  ANY_TEXT,
  INSTANT_MS,
  KEY_ID,
  keyOfPageToken,
  type Page,
  pageOf,
  pageTokenOf,
} from '../../domain/page'
import type { Billing } from '../billing'
import { getUser } from '../users/getUser'

export interface ListBudgetUsageRequest extends Page {
  userId: string
  /** Empty = all of the user's. */
  budgetId: string
  /** Absent = now. */
  at?: Date
}

/** What one counter of a budget has counted in a window. */
export interface BudgetUsage {
  budget: Budget
  window: WindowSpan
  groupValues: readonly string[]
  counter: Counter
}

/** How far a list has come. Later pages show the windows of the same instant. */
interface Cursor {
  at: Date
  budgetId: string
  groupId: string | undefined
}

/**
 * The counters of a user's budgets in the windows of an instant. A budget without groups has one counter, also before it has
 * counted anything; others have one for each group that was counted.
 *
 * @throws BillingError USER_NOT_FOUND, BUDGET_NOT_FOUND, INVALID_FIELD (`page_token`)
 */
export async function listBudgetUsage(
  billing: Pick<Billing, 'database' | 'ledger'>,
  request: ListBudgetUsageRequest,
): Promise<{ usages: BudgetUsage[]; nextPageToken: string }> {
  const { userId, pageSize } = request
  const cursor = cursorOf(request, billing.ledger.now())
  const budgets = await budgetsOf(billing, request, cursor.budgetId)
  const found: { usage: BudgetUsage; groupId: string }[] = []
  for (const budget of budgets) {
    const window = windowAt(budget.window, cursor.at)
    const groups = await groupsOf(billing, {
      ...{ userId, budget, windowFrom: window.from, limit: pageSize + 1 - found.length },
      afterGroupId: budget.budgetId === cursor.budgetId ? cursor.groupId : undefined,
    })
    for (const { groupId, ...counted } of groups)
      found.push({ usage: { budget, window, ...counted }, groupId })
    if (found.length > pageSize) break
  }
  const { page, nextPageToken } = pageOf(found, request, ({ usage, groupId }) =>
    pageTokenOf([String(cursor.at.getTime()), usage.budget.budgetId, groupId]),
  )
  return { usages: page.map(({ usage }) => usage), nextPageToken }
}

function cursorOf({ pageToken, budgetId, at }: ListBudgetUsageRequest, now: Date): Cursor {
  if (pageToken === '') return { at: at ?? now, budgetId, groupId: undefined }
  const [atMs = '', afterBudgetId = '', groupId] = keyOfPageToken(pageToken, [INSTANT_MS, ANY_TEXT, KEY_ID])
  return { at: new Date(Number(atMs)), budgetId: afterBudgetId, groupId }
}

async function budgetsOf(
  billing: Pick<Billing, 'database'>,
  { userId, budgetId }: ListBudgetUsageRequest,
  fromBudgetId: string,
): Promise<Budget[]> {
  const budgets = await listBudgetRows(billing.database, { userId, fromBudgetId, limit: BUDGETS_MAX })
  if (budgets.length === 0) await getUser(billing, userId)
  if (budgetId === '') return budgets
  const named = budgets.filter((budget) => budget.budgetId === budgetId)
  if (named.length === 0) throw budgetNotFound(budgetId)
  return named
}

async function groupsOf(
  { database }: Pick<Billing, 'database'>,
  query: Parameters<typeof listCounters>[1],
): Promise<CountedGroup[]> {
  const groups = await listCounters(database, query)
  const isOneCounter = query.budget.groupBy.length === 0
  if (groups.length > 0 || !isOneCounter || query.afterGroupId !== undefined) return groups
  return [{ groupId: groupIdOf([]), groupValues: [], counter: NEW_COUNTER }]
}
