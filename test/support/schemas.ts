import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'pg'
import type { ConnectionSettings } from '../../src/database/database'
import { packageRoot } from '../../src/packageRoot'

const folder = join(packageRoot, 'migrations')

/** The names of all migrations. */
export const MIGRATIONS: readonly string[] = readdirSync(folder)
  .filter((file) => file.endsWith('.sql'))
  .map((file) => file.slice(0, -'.sql'.length))
  .sort()

/** Applies the migrations up to one, to an empty database. */
export async function migrateUpTo(connection: ConnectionSettings, last: string): Promise<void> {
  await on(connection, async (client) => {
    await client.query('create table kysely_migration (name text primary key, timestamp text not null)')
    await client.query(
      'create table kysely_migration_lock (id text primary key, is_locked int not null default 0)',
    )
    await client.query("insert into kysely_migration_lock (id) values ('migration_lock')")
    for (const name of MIGRATIONS.filter((name) => name <= last)) {
      await client.query(readFileSync(join(folder, `${name}.sql`), 'utf8'))
      await recordMigration(client, name)
    }
  })
}

/**
 * Everything that a later release may do to the schema while this one runs (see scripts/check/expandOnly.mjs). Every table
 * gets a nullable column, a column with a default and an index, and there are new tables.
 */
export async function expandForALaterRelease(connection: ConnectionSettings): Promise<void> {
  await on(connection, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      "select tablename as name from pg_tables where schemaname = 'public' and tablename not like 'kysely_%' order by 1",
    )
    if (rows.length < 9) throw new Error('these are not all the tables')
    for (const { name } of rows) {
      await client.query(
        `alter table ${name} add column later_note text, add column later_count int8 not null default 7`,
      )
      await client.query(`create index if not exists ${name}_later on ${name} (later_count)`)
      await client.query(`create table later_${name} (id text primary key, ${name}_note text)`)
    }
    await recordMigration(client, '9000_later')
  })
}

/** Records a migration of a later release. */
export async function recordLaterMigration(connection: ConnectionSettings, name: string): Promise<void> {
  await on(connection, (client) => recordMigration(client, name))
}

async function recordMigration(client: Client, name: string): Promise<void> {
  await client.query('insert into kysely_migration (name, timestamp) values ($1, $2)', [
    name,
    new Date().toISOString(),
  ])
}

async function on(connection: ConnectionSettings, work: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client(connection)
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}
