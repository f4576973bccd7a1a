import { sql } from 'kysely'
import type { OpenItems } from '../domain/ledger/openItems'
import type { Database } from './database'

/** Live holds and pending failures have partial indexes; price changes are few. */
export async function readOpenItems({ kysely }: Database): Promise<OpenItems> {
  const { rows } = await sql<OpenItemsRow>`
    select
      holds.count as holds, holds.held_nanousd, failures.count as pending_failures,
      failures.amount_nanousd as pending_failures_nanousd, changes.count as held_back, clock_timestamp() as read_at,
      extract(epoch from clock_timestamp() - holds.opened_at)::float8 as age_seconds,
      extract(epoch from clock_timestamp() - holds.expires_at)::float8 as overdue_seconds
    from
      (select count(*)::int4, coalesce(sum(held_nanousd), 0)::int8 as held_nanousd, min(opened_at) as opened_at,
        min(expires_at) as expires_at from holds where state <> 'settled') as holds,
      (select count(*)::int4, coalesce(sum(amount_nanousd), 0)::int8 as amount_nanousd
        from credit_deduction_failures where state = 'pending') as failures,
      (select count(*)::int4 from price_changes where state = 'held-back') as changes`.execute(kysely)
  const [row] = rows
  if (row === undefined) throw new Error('an aggregate without a row')
  return {
    holds: row.holds,
    heldNanousd: row.held_nanousd,
    oldestHoldAgeMs: Math.max(0, (row.age_seconds ?? 0) * 1_000),
    oldestHoldOverdueMs: Math.max(0, (row.overdue_seconds ?? 0) * 1_000),
    pendingFailures: row.pending_failures,
    pendingFailuresNanousd: row.pending_failures_nanousd,
    heldBackPriceChanges: row.held_back,
    readAt: row.read_at,
  }
}

interface OpenItemsRow {
  holds: number
  held_nanousd: bigint
  pending_failures: number
  pending_failures_nanousd: bigint
  held_back: number
  read_at: Date
  age_seconds: number | null
  overdue_seconds: number | null
}
