import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  Kysely,
  type Migration,
  type MigrationInfo,
  type MigrationProvider,
  Migrator,
  PostgresDialect,
  sql,
} from 'kysely'
import { Pool } from 'pg'
import { packageRoot } from '../packageRoot'
import type { ConnectionSettings, Database } from './database'

const migrationsDir = join(packageRoot, 'migrations')

/**
 * Brings the schema up to date and returns the names of the applied migrations. Forward only. Replicas may run it at
 * once: they wait for each other, and the later ones find nothing to do.
 */
export async function migrateToLatest({ connection }: Pick<Database, 'connection'>): Promise<string[]> {
  return withMigrator(connection, async (migrator) => {
    const { results = [], error } = await migrator.migrateToLatest()
    const failed = results.find(({ status }) => status === 'Error')
    if (error !== undefined) {
      const where = failed === undefined ? 'migrating failed' : `migration ${failed.migrationName} failed`
      throw new Error(`${where}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
    }
    return results.map(({ migrationName }) => migrationName)
  })
}

/** Names of migrations that this release has and the database hasn't. */
export async function pendingMigrations({ connection }: Pick<Database, 'connection'>): Promise<string[]> {
  return withMigrator(connection, async (migrator) =>
    (await migrator.getMigrations()).filter(isPending).map(({ name }) => name),
  )
}

/** Names of the migrations that the database has, in order, including those of a later release. Only reads. */
export async function appliedMigrations({ connection }: Pick<Database, 'connection'>): Promise<string[]> {
  return withKysely(connection, executedMigrations)
}

function isPending({ executedAt }: MigrationInfo): boolean {
  return executedAt === undefined
}

/** Uses its own connections: building an index, or waiting for a replica that builds one, may exceed a request's timeout. */
async function withMigrator<T>(
  connection: ConnectionSettings,
  work: (migrator: Migrator) => Promise<T>,
): Promise<T> {
  return withKysely(connection, (kysely) => {
    const provider: MigrationProvider = { getMigrations: () => migrationsFor(kysely) }
    return work(new Migrator({ db: kysely, provider }))
  })
}

async function withKysely<T>(
  connection: ConnectionSettings,
  work: (kysely: Kysely<unknown>) => Promise<T>,
): Promise<T> {
  const pool = new Pool({ ...connection, max: 2, connectionTimeoutMillis: 5_000, lock_timeout: 0 })
  // If an idle connection breaks, the next query fails too and reports it.
  pool.on('error', () => undefined)
  const kysely = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) })
  try {
    return await work(kysely)
  } finally {
    await kysely.destroy()
  }
}

async function migrationsFor(kysely: Kysely<unknown>): Promise<Record<string, Migration>> {
  const own = await readMigrations()
  return { ...own, ...(await laterMigrations(kysely, Object.keys(own))) }
}

/** One file, one statement: `0001_users.sql` is the migration `0001_users`. */
async function readMigrations(): Promise<Record<string, Migration>> {
  const files = (await readdir(migrationsDir)).filter((file) => file.endsWith('.sql')).sort()
  const entries = files.map(async (file): Promise<[string, Migration]> => {
    const text = await readFile(join(migrationsDir, file), 'utf8')
    return [
      file.slice(0, -'.sql'.length),
      {
        up: async (transaction) => {
          await sql.raw(text).execute(transaction)
        },
      },
    ]
  })
  return Object.fromEntries(await Promise.all(entries))
}

/**
 * Migrations that a later release has applied already. During a rollout or a rollback, a replica of this release has to
 * start on that schema. It can, because migrations expand a schema before they contract it.
 */
async function laterMigrations(
  kysely: Kysely<unknown>,
  own: readonly string[],
): Promise<Record<string, Migration>> {
  const last = own.at(-1) ?? ''
  const later = (await executedMigrations(kysely)).filter((name) => name > last)
  return Object.fromEntries(later.map((name) => [name, { up: async () => undefined }]))
}

async function executedMigrations(kysely: Kysely<unknown>): Promise<string[]> {
  const exists = await sql<{
    found: string | null
  }>`select to_regclass('kysely_migration')::text as found`.execute(kysely)
  if (exists.rows[0]?.found == null) return []
  const executed = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(
    kysely,
  )
  return executed.rows.map(({ name }) => name)
}
