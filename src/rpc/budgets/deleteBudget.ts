import { deleteBudget } from '../../billing/budgets/deleteBudget'
import type { DeleteBudgetRequest__Output } from '../../wire/generated/tollgate/billing/v1/DeleteBudgetRequest'
import type { DeleteBudgetResponse } from '../../wire/generated/tollgate/billing/v1/DeleteBudgetResponse'
import { readId, readOptionalIdempotencyKey } from '../fields/read'
import type { UnaryHandler } from '../server/unary'

export const handleDeleteBudget: UnaryHandler<DeleteBudgetRequest__Output, DeleteBudgetResponse> = async (
  billing,
  request,
  caller,
) => {
  await deleteBudget(
    billing,
    {
      idempotencyKey: readOptionalIdempotencyKey(request, 'idempotencyKey'),
      userId: readId(request, 'userId'),
      budgetId: readId(request, 'budgetId'),
    },
    caller,
  )
  return {}
}
