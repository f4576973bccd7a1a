import { sql } from 'kysely'
import type { Database } from '../../src/database/database'
import type { BudgetDefinition } from '../../src/domain/budget/budget'
import type { DeleteBudgetPosting, PutBudgetPosting } from '../../src/domain/decide/posting'
import { keyIdOf } from '../../src/domain/ledger/ids'
import { requestHashOf } from '../../src/domain/ledger/requestHash'
import { ACTOR, USD } from './postings'

export function aBudget(overrides: Partial<BudgetDefinition> = {}): BudgetDefinition {
  return {
    budgetId: 'all',
    match: { apiKeyIds: [], labels: {}, models: [], providers: [] },
    groupBy: [],
    window: { period: 'lifetime', timeZone: 'UTC', weekStartsOn: 1, monthStartsOn: 1 },
    limitNanousd: USD,
    action: 'enforce',
    notifyAtPercent: [],
    ...overrides,
  }
}

export function aPut(userId: string, idempotencyKey: string, budget: BudgetDefinition): PutBudgetPosting {
  return {
    type: 'put-budget',
    actor: ACTOR,
    userId,
    keyId: keyIdOf(userId, idempotencyKey),
    idempotencyKey,
    requestHash: requestHashOf('put', {
      budget: JSON.stringify(budget, (_, value) => (typeof value === 'bigint' ? `${value}` : value)),
    }),
    budget,
  }
}

export function aDelete(userId: string, idempotencyKey: string, budgetId: string): DeleteBudgetPosting {
  return {
    type: 'delete-budget',
    actor: ACTOR,
    userId,
    keyId: keyIdOf(userId, idempotencyKey),
    idempotencyKey,
    requestHash: requestHashOf('delete', { budgetId }),
    budgetId,
  }
}

/** `budget/generation group: spent+held` of each counter of a user that is not zero. */
export async function countersOfUser({ kysely }: Database, userId: string): Promise<string[]> {
  const { rows } = await sql<{ text: string }>`
    select budget_id || '/' || generation || ' ' || group_values || ': ' || spent_nanousd || '+' || held_nanousd as text
    from budget_counters where user_id = ${userId} and spent_nanousd + held_nanousd > 0
    order by budget_id, generation, window_from, group_values`.execute(kysely)
  return rows.map(({ text }) => text)
}
