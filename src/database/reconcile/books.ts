import { sql } from 'kysely'
import type { Books, BudgetBooks } from '../../domain/reconcile/reconcile'
import type { Database } from '../database'
import { userFromRow } from '../ledger/rows'
import { readBudgetBooks } from './budgetCounters'

/**
 * Reads the users after `afterUserId` in id order, or one user, each with what its live holds reserve. One short
 * transaction reads everything from one snapshot.
 */
export async function readBooks(
  { kysely }: Database,
  { userId, afterUserId, limit }: { userId: string | undefined; afterUserId: string; limit: number },
): Promise<Books[]> {
  return await kysely
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (transaction) => {
      const users = await transaction
        .selectFrom('users')
        .selectAll()
        .$if(userId === undefined, (query) => query.where('user_id', '>', afterUserId))
        .$if(userId !== undefined, (query) => query.where('user_id', '=', userId ?? ''))
        .orderBy('user_id')
        .limit(limit)
        .execute()
      if (users.length === 0) return []
      const userIds = users.map((user) => user.user_id)
      // Reads every live hold by the partial index: one user may have millions of settled holds.
      const reserved = await sql<{
        user_id: string
        held: bigint
        trial_held: bigint
        trial_holds: bigint
      }>`
        with live as materialized (select user_id, trial, held_nanousd from holds where state <> 'settled')
        select user_id, coalesce(sum(held_nanousd) filter (where not trial), 0)::int8 as held,
          coalesce(sum(held_nanousd) filter (where trial), 0)::int8 as trial_held,
          count(*) filter (where trial) as trial_holds
        from live where user_id = any(${userIds}::text[]) group by user_id`.execute(transaction)
      const ends = await sql<{ user_id: string; version: bigint; last_entry_at: Date | null; read_at: Date }>`
        select u.user_id, coalesce(e.version, 0) as version, e.created_at as last_entry_at, clock_timestamp() as read_at
        from unnest(${userIds}::text[]) u(user_id)
        left join lateral (
          select version, created_at from ledger_entries where user_id = u.user_id order by version desc limit 1) e on true`.execute(
        transaction,
      )
      const budgetsOf = await readBudgetBooks(transaction, userIds)
      const reservedOf = new Map(
        reserved.rows.map((row) => [
          row.user_id,
          { heldNanousd: row.held, trialHeldNanousd: row.trial_held, trialHolds: row.trial_holds },
        ]),
      )
      const endOf = new Map(ends.rows.map((row) => [row.user_id, row]))
      return users.map((row) => {
        const end = endOf.get(row.user_id)
        if (end === undefined) throw new Error('a left join without a row')
        return {
          user: userFromRow(row),
          reserved: reservedOf.get(row.user_id) ?? { heldNanousd: 0n, trialHeldNanousd: 0n, trialHolds: 0n },
          budgets: budgetsOf.get(row.user_id) ?? NO_BUDGET_BOOKS,
          lastEntryVersion: end.version,
          ...(end.last_entry_at !== null && { lastEntryAt: end.last_entry_at }),
          readAt: end.read_at,
        }
      })
    })
}

const NO_BUDGET_BOOKS: BudgetBooks = {
  budgets: 0n,
  spent: 0n,
  held: 0n,
  heldByStreams: 0n,
  counters: 0n,
  countersCounted: 0n,
}

/** Above this, the count is taken from Postgres' statistics, because counting reads every row. */
const USERS_COUNTED_MAX = 1_000_000

/** How many users there are. */
export async function countUsers({ kysely }: Database): Promise<bigint> {
  const { rows } = await sql<{ counted: bigint; estimated: bigint }>`
    select (select count(*) from (select from users limit ${USERS_COUNTED_MAX}) first) as counted,
      (select reltuples::int8 from pg_class where oid = 'users'::regclass) as estimated`.execute(kysely)
  const [{ counted, estimated } = { counted: 0n, estimated: 0n }] = rows
  return counted < USERS_COUNTED_MAX || estimated < counted ? counted : estimated
}
