import { sql } from 'kysely'
import type { Database } from './database'
import type { Schema } from './schema'

/** Facts about a Postgres server and the account that connects to it, for `doctor`. */
export interface ServerFacts {
  version: string
  majorVersion: number
  database: string
  account: string
  encoding: string
  isStandby: boolean
  isReadOnly: boolean
  fsync: string
  synchronousCommit: string
  fullPageWrites: string
  /** In ms; 0 = none. The server's, the account's or the database's own. */
  idleSessionTimeoutMs: number
  transactionTimeoutMs: number
  /** How many connections this account may open, and how many are open now. */
  connectionsMax: number
  connectionsUsed: number
  isSuperuser: boolean
  mayCreate: boolean
  /** Over the network, and not encrypted. */
  isPlainText: boolean
  roundTripMs: number
  /** How far this machine's clock is ahead of the database's, give or take half the round trip. */
  clockAheadMs: number
}

/** Only reads. Throws the errors of Postgres. */
export async function readServerFacts({ kysely }: Database): Promise<ServerFacts> {
  // A connection's first query includes the time to connect.
  await sql`select 1`.execute(kysely)
  const askedAtMs = Date.now()
  const startedMs = performance.now()
  const clock = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(kysely)
  const roundTripMs = performance.now() - startedMs
  const databaseMs = clock.rows[0]?.now.getTime() ?? Number.NaN
  const { rows } = await sql<Omit<ServerFacts, 'roundTripMs' | 'clockAheadMs'>>`
    select
      current_setting('server_version') as version,
      current_setting('server_version_num')::int / 10000 as "majorVersion",
      current_database()::text as database,
      current_user::text as account,
      current_setting('server_encoding') as encoding,
      pg_is_in_recovery() as "isStandby",
      current_setting('default_transaction_read_only') = 'on' as "isReadOnly",
      current_setting('fsync') as fsync,
      current_setting('synchronous_commit') as "synchronousCommit",
      current_setting('full_page_writes') as "fullPageWrites",
      coalesce((select setting::float8 from pg_settings where name = 'idle_session_timeout'), 0) as "idleSessionTimeoutMs",
      coalesce((select setting::float8 from pg_settings where name = 'transaction_timeout'), 0) as "transactionTimeoutMs",
      least(
        nullif(r.rolconnlimit, -1),
        nullif(d.datconnlimit, -1),
        current_setting('max_connections')::int - case when r.rolsuper then 0 else
          current_setting('superuser_reserved_connections')::int
          + coalesce(current_setting('reserved_connections', true)::int, 0) end) as "connectionsMax",
      (select sum(numbackends)::int from pg_stat_database) as "connectionsUsed",
      r.rolsuper as "isSuperuser",
      coalesce(has_schema_privilege(current_schema(), 'create'), false) as "mayCreate",
      coalesce(not ssl.ssl and not inet_server_addr() << '127.0.0.0/8' and inet_server_addr() <> '::1', false) as "isPlainText"
    from pg_roles r
    join pg_database d on d.datname = current_database()
    left join pg_stat_ssl ssl on ssl.pid = pg_backend_pid()
    where r.rolname = current_user`.execute(kysely)
  const [row] = rows
  if (row === undefined) throw new Error('Postgres does not know its own account')
  return { ...row, roundTripMs, clockAheadMs: askedAtMs + roundTripMs / 2 - databaseMs }
}

/** The privileges that serving needs on each table, as docs/operator.md grants them. */
const PRIVILEGES: Record<keyof Schema, readonly string[]> = {
  users: ['select', 'insert', 'update'],
  ledger_entries: ['select', 'insert'],
  idempotency_keys: ['select', 'insert'],
  ledger_checkpoints: ['select', 'insert', 'update', 'delete'],
  reconcile_lease: ['select', 'insert', 'update'],
  holds: ['select', 'insert', 'update'],
  hold_parts: ['select', 'insert', 'update'],
  model_prices: ['select', 'insert', 'update'],
  model_aliases: ['select', 'insert', 'update', 'delete'],
  price_changes: ['select', 'insert', 'update'],
  price_book_revision: ['select', 'insert', 'update'],
  server_secrets: ['select', 'insert'],
  credit_deduction_failures: ['select', 'insert', 'update'],
  budgets: ['select', 'insert', 'update'],
  budget_counters: ['select', 'insert', 'update', 'delete'],
  budget_totals: ['select', 'insert', 'update'],
}

/** Privileges that the account lacks on existing tables, such as `update on users`. */
export async function missingPrivileges({ kysely }: Database): Promise<string[]> {
  const needed = Object.entries(PRIVILEGES).flatMap(([table, rights]) =>
    rights.map((right) => ({ table, right })),
  )
  const { rows } = await sql<{ lacks: string }>`
    select needed.right || ' on ' || needed.table as lacks
    from jsonb_to_recordset(${JSON.stringify(needed)}::jsonb) as needed ("table" text, "right" text)
    where to_regclass(needed.table) is not null
      and not has_table_privilege(to_regclass(needed.table), needed.right)
    order by needed.table, needed.right`.execute(kysely)
  return rows.map(({ lacks }) => lacks)
}
