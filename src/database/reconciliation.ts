import { sql } from 'kysely'
import type { LedgerEntry } from '../domain/entry'
import type { Books } from '../domain/reconcile'
import type { Database } from './database'
import { holdFromRow } from './holdRow'
import { entryFromRow, userFromRow } from './ledger/rows'

/**
 * A page of users after `afterUserId`, in id order, each with its live holds as of one moment: one short transaction
 * with one snapshot.
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
        .where('user_id', '>', afterUserId)
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
      const ends = await sql<LedgerEndRow>`
        select u.user_id,
          coalesce((select e.version from ledger_entries e where e.user_id = u.user_id
            order by e.version desc limit 1), 0) as last_entry_version,
          (select count(*) from idempotency_keys k where k.user_id = u.user_id) as key_count
        from unnest(${userIds}::text[]) u(user_id)`.execute(transaction)
      const endOf = new Map(ends.rows.map((row) => [row.user_id, row]))
      return users.map((row) => ({
        user: userFromRow(row),
        liveHolds: holds.filter((hold) => hold.user_id === row.user_id).map(holdFromRow),
        lastEntryVersion: endOf.get(row.user_id)?.last_entry_version ?? 0n,
        keyCount: endOf.get(row.user_id)?.key_count ?? 0n,
      }))
    })
}

interface LedgerEndRow {
  user_id: string
  last_entry_version: bigint
  key_count: bigint
}

/** An entry, and whether its idempotency key is there and points to it. */
export interface KeyedEntry {
  entry: LedgerEntry
  hasKey: boolean
}

/** The next entries of one user's ledger, oldest first, up to a version. */
export async function readEntriesAfter(
  { kysely }: Database,
  {
    userId,
    afterVersion,
    upToVersion,
    limit,
  }: { userId: string; afterVersion: bigint; upToVersion: bigint; limit: number },
): Promise<KeyedEntry[]> {
  const rows = await kysely
    .selectFrom('ledger_entries as e')
    .leftJoin('idempotency_keys as k', (join) =>
      join
        .onRef('k.user_id', '=', 'e.user_id')
        .onRef('k.key_id', '=', 'e.key_id')
        .onRef('k.version', '=', 'e.version'),
    )
    .selectAll('e')
    .select('k.version as key_version')
    .where('e.user_id', '=', userId)
    .where('e.version', '>', afterVersion)
    .where('e.version', '<=', upToVersion)
    .orderBy('e.version')
    .limit(limit)
    .execute()
  return rows.map((row) => ({ entry: entryFromRow(row), hasKey: row.key_version !== null }))
}
