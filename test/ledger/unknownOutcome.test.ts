import { sql } from 'kysely'
import { listFailureRows, writeOffFailureRow } from '../../src/database/deductionFailures'
import type { Posting } from '../../src/domain/decide/posting'
import type { LedgerEngine } from '../../src/ledger/engine'
import { registry } from '../../src/observability/metrics'
import { type FaultyNetwork, faultyNetwork } from '../support/faultyNetwork'
import { entriesOf, givenUser, outcomeOf, startLedger, userOf, whatIsWrong } from '../support/ledger'
import { aCharge, aGrant, anOpen, aSettlement } from '../support/postings'
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

describe.each([
  { arrives: true, serverSide: 'cut' },
  { arrives: true, serverSide: 'left open' },
  { arrives: false, serverSide: 'cut' },
  { arrives: false, serverSide: 'left open' },
] as const)('where a statement’s arrival is $arrives and the server side is $serverSide', (fault) => {
  // One charge alone is written without locks: the swap is its transaction.
  test.each(['read_users', 'swap_new_key'])(
    'a charge that was cut off at %s is answered as posted, once',
    async (statement) => {
      const userId = await aUserWith(100n)
      const struck = network.strike({ ...fault, statement })
      const { outcome, serverLived } = await answerTo(aCharge(userId, 'the-call', 3n), struck)
      expect(outcome).toMatchObject({ replayed: false, entry: { version: 2n, idempotencyKey: 'the-call' } })
      expect(serverLived).toBe(false)
      expect((await userOf(database, userId)).creditsNanousd).toBe(97n)
      expect(await whatIsWrong(database, userId)).toEqual([])
    },
  )

  test.each(['begin', 'lock_users', 'swap', 'commit'])(
    'so is a batch that was cut off at %s',
    async (statement) => {
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
    },
  )
})

test('an unknown outcome is remembered while somebody else holds the user’s lock', async () => {
  const userId = await aUserWith(100n)
  const lock = lockOf(userId)
  const struck = network.strike({
    statement: 'swap_new_key',
    arrives: true,
    serverSide: 'cut',
    meanwhile: () => lock.take(),
  })
  // Longer than the lane waits for a lock, so that its next attempt fails too.
  setTimeout(lock.letGo, 2_000)
  const { outcome } = await answerTo(aCharge(userId, 'the-call', 3n), struck)
  expect(outcome).toMatchObject({ replayed: false, entry: { version: 2n } })
  expect(await entriesOf(database, userId)).toHaveLength(2)
})

test('an unknown outcome is remembered when a batch is halved over a lock that somebody else holds', async () => {
  const userIds = [await aUserWith(100n), await aUserWith(100n)]
  const lock = lockOf(userIds[1] ?? '')
  const struck = network.strike({
    ...{ statement: 'commit', arrives: true, serverSide: 'cut' },
    meanwhile: async () => {
      await lock.take()
      setTimeout(lock.letGo, 2_000)
    },
  })
  const answers = await Promise.all([
    // A replay writes nothing; while it is looked up, the batch gathers.
    ledger.post(aGrant(userIds[0] ?? '', 'start', 100n)),
    ...userIds.map((userId) => ledger.post(aCharge(userId, 'the-call', 3n))),
  ])
  await struck
  expect(answers.map(({ replayed }) => replayed)).toEqual([true, false, false])
  for (const userId of userIds) expect(await entriesOf(database, userId)).toHaveLength(2)
})

test('what another replica charged under the key in the meantime is a replay', async () => {
  const userId = await aUserWith(100n)
  const struck = network.strike({
    statement: 'swap_new_key',
    arrives: false,
    serverSide: 'cut',
    meanwhile: () => other.post(aCharge(userId, 'the-call', 3n)),
  })
  const { outcome } = await answerTo(aCharge(userId, 'the-call', 3n), struck)
  expect(outcome).toMatchObject({ replayed: true, entry: { version: 2n } })
  expect(await entriesOf(database, userId)).toHaveLength(2)
})

describe('a refusal is given only when the server process of an unknown write is gone', () => {
  test('where the write was a charge that the credits no longer pay for', async () => {
    const userId = await aUserWith(100n)
    const struck = network.strike({
      statement: 'swap_new_key',
      arrives: false,
      serverSide: 'left open',
      meanwhile: () => other.post(aCharge(userId, 'faster', 99n)),
    })
    const { outcome, serverLived } = await answerTo(aCharge(userId, 'the-call', 3n), struck)
    expect(outcome).toBe('INSUFFICIENT_CREDITS')
    expect(serverLived).toBe(false)
    expect(await entriesOf(database, userId)).toHaveLength(2)
    expect(await whatIsWrong(database, userId)).toEqual([])
  })

  test.each([true, false])(
    'where the refusal was part of a batch whose commit arrived: %s',
    async (arrives) => {
      const userId = await aUserWith(100n)
      const struck = network.strike({ statement: 'commit', arrives, serverSide: 'left open' })
      const [, charge, refusal] = await Promise.all([
        ledger.post(aGrant(userId, 'start', 100n)),
        ledger.post(aCharge(userId, 'the-call', 3n)),
        answerTo(aCharge(userId, 'too-dear', 1_000n), struck),
      ])
      expect(refusal).toEqual({ outcome: 'INSUFFICIENT_CREDITS', serverLived: false })
      expect(charge).toMatchObject({ replayed: false, entry: { version: 2n } })
      expect(await entriesOf(database, userId)).toHaveLength(2)
      expect(await whatIsWrong(database, userId)).toEqual([])
    },
  )
})

