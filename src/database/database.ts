import { Kysely, PostgresDialect } from 'kysely'
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

// Money and versions are int8: bigint here, never a float. A day stays the text it is; a Date would shift it by a zone.
types.setTypeParser(INT8_OID, BigInt)
types.setTypeParser(DATE_OID, (text) => text)

/** What rows are read by, whatever the server's or the role's own settings are. */
export const SESSION_OPTIONS =
  '-c datestyle=ISO -c timezone=UTC -c default_transaction_isolation=read\\ committed'

/** The pool behind everything but the ledger engine's lanes, which own their connections. */
export function openDatabase(
  connection: ConnectionSettings,
  { poolSizeMax, onIdleError }: { poolSizeMax: number; onIdleError: (error: Error) => void },
): Database {
  const pool = new Pool({
    ...connection,
    max: poolSizeMax,
    connectionTimeoutMillis: 5_000,
    // Server-side, so that a paused client can't hold locks or a backend for ever.
    statement_timeout: 30_000,
    lock_timeout: 5_000,
    idle_in_transaction_session_timeout: 10_000,
    // Beyond the server's own limits: for when nothing of it arrives any more.
    query_timeout: 45_000,
    keepAlive: true,
    options: SESSION_OPTIONS,
  })
  // An idle connection that breaks (a restarted server) is an event here; without a listener it ends the process.
  pool.on('error', onIdleError)
  // One that breaks in the middle of a query fails that query, and is an event as well, which the pool leaves to others.
  pool.on('connect', (client) => client.on('error', () => undefined))
  const kysely = new Kysely<Schema>({ dialect: new PostgresDialect({ pool: carefulPool(pool) }) })
  return { kysely, connection, close: () => kysely.destroy() }
}
