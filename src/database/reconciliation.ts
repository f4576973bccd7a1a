import type { LedgerEntry } from '../domain/entry'
import type { Hold } from '../domain/hold'
import type { User } from '../domain/user'
import type { Database } from './database'
import { holdFromRow } from './holdRow'
import { entryFromRow, userFromRow } from './ledger/rows'

export interface Books {
  user: User
  /** All that are not settled. */
  liveHolds: Hold[]
}

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
      const holds = await transaction
        .selectFrom('holds')
        .selectAll()
        .where(
          'user_id',
          'in',
          users.map((user) => user.user_id),
        )
        .where('state', '<>', 'settled')
        .execute()
      return users.map((row) => ({
        user: userFromRow(row),
        liveHolds: holds.filter((hold) => hold.user_id === row.user_id).map(holdFromRow),
      }))
    })
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
): Promise<LedgerEntry[]> {
  const rows = await kysely
    .selectFrom('ledger_entries')
    .selectAll()
    .where('user_id', '=', userId)
    .where('version', '>', afterVersion)
    .where('version', '<=', upToVersion)
    .orderBy('version')
    .limit(limit)
    .execute()
  return rows.map(entryFromRow)
}
