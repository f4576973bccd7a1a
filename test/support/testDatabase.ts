import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { type ConnectionSettings, type Database, openDatabase } from '../../src/database/database'

export const TEMPLATE_NAME = 'tollgate_template'
const CLUSTER_VARIABLE = 'TEST_POSTGRES'

export interface TestDatabase extends Database {
  /** Closes the pool and drops the database. */
  drop(): Promise<void>
}

/** A migrated, empty database for one test file. Drop it in afterAll. */
export async function testDatabase({
  poolSizeMax = 10,
}: {
  poolSizeMax?: number
} = {}): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`
  await onCluster((admin) => admin.query(`create database ${name} template ${TEMPLATE_NAME}`))
  const database = openDatabase(
    { ...clusterConnection(), database: name },
    { poolSizeMax, onIdleError: () => undefined },
  )
  return {
    ...database,
    async drop() {
      await database.close()
      await onCluster((admin) => admin.query(`drop database if exists ${name} with (force)`))
    },
  }
}

/** An empty database, not migrated. */
export async function emptyDatabase(): Promise<{ connection: ConnectionSettings; drop(): Promise<void> }> {
  const name = `test_${randomBytes(6).toString('hex')}`
  await onCluster((admin) => admin.query(`create database ${name}`))
  return {
    connection: { ...clusterConnection(), database: name },
    drop: async () => {
      await onCluster((admin) => admin.query(`drop database if exists ${name} with (force)`))
    },
  }
}

/** A value for `DATABASE_URL`; the host may be the folder of a socket. */
export function urlOf({ host = '', port = 5432, user = '', database = '' }: ConnectionSettings): string {
  return `postgres:///${database}?${new URLSearchParams({ host, port: String(port), user })}`
}

/** Publishes it to the workers, which start later and inherit the environment. */
export function publishCluster(connection: ConnectionSettings): void {
  process.env[CLUSTER_VARIABLE] = JSON.stringify(connection)
}

function clusterConnection(): ConnectionSettings {
  const published = process.env[CLUSTER_VARIABLE]
  if (published === undefined)
    throw new Error('the test cluster is not running; run the tests with `npm test`')
  return JSON.parse(published) as ConnectionSettings
}

async function onCluster(work: (admin: Client) => Promise<unknown>): Promise<void> {
  const admin = new Client(clusterConnection())
  await admin.connect()
  try {
    await work(admin)
  } finally {
    await admin.end()
  }
}
