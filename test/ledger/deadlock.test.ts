import { sql } from 'kysely'
import { LedgerConnection } from '../../src/database/ledger/connection'
import type { Write } from '../../src/database/ledger/write'
import { entriesOf, givenUser, startLedger, whatIsWrong } from '../support/ledger'
import { aCharge, aGrant } from '../support/postings'
import { type TestDatabase, testDatabase } from '../support/testDatabase'

let database: TestDatabase

beforeAll(async () => {
  database = await testDatabase()
  for (const userId of ['a', 'b']) await givenUser(database, userId)
})

afterAll(() => database.drop())

/** A program that locks users in an order of its own: first the last, and once somebody waits for that one, the first. */
async function strangerLocking(first: string, second: string): Promise<{ end: Promise<void> }> {
  let hasFirst: () => void = () => undefined
  const started = new Promise<void>((resolve) => {
    hasFirst = resolve
  })
  const end = database.kysely.transaction().execute(async (transaction) => {
    await sql`select from users where user_id = ${first} for update`.execute(transaction)
    hasFirst()
    while ((await waiting()) === 0) await new Promise((resolve) => setTimeout(resolve, 20))
    await sql`select from users where user_id = ${second} for update`.execute(transaction)
  })
  await started
  return { end }
}

async function waiting(): Promise<number> {
  const { rows } = await sql`
    select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(
    database.kysely,
  )
  return rows.length
}

const EMPTY_REFS = { keys: [], failures: [], holds: [] }

test('a deadlock is told as one, and not as a lock that somebody keeps', async () => {
  const connection = await LedgerConnection.open(database.connection)
  const stranger = await strangerLocking('b', 'a')
  try {
    const locked = connection.lockAndRead({ userIds: ['a', 'b'], ...EMPTY_REFS })
    await expect(locked).rejects.toMatchObject({ code: '40P01' })
    await connection.rollback()
  } finally {
    await stranger.end
    await connection.close()
  }
})

test('a batch that ran into a deadlock is tried again, and charges once', async () => {
  const ledger = await startLedger(database.connection, { laneCount: 1 })
  try {
    for (const userId of ['a', 'b']) await ledger.post(aGrant(userId, 'start', 100n))
    const stranger = await strangerLocking('b', 'a')
    await Promise.all([
      // A replay: while it is looked up, the others gather.
      ledger.post(aGrant('a', 'start', 100n)),
      ...['b', 'a'].map((userId) => ledger.post(aCharge(userId, 'the-call', 3n))),
    ])
    await stranger.end
    for (const userId of ['a', 'b']) {
      expect(await entriesOf(database, userId)).toHaveLength(2)
      expect(await whatIsWrong(database, userId)).toEqual([])
    }
  } finally {
    await ledger.drain()
  }
})

test('COMMIT that is answered by ROLLBACK is an error, and leaves nothing', async () => {
  const connection = await LedgerConnection.open(database.connection)
  try {
    // A key that is there already fails the write; the commit behind it has an answer all the same.
    await connection.lockAndRead({ userIds: ['a'], ...EMPTY_REFS })
    const nothing: Write = {
      users: [],
      entries: [],
      profiles: [],
      holds: [],
      failures: [],
      resolvedFailures: [],
      counters: [],
      newCounters: [],
      budgets: [],
    }
    await connection.writeAndCommit(nothing)

    await connection.lockAndRead({ userIds: ['a'], ...EMPTY_REFS })
    await expect(
      connection.lockAndRead({ userIds: ['a'], ...EMPTY_REFS, keys: [{ userId: 'a', keyId: 'no' }] }),
    ).rejects.toMatchObject({ code: '22P02' })
    await expect(connection.writeAndCommit(nothing)).rejects.toThrow()
    await connection.rollback()
  } finally {
    await connection.close()
  }
})
