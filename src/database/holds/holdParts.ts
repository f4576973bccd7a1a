import { sql, type Transaction } from 'kysely'
import type { Hold } from '../../domain/ledger/hold'
import type { KeyRef } from '../../domain/ledger/keyRef'
import {
  CONNECTION_PART,
  mergedParts,
  newParts,
  type StreamPart,
  settledWithout,
  usageOfParts,
} from '../../domain/stream/parts'
import { type Usage, usageFromText } from '../../domain/usage/usage'
import type { Database } from '../database'
import type { Schema } from '../schema'
import { holdFromRow, usageToJson } from './holdRow'

/** A stream's parts after a report. */
export interface RecordedParts {
  /** As it is now. Of a settled stream: as it was settled. */
  hold: Hold
  /** Of all parts together. */
  usage: Usage
  parts: number
}

interface RecordOptions {
  parts: readonly StreamPart[]
  /** The hold lives at least this long from now. */
  renewForMs: number
  /** Throws where the usage of the whole can't be charged. Then nothing is recorded. */
  check: (usage: Usage) => void
}

/**
 * Records parts of a stream, in one transaction that locks its hold. Each report takes the hold's next epoch, so that a
 * connection which knew an earlier sum can't settle it. Parts of a stream that expired are kept while it may be amended.
 *
 * @returns undefined where there is no such hold
 * @throws BillingError ALREADY_DECIDED for a new part of a stream that is settled for good
 */
export async function recordParts(
  { kysely }: Database,
  ref: KeyRef,
  { parts, renewForMs, check }: RecordOptions,
): Promise<RecordedParts | undefined> {
  return await kysely.transaction().execute(async (transaction) => {
    const row = await transaction
      .selectFrom('holds')
      .selectAll()
      .select(sql<boolean>`coalesce(amendable_until > clock_timestamp(), false)`.as('amendable'))
      .where((where) => where.and({ user_id: ref.userId, key_id: ref.keyId }))
      .forUpdate()
      .executeTakeFirst()
    if (row === undefined) return undefined
    const hold = holdFromRow(row)
    const isLive = hold.status.state !== 'settled'
    const before = await partsOf(transaction, hold)
    const changed = newParts(before, parts)
    if (changed.length === 0) return { hold, usage: hold.usage, parts: before.length }
    if (!isLive && !row.amendable) throw settledWithout()
    const after = mergedParts(before, changed)
    const usage = usageOfParts(after)
    check(usage)
    await writeParts(transaction, ref, [...before.filter(isOfConnection), ...changed])
    if (!isLive) return { hold, usage, parts: after.length }
    const recorded = await transaction
      .updateTable('holds')
      .set({
        epoch: sql`epoch + 1`,
        sequence: sql`sequence + 1`,
        usage: usageToJson(usage),
        state: 'detached',
        expires_at: sql`greatest(expires_at,
          date_trunc('milliseconds', clock_timestamp()) + ${renewForMs} * interval '1 millisecond')`,
      })
      .where((where) => where.and({ user_id: ref.userId, key_id: ref.keyId }))
      .returningAll()
      .executeTakeFirstOrThrow()
    return { hold: holdFromRow(recorded), usage, parts: after.length }
  })
}

/** What a connection had reported before the first part counts as a part of its own. */
async function partsOf(transaction: Transaction<Schema>, hold: Hold): Promise<StreamPart[]> {
  const rows = await transaction
    .selectFrom('hold_parts')
    .selectAll()
    .where((where) => where.and({ user_id: hold.userId, key_id: hold.keyId }))
    .orderBy('part_id')
    .execute()
  const stored = rows.map((row) => ({
    partId: row.part_id,
    sequence: row.sequence,
    usage: usageFromText(row.usage),
  }))
  if (stored.length > 0 || hold.sequence === 0n) return stored
  return [{ partId: CONNECTION_PART, sequence: hold.sequence, usage: hold.usage }]
}

function isOfConnection({ partId }: StreamPart): boolean {
  return partId === CONNECTION_PART
}

async function writeParts(
  transaction: Transaction<Schema>,
  { userId, keyId }: KeyRef,
  parts: readonly StreamPart[],
): Promise<void> {
  await transaction
    .insertInto('hold_parts')
    .values(
      parts.map(({ partId, sequence, usage }) => ({
        user_id: userId,
        key_id: keyId,
        part_id: partId,
        sequence,
        usage: usageToJson(usage),
      })),
    )
    .onConflict((conflict) =>
      conflict.columns(['user_id', 'key_id', 'part_id']).doUpdateSet((row) => ({
        sequence: row.ref('excluded.sequence'),
        usage: row.ref('excluded.usage'),
      })),
    )
    .execute()
}
