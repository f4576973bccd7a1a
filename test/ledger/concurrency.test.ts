import type { LedgerEngine } from '../../src/ledger/engine'
import type { PostResult } from '../../src/ledger/queuedPosting'
import {
  entriesOf,
  givenUser,
  inFlight,
  outcomeOf,
  startLedger,
  userOf,
  whatIsWrong,
} from '../support/ledger'
import { aCharge, aGrant } from '../support/postings'
import { type TestDatabase, testDatabase } from '../support/testDatabase'

let database: TestDatabase
let ledgers: LedgerEngine[]

beforeAll(async () => {
  database = await testDatabase()
  // Two engines: two replicas of the service on the same users.
  ledgers = [await startLedger(database.connection), await startLedger(database.connection)]
})

afterAll(async () => {
  await Promise.all(ledgers.map((ledger) => ledger.drain()))
  await database.drop()
})

const replica = (n: number): LedgerEngine => {
  const ledger = ledgers[n % ledgers.length]
  if (ledger === undefined) throw new Error('no replica')
  return ledger
}

test('64 callers, 20 users of whom one takes half, 5,000 charges, credits that run out midway: the books balance', async () => {
  const userIds = Array.from({ length: 20 }, (_, n) => `crowd-${n}`)
  for (const userId of userIds) {
    await givenUser(database, userId)
    // The hot user can pay half of its 2,500 charges, the others half of their 130 or so.
    await replica(0).post(aGrant(userId, 'start', userId === 'crowd-0' ? 12_500n : 650n))
  }
  const charges = Array.from({ length: 5_000 }, (_, n) => ({
    userId: n % 2 === 0 ? 'crowd-0' : `crowd-${1 + (n % 19)}`,
    key: `call-${n}`,
    amountNanousd: BigInt(5 + (n % 11)),
  }))
  const outcomes = await inFlight(
    64,
    charges.map(
      ({ userId, key, amountNanousd }, n) =>
        () =>
          outcomeOf(replica(n).post(aCharge(userId, key, amountNanousd))),
    ),
  )

  const refused = outcomes.filter((outcome) => typeof outcome === 'string')
  expect(new Set(refused)).toEqual(new Set(['INSUFFICIENT_CREDITS']))
  expect(refused.length).toBeGreaterThan(500)
  expect(outcomes.length - refused.length).toBeGreaterThan(1_500)

  for (const userId of userIds) {
    const user = await userOf(database, userId)
    const deducted = charges
      .filter((charge, n) => charge.userId === userId && typeof outcomes[n] !== 'string')
      .reduce((sum, { amountNanousd }) => sum + amountNanousd, 0n)
    const granted = userId === 'crowd-0' ? 12_500n : 650n
    expect(user.creditsNanousd).toBe(granted - deducted)
    expect(user.creditsNanousd).toBeGreaterThanOrEqual(0n)
    expect(await whatIsWrong(database, userId)).toEqual([])
  }
  // Every refusal of a finished call stands in the list of failures.
  const { count } = await database.kysely
    .selectFrom('credit_deduction_failures')
    .where('user_id', 'like', 'crowd-%')
    .select((query) => query.fn.countAll<bigint>().as('count'))
    .executeTakeFirstOrThrow()
  expect(count).toBe(BigInt(refused.length))
})

test('100 callers with one key: one entry, one and the same result', async () => {
  await givenUser(database, 'one-key')
  await replica(0).post(aGrant('one-key', 'start', 1_000n))
  const results = await Promise.all(
    Array.from({ length: 100 }, (_, n) => replica(n).post(aCharge('one-key', 'the-call', 7n))),
  )
  expect(results.filter(({ replayed }) => !replayed)).toHaveLength(1)
  expect(new Set(results.map(({ entry }) => entry.hash.toString('hex'))).size).toBe(1)
  expect(await entriesOf(database, 'one-key')).toHaveLength(2)
  expect((await userOf(database, 'one-key')).creditsNanousd).toBe(993n)
  expect(await whatIsWrong(database, 'one-key')).toEqual([])
})

test('one key for two different requests, raced: one takes effect, the other is refused and writes nothing', async () => {
  for (let round = 0; round < 20; round++) {
    const userId = `two-bodies-${round}`
    await givenUser(database, userId)
    await replica(0).post(aGrant(userId, 'start', 1_000n))
    const outcomes = await Promise.all(
      [7n, 8n].map((amountNanousd, n) =>
        outcomeOf(replica(n).post(aCharge(userId, 'the-call', amountNanousd))),
      ),
    )
    const posted = outcomes.filter((outcome): outcome is PostResult => typeof outcome !== 'string')
    expect(posted).toHaveLength(1)
    expect(outcomes).toContain('IDEMPOTENCY_KEY_REUSED')
    const taken = posted[0]?.entry.charge?.amountNanousd ?? 0n
    expect((await userOf(database, userId)).creditsNanousd).toBe(1_000n - taken)
    expect(await whatIsWrong(database, userId)).toEqual([])
  }
})

test('single charges on both replicas at once: lost swaps are decided again, nothing is lost', async () => {
  await givenUser(database, 'duel')
  await replica(0).post(aGrant('duel', 'start', 10_000n))
  // One in flight at each replica: both take the path without locks, so they race for every version.
  await Promise.all(
    [0, 1].map(async (n) => {
      for (let call = 0; call < 150; call++) await replica(n).post(aCharge('duel', `call-${n}-${call}`, 3n))
    }),
  )
  expect((await userOf(database, 'duel')).creditsNanousd).toBe(10_000n - 900n)
  expect(await whatIsWrong(database, 'duel')).toEqual([])
})

test('a daily limit holds against 200 charges at once', async () => {
  await givenUser(database, 'limited', { dailyLimitNanousd: 100n })
  await replica(0).post(aGrant('limited', 'start', 10_000n))
  const outcomes = await Promise.all(
    Array.from({ length: 200 }, (_, n) => outcomeOf(replica(n).post(aCharge('limited', `call-${n}`, 3n)))),
  )
  expect(outcomes.filter((outcome) => typeof outcome !== 'string')).toHaveLength(33)
  expect(outcomes.filter((outcome) => outcome === 'DAILY_LIMIT_REACHED')).toHaveLength(167)
  expect((await userOf(database, 'limited')).spentTodayNanousd).toBe(99n)
})
