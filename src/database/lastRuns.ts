import { sql } from 'kysely'
import type { Database } from './database'

/** When regular work was last done. Undefined = never. */
export interface LastRuns {
  /** When a price of the feed was last stored. Unchanged prices are not stored. */
  newestLivePriceAt: Date | undefined
  /** When a reconciliation run last finished. */
  provedAt: Date | undefined
}

export async function readLastRuns({ kysely }: Database): Promise<LastRuns> {
  const { rows } = await sql<{ live: Date | null; proved: Date | null }>`
    select (select max(created_at) from model_prices where source = 'live') as live,
      (select greatest(finished_at, proved_from_start_at) from reconcile_lease where id = 1) as proved`.execute(
    kysely,
  )
  return { newestLivePriceAt: rows[0]?.live ?? undefined, provedAt: rows[0]?.proved ?? undefined }
}
