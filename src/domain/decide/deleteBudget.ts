import type { StoredBudget } from '../budget/budget'
import { budgetChangeText } from '../budget/budgetChange'
import { BillingError } from '../errors'
import type { User } from '../ledger/user'
import { nextEntry } from './nextEntry'
import { type Decision, type DeleteBudgetPosting, refused } from './posting'

/** Ends a budget. Its row stays, so that a later budget of its id begins at the next generation. */
export function decideDeleteBudget(
  posting: DeleteBudgetPosting,
  { user, stored, at }: { user: User; stored: StoredBudget | undefined; at: Date },
): Decision {
  if (stored === undefined || stored.deleted) return refused(budgetNotFound(posting.budgetId))
  const after: StoredBudget = { ...stored, deleted: true }
  const posted = nextEntry(
    { user: { ...user, budgetsVersion: user.budgetsVersion + 1n }, posting, at },
    { kind: 'budget', profile: budgetChangeText({ before: stored, after }) },
  )
  return { outcome: 'posted', ...posted, hold: undefined, budget: after }
}

export function budgetNotFound(budgetId: string): BillingError {
  return new BillingError('BUDGET_NOT_FOUND', `there is no budget ${JSON.stringify(budgetId)} of this user`, {
    field: 'budget_id',
  })
}
