import type { Selectable } from 'kysely'
import { sql } from 'kysely'
import type { Actor } from '../../domain/ledger/actor'
import type { PriceChangeState, PriceSource, RateCard } from '../../domain/rating/price'
import type { PriceChangeRow } from '../schema'
import { rateCardsFromJson, rateCardsToJson } from './priceRow'
import type { PriceTables } from './prices'

/** A change of a source's price: applied, held back or rejected. */
export interface StoredPriceChange {
  changeId: string
  model: string
  provider: string
  source: PriceSource
  /** The version in force when the change was seen. */
  beforePriceId: string
  after: { rateCards: RateCard[]; priceId?: string }
  state: PriceChangeState
  /** Why it was held back. */
  reason: string
  seenAt: Date
  decidedAt?: Date
  /** Who decided it, or whose list applied it. Absent where nobody is known, and while it is held back. */
  actor?: Actor
}

/** Writes new changes. A change that is seen again keeps its row, whatever was decided about it. */
export async function insertPriceChanges(
  tables: PriceTables,
  changes: readonly StoredPriceChange[],
): Promise<void> {
  if (changes.length === 0) return
  const json = JSON.stringify(changes.map(changeToJson))
  await sql`
    insert into price_changes (change_id, model, provider, source, before_price_id, after_price, state, reason, seen_at,
                               actor)
    select change_id, model, provider, source, before_price_id, after_price, state, reason, seen_at, actor
    from jsonb_to_recordset(${json}::jsonb) as change (
      change_id text, model text, provider text, source text, before_price_id text, after_price jsonb, state text,
      reason text, seen_at timestamptz, actor text)
    on conflict do nothing`.execute(tables)
}

export async function readPriceChanges(
  tables: PriceTables,
  changeIds: readonly string[],
): Promise<StoredPriceChange[]> {
  const rows = await tables
    .selectFrom('price_changes')
    .selectAll()
    .where(sql<boolean>`change_id = any(${sql.val(changeIds)}::text[])`)
    .execute()
  return rows.map(changeFromRow)
}

/** The changes after `after`, newest first. */
export async function listPriceChangeRows(
  tables: PriceTables,
  page: { state?: PriceChangeState; after?: { seenAt: Date; changeId: string }; limit: number },
): Promise<StoredPriceChange[]> {
  let query = tables.selectFrom('price_changes').selectAll()
  if (page.state !== undefined) query = query.where('state', '=', page.state)
  if (page.after !== undefined) {
    query = query.where(sql<boolean>`(seen_at, change_id) < (${page.after.seenAt}, ${page.after.changeId})`)
  }
  const rows = await query.orderBy('seen_at', 'desc').orderBy('change_id', 'desc').limit(page.limit).execute()
  return rows.map(changeFromRow)
}

export async function decidePriceChangeRow(
  tables: PriceTables,
  { changeId, state, after, decidedAt, actor }: StoredPriceChange,
): Promise<void> {
  await tables
    .updateTable('price_changes')
    .set({ state, after_price: afterToJson(after), decided_at: decidedAt ?? null, actor: actor || null })
    .where('change_id', '=', changeId)
    .execute()
}

function changeFromRow(row: Selectable<PriceChangeRow>): StoredPriceChange {
  const after = row.after_price as { rate_cards: object[]; price_id?: string }
  return {
    changeId: row.change_id,
    model: row.model,
    provider: row.provider,
    source: row.source,
    beforePriceId: row.before_price_id ?? '',
    after: {
      rateCards: rateCardsFromJson(after.rate_cards),
      ...(after.price_id !== undefined && { priceId: after.price_id }),
    },
    state: row.state,
    reason: row.reason,
    seenAt: row.seen_at,
    ...(row.decided_at !== null && { decidedAt: row.decided_at }),
    ...(row.actor !== null && { actor: row.actor }),
  }
}

function changeToJson(change: StoredPriceChange): Record<string, unknown> {
  return {
    change_id: change.changeId,
    model: change.model,
    provider: change.provider,
    source: change.source,
    before_price_id: change.beforePriceId,
    after_price: JSON.parse(afterToJson(change.after)) as unknown,
    state: change.state,
    reason: change.reason,
    seen_at: change.seenAt,
    actor: change.actor || null,
  }
}

function afterToJson({ rateCards, priceId }: StoredPriceChange['after']): string {
  return `{"rate_cards":${rateCardsToJson(rateCards)}${priceId === undefined ? '' : `,"price_id":${JSON.stringify(priceId)}`}}`
}
