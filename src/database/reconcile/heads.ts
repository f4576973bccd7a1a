import { sql } from 'kysely'
import type { LedgerHead } from '../../domain/ledger/ledgerHead'
import type { Database } from '../database'

/** The heads of the ledgers of users after `afterUserId`, in id order. */
export async function readHeads(
  { kysely }: Database,
  { userIdPrefix, afterUserId, limit }: { userIdPrefix: string; afterUserId: string; limit: number },
): Promise<LedgerHead[]> {
  const rows = await kysely
    .selectFrom('users')
    .select(['user_id', 'version', 'last_hash', 'last_entry_at'])
    .where(sql<boolean>`starts_with(user_id, ${userIdPrefix})`)
    .where('user_id', '>', afterUserId)
    .orderBy('user_id')
    .limit(limit)
    .execute()
  return rows.map((row) => ({
    userId: row.user_id,
    version: row.version,
    hash: row.last_hash,
    at: row.last_entry_at,
  }))
}

/** What a ledger has today at the version of an exported head. */
export interface HeadToday {
  userId: string
  version: bigint
  /** The user's current version. Absent = the user does not exist. */
  userVersion?: bigint
  /** The hash of the entry with that version. Absent = there is no such entry. */
  hash?: Buffer
}

export async function readAtHeads(
  { kysely }: Database,
  heads: readonly Pick<LedgerHead, 'userId' | 'version'>[],
): Promise<HeadToday[]> {
  const { rows } = await sql<{
    user_id: string
    version: bigint
    user_version: bigint | null
    hash: Buffer | null
  }>`
    select h.user_id, h.version, u.version as user_version, e.hash
    from unnest(${heads.map(({ userId }) => userId)}::text[], ${heads.map(({ version }) => String(version))}::int8[])
      with ordinality as h (user_id, version, place)
    left join users u on u.user_id = h.user_id
    left join ledger_entries e on e.user_id = h.user_id and e.version = h.version
    order by h.place`.execute(kysely)
  return rows.map((row) => ({
    userId: row.user_id,
    version: row.version,
    ...(row.user_version !== null && { userVersion: row.user_version }),
    ...(row.hash !== null && { hash: row.hash }),
  }))
}
