import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { Client, type QueryResultRow } from 'pg'
import type { ConnectionSettings } from '../src/database/database'
import { startEmbeddedPostgres } from '../src/database/embedded/start'
import { SetupError } from '../src/setupError'
import { temporaryFolder } from '../src/temporaryFolder'

/** The Postgres that is measured. The benchmark works in databases of its own and drops them afterwards. */
export interface BenchPostgres {
  settings: Record<string, string>
  /** Creates an empty database, or a copy of one without connections. */
  createDatabase(templateName?: string): Promise<BenchDatabase>
  /** Drops what is left, and stops the server if the benchmark started it. */
  close(): Promise<void>
}

export interface BenchDatabase {
  name: string
  connection: ConnectionSettings
  drop(): Promise<void>
}

const DURABLE_SETTINGS = ['fsync', 'synchronous_commit']
const SHOWN_SETTINGS = [
  'server_version',
  ...DURABLE_SETTINGS,
  'full_page_writes',
  'wal_sync_method',
  'shared_buffers',
  'max_wal_size',
]

/** @throws SetupError if commits aren't durable, because the figures would mean nothing */
export async function openPostgres(databaseUrl: string | undefined): Promise<BenchPostgres> {
  const server =
    databaseUrl === undefined
      ? await startEmbedded()
      : { connection: { connectionString: databaseUrl }, stop: async () => undefined }
  try {
    const settings = await readSettings(server.connection)
    refuseUnlessDurable(settings)
    await refuseUnlessMeantForIt(server.connection)
    return postgresAt(server, settings)
  } catch (error) {
    await server.stop()
    throw error
  }
}

async function startEmbedded() {
  let dataDir: string | undefined
  const removeFolder = () => dataDir !== undefined && rmSync(dataDir, { recursive: true, force: true })
  try {
    dataDir = temporaryFolder('tollgate-bench-')
    const { connection, stop } = await startEmbeddedPostgres({ dataDir })
    return {
      connection,
      async stop() {
        await stop()
        removeFolder()
      },
    }
  } catch (error) {
    removeFolder()
    if (!(error instanceof SetupError)) throw error
    throw new SetupError(`${error.message} Here, name yours with --database-url.`)
  }
}

function postgresAt(
  server: { connection: ConnectionSettings; stop: () => Promise<void> },
  settings: Record<string, string>,
): BenchPostgres {
  const prefix = `tollgate_bench_${randomBytes(4).toString('hex')}`
  const left = new Set<string>()
  let count = 0
  const drop = async (name: string) => {
    await query(server.connection, `drop database if exists ${name} with (force)`)
    left.delete(name)
  }
  return {
    settings,
    async createDatabase(templateName = 'template0') {
      const name = `${prefix}_${++count}`
      left.add(name)
      await query(server.connection, `create database ${name} template ${templateName}`)
      return { name, connection: connectionTo(server.connection, name), drop: () => drop(name) }
    },
    async close() {
      try {
        for (const name of left) await drop(name)
      } finally {
        await server.stop()
      }
    },
  }
}

function connectionTo(
  { connectionString, ...settings }: ConnectionSettings,
  name: string,
): ConnectionSettings {
  if (connectionString === undefined) return { ...settings, database: name }
  const url = new URL(connectionString)
  url.pathname = `/${name}`
  return { connectionString: url.href }
}

async function readSettings(connection: ConnectionSettings): Promise<Record<string, string>> {
  const rows = await query<{ name: string; setting: string }>(
    connection,
    `select name, current_setting(name) as setting from pg_settings where name = any('{${SHOWN_SETTINGS}}')`,
  ).catch((error: unknown) => {
    throw new SetupError(`The database does not answer (${error instanceof Error ? error.message : error}).`)
  })
  const found = new Map(rows.map(({ name, setting }) => [name, setting]))
  return Object.fromEntries(SHOWN_SETTINGS.map((name) => [name, found.get(name) ?? 'unknown']))
}

function refuseUnlessDurable(settings: Record<string, string>): void {
  const off = DURABLE_SETTINGS.filter((name) => settings[name] === 'off')
  if (off.length === 0) return
  throw new SetupError(
    `This database has ${off.join(' and ')} off, so its commits are not durable and its figures mean nothing. Turn it on.`,
  )
}

/** The benchmark creates databases and uses the whole server, so it refuses a server with a ledger in use. */
async function refuseUnlessMeantForIt(connection: ConnectionSettings): Promise<void> {
  const [facts] = await query<{
    ledger: string | null
    may_create: boolean
    account: string
    database: string
  }>(
    connection,
    `select to_regclass('ledger_entries')::text as ledger, rolcreatedb or rolsuper as may_create, rolname as account,
      current_database() as database from pg_roles where rolname = current_user`,
  )
  if (facts?.may_create !== true) {
    throw new SetupError(
      `The account ${facts?.account} may not create databases, which the benchmark needs: \`alter role … createdb\`.`,
    )
  }
  if (facts.ledger === null) return
  const [entry] = await query(connection, `select from ${facts.ledger} limit 1`)
  if (entry === undefined) return
  throw new SetupError(
    `The database ${facts.database} has a ledger, and the benchmark would load its server. ` +
      'Name another server, or, if nobody uses this one now, another of its databases (such as postgres).',
  )
}

/** One statement on a connection of its own. */
export async function query<R extends QueryResultRow>(
  connection: ConnectionSettings,
  text: string,
): Promise<R[]> {
  const client = new Client({ ...connection, connectionTimeoutMillis: 5_000 })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query<R>(text)).rows
  } finally {
    await client.end()
  }
}
