import { requestHashOf } from '../../domain/ledger/requestHash'
import type { Billing } from '../billing'
import type { Caller } from '../caller'
import { keyOrOwn } from '../keyOrOwn'

export interface DeleteBudgetRequest {
  /** Empty = the request is none that is sent again. */
  idempotencyKey: string
  userId: string
  budgetId: string
}

/**
 * Ends a budget of a user, exactly once per key. A later budget of the same id begins at zero.
 *
 * @throws BillingError USER_NOT_FOUND, BUDGET_NOT_FOUND, IDEMPOTENCY_KEY_REUSED
 */
export async function deleteBudget(
  billing: Pick<Billing, 'ledger'>,
  request: DeleteBudgetRequest,
  caller: Caller,
): Promise<void> {
  const { userId, budgetId } = request
  await billing.ledger.post(
    {
      type: 'delete-budget',
      actor: caller.actor,
      userId,
      ...keyOrOwn(request, 'budget'),
      requestHash: requestHashOf('DeleteBudget', { userId, budgetId }),
      budgetId,
    },
    caller,
  )
}
