import { type RawBuilder, sql, type Transaction } from 'kysely'
import { type CounterRef, type CounterRefJson, refFromJson } from '../../domain/budget/counter'
import { budgetWeight, counterWeight } from '../../domain/reconcile/budgetSums'
import type { BudgetBooks } from '../../domain/reconcile/reconcile'
import { budgetFromRow } from '../budgets'
import type { Database } from '../database'
import type { Schema } from '../schema'

/** The weight of a row of `budget_counters`, as `counterWeight` computes it. */
export const COUNTER_WEIGHT: RawBuilder<string> = sql`('x' || left(encode(sha256(convert_to(
  budget_id || E'\\n' || generation || E'\\n' || (extract(epoch from window_from) * 1000)::int8
  || E'\\n' || group_id || E'\\n' || group_values, 'UTF8')), 'hex'), 12))::bit(48)::int8::numeric`

/** The budgets and counters of users, and what live holds say of them, in the snapshot of a transaction. */
export async function readBudgetBooks(
  transaction: Transaction<Schema>,
  userIds: readonly string[],
): Promise<Map<string, BudgetBooks>> {
  const books = new Map<string, BudgetBooks>()
  const ofUser = (userId: string): BudgetBooks => {
    const known = books.get(userId)
    if (known !== undefined) return known
    const made = { budgets: 0n, spent: 0n, held: 0n, heldByStreams: 0n, counters: 0n, countersCounted: 0n }
    books.set(userId, made)
    return made
  }
  const budgets = await transaction
    .selectFrom('budgets')
    .selectAll()
    .where('user_id', 'in', userIds)
    .execute()
  for (const row of budgets)
    ofUser(row.user_id).budgets += budgetWeight({ ...budgetFromRow(row), deleted: row.deleted })
  const sums = await sql<{ user_id: string; counters: bigint; spent: string; held: string }>`
    select user_id, count(*) as counters, sum(weight * spent_nanousd)::text as spent, sum(weight * held_nanousd)::text as held
    from (select user_id, spent_nanousd, held_nanousd, ${COUNTER_WEIGHT} as weight
      from budget_counters where user_id = any(${userIds}::text[])) weighed
    group by user_id`.execute(transaction)
  for (const row of sums.rows) {
    const found = ofUser(row.user_id)
    found.spent += BigInt(row.spent)
    found.held += BigInt(row.held)
    found.counters = row.counters
  }
  const totals = await transaction
    .selectFrom('budget_totals')
    .selectAll()
    .where('user_id', 'in', userIds)
    .execute()
  for (const row of totals) {
    const found = ofUser(row.user_id)
    found.spent += BigInt(row.cleaned_sum)
    found.countersCounted = row.counters
  }
  const live = await sql<{ user_id: string; held_nanousd: bigint; counters: CounterRefJson[] }>`
    with live as materialized (select user_id, held_nanousd, counters from holds where state <> 'settled')
    select * from live where user_id = any(${userIds}::text[]) and counters is not null`.execute(transaction)
  for (const row of live.rows)
    for (const ref of row.counters) ofUser(row.user_id).heldByStreams += weightOfHeld(ref) * row.held_nanousd
  return books
}

/** A reference that can't be read is none of those that the entries name. */
function weightOfHeld(ref: CounterRefJson): bigint {
  try {
    return counterWeight(refFromJson(ref))
  } catch {
    return 1n
  }
}

/** A counter that differs from what a user's entries, or its live holds, say of it. */
export interface CounterDrift {
  ref: CounterRef
  /** By the entries. */
  spentNanousd: bigint
  heldNanousd: bigint
  /** By the live holds. */
  heldByStreamsNanousd: bigint
  /** Undefined = there is no such row. */
  row: { spentNanousd: bigint; heldNanousd: bigint } | undefined
}

/**
 * Finds the counters of a user that are wrong, by adding up all its entries in one statement. Only for a user whose sums are wrong:
 * it takes as long as the ledger is.
 */
export async function findCounterDrift(
  { kysely }: Database,
  userId: string,
  { limit }: { limit: number },
): Promise<CounterDrift[]> {
  const { rows } = await sql<{
    budget: string
    generation: number
    window: bigint
    group: string[]
    spent: bigint
    held: bigint
    streams: bigint
    row_spent: bigint | null
    row_held: bigint | null
  }>`
    with entries as (
      select m.budget, m.generation, m."window", m."group",
        coalesce(sum(m.spent), 0)::int8 as spent, coalesce(sum(m.held), 0)::int8 as held, 0::int8 as streams
      from ledger_entries e, jsonb_to_recordset(e.counter_moves)
        as m(budget text, generation int4, "window" int8, "group" jsonb, spent int8, held int8)
      where e.user_id = ${userId} and e.counter_moves is not null group by 1, 2, 3, 4
    ), streams as (
      select r.budget, r.generation, r."window", r."group", 0::int8, 0::int8, sum(h.held_nanousd)::int8
      from holds h, jsonb_to_recordset(h.counters) as r(budget text, generation int4, "window" int8, "group" jsonb)
      where h.user_id = ${userId} and h.state <> 'settled' and h.counters is not null group by 1, 2, 3, 4
    ), said as (
      select budget, generation, "window", "group", sum(spent)::int8 as spent, sum(held)::int8 as held, sum(streams)::int8 as streams
      from (select * from entries union all select * from streams) moves group by 1, 2, 3, 4
    ), kept as (
      select budget_id as budget, generation, (extract(epoch from window_from) * 1000)::int8 as "window",
        group_values::jsonb as "group", spent_nanousd, held_nanousd
      from budget_counters where user_id = ${userId}
    )
    select budget, generation, "window", "group", coalesce(spent, 0) as spent, coalesce(held, 0) as held,
      coalesce(streams, 0) as streams, spent_nanousd as row_spent, held_nanousd as row_held
    from said full join kept using (budget, generation, "window", "group")
    where spent is distinct from spent_nanousd or held is distinct from held_nanousd or coalesce(streams, 0) <> coalesce(held_nanousd, 0)
    order by budget, generation, "window", "group" limit ${limit}`.execute(kysely)
  return rows.map((row) => ({
    ref: refFromJson({
      budget: row.budget,
      generation: row.generation,
      window: Number(row.window),
      group: row.group,
    }),
    spentNanousd: row.spent,
    heldNanousd: row.held,
    heldByStreamsNanousd: row.streams,
    row:
      row.row_spent === null || row.row_held === null
        ? undefined
        : { spentNanousd: row.row_spent, heldNanousd: row.row_held },
  }))
}
