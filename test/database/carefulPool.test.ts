import { sql } from 'kysely'
import { Pool } from 'pg'
import { carefulPool } from '../../src/database/carefulPool'
import { type TestDatabase, testDatabase } from '../support/testDatabase'

let database: TestDatabase
let pool: Pool

beforeAll(async () => {
  database = await testDatabase()
  pool = new Pool({ ...database.connection, max: 1, query_timeout: 300 })
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
})

afterAll(async () => {
  await pool.end()
  await database.drop()
})

async function ask(text: string): Promise<unknown[]> {
  const client = await carefulPool(pool).connect()
  try {
    return (await client.query(text, [])).rows
  } finally {
    client.release()
  }
}

test('a connection whose query is still running is not used again', async () => {
  const [before] = (await ask('select pg_backend_pid() as pid')) as { pid: number }[]
  await expect(ask('select pg_sleep(20)')).rejects.toThrow('read timeout')
  // On the old connection this would wait behind the sleep, and run into the time-out as well.
  const [after] = (await ask('select pg_backend_pid() as pid')) as { pid: number }[]
  expect(after?.pid).not.toBe(before?.pid)
})

test('a connection that the server ended is not used again', async () => {
  const [{ pid } = { pid: 0 }] = (await ask('select pg_backend_pid() as pid')) as { pid: number }[]
  await sql`select pg_terminate_backend(${pid}, 5000)`.execute(database.kysely)
  const outcome = await ask('select 1 as one').catch(() => ask('select 1 as one'))
  expect(outcome).toEqual([{ one: 1 }])
})

test('a connection whose query the server refused is used again', async () => {
  const [before] = await ask('select pg_backend_pid() as pid')
  await expect(ask('select 1 / 0')).rejects.toThrow('division by zero')
  expect(await ask('select pg_backend_pid() as pid')).toEqual([before])
})
