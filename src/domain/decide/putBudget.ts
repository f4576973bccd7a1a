import {
  BUDGETS_MAX,
  type Budget,
  type BudgetDefinition,
  countsAlike,
  MATCHING_BUDGETS_MAX,
  type StoredBudget,
} from '../budget/budget'
import { matchingAtMost } from '../budget/overlap'
import { BillingError, invalidField } from '../errors'
import type { User } from '../ledger/user'
import { changeBudget } from './changeBudget'
import { type Decision, type PutBudgetPosting, refused } from './posting'

/**
 * Creates or changes a budget. A new limit keeps the counters. A new match, grouping or window starts
 * them again at zero, under the next generation. A request that changes nothing makes an entry as
 * well, so that its key is found when it is sent again.
 */
export function decidePutBudget(
  posting: PutBudgetPosting,
  {
    user,
    budgets,
    stored,
    at,
  }: { user: User; budgets: readonly Budget[]; stored: StoredBudget | undefined; at: Date },
): Decision {
  const { budget: definition } = posting
  const others = budgets.filter(({ budgetId }) => budgetId !== definition.budgetId)
  if (others.length >= BUDGETS_MAX) return refused(tooManyBudgets(user))
  if (matchingAtMost([...others, definition].map(({ match }) => match)) > MATCHING_BUDGETS_MAX)
    return refused(tooManyMatch())

  const after: StoredBudget = { ...definition, generation: generationOf(definition, stored), deleted: false }
  return changeBudget(posting, { user, before: stored, after, at })
}

function generationOf(definition: BudgetDefinition, stored: StoredBudget | undefined): number {
  if (stored === undefined) return 1
  const goesOn = !stored.deleted && countsAlike(stored, definition)
  return goesOn ? stored.generation : stored.generation + 1
}

function tooManyBudgets({ userId }: User): BillingError {
  return new BillingError(
    'TOO_MANY_BUDGETS',
    `the user has ${BUDGETS_MAX} budgets, which is the most; delete one first`,
    { metadata: { user_id: userId } },
  )
}

function tooManyMatch(): BillingError {
  return invalidField(
    'budget.match',
    `must leave at most ${MATCHING_BUDGETS_MAX} budgets that can match one call: name other API keys, labels, models or providers than the other budgets do`,
  )
}
