import { LedgerConnection, type WriteResult } from '../../src/database/ledger/connection'
import type { Write } from '../../src/database/ledger/write'
import { decide } from '../../src/domain/decide/decide'
import type { Posting } from '../../src/domain/decide/posting'
import { groupIdOf } from '../../src/domain/ledger/ids'
import type { User } from '../../src/domain/ledger/user'
import { aBudget, countersOfUser } from '../support/budgets'
import { entriesOf, givenUser, userOf, whatIsWrong } from '../support/ledger'
import { aCharge, aGrant, TRIAL_RULES } from '../support/postings'
import { type TestDatabase, testDatabase } from '../support/testDatabase'

// What stands between a race and the books, each tried on its own: the version predicate, the unique key of a request, and
// the unique number of an entry.

let database: TestDatabase
let connection: LedgerConnection

beforeAll(async () => {
  database = await testDatabase()
  connection = await LedgerConnection.open(database.connection)
})

afterAll(async () => {
  await connection.close()
  await database.drop()
})

function writeOf(user: User, posting: Posting): Write {
  const decision = decide({ user, known: undefined, failure: undefined, hold: undefined }, posting, {
    rules: { trial: TRIAL_RULES },
    now: new Date(),
  })
  if (decision.outcome !== 'posted') throw new Error(`was ${decision.outcome}`)
  return {
    users: [{ user: decision.user, expectedVersion: user.version }],
    entries: [{ entry: decision.entry, requestHash: posting.requestHash }],
    profiles: [],
    holds: [],
    failures: [],
    resolvedFailures: [],
    counters: [],
    newCounters: [],
    budgets: [],
  }
}

/** Whatever was read: what stands in the way of a write stands there without the read. */
async function written(write: Write): Promise<WriteResult> {
  const userIds = write.users.map(({ user }) => user.userId)
  await connection.lockAndRead({ userIds, keys: [], failures: [], holds: [] })
  try {
    return await connection.writeAndCommit(write)
  } catch (error) {
    await connection.rollback()
    throw error
  }
}

test('a swap of a version that has passed writes nothing and says so', async () => {
  await givenUser(database, 'stale')
  const atStart = await userOf(database, 'stale')
  await written(writeOf(atStart, aGrant('stale', 'first', 100n)))
  const afterFirst = await userOf(database, 'stale')

  const { swappedUserIds } = await written(writeOf(atStart, aGrant('stale', 'second', 100n)))

  expect(swappedUserIds).toEqual([])
  expect(await userOf(database, 'stale')).toEqual(afterFirst)
  expect(await entriesOf(database, 'stale')).toHaveLength(1)
  expect(await whatIsWrong(database, 'stale')).toEqual([])
})

test('of a batch, what was decided on a passed version is not written, and the rest is', async () => {
  for (const userId of ['of-two-stale', 'of-two-fresh']) await givenUser(database, userId)
  const atStart = await userOf(database, 'of-two-stale')
  await written(writeOf(atStart, aGrant('of-two-stale', 'first', 100n)))
  const afterFirst = await userOf(database, 'of-two-stale')
  const stale = writeOf(atStart, aGrant('of-two-stale', 'second', 100n))
  const fresh = writeOf(await userOf(database, 'of-two-fresh'), aGrant('of-two-fresh', 'first', 100n))

  const { swappedUserIds } = await written({
    ...stale,
    users: [...stale.users, ...fresh.users],
    entries: [...stale.entries, ...fresh.entries],
  })

  expect(swappedUserIds).toEqual(['of-two-fresh'])
  expect(await userOf(database, 'of-two-stale')).toEqual(afterFirst)
  expect(await whatIsWrong(database, 'of-two-stale')).toEqual([])
  expect((await userOf(database, 'of-two-fresh')).creditsNanousd).toBe(100n)
  expect(await whatIsWrong(database, 'of-two-fresh')).toEqual([])
})

