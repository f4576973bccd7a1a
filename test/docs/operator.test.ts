import { Client } from 'pg'
import type { ConnectionSettings } from '../../src/database/database'
import { isInstalled, runPage } from '../support/pages'
import { startSystemPostgres } from '../support/systemPostgres'
import { emptyDatabase, urlOf } from '../support/testDatabase'

const PG_TOOLS = ['pg_dump', 'pg_restore', 'createdb']

test('the commands of docs/operator.md print what it shows', async () => {
  const system = await startSystemPostgres()
  const other = system === undefined ? await emptyDatabase() : undefined
  try {
    const connection = await databaseIn((system ?? other)?.connection ?? {}, system !== undefined)
    const run = await runPage(
      'docs/operator.md',
      {
        DATABASE_URL: urlOf(connection),
        // The page creates that account with psql.
        SERVE_URL: urlOf({ ...connection, ...(isInstalled('psql') && { user: 'tollgate_serve' }) }),
        RESTORED_URL: urlOf({ ...connection, database: 'tollgate_restored' }),
      },
      // Tools of another version can't be used on the server.
      { without: system === undefined ? PG_TOOLS : [] },
    )
    if (run.leftOut.length > 0)
      process.stderr.write(`not run here, for want of:\n${run.leftOut.join('\n')}\n`)
    expect(run.problem).toBeUndefined()
    expect(run.ran).toBeGreaterThan(0)
  } finally {
    await system?.remove()
    await other?.drop()
  }
}, 240_000)

async function databaseIn(connection: ConnectionSettings, isOurOwn: boolean): Promise<ConnectionSettings> {
  if (!isOurOwn) return connection
  const client = new Client(connection)
  await client.connect()
  await client.query('create database tollgate')
  await client.end()
  return { ...connection, database: 'tollgate' }
}
