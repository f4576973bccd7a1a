import { sql } from 'kysely'
import { sqlStateOf } from './errors'
import type { PriceTables } from './prices/prices'

/** What tells one state of the price book from another, also where a database went back to an earlier one. */
export interface PriceBookState {
  /** Grows with each change. */
  revision: bigint
  /** The transaction that wrote the revision: two histories of a database may reach one revision by different changes. */
  writtenBy: string
  /** The cluster and its timeline. A promoted standby and a restored backup begin another. Undefined = not known. */
  history: string | undefined
}

export async function readPriceBookState(kysely: PriceTables): Promise<PriceBookState> {
  const { rows } = await sql<{ revision: bigint; written_by: string }>`
    select revision, xmin::text as written_by from price_book_revision`.execute(kysely)
  const [row] = rows
  if (row === undefined) throw new Error('the price book has no revision')
  return { revision: row.revision, writtenBy: row.written_by, history: await readHistory(kysely) }
}

/** insufficient_privilege, undefined_function, feature_not_supported: a managed service may refuse to tell. */
const NOT_TOLD = new Set(['42501', '42883', '0A000'])

async function readHistory(kysely: PriceTables): Promise<string | undefined> {
  try {
    const { rows } = await sql<{ history: string }>`
      select system_identifier || '/' || left(pg_walfile_name(pg_current_wal_lsn()), 8) as history
      from pg_control_system()`.execute(kysely)
    return rows[0]?.history
  } catch (error) {
    if (NOT_TOLD.has(sqlStateOf(error) ?? '')) return undefined
    throw error
  }
}
