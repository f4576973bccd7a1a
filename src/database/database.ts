import { Kysely, PostgresDialect, sql } from 'kysely'
import { Pool, types } from 'pg'
import { carefulPool } from './carefulPool'
import type { Schema } from './schema'

/** Where Postgres is: a `DATABASE_URL`, or the socket folder of the embedded server. */
export interface ConnectionSettings {
  connectionString?: string
  /** Folder of a unix socket. */
  host?: string
  port?: number
  user?: string
  database?: string
}

export interface Database {
  kysely: Kysely<Schema>
  connection: ConnectionSettings
  close(): Promise<void>
}

const INT8_OID = 20
const DATE_OID = 1082

// int8 (money, versions) is a bigint here, never a float. A date stays text: a Date would shift it by a time zone.
types.setTypeParser(INT8_OID, BigInt)
types.setTypeParser(DATE_OID, (text) => text)

/** Overrides the settings of the server and the role that would change how rows are read. */
export const SESSION_OPTIONS =
  '-c datestyle=ISO -c timezone=UTC -c default_transaction_isolation=read\\ committed -c tollgate.session=on'

/** A pooler between tollgate and Postgres dropped or refused the options of the session. */
export class SessionRefused extends Error {}

export const POOLER_ADVICE =
  'Name Postgres itself in DATABASE_URL, not a pooler such as PgBouncer, and no `options` of your own: tollgate pools its ' +
  'connections, and needs sessions with its settings and prepared statements.'

/** @throws SessionRefused where a pooler is in between; errors of Postgres and of the network as they are */
export async function checkSession({ kysely }: Pick<Database, 'kysely'>): Promise<void> {
  const { rows } = await sql<{ session: string | null }>`
    select current_setting('tollgate.session', true) as session`
    .execute(kysely)
    .catch(refusedByPooler)
  if (rows[0]?.session !== 'on') throw new SessionRefused('the options of the session were dropped')
}

function refusedByPooler(error: unknown): never {
  // PgBouncer's, where `ignore_startup_parameters` does not list them.
  if (error instanceof Error && error.message.startsWith('unsupported startup parameter'))
    throw new SessionRefused(error.message, { cause: error })
  throw error
}

/** The pool for everything except the ledger engine's lanes, which own their connections. */
export function openDatabase(
  connection: ConnectionSettings,
  { poolSizeMax, onIdleError }: { poolSizeMax: number; onIdleError: (error: Error) => void },
): Database {
  const pool = new Pool({
    ...connection,
    max: poolSizeMax,
    connectionTimeoutMillis: 5_000,
    // Enforced by the server, so that a paused client can't hold locks or a backend for ever.
    statement_timeout: 30_000,
    lock_timeout: 5_000,
    idle_in_transaction_session_timeout: 10_000,
    // Longer than the server's limits: for a server that no longer answers.
    query_timeout: 45_000,
    keepAlive: true,
    options: SESSION_OPTIONS,
  })
  // An idle connection that breaks (a restarted server) emits an error here. Without a listener the process would end.
  pool.on('error', onIdleError)
  // A connection that breaks during a query fails that query and emits an error too, which the pool does not handle.
  pool.on('connect', (client) => client.on('error', () => undefined))
  const kysely = new Kysely<Schema>({ dialect: new PostgresDialect({ pool: carefulPool(pool) }) })
  return { kysely, connection, close: () => kysely.destroy() }
}
