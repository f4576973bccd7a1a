import { sql } from 'kysely'
import type { PriceTables } from './prices'

/** The model that an alias names, or undefined. */
export async function readAlias(tables: PriceTables, alias: string): Promise<string | undefined> {
  const row = await tables
    .selectFrom('model_aliases')
    .select('model')
    .where('alias', '=', alias)
    .executeTakeFirst()
  return row?.model
}

/** The aliases of a model. */
export async function aliasesOf(tables: PriceTables, model: string): Promise<string[]> {
  const rows = await tables.selectFrom('model_aliases').select('alias').where('model', '=', model).execute()
  return rows.map(({ alias }) => alias)
}

/** True = it changed something. */
export async function writeAlias(
  tables: PriceTables,
  { alias, model }: { alias: string; model: string },
): Promise<boolean> {
  if (model === '') {
    const { numDeletedRows } = await tables
      .deleteFrom('model_aliases')
      .where('alias', '=', alias)
      .executeTakeFirst()
    return numDeletedRows > 0n
  }
  const { numInsertedOrUpdatedRows } = await tables
    .insertInto('model_aliases')
    .values({ alias, model })
    .onConflict((conflict) =>
      conflict
        .column('alias')
        .doUpdateSet({ model })
        .where(sql<boolean>`model_aliases.model <> excluded.model`),
    )
    .executeTakeFirst()
  return (numInsertedOrUpdatedRows ?? 0n) > 0n
}

/** The aliases after `after`, by name. */
export async function listAliasRows(
  tables: PriceTables,
  { after, limit }: { after: string; limit: number },
): Promise<{ alias: string; model: string }[]> {
  return tables
    .selectFrom('model_aliases')
    .selectAll()
    .where('alias', '>', after)
    .orderBy('alias')
    .limit(limit)
    .execute()
}
