import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../database'

/** Users in id order: after one and up to another (absent = the last), or one user. */
export type UserRange = { afterUserId: string; upToUserId?: string } | { userId: string }

/** At most this many rows of a kind are listed for one range. */
const STRAYS_MAX = 1_000

/** Rows whose user does not exist, by table. */
export async function readOwnerless(
  { kysely }: Database,
  range: UserRange,
): Promise<{ userId: string; table: string }[]> {
  const found: { userId: string; table: string }[] = []
  for (const table of [
    'ledger_entries',
    'idempotency_keys',
    'holds',
    'budgets',
    'budget_counters',
    'budget_totals',
  ]) {
    const from = sql.table(table)
    // Jumps from one user's first row to the next user's: one index step a user, however many rows it has.
    const { rows } = await sql<{ user_id: string }>`
      with recursive owners as (
        (select t.user_id from ${from} t where ${inRange(range, 't')} order by t.user_id limit 1)
        union all
        select (select t.user_id from ${from} t where t.user_id > o.user_id and ${inRange(range, 't')}
          order by t.user_id limit 1)
        from owners o where o.user_id is not null
      )
      select o.user_id from owners o
      where o.user_id is not null and not exists (select 1 from users u where u.user_id = o.user_id)
      limit ${STRAYS_MAX}`.execute(kysely)
    found.push(...rows.map((row) => ({ userId: row.user_id, table })))
  }
  return found
}

export interface LiveHoldTrouble {
  userId: string
  keyId: string
  hasKey: boolean
  expiresAt: Date
}

/** Live holds that no entry opened, or that expired long ago and were not swept. */
export async function readTroubledHolds(
  { kysely }: Database,
  range: UserRange,
  { overdueMs }: { overdueMs: number },
): Promise<LiveHoldTrouble[]> {
  const { rows } = await sql<{ user_id: string; key_id: string; has_key: boolean; expires_at: Date }>`
    with live as materialized (select user_id, key_id, expires_at from holds where state <> 'settled')
    select * from (
      select h.user_id, h.key_id, h.expires_at,
        exists (select 1 from idempotency_keys k where k.user_id = h.user_id and k.key_id = h.key_id) as has_key
      from live h where ${inRange(range, 'h')}
    ) found
    where not has_key or expires_at < clock_timestamp() - make_interval(secs => ${overdueMs / 1_000})
    order by user_id, key_id limit ${STRAYS_MAX}`.execute(kysely)
  return rows.map((row) => ({
    userId: row.user_id,
    keyId: row.key_id,
    hasKey: row.has_key,
    expiresAt: row.expires_at,
  }))
}

export interface OldFailures {
  userId: string
  count: number
  oldestAt: Date
}

/** Users' deduction failures that have been pending for too long, including those of unknown users. */
export async function readOldFailures(
  { kysely }: Database,
  range: UserRange,
  { olderMs }: { olderMs: number },
): Promise<OldFailures[]> {
  const { rows } = await sql<{ user_id: string; count: number; oldest_at: Date }>`
    select f.user_id, count(*)::int4 as count, min(f.created_at) as oldest_at
    from credit_deduction_failures f
    where f.state = 'pending' and f.created_at < clock_timestamp() - make_interval(secs => ${olderMs / 1_000})
      and ${inRange(range, 'f')}
    group by f.user_id order by f.user_id limit ${STRAYS_MAX}`.execute(kysely)
  return rows.map((row) => ({ userId: row.user_id, count: row.count, oldestAt: row.oldest_at }))
}

function inRange(range: UserRange, alias: string): RawBuilder<boolean> {
  const userId = sql.ref(`${alias}.user_id`)
  if ('userId' in range) return sql`${userId} = ${range.userId}`
  const after = sql`${userId} > ${range.afterUserId}`
  return range.upToUserId === undefined
    ? sql<boolean>`${after}`
    : sql<boolean>`${after} and ${userId} <= ${range.upToUserId}`
}
