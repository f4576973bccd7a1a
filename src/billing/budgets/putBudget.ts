import { type Budget, type BudgetDefinition, budgetToJson } from '../../domain/budget/budget'
import { budgetChangeOf, hasRestarted } from '../../domain/budget/budgetChange'
import { requestHashOf } from '../../domain/ledger/requestHash'
import type { Billing } from '../billing'
import type { Caller } from '../caller'
import { keyOrOwn } from '../keyOrOwn'

export interface PutBudgetRequest {
  /** Empty = the request is none that is sent again. */
  idempotencyKey: string
  userId: string
  budget: BudgetDefinition
}

/**
 * Creates a budget of a user or changes one, exactly once per key. `restarted`: its counters begin again at zero.
 *
 * @throws BillingError USER_NOT_FOUND, IDEMPOTENCY_KEY_REUSED; TOO_MANY_BUDGETS; INVALID_FIELD where too many budgets could match
 *   one call
 */
export async function putBudget(
  billing: Pick<Billing, 'ledger'>,
  request: PutBudgetRequest,
  caller: Caller,
): Promise<{ budget: Budget; restarted: boolean }> {
  const { userId, budget } = request
  const definition = JSON.stringify(budgetToJson(budget))
  const { entry } = await billing.ledger.post(
    {
      type: 'put-budget',
      actor: caller.actor,
      userId,
      ...keyOrOwn(request, 'budget'),
      requestHash: requestHashOf('PutBudget', { userId, budgetId: budget.budgetId, definition }),
      budget,
    },
    caller,
  )
  // Of the entry, so that a replay answers like the first request.
  const change = budgetChangeOf(entry.profile ?? {})
  return { budget: change.after, restarted: hasRestarted(change) }
}
