import { sql } from 'kysely'
import { arrayText } from '../../src/database/ledger/arrayText'
import { type TestDatabase, testDatabase } from '../support/testDatabase'

let database: TestDatabase

beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.drop())

const AT = new Date('2026-03-01T12:00:00.123Z')

test.each([
  { type: 'text', values: ['', 'NULL', 'a,b', '{}', '"', '\\', '\\"', ' a ', 'é😀', "'", '\n'] },
  { type: 'int8', values: [0n, -1n, 9_223_372_036_854_775_807n] },
  { type: 'boolean', values: [true, false] },
  { type: 'bytea', values: [Buffer.from([0, 34, 92, 255]), Buffer.alloc(0)] },
  { type: 'timestamptz', values: [AT] },
  { type: 'jsonb', values: ['{"a": "\\"\\\\"}'], read: [{ a: '"\\' }] },
])('Postgres reads $type as it was written', async ({ type, values, read = values }) => {
  const array = arrayText([...values, undefined])
  const { rows } = await sql<{
    value: unknown
  }>`select value from unnest(${array}::${sql.raw(type)}[]) value`.execute(database.kysely)
  expect(rows.map(({ value }) => value)).toEqual([...read, null])
})

test('an empty array is one', async () => {
  const { rows } = await sql<{ size: number }>`select cardinality(${arrayText([])}::text[]) as size`.execute(
    database.kysely,
  )
  expect(rows).toEqual([{ size: 0 }])
})
