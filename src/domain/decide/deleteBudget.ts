import type { StoredBudget } from '../budget/budget'
import { BillingError } from '../errors'
import type { User } from '../ledger/user'
import { changeBudget } from './changeBudget'
import { type Decision, type DeleteBudgetPosting, refused } from './posting'

/** Ends a budget. Its row stays, so that a later budget of its id begins at the next generation. */
export function decideDeleteBudget(
  posting: DeleteBudgetPosting,
  { user, stored, at }: { user: User; stored: StoredBudget | undefined; at: Date },
): Decision {
  if (stored === undefined || stored.deleted) return refused(budgetNotFound(posting.budgetId))
  const after: StoredBudget = { ...stored, deleted: true }
  return changeBudget(posting, { user, before: stored, after, at })
}

export function budgetNotFound(budgetId: string): BillingError {
  return new BillingError('BUDGET_NOT_FOUND', `there is no budget ${JSON.stringify(budgetId)} of this user`, {
    field: 'budget_id',
  })
}
