import { chmodSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { startEmbeddedPostgres } from '../../src/database/embedded/start'
import { migrateToLatest } from '../../src/database/migrate'
import { log } from '../../src/observability/log'
import { keepForTeardown } from './globalTeardown'
import { publishCluster, TEMPLATE_NAME } from './testDatabase'

/** One Postgres for the whole run, with a migrated database that each test file gets a copy of. */
export default async function globalSetup(): Promise<void> {
  log.level = 'warn'
  const dataDir = mkdtempSync(join(tmpdir(), 'tollgate-test-'))
  // Readable like any other folder, because root's Postgres runs under another account.
  chmodSync(dataDir, 0o755)
  const postgres = await startEmbeddedPostgres({ dataDir, durable: false })
  keepForTeardown(postgres, dataDir)
  const admin = new Client(postgres.connection)
  await admin.connect()
  await admin.query(`create database ${TEMPLATE_NAME}`)
  await admin.end()
  await migrateToLatest({ connection: { ...postgres.connection, database: TEMPLATE_NAME } })
  publishCluster(postgres.connection)
}
