import { sql } from 'kysely'
import type { Books } from '../../domain/reconcile'
import type { Database } from '../database'
import { holdFromRow } from '../holdRow'
import { userFromRow } from '../ledger/rows'

/**
 * Users after `afterUserId` in id order, or the one that is named, each with its live holds as of one moment: one short
 * transaction with one snapshot.
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
      const holds = await transaction
        .selectFrom('holds')
        .selectAll()
        .where('user_id', 'in', userIds)
        .where('state', '<>', 'settled')
        .execute()
      const ends = await sql<{ user_id: string; last_entry_version: bigint }>`
        select u.user_id,
          coalesce((select e.version from ledger_entries e where e.user_id = u.user_id
            order by e.version desc limit 1), 0) as last_entry_version
        from unnest(${userIds}::text[]) u(user_id)`.execute(transaction)
      const endOf = new Map(ends.rows.map((row) => [row.user_id, row.last_entry_version]))
      return users.map((row) => ({
        user: userFromRow(row),
        liveHolds: holds.filter((hold) => hold.user_id === row.user_id).map(holdFromRow),
        lastEntryVersion: endOf.get(row.user_id) ?? 0n,
      }))
    })
}

export interface KeyCount {
  userId: string
  version: bigint
  keyCount: bigint
}

/** How many idempotency keys took effect for users, beside the versions that they are at then. */
export async function readKeyCounts({ kysely }: Database, userIds: readonly string[]): Promise<KeyCount[]> {
  if (userIds.length === 0) return []
  // One statement, so that it is one snapshot.
  const { rows } = await sql<{ user_id: string; version: bigint; key_count: bigint }>`
    select u.user_id, u.version,
      (select count(*) from idempotency_keys k where k.user_id = u.user_id) as key_count
    from users u where u.user_id = any(${userIds}::text[]) order by u.user_id`.execute(kysely)
  return rows.map((row) => ({ userId: row.user_id, version: row.version, keyCount: row.key_count }))
}

/** How many users there are. */
export async function countUsers({ kysely }: Database): Promise<bigint> {
  const { count } = await kysely
    .selectFrom('users')
    .select(({ fn }) => fn.countAll<bigint>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}
