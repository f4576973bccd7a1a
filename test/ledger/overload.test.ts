import { sql } from 'kysely'
import { LedgerEngine } from '../../src/ledger/engine'
import { givenUser, outcomeOf, userOf, whatIsWrong } from '../support/ledger'
import { aCharge, aGrant, TRIAL_RULES } from '../support/postings'
import { type TestDatabase, testDatabase } from '../support/testDatabase'

let database: TestDatabase
let ledger: LedgerEngine

beforeAll(async () => {
  database = await testDatabase()
  ledger = new LedgerEngine({
    connection: database.connection,
    rules: { trial: TRIAL_RULES },
    laneCount: 1,
    batchSizeMax: 16,
    queueLengthMax: 100,
  })
  await ledger.start()
})

afterAll(async () => {
  await ledger.drain()
  await database.drop()
})

test('above its bound the queue refuses at once, and what it accepted is finished', async () => {
  await givenUser(database, 'busy')
  await ledger.post(aGrant('busy', 'start', 10_000n))
  const outcomes = await Promise.all(
    Array.from({ length: 500 }, (_, n) => outcomeOf(ledger.post(aCharge('busy', `call-${n}`, 1n)))),
  )
  const refused = outcomes.filter((outcome) => outcome === 'OVERLOADED')
  const posted = outcomes.filter((outcome) => typeof outcome !== 'string')
  // 100 wait, the rest is told to come back; one more is in, if the lane was idle and sent the first at once.
  expect(posted.length - 100).toBeGreaterThanOrEqual(0)
  expect(posted.length - 100).toBeLessThanOrEqual(1)
  expect(posted.length + refused.length).toBe(500)
  expect((await userOf(database, 'busy')).creditsNanousd).toBe(10_000n - BigInt(posted.length))
  expect(await whatIsWrong(database, 'busy')).toEqual([])
})

test('a refusal for overload says when to come back', async () => {
  await givenUser(database, 'again')
  const all = Array.from({ length: 200 }, (_, n) => ledger.post(aGrant('again', `grant-${n}`, 1n)))
  const settled = await Promise.allSettled(all)
  const refusals = settled.filter((result) => result.status === 'rejected').map(({ reason }) => reason)
  expect(refusals.length).toBeGreaterThan(0)
  expect(refusals[0]).toMatchObject({ reason: 'OVERLOADED', retryAfterMs: expect.any(Number) })
})

test("a hot user's backlog delays another user's charge by no more than two batches", async () => {
  await givenUser(database, 'hot')
  await givenUser(database, 'quiet')
  await ledger.post(aGrant('hot', 'start', 10_000n))
  await ledger.post(aGrant('quiet', 'start', 100n))
  const before = await batchesOf('hot')
  const backlog = Array.from({ length: 90 }, (_, n) => ledger.post(aCharge('hot', `call-${n}`, 1n)))
  const { entry } = await ledger.post(aCharge('quiet', 'the-call', 1n))
  await Promise.all(backlog)
  const ahead = await batchesOf('hot', entry.createdAt)
  // Batches are told apart by their entries' transactions.
  expect(ahead - before).toBeLessThanOrEqual(2)
})

/** How many transactions wrote entries of a user, up to an instant. */
async function batchesOf(userId: string, until?: Date): Promise<number> {
  const { rows } = await sql<{ batches: number }>`
    select count(distinct xmin::text)::int as batches from ledger_entries
    where user_id = ${userId} and created_at < ${until ?? new Date('9999-01-01')}`.execute(database.kysely)
  return rows[0]?.batches ?? 0
}
