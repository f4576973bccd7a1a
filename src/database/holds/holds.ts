import { type Selectable, sql } from 'kysely'
import type { Hold } from '../../domain/ledger/hold'
import { compareKeyRefs, type KeyRef } from '../../domain/ledger/keyRef'
import type { Progress } from '../../domain/stream/state'
import type { Database } from '../database'
import type { HoldRow } from '../schema'
import { holdFromRow, usageToJson } from './holdRow'

export async function findHold({ kysely }: Database, { userId, keyId }: KeyRef): Promise<Hold | undefined> {
  const row = await kysely
    .selectFrom('holds')
    .selectAll()
    .where('user_id', '=', userId)
    .where('key_id', '=', keyId)
    .executeTakeFirst()
  return row && holdFromRow(row)
}

/**
 * Takes a stream over for a new connection: writes of the old connection match nothing from then on. If two connections
 * take it over at once, the row's lock orders them and the later one has it. Undefined = the stream has ended.
 */
export async function takeOverHold(
  { kysely }: Database,
  { userId, keyId }: KeyRef,
): Promise<Hold | undefined> {
  const row = await kysely
    .updateTable('holds')
    .set({
      epoch: sql`epoch + 1`,
      state: sql`case when final_reason is null then 'open' else 'final' end`,
    })
    .where('user_id', '=', userId)
    .where('key_id', '=', keyId)
    .where('state', '<>', 'settled')
    .returningAll()
    .executeTakeFirst()
  return row && holdFromRow(row)
}

/** Progress of a stream that its connection has not recorded yet. */
export interface HoldRecord extends KeyRef {
  /** The connection's epoch. A record of an older epoch writes nothing. */
  epoch: number
  progress: Progress
  /** Moves the expiry to this long from now. 0 leaves it. */
  renewForMs: number
  /** The connection is gone. */
  detach: boolean
}

/** What was written for a record. */
export interface Recorded {
  sequence: bigint
  expiresAt: Date
}

/**
 * Records many streams' progress in one statement. Returns, in the order of the records, what each hold has now.
 * Undefined = the connection no longer owns the stream.
 */
export async function recordHolds(
  { kysely }: Database,
  records: readonly HoldRecord[],
): Promise<(Recorded | undefined)[]> {
  // The conditions are checked while the row is locked, so they still hold when it is updated.
  // Locked in key order, as in the ledger's own statement, so that the two never deadlock.
  const order = records
    .map((_, index) => index)
    .sort((a, b) => compareKeyRefs(records[a] as HoldRecord, records[b] as HoldRecord))
  const column = <T>(value: (record: HoldRecord) => T): T[] =>
    order.map((index) => value(records[index] as HoldRecord))
  const { rows } = await sql<{ position: bigint; sequence: bigint; expires_at: Date }>`
    with given as (
      select * from unnest(
        ${column(({ userId }) => userId)}::text[],
        ${column(({ keyId }) => keyId)}::uuid[],
        ${column(({ epoch }) => epoch)}::int4[],
        ${column(({ progress }) => progress.sequence)}::int8[],
        ${column(({ progress }) => usageToJson(progress.usage))}::jsonb[],
        ${column(({ renewForMs }) => renewForMs)}::int8[],
        ${column(({ detach }) => detach)}::boolean[]
      ) with ordinality g(user_id, key_id, epoch, sequence, usage, renew_for_ms, detach, position)
    ), locked as materialized (
      select g.* from given g
      cross join lateral (
        select 1 from holds
        where user_id = g.user_id and key_id = g.key_id and epoch = g.epoch and state <> 'settled'
        limit 1 for update) h
    )
    update holds t set
      sequence = greatest(t.sequence, l.sequence),
      usage = case when l.sequence > t.sequence then l.usage else t.usage end,
      state = case when l.detach then 'detached' else t.state end,
      expires_at = case when l.renew_for_ms > 0
        then greatest(t.expires_at,
          date_trunc('milliseconds', clock_timestamp()) + l.renew_for_ms * interval '1 millisecond')
        else t.expires_at end
    from locked l
    where t.user_id = l.user_id and t.key_id = l.key_id
    returning l.position, t.sequence, t.expires_at`.execute(kysely)
  const recorded: (Recorded | undefined)[] = records.map(() => undefined)
  for (const { position, sequence, expires_at } of rows) {
    const index = order[Number(position) - 1]
    if (index !== undefined) recorded[index] = { sequence, expiresAt: expires_at }
  }
  return recorded
}

/** A place in the order of expiry. */
export interface ExpiryCursor extends KeyRef {
  expiresAt: Date
}

/** Live holds past their validity by the database's clock, oldest first. */
export async function listExpiredHolds(
  { kysely }: Database,
  { after, limit }: { after: ExpiryCursor | undefined; limit: number },
): Promise<Hold[]> {
  const { rows } = await sql<Selectable<HoldRow>>`
    select * from holds
    where state <> 'settled' and expires_at < clock_timestamp()
      ${after === undefined ? sql`` : sql`and (expires_at, user_id, key_id) > (${after.expiresAt}, ${after.userId}, ${after.keyId}::uuid)`}
    order by expires_at, user_id, key_id
    limit ${limit}`.execute(kysely)
  return rows.map(holdFromRow)
}

/** The idempotency keys of a user's holds, by the holds' ids. */
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

/** The live holds after `after`, by user and key. `userId` empty = of all users. */
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
