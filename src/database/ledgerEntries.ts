import { sql } from 'kysely'
import type { EntryKind, LedgerEntry } from '../domain/ledger/entry'
import type { KeyRef } from '../domain/ledger/keyRef'
import type { Database } from './database'
import { entryFromRow } from './ledger/rows'

export interface EntryFilter {
  userId: string
  /** Empty = every kind. */
  kinds: readonly EntryKind[]
  /** Inclusive. */
  from?: Date
  /** Exclusive. */
  until?: Date
  /** Empty = every key's. */
  apiKeyId: string
}

/** A user's entries below a version, newest first. */
export async function listEntryRows(
  { kysely }: Database,
  { userId, kinds, from, until, apiKeyId }: EntryFilter,
  { belowVersion, limit }: { belowVersion: bigint | undefined; limit: number },
): Promise<LedgerEntry[]> {
  let query = kysely.selectFrom('ledger_entries').selectAll().where('user_id', '=', userId)
  if (kinds.length > 0) query = query.where('kind', 'in', kinds)
  if (from !== undefined) query = query.where('created_at', '>=', from)
  if (until !== undefined) query = query.where('created_at', '<', until)
  if (apiKeyId !== '') query = query.where('api_key_id', '=', apiKeyId)
  if (belowVersion !== undefined) query = query.where('version', '<', belowVersion)
  const rows = await query.orderBy('version', 'desc').limit(limit).execute()
  return rows.map(entryFromRow)
}

/** One entry, by its number. */
export async function findEntry(
  { kysely }: Database,
  { userId, version }: { userId: string; version: bigint },
): Promise<LedgerEntry | undefined> {
  const row = await kysely
    .selectFrom('ledger_entries')
    .selectAll()
    .where('user_id', '=', userId)
    .where('version', '=', version)
    .executeTakeFirst()
  return row && entryFromRow(row)
}

/** The entry that a key took effect with. */
export async function findEntryOfKey(
  { kysely }: Database,
  { userId, keyId }: KeyRef,
): Promise<LedgerEntry | undefined> {
  const row = await kysely
    .selectFrom('idempotency_keys')
    .innerJoin('ledger_entries', (join) =>
      join
        .onRef('ledger_entries.user_id', '=', 'idempotency_keys.user_id')
        .onRef('ledger_entries.version', '=', 'idempotency_keys.version'),
    )
    .selectAll('ledger_entries')
    .where('idempotency_keys.user_id', '=', userId)
    .where('idempotency_keys.key_id', '=', keyId)
    .executeTakeFirst()
  return row && entryFromRow(row)
}

/** The refunds and adjustments of a charge, in order. Uses the index `ledger_entries_of_charge`. */
export async function findLaterEntries(
  { kysely }: Database,
  { userId, keyId }: KeyRef,
): Promise<LedgerEntry[]> {
  const rows = await kysely
    .selectFrom('ledger_entries')
    .selectAll()
    .where('user_id', '=', userId)
    .where('charge_key_id', '=', keyId)
    // Literally the condition of the partial index: with parameters, Postgres would not use it.
    .where(sql<boolean>`kind in ('refund', 'adjustment')`)
    .orderBy('version')
    .execute()
  return rows.map(entryFromRow)
}
