import { sql } from 'kysely'
import type { LedgerEntry } from '../../domain/ledger/entry'
import type { Database } from '../database'
import { entryFromRow } from '../ledger/rows'

/** An entry, and what its idempotency key and its hold say about it. */
export interface KeyedEntry {
  entry: LedgerEntry
  /** That of its key, if that is there and points to it. */
  requestHash: Buffer | undefined
  /** The key's request hash can be one, and is its hold's where it opened one. */
  hasRequestHash: boolean
  /** There is a hold of its own key. */
  hasHold: boolean
  /** Where it opened, settled or amended a stream: the hold's row says so too. */
  fitsHold: boolean
  /** When the stream that it adjusts was settled. */
  settledAt?: Date
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
    .leftJoin('holds as h', (join) =>
      join.onRef('h.user_id', '=', 'e.user_id').onRef('h.key_id', '=', 'e.key_id'),
    )
    .selectAll('e')
    .select([
      'k.request_hash',
      'h.key_id as hold_of_key',
      sql<boolean>`octet_length(k.request_hash) = 32 and k.request_hash = coalesce(h.request_hash, k.request_hash)`.as(
        'request_hash_fits',
      ),
      // An adjustment under a deduction failure's id collects a shortfall and amends nothing.
      sql<boolean>`case
        when e.kind = 'hold' and h.key_id is not null
          then h.opened_at = e.created_at and h.idempotency_key = e.idempotency_key
        when e.kind = 'settlement' then exists (
          select from holds s where s.user_id = e.user_id and s.key_id = e.hold_key_id
            and s.state = 'settled' and s.settled_version = e.version and s.held_nanousd = 0)
        when e.kind = 'adjustment' and not starts_with(e.idempotency_key, 'fl_') then exists (
          select from holds s where s.user_id = e.user_id and s.key_id = e.hold_key_id
            and s.amended_version = e.version)
        else true end`.as('fits_hold'),
      sql<Date | null>`case when e.kind = 'adjustment' then (
        select s.created_at from holds a join ledger_entries s on s.user_id = a.user_id and s.version = a.settled_version
        where a.user_id = e.user_id and a.key_id = e.hold_key_id) end`.as('settled_at'),
    ])
    .where('e.user_id', '=', userId)
    .where('e.version', '>', afterVersion)
    .where('e.version', '<=', upToVersion)
    .orderBy('e.version')
    .limit(limit)
    .execute()
  return rows.map((row) => ({
    entry: entryFromRow(row),
    requestHash: row.request_hash ?? undefined,
    hasRequestHash: row.request_hash === null || row.request_hash_fits,
    hasHold: row.hold_of_key !== null,
    fitsHold: row.fits_hold,
    ...(row.settled_at !== null && { settledAt: row.settled_at }),
  }))
}