describe('a refusal whose writing had an unknown outcome', () => {
  test.each([
    { arrives: true, serverSide: 'cut' },
    { arrives: true, serverSide: 'left open' },
    { arrives: false, serverSide: 'cut' },
    { arrives: false, serverSide: 'left open' },
  ] as const)(
    'is kept and reported, where the commit’s arrival is $arrives and the server side $serverSide',
    async (fault) => {
      const userId = await aUserWith(1n)
      const before = await countedFailures()
      const charge = aCharge(userId, 'too-dear', 10n)
      for (const attempts of [1, 2]) {
        const struck = network.strike({ ...fault, statement: 'commit' })
        expect(await answerTo(charge, struck)).toEqual({
          outcome: 'INSUFFICIENT_CREDITS',
          serverLived: false,
        })
        const failures = await failuresOf(userId)
        expect(failures).toMatchObject([{ state: 'pending', amountNanousd: 10n }])
        expect(failures[0]?.attempts).toBeGreaterThanOrEqual(attempts)
      }
      // Reported when its outcome became unknown, and again where it was not written then.
      const reported = (await countedFailures()) - before
      expect(reported).toBeGreaterThanOrEqual(1)
      expect(reported).toBeLessThanOrEqual(2)
    },
  )

  test.each([true, false])('is one of several in a batch, where its arrival is %s', async (arrives) => {
    const userId = await aUserWith(1n)
    const charge = aCharge(userId, 'too-dear', 10n)
    const struck = network.strike({ statement: 'commit', arrives, serverSide: 'cut' })
    const outcomes = await Promise.all([
      ledger.post(aGrant(userId, 'start', 1n)),
      ...[charge, charge, charge].map((posting) => outcomeOf(ledger.post(posting))),
    ])
    await struck
    expect(outcomes.slice(1)).toEqual(Array(3).fill('INSUFFICIENT_CREDITS'))
    const failures = await failuresOf(userId)
    expect(failures).toHaveLength(1)
    expect(failures[0]?.attempts).toBeGreaterThanOrEqual(3)
  })

  test.each([true, false])(
    'is reported where a settlement fell short, whose arrival is %s',
    async (arrives) => {
      const userId = await aUserWith(10n)
      const open = anOpen(userId, 'stream', { minimumNanousd: 1n, wantNanousd: 10n })
      await other.post(open)
      const before = await countedFailures()
      const struck = network.strike({ statement: 'commit', arrives, serverSide: 'cut' })
      const { outcome } = await answerTo(aSettlement(open, 1, { amountNanousd: 14n }), struck)
      expect(outcome).toMatchObject({ replayed: false, entry: { charge: { shortfallNanousd: 4n } } })
      expect(await countedFailures()).toBeGreaterThanOrEqual(before + 1)
      expect(await failuresOf(userId)).toMatchObject([{ attempts: 1, amountNanousd: 4n }])
    },
  )

  test('counts beside what another replica refused meanwhile', async () => {
    const userId = await aUserWith(1n)
    const charge = aCharge(userId, 'too-dear', 10n)
    const struck = network.strike({
      ...{ statement: 'commit', arrives: true, serverSide: 'cut' },
      meanwhile: () => outcomeOf(other.post(charge)),
    })
    await answerTo(charge, struck)
    expect((await failuresOf(userId))[0]?.attempts).toBeGreaterThanOrEqual(2)
  })

  test('was written off meanwhile: it stays so', async () => {
    const userId = await aUserWith(1n)
    const charge = aCharge(userId, 'too-dear', 10n)
    const struck = network.strike({
      ...{ statement: 'commit', arrives: true, serverSide: 'cut' },
      meanwhile: () => writeOffFailureRow(database, charge, { note: 'a gift', actor: 'operations' }),
    })
    expect(await answerTo(charge, struck)).toMatchObject({ outcome: 'ALREADY_DECIDED' })
    expect(await failuresOf(userId)).toMatchObject([{ attempts: 1, state: 'written-off' }])
  })
})

function failuresOf(userId: string) {
  return listFailureRows(database, { userId }, { after: undefined, limit: 100 })
}

async function countedFailures(): Promise<number> {
  const text = await registry.getSingleMetricAsString('tollgate_deduction_failures_total')
  return Number(/reason="INSUFFICIENT_CREDITS"\} (\d+)/.exec(text)?.[1])
}

/** A lock on a user, as another program's transaction may hold it. */
function lockOf(userId: string): { take(): Promise<void>; letGo(): void } {
  let letGo: () => void = () => undefined
  const isOver = new Promise<void>((resolve) => {
    letGo = resolve
  })
  return {
    letGo,
    take: () =>
      new Promise((resolve, reject) => {
        database.kysely
          .transaction()
          .execute(async (transaction) => {
            await sql`select from users where user_id = ${userId} for update`.execute(transaction)
            resolve()
            await isOver
          })
          .catch(reject)
      }),
  }
}
