import { listBudgets } from '../../billing/budgets/listBudgets'
import type { ListBudgetsRequest__Output } from '../../wire/generated/tollgate/billing/v1/ListBudgetsRequest'
import type { ListBudgetsResponse } from '../../wire/generated/tollgate/billing/v1/ListBudgetsResponse'
import { readId, readPage } from '../fields/read'
import { budgetToWire } from '../fields/writeBudget'
import type { UnaryHandler } from '../server/unary'

export const handleListBudgets: UnaryHandler<ListBudgetsRequest__Output, ListBudgetsResponse> = async (
  billing,
  request,
) => {
  const userId = readId(request, 'userId')
  const { budgets, nextPageToken } = await listBudgets(billing, { ...readPage(request), userId })
  return { budgets: budgets.map((budget) => budgetToWire(userId, budget)), nextPageToken }
}
