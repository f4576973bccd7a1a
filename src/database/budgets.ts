import { type Selectable, sql } from 'kysely'
import { type Budget, budgetFromJson } from '../domain/budget/budget'
import { type Counter, type CounterRef, counterText, NEW_COUNTER } from '../domain/budget/counter'
import { groupIdOf } from '../domain/ledger/ids'
import type { Database } from './database'
import type { BudgetCounterRow, BudgetRow } from './schema'

/** A user's budgets that are in force, by id. */
export async function listBudgetRows(
  { kysely }: Database,
  { userId, fromBudgetId = '', limit }: { userId: string; fromBudgetId?: string; limit: number },
): Promise<Budget[]> {
  const rows = await kysely
    .selectFrom('budgets')
    .selectAll()
    .where('user_id', '=', userId)
    .where('budget_id', '>=', fromBudgetId)
    .where('deleted', '=', false)
    .orderBy('budget_id')
    .limit(limit)
    .execute()
  return rows.map(budgetFromRow)
}

export function budgetFromRow({
  budget_id,
  generation,
  definition,
}: Pick<Selectable<BudgetRow>, 'budget_id' | 'generation' | 'definition'>): Budget {
  return budgetFromJson(definition, { budgetId: budget_id, generation })
}

/** What counters have counted, by their `counterText`. One that does not exist yet has counted nothing. */
export async function findCounters(
  { kysely }: Database,
  userId: string,
  refs: readonly CounterRef[],
): Promise<(ref: CounterRef) => Counter> {
  const found = new Map<string, Counter>()
  if (refs.length > 0) {
    const { rows } = await sql<Selectable<BudgetCounterRow>>`
      select c.* from unnest(
        ${refs.map(({ budgetId }) => budgetId)}::text[], ${refs.map(({ generation }) => generation)}::int4[],
        ${refs.map(({ windowFrom }) => windowFrom)}::timestamptz[],
        ${refs.map(({ groupValues }) => groupIdOf(groupValues))}::uuid[]) g(budget_id, generation, window_from, group_id)
      join budget_counters c on c.user_id = ${userId} and c.budget_id = g.budget_id and c.generation = g.generation
        and c.window_from = g.window_from and c.group_id = g.group_id`.execute(kysely)
    for (const row of rows) found.set(counterText(counterRefOf(row)), counterFromRow(row))
  }
  return (ref) => found.get(counterText(ref)) ?? NEW_COUNTER
}

/** A counter in the order in which those of one window are listed. */
export interface CountedGroup {
  groupId: string
  groupValues: readonly string[]
  counter: Counter
}

/** The counters of one window of a budget, after one group, in the order of the groups' ids. */
export async function listCounters(
  { kysely }: Database,
  {
    userId,
    budget,
    windowFrom,
    afterGroupId,
    limit,
  }: {
    userId: string
    budget: Budget
    windowFrom: Date
    afterGroupId: string | undefined
    limit: number
  },
): Promise<CountedGroup[]> {
  let query = kysely
    .selectFrom('budget_counters')
    .selectAll()
    .where('user_id', '=', userId)
    .where('budget_id', '=', budget.budgetId)
    .where('generation', '=', budget.generation)
    .where('window_from', '=', windowFrom)
  if (afterGroupId !== undefined) query = query.where('group_id', '>', afterGroupId)
  const rows = await query.orderBy('group_id').limit(limit).execute()
  return rows.map((row) => ({
    groupId: row.group_id,
    groupValues: counterRefOf(row).groupValues,
    counter: counterFromRow(row),
  }))
}

function counterRefOf(row: Selectable<BudgetCounterRow>): CounterRef {
  return {
    budgetId: row.budget_id,
    generation: row.generation,
    windowFrom: row.window_from,
    groupValues: JSON.parse(row.group_values) as string[],
  }
}

export function counterFromRow(
  row: Pick<Selectable<BudgetCounterRow>, 'spent_nanousd' | 'held_nanousd' | 'notified_percent'>,
): Counter {
  return {
    spentNanousd: row.spent_nanousd,
    heldNanousd: row.held_nanousd,
    notifiedPercent: row.notified_percent,
  }
}
