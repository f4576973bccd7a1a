import { type RawBuilder, sql } from 'kysely'
import type { Database } from './database'
import { COUNTER_WEIGHT } from './reconcile/budgetCounters'

/*
 * Removes counters that nothing will count in any more: those of windows that ended long ago, and those of earlier generations.
 * What live holds reserve stays. Each step is one user's: the ledger may lock the totals of several users in any order.
 */

/**
 * Removes some counters that are kept no longer, of the user whose are the oldest. Returns how many; 0 = there are none.
 * Their spend stays in the user's totals, by which Reconcile proves the rest.
 */
export async function removeEndedCounters(database: Database, limit: number): Promise<number> {
  const { rows } = await sql<{ user_id: string }>`
    select user_id from budget_counters where kept_until < clock_timestamp() and held_nanousd = 0
    order by kept_until limit 1`.execute(database.kysely)
  const [oldest] = rows
  if (oldest === undefined) return 0
  return await removeCounters(database, {
    userId: oldest.user_id,
    where: sql`kept_until < clock_timestamp()`,
    limit,
  })
}

/** Removes some counters of an earlier generation of a budget. Returns how many, or undefined if there is no such budget. */
export async function removeOldGenerations(database: Database, limit: number): Promise<number | undefined> {
  const { kysely } = database
  const { rows } = await sql<{ user_id: string; budget_id: string; ended: number }>`
    select user_id, budget_id, generation - 1 + deleted::int4 as ended from budgets
    where cleaned_generation < generation - 1 + deleted::int4
    order by random() limit 1`.execute(kysely)
  const [budget] = rows
  if (budget === undefined) return undefined
  const { user_id: userId, budget_id: budgetId, ended } = budget
  const where = sql<boolean>`budget_id = ${budgetId} and generation <= ${ended}`
  const removed = await removeCounters(database, { userId, where, limit })
  if (removed < limit)
    await sql`
      update budgets set cleaned_generation = greatest(cleaned_generation, ${ended}::int4)
      where user_id = ${userId} and budget_id = ${budgetId}
        and not exists (select 1 from budget_counters where user_id = ${userId} and ${where})`.execute(kysely)
  return removed
}

async function removeCounters(
  { kysely }: Database,
  { userId, where, limit }: { userId: string; where: RawBuilder<unknown>; limit: number },
): Promise<number> {
  const { rows } = await sql<{ removed: number }>`
    with ended as materialized (
      select budget_id, generation, window_from, group_id from budget_counters
      where user_id = ${userId} and held_nanousd = 0 and ${where}
      limit ${limit} for update skip locked
    ), removed as (
      delete from budget_counters c using ended e
      where c.user_id = ${userId} and c.budget_id = e.budget_id and c.generation = e.generation
        and c.window_from = e.window_from and c.group_id = e.group_id
      returning c.*
    ), sums as (
      select count(*) as removed, coalesce(sum(${COUNTER_WEIGHT} * spent_nanousd), 0) as weighed from removed
    ), totalled as (
      insert into budget_totals as t (user_id, counters, cleaned_sum)
      select ${userId}, -removed, weighed from sums where removed > 0
      on conflict (user_id) do update
        set counters = t.counters + excluded.counters, cleaned_sum = t.cleaned_sum + excluded.cleaned_sum
    )
    select removed::int4 as removed from sums`.execute(kysely)
  return rows[0]?.removed ?? 0
}
