import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import type { LedgerEngine } from '../../src/ledger/engine'
import { givenUser, startLedger, whatIsWrong } from '../support/ledger'
import { aGrant } from '../support/postings'
import { type TestDatabase, testDatabase } from '../support/testDatabase'

// Two replicas that lock the same users each in its own order wait for each other; Postgres then fails one of the two.

let database: TestDatabase

beforeAll(async () => {
  database = await testDatabase()
})

afterAll(() => database.drop())

const MIDDLE = 'user-5'
const USER_IDS = Array.from({ length: 10 }, (_, n) => `user-${n}`)

test('two replicas whose batches share users in opposite orders of arrival do not deadlock', async () => {
  // The table lies in the opposite order of its index, and each replica plans its reads by one of the two.
  for (const userId of ['first', 'second', ...USER_IDS.toReversed()]) await givenUser(database, userId)
  const byTable = await startPlanning({ indexscan: false, bitmapscan: false })
  const byIndex = await startPlanning({ seqscan: false, bitmapscan: false })

  // With the middle one locked, each takes the locks of its way there, and waits. Then the middle lock is released.
  const posted = await whileLocked(MIDDLE, async () => {
    const grants = [batchOf(byTable, 'first', USER_IDS), batchOf(byIndex, 'second', USER_IDS.toReversed())]
    await untilWaiting(2)
    return { all: Promise.all(grants) }
  })
  await posted.all

  await Promise.all([byTable.drain(), byIndex.drain()])
  expect(await deadlocks()).toBe(0n)
  for (const userId of USER_IDS) expect(await whatIsWrong(database, userId)).toEqual([])
})

/** A replica whose connections may not use some ways to read a table. */
async function startPlanning(ways: Record<string, boolean>): Promise<LedgerEngine> {
  const settings = Object.entries(ways).map(([way, isOn]) => [`enable_${way}`, isOn ? 'on' : 'off'])
  // Looked for well before the lane gives a lock up.
  const all = [...settings, ['deadlock_timeout', '100']]
  for (const [name = '', value = ''] of all) await setForNewConnections(name, value)
  const ledger = await startLedger(database.connection, { laneCount: 1 })
  for (const [name = ''] of all) await setForNewConnections(name, 'default')
  return ledger
}

async function setForNewConnections(name: string, value: string): Promise<void> {
  const { database: ours = '' } = database.connection
  await sql`alter database ${sql.ref(ours)} set ${sql.ref(name)} = ${sql.raw(value)}`.execute(database.kysely)
}

/** A grant for each user, all in one batch, which gathers behind that of the user who goes first. */
async function batchOf(ledger: LedgerEngine, first: string, userIds: readonly string[]): Promise<void> {
  await Promise.all([first, ...userIds].map((userId) => ledger.post(aGrant(userId, `from-${first}`, 1n))))
}

async function whileLocked<T>(userId: string, work: () => Promise<T>): Promise<T> {
  return await database.kysely.transaction().execute(async (transaction) => {
    await sql`select from users where user_id = ${userId} for update`.execute(transaction)
    return await work()
  })
}

async function untilWaiting(count: number): Promise<void> {
  for (;;) {
    const { rows } = await sql`
      select from pg_stat_activity
      where datname = current_database() and application_name = 'tollgate ledger' and wait_event_type = 'Lock'`.execute(
      database.kysely,
    )
    if (rows.length === count) return
    await sleep(5)
  }
}

/** How many Postgres had to break, once the processes that would know of them have ended and said so. */
async function deadlocks(): Promise<bigint | undefined> {
  for (;;) {
    const { rows } = await sql<{ deadlocks: bigint; processes: bigint }>`
      select deadlocks, (select count(*) from pg_stat_activity
        where datname = current_database() and application_name = 'tollgate ledger') as processes
      from pg_stat_database where datname = current_database()`.execute(database.kysely)
    if (rows[0]?.processes === 0n) return rows[0].deadlocks
    await sleep(5)
  }
}
