import type { Database } from '../database/database'
import { schemaMisfit } from '../database/schemaVersion'
import { SetupError } from '../setupError'
import { version } from '../version'

/** @throws SetupError where this release can't run on the present schema; it says what to do */
export async function checkSchema(database: Pick<Database, 'connection'>): Promise<void> {
  const misfit = await schemaMisfit(database)
  if (misfit === undefined) return
  if (misfit.kind === 'too new') {
    throw new SetupError(
      `The database's schema is too new: a later release applied ${misfit.migration}, which removed what tollgate ` +
        `${version} uses. Run ${misfit.release} or newer, or restore a backup from before it.`,
    )
  }
  throw new SetupError(
    `The database's schema is too old: it has ${misfit.last ?? 'no migration'}, and tollgate ${version} needs ` +
      `${misfit.needed}. Run \`tollgate migrate\` of this release first, or let serve do it with TOLLGATE_MIGRATE=on.`,
  )
}
