import { listBudgetUsage } from '../../billing/budgets/listBudgetUsage'
import type { ListBudgetUsageRequest__Output } from '../../wire/generated/tollgate/billing/v1/ListBudgetUsageRequest'
import type { ListBudgetUsageResponse } from '../../wire/generated/tollgate/billing/v1/ListBudgetUsageResponse'
import { readId, readOptionalId, readPage, readTimestamp } from '../fields/read'
import { budgetUsageToWire } from '../fields/writeBudget'
import type { UnaryHandler } from '../server/unary'

export const handleListBudgetUsage: UnaryHandler<
  ListBudgetUsageRequest__Output,
  ListBudgetUsageResponse
> = async (billing, request) => {
  const at = readTimestamp(request, 'at')
  const { usages, nextPageToken } = await listBudgetUsage(billing, {
    ...readPage(request),
    userId: readId(request, 'userId'),
    budgetId: readOptionalId(request, 'budgetId'),
    ...(at !== undefined && { at }),
  })
  return { usages: usages.map(budgetUsageToWire), nextPageToken }
}
