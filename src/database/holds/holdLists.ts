import { sql } from 'kysely'
import type { Hold } from '../../domain/ledger/hold'
import type { KeyRef } from '../../domain/ledger/keyRef'
import type { Database } from '../database'
import { holdFromRow } from './holdRow'

/** The clients' own keys of a user's holds, by the holds' ids. */
export async function findHoldKeys(
  { kysely }: Database,
  { userId, keyIds }: { userId: string; keyIds: readonly string[] },
): Promise<Map<string, string>> {
  if (keyIds.length === 0) return new Map()
  const rows = await kysely
    .selectFrom('holds')
    .select(['key_id', 'idempotency_key'])
    .where('user_id', '=', userId)
    .where('key_id', 'in', keyIds)
    .execute()
  return new Map(rows.map((row) => [row.key_id, row.idempotency_key]))
}

/** Live holds by user and key, those after `after`. `userId` empty = everybody's. */
export async function listHoldRows(
  { kysely }: Database,
  { userId, after, limit }: { userId: string; after: KeyRef | undefined; limit: number },
): Promise<Hold[]> {
  let query = kysely.selectFrom('holds').selectAll().where('state', '<>', 'settled')
  if (userId !== '') query = query.where('user_id', '=', userId)
  if (after !== undefined) {
    query = query.where(sql<boolean>`(user_id, key_id) > (${after.userId}, ${after.keyId}::uuid)`)
  }
  const rows = await query.orderBy('user_id').orderBy('key_id').limit(limit).execute()
  return rows.map(holdFromRow)
}
