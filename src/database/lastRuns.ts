import { sql } from 'kysely'
import type { Database } from './database'

/** When things that should happen again and again last did. undefined = never. */
export interface Ages {
  /** When a price of the feed was last stored; one that is equal to the last isn't. */
  newestLivePriceAt: Date | undefined
  /** When a run over the books last came to its end. */
  provedAt: Date | undefined
}

export async function readAges({ kysely }: Database): Promise<Ages> {
  const { rows } = await sql<{ live: Date | null; proved: Date | null }>`
    select (select max(created_at) from model_prices where source = 'live') as live,
      (select greatest(finished_at, proved_from_start_at) from reconcile_lease where id = 1) as proved`.execute(
    kysely,
  )
  return { newestLivePriceAt: rows[0]?.live ?? undefined, provedAt: rows[0]?.proved ?? undefined }
}
