import { sql } from 'kysely'
import type { Posting } from '../../src/domain/posting'
import type { LedgerEngine, PostResult } from '../../src/ledger/engine'
import { type Fault, type FaultyNetwork, faultyNetwork } from '../support/faultyNetwork'
import { entriesOf, givenUser, outcomeOf, startLedger, userOf, whatIsWrong } from '../support/ledger'
import { aCharge, aGrant } from '../support/postings'
import { type TestDatabase, testDatabase } from '../support/testDatabase'

// A connection that breaks when a batch has been sent says nothing of whether the batch took effect.

let database: TestDatabase
let network: FaultyNetwork
/** Of one lane, so that it is known which connection a batch goes through. */
let ledger: LedgerEngine
/** Another replica, on a network that works. */
let other: LedgerEngine
let users = 0

beforeAll(async () => {
  database = await testDatabase()
  network = await faultyNetwork(database.connection)
  ledger = await startLedger(network.connection, { laneCount: 1 })
  other = await startLedger(database.connection, { laneCount: 1 })
})

afterAll(async () => {
  await ledger.drain()
  await other.drain()
  network.close()
  await database.drop()
})

async function aUserWith(creditsNanousd: bigint): Promise<string> {
  const userId = `user-${++users}`
  await givenUser(database, userId)
  await other.post(aGrant(userId, 'start', creditsNanousd))
  return userId
}

/** The answer, and whether the server process of the broken connection was still there when it was given. */
async function answerTo(posting: Posting, struck: Promise<number>) {
  const outcome = await outcomeOf(ledger.post(posting))
  return { outcome, serverLived: await lives(await struck) }
}

async function lives(serverPid: number): Promise<boolean> {
  const { rows } = await sql`select from pg_stat_activity where pid = ${serverPid}`.execute(database.kysely)
  return rows.length > 0
}

function keyOf({ entry }: PostResult): string {
  return entry.idempotencyKey
}

describe.each([
  { arrives: true, serverSide: 'cut' },
  { arrives: true, serverSide: 'left open' },
  { arrives: false, serverSide: 'cut' },
  { arrives: false, serverSide: 'left open' },
] as const)('where a statement’s arrival is $arrives and the server side is $serverSide', (fault) => {
  // One charge alone is written without locks: the swap is its transaction.
  test.each(['read_users', 'swap'])('a charge that was cut off at %s is answered as posted, once', async (statement) => {
    const userId = await aUserWith(100n)
    const struck = network.strike({ ...fault, statement })
    const { outcome, serverLived } = await answerTo(aCharge(userId, 'the-call', 3n), struck)
    expect(outcome).toMatchObject({ replayed: false, entry: { version: 2n, idempotencyKey: 'the-call' } })
    expect(serverLived).toBe(false)
    expect((await userOf(database, userId)).creditsNanousd).toBe(97n)
    expect(await whatIsWrong(database, userId)).toEqual([])
  })

  test.each(['begin', 'lock_users', 'swap', 'commit'])('so is a batch that was cut off at %s', async (statement) => {
    const userIds = [await aUserWith(100n), await aUserWith(100n)]
    const struck = network.strike({ ...fault, statement })
    const answers = await Promise.all([
      // A replay writes nothing; while it is looked up, the batch gathers.
      ledger.post(aGrant(userIds[0] ?? '', 'start', 100n)),
      ...['a', 'b', 'c'].flatMap((key) => userIds.map((userId) => ledger.post(aCharge(userId, key, 3n)))),
    ])
    expect(await lives(await struck)).toBe(false)
    expect(answers.map(({ replayed }) => replayed)).toEqual([true, ...Array(6).fill(false)])
    for (const userId of userIds) {
      expect((await entriesOf(database, userId)).map(({ idempotencyKey }) => idempotencyKey)).toEqual([
        'start',
        'a',
        'b',
        'c',
      ])
      expect((await userOf(database, userId)).creditsNanousd).toBe(91n)
      expect(await whatIsWrong(database, userId)).toEqual([])
    }
  })
})

test('an unknown outcome is remembered while others hold the user’s lock', async () => {
  const userId = await aUserWith(100n)
  let released: Promise<unknown> | undefined
  const struck = network.strike({
    statement: 'swap',
    arrives: true,
    serverSide: 'cut',
    meanwhile: async () => {
      // Longer than the lane waits for a lock, so that its next attempt fails too.
      released = await holdLock(userId, 1_300)
    },
  })
  const { outcome } = await answerTo(aCharge(userId, 'the-call', 3n), struck)
  expect(outcome).toMatchObject({ replayed: false, entry: { version: 2n } })
  await released
  expect(await entriesOf(database, userId)).toHaveLength(2)
})

test('a request that others answered in the meantime is a replay', async () => {
  const userId = await aUserWith(100n)
  const struck = network.strike({
    statement: 'swap',
    arrives: false,
    serverSide: 'cut',
    meanwhile: () => other.post(aCharge(userId, 'the-call', 3n)),
  })
  const { outcome } = await answerTo(aCharge(userId, 'the-call', 3n), struck)
  expect(outcome).toMatchObject({ replayed: true, entry: { version: 2n } })
  expect(await entriesOf(database, userId)).toHaveLength(2)
})

test.each(['swap', 'commit'])(
  'no refusal is answered while the server process of an unknown %s lives',
  async (statement) => {
    const userId = await aUserWith(100n)
    const fault: Fault = { statement, arrives: false, serverSide: 'left open' }
    // ...
    expect(fault).toBeDefined()
    expect(userId).toBeDefined()
    expect(keyOf).toBeDefined()
  },
)

/** Holds a user's lock for so long. Resolves once it is had; what it resolves to, once it is let go. */
async function holdLock(userId: string, durationMs: number): Promise<Promise<unknown>> {
  let had: () => void = () => undefined
  const locked = new Promise<void>((resolve) => {
    had = resolve
  })
  const released = database.kysely.transaction().execute(async (transaction) => {
    await sql`select from users where user_id = ${userId} for update`.execute(transaction)
    had()
    await new Promise((resolve) => setTimeout(resolve, durationMs))
  })
  await locked
  return released
}
