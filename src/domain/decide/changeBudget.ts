import type { StoredBudget } from '../budget/budget'
import { budgetChangeText } from '../budget/budgetChange'
import type { User } from '../ledger/user'
import { nextEntry } from './nextEntry'
import type { Decision, DeleteBudgetPosting, PutBudgetPosting } from './posting'

/** Writes a budget's next row: an entry of its own, and the user's next number of budgets. */
export function changeBudget(
  posting: PutBudgetPosting | DeleteBudgetPosting,
  {
    user,
    before,
    after,
    at,
  }: { user: User; before: StoredBudget | undefined; after: StoredBudget; at: Date },
): Decision {
  const posted = nextEntry(
    { user: { ...user, budgetsVersion: user.budgetsVersion + 1n }, posting, at },
    { kind: 'budget', profile: budgetChangeText({ before, after }) },
  )
  return { outcome: 'posted', ...posted, hold: undefined, budget: after }
}
