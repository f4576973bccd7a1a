import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { type ServerProcess, startServerProcess } from '../support/serverProcess'
import { spoolDir } from '../support/spools'
import { type TestDatabase, testDatabase, urlOf } from '../support/testDatabase'

// The primary becomes a standby: connections are cut, and new ones accept no writes. Then the name resolves to the new primary,
// while connections to the old one stay open.

const CHARGES = 5

let spool: ReturnType<typeof spoolDir>
let database: TestDatabase
let admin: Client
let server: ServerProcess

beforeEach(async () => {
  spool = spoolDir()
  database = await testDatabase()
  admin = new Client({ ...database.connection, database: 'postgres' })
  await admin.connect()
  server = await startServerProcess({
    DATABASE_URL: urlOf(database.connection),
    TOLLGATE_DEFERRAL: 'on',
    TOLLGATE_DATA_DIR: dirname(spool.dir),
  })
})

afterEach(async () => {
  await server?.kill()
  await admin.end()
  await database.drop()
  spool.remove()
})

const charge = (idempotencyKey: string) =>
  server.client.chargeUsage({
    ...{ userId: 'ada', idempotencyKey, usage: { inputTokens: 1_000 } },
    ...{ model: 'gpt-4o-mini', provider: 'openai' },
  })

test('a server leaves a primary that accepts no more writes for the new primary', async () => {
  const { client } = server
  const name = database.connection.database ?? ''
  const grant = { userId: 'ada', pot: 'POT_CREDITS' as const, amountNanousd: '1000000000' }
  await client.createUser({ userId: 'ada' })
  await client.grantCredits({ ...grant, idempotencyKey: 'first' })
  await charge('call-0')

  await admin.query(`alter database "${name}" set default_transaction_read_only = on`)
  await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name])
  for (let n = 1; n <= CHARGES; n++)
    expect((await charge(`call-${n}`)).charge?.status).toBe('CHARGE_STATUS_DEFERRED')
  await expect(client.grantCredits({ ...grant, idempotencyKey: 'second' })).rejects.toMatchObject({
    reason: 'DATABASE_UNAVAILABLE',
  })
  await expect(client.createUser({ userId: 'bob' })).rejects.toMatchObject({ reason: 'DATABASE_UNAVAILABLE' })

  await admin.query(`alter database "${name}" reset default_transaction_read_only`)
  const isDeducted = async (key: string) =>
    (await client.getCharge({ userId: 'ada', idempotencyKey: key })).charge?.status ===
    'CHARGE_STATUS_DEDUCTED'
  for (let n = 1; n <= CHARGES; n++) while (!(await isDeducted(`call-${n}`))) await sleep(100)
  await client.grantCredits({ ...grant, idempotencyKey: 'second' })
  await client.createUser({ userId: 'bob' })
  expect((await client.reconcile({})).discrepancies).toEqual([])
  const { entries } = await client.listLedgerEntries({ userId: 'ada' })
  expect(entries.filter(({ kind }) => kind === 'ENTRY_KIND_CHARGE')).toHaveLength(1 + CHARGES)
}, 60_000)
