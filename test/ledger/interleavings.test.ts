import fc from 'fast-check'
import { LedgerConnection } from '../../src/database/ledger/connection'
import { budgetChangeOf } from '../../src/domain/budget/budgetChange'
import type { LedgerEngine } from '../../src/ledger/engine'
import { aBudget, aPut } from '../support/budgets'
import { entriesOf, givenUser, outcomeOf, startLedger, userOf, whatIsWrong } from '../support/ledger'
import { aCharge, aGrant } from '../support/postings'
import { type TestDatabase, testDatabase } from '../support/testDatabase'

// Three replicas' steps on one user, in orders that a scheduler chooses: every read and every write of the database waits
// for its turn. The steps themselves are the real ones.

let database: TestDatabase
let ledgers: LedgerEngine[]
let users = 0
/** Lets a step continue when its turn comes. */
let turn: (step: string) => Promise<unknown> = () => Promise.resolve()

const STEPS = ['read', 'writeNewKey', 'lockAndRead', 'writeAndCommit'] as const

beforeAll(async () => {
  for (const step of STEPS) {
    const original = LedgerConnection.prototype[step] as (...args: unknown[]) => Promise<never>
    jest.spyOn(LedgerConnection.prototype, step).mockImplementation(async function (
      this: LedgerConnection,
      ...args: unknown[]
    ) {
      // What holds locks has to come to its end: a step that waits for them would have no turn to give back.
      if (step !== 'writeAndCommit') await turn(step)
      return await original.apply(this, args)
    })
  }
  database = await testDatabase()
  ledgers = await Promise.all([1, 2, 3].map(() => startLedger(database.connection, { laneCount: 1 })))
})

afterAll(async () => {
  jest.restoreAllMocks()
  await Promise.all(ledgers.map((ledger) => ledger.drain()))
  await database.drop()
})

/** One caller at one replica. */
const call = fc.record({
  replica: fc.integer({ min: 0, max: 2 }),
  key: fc.integer({ min: 0, max: 3 }),
  amount: fc.constantFrom(30n, 40n),
})

/** One caller at one replica, who charges, or changes a budget's limit or its counters. */
const budgetedCall = fc.record({
  replica: fc.integer({ min: 0, max: 2 }),
  key: fc.integer({ min: 0, max: 3 }),
  amount: fc.constantFrom(30n, 40n),
  puts: fc.constantFrom(
    undefined,
    undefined,
    undefined,
    { limitNanousd: 40n },
    { limitNanousd: 100n, groupBy: [{ by: 'model' as const }] },
  ),
})

test('whatever the order, no counter of a budget ever exceeds the limits that it had', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(budgetedCall, { minLength: 2, maxLength: 8 }),
      async (scheduler, calls) => {
        const userId = `turns-${users++}`
        await givenUser(database, userId)
        turn = () => Promise.resolve()
        await ledgers[0]?.post(aGrant(userId, 'start', 1_000n))
        await ledgers[0]?.post(aPut(userId, 'first', aBudget({ limitNanousd: 70n })))

        turn = (step) => scheduler.schedule(Promise.resolve(), step)
        const outcomes = Promise.all(
          calls.map(({ replica, key, amount, puts }, n) => {
            const ledger = ledgers[replica]
            if (ledger === undefined) throw new Error('no replica')
            const posting =
              puts === undefined
                ? aCharge(userId, `key-${key}`, amount)
                : aPut(
                    userId,
                    `put-${n}`,
                    aBudget({ limitNanousd: puts.limitNanousd, groupBy: puts.groupBy ?? [] }),
                  )
            return outcomeOf(ledger.post(posting))
          }),
        )
        const told = await scheduler.waitFor(outcomes)
        turn = () => Promise.resolve()

        // Each charge was decided on the limit that was in force by then, and on what its counter had counted.
        let limit = 0n
        const spent = new Map<number, bigint>()
        let generation = 0
        for (const entry of await entriesOf(database, userId)) {
          if (entry.kind === 'budget') {
            const { after } = budgetChangeOf(entry.profile ?? {})
            limit = after.limitNanousd
            generation = after.generation
          }
          for (const move of entry.counterMoves ?? []) {
            expect(move.generation).toBe(generation)
            spent.set(generation, (spent.get(generation) ?? 0n) + move.spentDeltaNanousd)
            expect(spent.get(generation)).toBeLessThanOrEqual(limit)
          }
        }
        const reasons = new Set(told.filter((outcome) => typeof outcome === 'string'))
        for (const reason of reasons) expect(['BUDGET_REACHED', 'IDEMPOTENCY_KEY_REUSED']).toContain(reason)
        expect(await whatIsWrong(database, userId)).toEqual([])
      },
    ),
    { numRuns: 120 },
  )
}, 120_000)

test('whatever the order of reads and writes, every charge is whole, once, and paid for', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(call, { minLength: 2, maxLength: 8 }),
      async (scheduler, calls) => {
        const userId = `turns-${users++}`
        await givenUser(database, userId)
        turn = () => Promise.resolve()
        await ledgers[0]?.post(aGrant(userId, 'start', 100n))

        turn = (step) => scheduler.schedule(Promise.resolve(), step)
        const outcomes = Promise.all(
          calls.map(({ replica, key, amount }) => {
            const ledger = ledgers[replica]
            if (ledger === undefined) throw new Error('no replica')
            return outcomeOf(ledger.post(aCharge(userId, `key-${key}`, amount)))
          }),
        )
        const told = await scheduler.waitFor(outcomes)
        turn = () => Promise.resolve()

        const posted = told.filter((outcome) => typeof outcome !== 'string' && !outcome.replayed)
        const user = await userOf(database, userId)
        expect(user.version).toBe(1n + BigInt(posted.length))
        const taken = posted.reduce(
          (sum, outcome) =>
            sum + (typeof outcome === 'string' ? 0n : (outcome.entry.charge?.amountNanousd ?? 0n)),
          0n,
        )
        expect(user.creditsNanousd).toBe(100n - taken)
        expect(user.creditsNanousd).toBeGreaterThanOrEqual(0n)
        // An acknowledged charge, replayed or not, refers to an entry of its own request.
        told.forEach((outcome, n) => {
          if (typeof outcome === 'string') return
          expect(outcome.entry.idempotencyKey).toBe(`key-${calls[n]?.key}`)
          expect(outcome.entry.charge?.amountNanousd).toBe(calls[n]?.amount)
        })
        // A refusal was right: there was not enough, or the key stood for something else.
        const reasons = new Set(told.filter((outcome) => typeof outcome === 'string'))
        for (const reason of reasons)
          expect(['INSUFFICIENT_CREDITS', 'IDEMPOTENCY_KEY_REUSED']).toContain(reason)
        expect(await whatIsWrong(database, userId)).toEqual([])
      },
    ),
    // fast-check prints the seed, the calls and the order of the steps of the smallest failing case.
    { numRuns: 120 },
  )
}, 120_000)
