import { type PutBudgetRequest, putBudget } from '../../billing/budgets/putBudget'
import { invalidField } from '../../domain/errors'
import type { PutBudgetRequest__Output } from '../../wire/generated/tollgate/billing/v1/PutBudgetRequest'
import type { PutBudgetResponse } from '../../wire/generated/tollgate/billing/v1/PutBudgetResponse'
import { readId, readOptionalIdempotencyKey } from '../fields/read'
import { readBudget } from '../fields/readBudget'
import { budgetToWire } from '../fields/writeBudget'
import type { UnaryHandler } from '../server/unary'

export const handlePutBudget: UnaryHandler<PutBudgetRequest__Output, PutBudgetResponse> = async (
  billing,
  message,
  caller,
) => {
  const request = readRequest(message)
  const { budget, restarted } = await putBudget(billing, request, caller)
  return { budget: budgetToWire(request.userId, budget), restarted }
}

function readRequest({ budget, ...request }: PutBudgetRequest__Output): PutBudgetRequest {
  if (budget === null) throw invalidField('budget', 'must be set')
  return {
    idempotencyKey: readOptionalIdempotencyKey(request, 'idempotencyKey'),
    userId: readId(budget, 'userId', 'budget.'),
    budget: readBudget(budget, 'budget.'),
  }
}
