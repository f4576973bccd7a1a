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
 * Takes a stream over for a new connection: from here on, a write of the old one matches nothing. Of two connections that
 * do so at once, the row's lock makes one the later, which has it. Undefined where the stream has ended.
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

/** What a connection knows of its stream and the database doesn't. */
export interface HoldRecord extends KeyRef {
  /** The connection's; an older one writes nothing. */
  epoch: number
  progress: Progress
  /** Puts the expiry off to this long from now; 0 leaves it. */
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
 * Records many streams' progress in one statement. For each record, in their order: what the hold has now, or undefined
 * where it is no longer the connection's to write.
 */
export async function recordHolds(
  { kysely }: Database,
  records: readonly HoldRecord[],
): Promise<(Recorded | undefined)[]> {
  // What may be written is decided with the row locked, so nothing that comes after the lock has to ask again.
  // Locked in key order, like the ledger's own statement does it, so that the two never wait for each other in a circle.
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
