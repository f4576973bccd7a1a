import { listBudgetRows } from '../../database/budgets'
import type { Budget } from '../../domain/budget/budget'
import { ANY_TEXT, keyOfPageToken, type Page, pageOf, pageTokenOf } from '../../domain/page'
import type { Billing } from '../billing'
import { getUser } from '../users/getUser'

/** A user's budgets, by id. @throws BillingError USER_NOT_FOUND, INVALID_FIELD (`page_token`) */
export async function listBudgets(
  billing: Pick<Billing, 'database'>,
  request: Page & { userId: string },
): Promise<{ budgets: Budget[]; nextPageToken: string }> {
  const { userId, pageToken, pageSize } = request
  const [fromBudgetId = ''] = pageToken === '' ? [] : keyOfPageToken(pageToken, [ANY_TEXT])
  const rows = await listBudgetRows(billing.database, { userId, fromBudgetId, limit: pageSize + 1 })
  if (rows.length === 0) await getUser(billing, userId)
  const next = rows[pageSize]
  const { page } = pageOf(rows, request, () => '')
  return { budgets: page, nextPageToken: next === undefined ? '' : pageTokenOf([next.budgetId]) }
}
