import type { Database } from '../database/database'
import { aliasesOf, readAlias, writeAlias } from '../database/prices/aliases'
import { changePriceBook, type PriceTables } from '../database/prices/prices'
import { BillingError, invalidField } from '../domain/errors'

/** An alias may name another alias, which then names a model. */
export const ALIAS_HOPS_MAX = 2

/** Follows a name through its aliases. */
export async function followAliases(tables: PriceTables, name: string): Promise<string> {
  let model = name
  for (let hop = 0; hop < ALIAS_HOPS_MAX; hop += 1) {
    const next = await readAlias(tables, model)
    if (next === undefined) break
    model = next
  }
  return model
}

/**
 * Makes a name an alias of a model; an empty `model` removes the alias.
 *
 * @throws BillingError ALIAS_CYCLE where it would lead back to itself
 */
export function putAlias(database: Database, alias: { alias: string; model: string }): Promise<void> {
  return changePriceBook(database, async (tables) => {
    if (alias.model !== '') await checkHops(tables, alias)
    return { changed: await writeAlias(tables, alias), result: undefined }
  })
}

async function checkHops(
  tables: PriceTables,
  { alias, model }: { alias: string; model: string },
): Promise<void> {
  let hopsAfter = 0
  for (let name: string | undefined = model; name !== undefined; name = await readAlias(tables, name)) {
    if (name === alias) throw cycle(alias, model)
    hopsAfter += 1
    // What is stored has no chain longer than this, so the walk ends here at the latest.
    if (hopsAfter > ALIAS_HOPS_MAX) break
  }
  const hops = hopsAfter + (await hopsBefore(tables, alias))
  if (hops > ALIAS_HOPS_MAX) {
    throw invalidField(
      'model',
      `would make a chain of ${hops} aliases; at most ${ALIAS_HOPS_MAX} are followed`,
    )
  }
}

/** The longest chain of aliases that ends in this one. */
async function hopsBefore(tables: PriceTables, alias: string): Promise<number> {
  const before = await aliasesOf(tables, alias)
  if (before.length === 0) return 0
  const further = await Promise.all(before.map((each) => aliasesOf(tables, each)))
  return further.some((each) => each.length > 0) ? 2 : 1
}

function cycle(alias: string, model: string): BillingError {
  return new BillingError(
    'ALIAS_CYCLE',
    `${alias} can't be an alias of ${model}, which is an alias of ${alias}`,
    {
      field: 'model',
      metadata: { alias, model },
    },
  )
}
