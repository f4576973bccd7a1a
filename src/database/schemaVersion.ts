import type { Database } from './database'
import { appliedMigrations } from './migrate'

/**
 * The last migration that this release can't do without. Later ones only prepare the next release: while a rollout is
 * under way, this one runs on a schema that lacks them.
 */
export const MIGRATION_NEEDED = '0015_holds_amended_version'

/** What the schema lacks of what this release needs; undefined = nothing. */
export async function schemaLack(
  database: Pick<Database, 'connection'>,
  needed = MIGRATION_NEEDED,
): Promise<{ last: string | undefined; needed: string } | undefined> {
  const applied = await appliedMigrations(database)
  return applied.includes(needed) ? undefined : { last: applied.at(-1), needed }
}
