import { type Kysely, sql } from 'kysely'
import type { Actor } from '../../domain/ledger/actor'
import type { PriceSource } from '../../domain/rating/price'
import type { Database } from '../database'
import type { Schema } from '../schema'
import { priceFromRow, rateCardsToJson, type StoredPrice } from './priceRow'

/** Either the database or a transaction on it. */
export type PriceTables = Kysely<Schema>

/** Every version of these model ids, whatever the provider and source, oldest first. */
export async function readVersions(tables: PriceTables, models: readonly string[]): Promise<StoredPrice[]> {
  const rows = await tables
    .selectFrom('model_prices')
    .selectAll()
    .where(sql<boolean>`model = any(${sql.val(models)}::text[])`)
    .orderBy('effective_from')
    .execute()
  return rows.map(priceFromRow)
}

/** Every version of one source that is in force at `at` or later. */
export async function readCurrentOfSource(
  tables: PriceTables,
  { source, at }: { source: PriceSource; at: Date },
): Promise<StoredPrice[]> {
  const rows = await tables
    .selectFrom('model_prices')
    .selectAll()
    .where('source', '=', source)
    // A version that was withdrawn before it began ends where it begins.
    .where(sql<boolean>`(effective_to is null or (effective_to > ${at} and effective_to > effective_from))`)
    .orderBy('effective_from')
    .execute()
  return rows.map(priceFromRow)
}

export async function readPrice(tables: PriceTables, priceId: string): Promise<StoredPrice | undefined> {
  const row = await tables
    .selectFrom('model_prices')
    .selectAll()
    .where('price_id', '=', priceId)
    .executeTakeFirst()
  return row === undefined ? undefined : priceFromRow(row)
}

/** The versions with these ids, by id. Unknown ids are left out. */
export async function readVersionsById(
  tables: PriceTables,
  priceIds: readonly string[],
): Promise<Map<string, StoredPrice>> {
  if (priceIds.length === 0) return new Map()
  const rows = await tables
    .selectFrom('model_prices')
    .selectAll()
    .where(sql<boolean>`price_id = any(${sql.val(priceIds)}::text[])`)
    .execute()
  return new Map(rows.map((row) => [row.price_id, priceFromRow(row)]))
}

export interface PricePageKey {
  model: string
  provider: string
  priceId: string
}

/** The versions in force at `at` that come after `after`, ordered by model, provider and id. */
export async function listVersions(
  tables: PriceTables,
  { modelPrefix, at, after, limit }: { modelPrefix: string; at: Date; after: PricePageKey; limit: number },
): Promise<StoredPrice[]> {
  const rows = await tables
    .selectFrom('model_prices')
    .selectAll()
    .where('effective_from', '<=', at)
    .where((where) => where.or([where('effective_to', 'is', null), where('effective_to', '>', at)]))
    .where(sql<boolean>`starts_with(model, ${modelPrefix})`)
    .where(sql<boolean>`(model, provider, price_id) > (${after.model}, ${after.provider}, ${after.priceId})`)
    .orderBy('model')
    .orderBy('provider')
    .orderBy('price_id')
    .limit(limit)
    .execute()
  return rows.map(priceFromRow)
}

/** Writes versions in one statement and returns how many were new. An existing version is not changed. */
export async function insertVersions(
  tables: PriceTables,
  versions: readonly StoredPrice[],
  createdAt: Date,
): Promise<bigint> {
  if (versions.length === 0) return 0n
  const json = JSON.stringify(versions.map(versionToJson))
  const { numAffectedRows } = await sql`
    insert into model_prices (price_id, model, provider, source, effective_from, effective_to, rate_cards,
                              markup_basis_points, created_at, actor)
    select price_id, model, provider, source, effective_from, effective_to, rate_cards, markup_basis_points,
           ${createdAt}::timestamptz, actor
    from jsonb_to_recordset(${json}::jsonb) as version (
      price_id text, model text, provider text, source text, effective_from timestamptz, effective_to timestamptz,
      rate_cards jsonb, markup_basis_points int4, actor text)
    on conflict do nothing`.execute(tables)
  return numAffectedRows ?? 0n
}

/** Ends versions, at somebody's request: the one thing about a version that may change. */
export async function endVersions(
  tables: PriceTables,
  ends: readonly { priceId: string; effectiveTo: Date }[],
  actor: Actor,
): Promise<void> {
  if (ends.length === 0) return
  const json = JSON.stringify(
    ends.map(({ priceId, effectiveTo }) => ({ price_id: priceId, effective_to: effectiveTo })),
  )
  await sql`
    update model_prices set effective_to = ended.effective_to, ended_by = ${actor || null}
    from jsonb_to_recordset(${json}::jsonb) as ended (price_id text, effective_to timestamptz)
    where model_prices.price_id = ended.price_id`.execute(tables)
}

/** The outcome of a change. `changed` = the other replicas have to read the price book again. */
export interface PriceBookChange<T> {
  changed: boolean
  result: T
}

/**
 * Runs one change of the price book at a time: writers queue on the revision's row, so that each decides on what the
 * one before it left. `now` is the database's time, read when it is this writer's turn, so that no replica's clock
 * reorders changes.
 */
export function changePriceBook<T>(
  database: Database,
  change: (tables: PriceTables, now: Date) => Promise<PriceBookChange<T>>,
): Promise<T> {
  return database.kysely.transaction().execute(async (transaction) => {
    await transaction
      .selectFrom('price_book_revision')
      .select('revision')
      .forUpdate()
      .executeTakeFirstOrThrow()
    const { now } = await transaction
      .selectNoFrom(sql<Date>`clock_timestamp()`.as('now'))
      .executeTakeFirstOrThrow()
    const { changed, result } = await change(transaction, now)
    if (changed) {
      await transaction
        .updateTable('price_book_revision')
        .set((set) => ({ revision: set('revision', '+', 1n) }))
        .execute()
    }
    return result
  })
}

function versionToJson(version: StoredPrice): Record<string, unknown> {
  return {
    price_id: version.priceId,
    model: version.model,
    provider: version.provider,
    source: version.source,
    effective_from: version.effectiveFrom,
    effective_to: version.effectiveTo ?? null,
    rate_cards: JSON.parse(rateCardsToJson(version.rateCards)) as unknown,
    markup_basis_points: version.markupBasisPoints ?? null,
    actor: version.actor || null,
  }
}
