import { Client } from 'pg'
import { migrateToLatest, pendingMigrations } from '../../src/database/migrate'
import { emptyDatabase } from '../support/testDatabase'

let database: Awaited<ReturnType<typeof emptyDatabase>>

beforeEach(async () => {
  database = await emptyDatabase()
})

afterEach(() => database.drop())

async function query(text: string): Promise<unknown[]> {
  const client = new Client(database.connection)
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

test('applies every migration once, in order', async () => {
  const pending = await pendingMigrations(database)
  expect(pending[0]).toBe('0001_users')
  expect(await migrateToLatest(database)).toEqual(pending)
  expect(await pendingMigrations(database)).toEqual([])
  expect(await migrateToLatest(database)).toEqual([])
  expect(await query('select count(*)::int as users from users')).toEqual([{ users: 0 }])
})

test('replicas that migrate at once share the work', async () => {
  const pending = await pendingMigrations(database)
  const applied = await Promise.all([1, 2, 3, 4].map(() => migrateToLatest(database)))
  expect(applied.flat()).toEqual(pending)
})

test('a schema that a later release has expanded is accepted', async () => {
  await migrateToLatest(database)
  await query(
    `insert into kysely_migration (name, timestamp) values ('9999_of_tomorrow', '2999-01-01T00:00:00.000Z')`,
  )
  expect(await pendingMigrations(database)).toEqual([])
  expect(await migrateToLatest(database)).toEqual([])
})
