import { sql } from 'kysely'
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
let ledger: LedgerEngine

beforeAll(async () => {
  database = await testDatabase()
  ledger = await startLedger(database.connection)
})

afterAll(async () => {
  await ledger.drain()
  await database.drop()
})

test('server processes that are ended under load lose nothing and charge nothing twice', async () => {
  const userIds = Array.from({ length: 8 }, (_, n) => `broken-${n}`)
  for (const userId of userIds) {
    await givenUser(database, userId)
    await ledger.post(aGrant(userId, 'start', 1_000_000n))
  }
  const charges = Array.from({ length: 3_000 }, (_, n) => ({ userId: `broken-${n % 8}`, key: `call-${n}` }))
  const send = () =>
    inFlight(
      48,
      charges.map(
        ({ userId, key }) =>
          () =>
            outcomeOf(ledger.post(aCharge(userId, key, 3n))),
      ),
    )

  let loaded = false
  const ended = (async () => {
    let count = 0
    while (!loaded) {
      await new Promise((resolve) => setTimeout(resolve, 120))
      const { rows } = await sql`
        select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and application_name = 'tollgate ledger'`.execute(database.kysely)
      count += rows.length
    }
    return count
  })()
  const first = await send()
  loaded = true
  expect(await ended).toBeGreaterThan(3)

  // An honest "not now" is allowed; a refusal is not, for there was always enough.
  const answers = new Set(first.filter((outcome) => typeof outcome === 'string'))
  expect([...answers].filter((reason) => reason !== 'DATABASE_UNAVAILABLE')).toEqual([])

  const second = await send()
  const results = second.filter((outcome): outcome is PostResult => typeof outcome !== 'string')
  expect(results).toHaveLength(charges.length)
  second.forEach((result, n) => {
    const before = first[n]
    if (typeof before === 'string' || typeof result === 'string' || before === undefined) return
    // What was answered as charged is that very charge when it is asked for again.
    expect(result.replayed).toBe(true)
    expect(result.entry.hash).toEqual(before.entry.hash)
  })
  for (const userId of userIds) {
    expect(await entriesOf(database, userId)).toHaveLength(1 + 375)
    expect((await userOf(database, userId)).creditsNanousd).toBe(1_000_000n - 375n * 3n)
    expect(await whatIsWrong(database, userId)).toEqual([])
  }
}, 60_000)

test('a posting whose deadline has passed is not sent', async () => {
  await givenUser(database, 'late')
  await ledger.post(aGrant('late', 'start', 100n))
  const late = ledger.post(aCharge('late', 'the-call', 5n), { deadlineAtMs: performance.now() - 1 })
  expect(await outcomeOf(late)).toBe('DEADLINE_EXCEEDED')
  expect((await userOf(database, 'late')).creditsNanousd).toBe(100n)
})

test('one posting that cannot be stored fails alone', async () => {
  await givenUser(database, 'good')
  await ledger.post(aGrant('good', 'start', 100n))
  const poisoned = aCharge('good', 'poisoned', 1n)
  // NUL is refused at the border; here it stands for anything that Postgres won't take.
  const { rated } = poisoned
  poisoned.rated = { ...rated, reported: { ...rated.reported, apiKeyId: 'nul\0' } }
  const outcomes = await Promise.allSettled([
    ...Array.from({ length: 20 }, (_, n) => ledger.post(aCharge('good', `call-${n}`, 1n))),
    ledger.post(poisoned),
    ...Array.from({ length: 20 }, (_, n) => ledger.post(aCharge('good', `more-${n}`, 1n))),
  ])
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(40)
  expect((await userOf(database, 'good')).creditsNanousd).toBe(60n)
  expect(await whatIsWrong(database, 'good')).toEqual([])
})
