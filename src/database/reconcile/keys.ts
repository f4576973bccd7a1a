import { sql } from 'kysely'
import type { Database } from '../database'

export interface KeyCount {
  userId: string
  version: bigint
  keyCount: bigint
}

/**
 * Counts users' idempotency keys, each beside the user's version in the same snapshot. For users with few entries:
 * counting stops at `version + excessMax` keys.
 */
export async function readKeyCounts(
  { kysely }: Database,
  userIds: readonly string[],
  { excessMax }: { excessMax: number },
): Promise<KeyCount[]> {
  if (userIds.length === 0) return []
  // One statement, so that it is one snapshot.
  const { rows } = await sql<{ user_id: string; version: bigint; key_count: bigint }>`
    select u.user_id, u.version,
      (select count(*) from (
        select from idempotency_keys k where k.user_id = u.user_id limit u.version + ${excessMax}::int8) few) as key_count
    from users u where u.user_id = any(${userIds}::text[]) order by u.user_id`.execute(kysely)
  return rows.map((row) => ({ userId: row.user_id, version: row.version, keyCount: row.key_count }))
}

const FIRST_KEY_ID = '00000000-0000-0000-0000-000000000000'

/** How far a user's keys have been counted, in the order of their ids. */
export interface KeyCursor {
  /** Absent = from the first. */
  afterKeyId?: string
  /** Counts keys of versions up to the walk's end, and keys of versions that the user has not reached. */
  count: bigint
}

/**
 * Counts the next keys of a user with very many, while new ones are added. Keys of entries after `version` are not
 * counted, unless no such entry can exist.
 */
export async function readMoreKeys(
  { kysely }: Database,
  { userId, version, limit }: { userId: string; version: bigint; limit: number },
  { afterKeyId, count }: KeyCursor,
): Promise<{ cursor: Required<KeyCursor>; keysRead: number; isAtEnd: boolean }> {
  const { rows } = await sql<{ read: bigint; counted: bigint; last_key_id: string | null }>`
    with keys as materialized (
      select k.key_id, k.version from idempotency_keys k
      where k.user_id = ${userId} and ${afterKeyId === undefined ? sql`true` : sql`k.key_id > ${afterKeyId}::uuid`}
      order by k.key_id limit ${limit})
    select count(*) as read,
      count(*) filter (where k.version <= ${version} or k.version > u.version) as counted,
      (select key_id from keys order by key_id desc limit 1) as last_key_id
    from keys k left join users u on u.user_id = ${userId}`.execute(kysely)
  const [row] = rows
  if (row === undefined) throw new Error('an aggregate without a row')
  return {
    cursor: { afterKeyId: row.last_key_id ?? afterKeyId ?? FIRST_KEY_ID, count: count + row.counted },
    keysRead: Number(row.read),
    isAtEnd: row.read < BigInt(limit),
  }
}