test('what was decided on a passed version writes no counters and no budgets', async () => {
  await givenUser(database, 'counted')
  const atStart = await userOf(database, 'counted')
  await written(writeOf(atStart, aGrant('counted', 'first', 100n)))
  const ref = { userId: 'counted', budgetId: 'b', generation: 1, windowFrom: new Date(0), groupValues: [] }
  const counter = { spentNanousd: 7n, heldNanousd: 0n, notifiedPercent: 0 }
  const budget = { ...aBudget(), generation: 1, deleted: false }
  const stale = writeOf(atStart, aCharge('counted', 'second', 0n))
  const { version } = stale.users[0]?.user ?? atStart
  await written({
    ...stale,
    counters: [{ ...ref, counter, isNew: true, keptUntil: undefined }],
    newCounters: [{ userId: 'counted', count: 1 }],
    budgets: [{ userId: 'counted', budget, version: version + 1n }],
  })
  for (const table of ['budget_counters', 'budget_totals', 'budgets'] as const)
    expect(await database.kysely.selectFrom(table).selectAll().execute()).toEqual([])
  expect(await whatIsWrong(database, 'counted')).toEqual([])

  // Of one that is there, it changes nothing.
  await database.kysely
    .insertInto('budget_counters')
    .values({
      ...{
        user_id: 'counted',
        budget_id: 'b',
        generation: 1,
        window_from: new Date(0),
        group_id: groupIdOf([]),
      },
      ...{ group_values: '[]', spent_nanousd: 1n, held_nanousd: 0n, notified_percent: 0 },
    })
    .execute()
  await written({ ...stale, counters: [{ ...ref, counter, isNew: false, keptUntil: undefined }] })
  expect(await countersOfUser(database, 'counted')).toEqual(['b/1 []: 1+0'])
})

test('a key that was used fails the whole write, balance and all', async () => {
  await givenUser(database, 'key')
  await written(writeOf(await userOf(database, 'key'), aGrant('key', 'start', 100n)))
  await written(writeOf(await userOf(database, 'key'), aCharge('key', 'the-call', 10n)))
  const before = await userOf(database, 'key')

  const again = written(writeOf(before, aCharge('key', 'the-call', 10n)))

  await expect(again).rejects.toMatchObject({ code: '23505', constraint: 'idempotency_keys_pkey' })
  expect(await userOf(database, 'key')).toEqual(before)
  expect(await whatIsWrong(database, 'key')).toEqual([])
})

test('an entry’s number that is taken fails the whole write', async () => {
  await givenUser(database, 'number')
  const atStart = await userOf(database, 'number')
  await written(writeOf(atStart, aGrant('number', 'start', 100n)))
  const after = await userOf(database, 'number')
  // A user row that went back behind its ledger, as after a clumsy repair.
  const behind = { ...writeOf(atStart, aGrant('number', 'again', 5n)) }
  behind.users = behind.users.map(({ user }) => ({ user, expectedVersion: after.version }))

  await expect(written(behind)).rejects.toMatchObject({
    code: '23505',
    constraint: 'ledger_entries_pkey',
  })
  expect(await userOf(database, 'number')).toEqual(after)
})

test('one whose key is known already is not written where its key was not looked up', async () => {
  await givenUser(database, 'known')
  await written(writeOf(await userOf(database, 'known'), aGrant('known', 'start', 100n)))
  const before = await userOf(database, 'known')

  const again = await connection.writeNewKey(writeOf(before, aGrant('known', 'start', 100n)))
  expect(again).toMatchObject({ keyIsKnown: true, swappedUserIds: [] })
  expect(await userOf(database, 'known')).toEqual(before)

  const fresh = await connection.writeNewKey(writeOf(before, aGrant('known', 'more', 100n)))
  expect(fresh).toMatchObject({ keyIsKnown: false, swappedUserIds: ['known'] })

  const stale = await connection.writeNewKey(writeOf(before, aGrant('known', 'late', 100n)))
  expect(stale).toMatchObject({ keyIsKnown: false, swappedUserIds: [] })
  expect(await whatIsWrong(database, 'known')).toEqual([])
})
