import type { Config } from '../config/config'
import {
  type ConnectionSettings,
  checkSession,
  type Database,
  openDatabase,
  POOLER_ADVICE,
  SessionRefused,
} from '../database/database'
import { startEmbeddedPostgres } from '../database/embedded/start'
import { log } from '../observability/log'
import { SetupError } from '../setupError'

/** Opens the database that the configuration names. Its `close` also stops the embedded Postgres, where that is used. */
export async function openConfiguredDatabase(config: Config): Promise<Database> {
  if (config.databaseUrl !== undefined) return openChecked({ connectionString: config.databaseUrl }, config)
  const postgres = await startEmbeddedPostgres({ dataDir: config.dataDir })
  try {
    const database = await openChecked(postgres.connection, config)
    return {
      ...database,
      async close() {
        await database.close()
        await postgres.stop()
      },
    }
  } catch (error) {
    await postgres.stop()
    throw error
  }
}

async function openChecked(connection: ConnectionSettings, config: Config): Promise<Database> {
  let closing = false
  const opened = openDatabase(connection, {
    poolSizeMax: config.databasePoolSizeMax,
    // While closing, the embedded server may end before its idle connections do.
    onIdleError: (error) => !closing && log.warn({ err: error }, 'an idle database connection broke'),
  })
  const database: Database = {
    ...opened,
    close() {
      closing = true
      return opened.close()
    },
  }
  try {
    await checkSession(database)
    return database
  } catch (error) {
    await database.close()
    if (error instanceof SessionRefused) throw new SetupError(`${error.message}. ${POOLER_ADVICE}`)
    throw new SetupError(
      `The database does not answer (${complaintOf(error)}). Check DATABASE_URL and that the server runs and accepts this ` +
        'account, or unset it to use the embedded Postgres.',
    )
  }
}

/** One round trip. */
export async function checkDatabase({ kysely }: Database): Promise<void> {
  await kysely.selectNoFrom((of) => of.lit(1).as('one')).execute()
}

/** Node collects the failures of all addresses in one error without a message of its own. */
function complaintOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map((each: Error) => each.message).join(', ')
  return error instanceof Error ? error.message : String(error)
}
