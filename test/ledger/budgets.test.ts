import type { LedgerEntry } from '../../src/domain/ledger/entry'
import type { LedgerEngine } from '../../src/ledger/engine'
import { aBudget, aDelete, aPut, countersOfUser } from '../support/budgets'
import {
  entriesOf,
  givenUser,
  inFlight,
  outcomeOf,
  startLedger,
  userOf,
  whatIsWrong,
} from '../support/ledger'
import { aCall, aCharge, aGrant, anExtension, anOpen, aRefund, aSettlement, USD } from '../support/postings'
import { type TestDatabase, testDatabase } from '../support/testDatabase'

let database: TestDatabase
let ledger: LedgerEngine
let users = 0

beforeAll(async () => {
  database = await testDatabase()
  ledger = await startLedger(database.connection)
})

afterAll(async () => {
  await ledger.drain()
  await database.drop()
})

/** A user with a thousand dollars, whose books are right in the end. */
async function aUserWith(...budgets: Parameters<typeof aBudget>[0][]): Promise<string> {
  const userId = `user-${users++}`
  await givenUser(database, userId)
  await ledger.post(aGrant(userId, 'grant', 1_000n * USD))
  for (const [n, budget] of budgets.entries()) await ledger.post(aPut(userId, `put-${n}`, aBudget(budget)))
  return userId
}

const counters = (userId: string) => countersOfUser(database, userId)

test('500 concurrent charges never take more than the budget', async () => {
  const userId = await aUserWith({ limitNanousd: 30n })
  const outcomes = await inFlight(
    64,
    Array.from({ length: 500 }, (_, n) => () => outcomeOf(ledger.post(aCharge(userId, `c-${n}`, 1n)))),
  )
  expect(outcomes.filter((outcome) => outcome === 'BUDGET_REACHED')).toHaveLength(470)
  expect(await counters(userId)).toEqual(['all/1 []: 30+0'])
  expect(await whatIsWrong(database, userId)).toEqual([])
})

test('a charge moves every budget that matches, and its receipt says which', async () => {
  const userId = await aUserWith(
    { budgetId: 'all' },
    { budgetId: 'each-key', groupBy: [{ by: 'apiKey' }, { by: 'model' }] },
    { budgetId: 'search', match: { ...aBudget().match, labels: { team: 'search' } } },
    { budgetId: 'other', match: { ...aBudget().match, labels: { team: 'ads' } } },
  )
  const { entry } = await ledger.post(aCharge(userId, 'c', 7n))
  expect(entry.counterMoves?.map(({ budgetId, groupValues }) => [budgetId, groupValues])).toEqual([
    ['all', []],
    ['each-key', ['key-1', 'gpt-4o']],
    ['search', []],
  ])
  expect(await counters(userId)).toEqual([
    'all/1 []: 7+0',
    'each-key/1 ["key-1","gpt-4o"]: 7+0',
    'search/1 []: 7+0',
  ])
  expect((await entriesOf(database, userId)).at(-1)).toEqual(entry)
})

test('a refusal names the budget with the least room, and changes nothing', async () => {
  const userId = await aUserWith(
    { budgetId: 'wide', limitNanousd: 50n },
    { budgetId: 'tight', limitNanousd: 20n },
  )
  await ledger.post(aCharge(userId, 'c-1', 15n))
  await expect(ledger.post(aCharge(userId, 'c-2', 40n))).rejects.toMatchObject({
    reason: 'BUDGET_REACHED',
    metadata: { user_id: userId, budget_id: 'tight', group_values: '[]', window: 'lifetime' },
  })
  expect(await counters(userId)).toEqual(['tight/1 []: 15+0', 'wide/1 []: 15+0'])
  // The very same call is taken once the budget allows it, and its failure is resolved.
  await ledger.post(aPut(userId, 'raise', aBudget({ budgetId: 'tight', limitNanousd: 60n })))
  await ledger.post(aPut(userId, 'raise-2', aBudget({ budgetId: 'wide', limitNanousd: 60n })))
  await ledger.post(aCharge(userId, 'c-2', 40n))
  expect(await counters(userId)).toEqual(['tight/1 []: 55+0', 'wide/1 []: 55+0'])
  expect(await whatIsWrong(database, userId)).toEqual([])
})

test('a budget that warns counts and refuses nothing', async () => {
  const userId = await aUserWith({ action: 'warn', limitNanousd: 10n })
  const { entry } = await ledger.post(aCharge(userId, 'c', 25n))
  expect(entry.counterMoves).toMatchObject([{ over: true }])
  expect(await counters(userId)).toEqual(['all/1 []: 25+0'])
})

test('a free call is never refused', async () => {
  const userId = await aUserWith({ limitNanousd: 0n })
  await expect(ledger.post(aCharge(userId, 'paid', 1n))).rejects.toMatchObject({ reason: 'BUDGET_REACHED' })
  const { entry } = await ledger.post(aCharge(userId, 'free', 0n))
  expect(entry.counterMoves).toBeUndefined()
})

test('a deferred or retried charge above the budget is charged and flagged', async () => {
  const userId = await aUserWith({ limitNanousd: 10n })
  const { entry } = await ledger.post(aCharge(userId, 'c', 25n, { from: 'spool' }))
  expect(entry.counterMoves).toMatchObject([{ over: true, spentDeltaNanousd: 25n }])
  expect(await counters(userId)).toEqual(['all/1 []: 25+0'])
})

test('a new limit keeps the counter; a new match, grouping or window starts it again', async () => {
  const userId = await aUserWith({ limitNanousd: 100n })
  await ledger.post(aCharge(userId, 'c-1', 60n))
  await ledger.post(aPut(userId, 'limit', aBudget({ limitNanousd: 70n })))
  expect(await outcomeOf(ledger.post(aCharge(userId, 'c-2', 20n)))).toBe('BUDGET_REACHED')
  const { entry } = await ledger.post(
    aPut(userId, 'group', aBudget({ limitNanousd: 70n, groupBy: [{ by: 'apiKey' }] })),
  )
  expect(entry.profile?.['after']).toContain('"generation":2')
  await ledger.post(aCharge(userId, 'c-3', 70n))
  expect(await counters(userId)).toEqual(['all/1 []: 60+0', 'all/2 ["key-1"]: 70+0'])
  expect((await userOf(database, userId)).budgetsVersion).toBe(3n)
  expect(await whatIsWrong(database, userId)).toEqual([])
})

test('a deleted budget counts no more, and its id begins at zero again', async () => {
  const userId = await aUserWith({ limitNanousd: 10n })
  await ledger.post(aCharge(userId, 'c-1', 10n))
  await ledger.post(aDelete(userId, 'delete', 'all'))
  await ledger.post(aCharge(userId, 'c-2', 25n))
  expect(await outcomeOf(ledger.post(aDelete(userId, 'again', 'all')))).toBe('BUDGET_NOT_FOUND')
  await ledger.post(aPut(userId, 'back', aBudget({ limitNanousd: 10n })))
  await ledger.post(aCharge(userId, 'c-3', 9n))
  expect(await counters(userId)).toEqual(['all/1 []: 10+0', 'all/2 []: 9+0'])
  expect(await whatIsWrong(database, userId)).toEqual([])
})

test('budgets that are put, changed and deleted in one batch decide its charges in their order', async () => {
  const userId = await aUserWith()
  const results = await Promise.all(
    [
      aCharge(userId, 'before', 500n),
      aPut(userId, 'put', aBudget({ limitNanousd: 10n })),
      aCharge(userId, 'c-1', 8n),
      aCharge(userId, 'c-2', 8n),
      aPut(userId, 'group', aBudget({ limitNanousd: 10n, groupBy: [{ by: 'model' }] })),
      aCharge(userId, 'c-3', 8n),
      aDelete(userId, 'delete', 'all'),
      aCharge(userId, 'c-4', 800n),
      aPut(userId, 'back', aBudget({ limitNanousd: 5n })),
      aCharge(userId, 'c-5', 8n),
      aCharge(userId, 'c-6', 5n),
    ].map((posting) => outcomeOf(ledger.post(posting).then(({ entry }) => entry.kind))),
  )
  expect(results).toEqual([
    ...['charge', 'budget', 'charge', 'BUDGET_REACHED', 'budget', 'charge'],
    ...['budget', 'charge', 'budget', 'BUDGET_REACHED', 'charge'],
  ])
  expect(await counters(userId)).toEqual(['all/1 []: 8+0', 'all/2 ["gpt-4o"]: 8+0', 'all/3 []: 5+0'])
  expect(await whatIsWrong(database, userId)).toEqual([])
})

describe('streams', () => {
  test('an open hold counts, an extension ends at the budget, and a settlement gives all back', async () => {
    const userId = await aUserWith({ limitNanousd: 100n })
    const open = anOpen(userId, 's', { minimumNanousd: 10n, wantNanousd: 60n })
    await ledger.post(open)
    expect(await counters(userId)).toEqual(['all/1 []: 0+60'])
    expect(await outcomeOf(ledger.post(aCharge(userId, 'c-1', 41n)))).toBe('BUDGET_REACHED')
    await ledger.post(aCharge(userId, 'c-2', 20n))
    const { hold } = await ledger.post(anExtension(open, 1, { wantNanousd: 200n }))
    expect(hold).toMatchObject({
      heldNanousd: 80n,
      status: { state: 'final', reason: 'budget', budgetId: 'all' },
    })
    await expect(ledger.post(anExtension(open, 2, { wantNanousd: 300n }))).rejects.toMatchObject({
      limitedBy: { reason: 'budget', budgetId: 'all' },
    })
    const refused = anOpen(userId, 's-2', { minimumNanousd: 1n, wantNanousd: 60n })
    expect(await outcomeOf(ledger.post(refused))).toBe('BUDGET_REACHED')
    await ledger.post(aSettlement(open, 2, { amountNanousd: 5n }))
    expect(await counters(userId)).toEqual(['all/1 []: 25+0'])
    expect(await whatIsWrong(database, userId)).toEqual([])
  })

  test('a settlement above the budget is charged and flagged', async () => {
    const userId = await aUserWith({ limitNanousd: 100n })
    const open = anOpen(userId, 's', { minimumNanousd: 10n, wantNanousd: 60n })
    await ledger.post(open)
    const { entry } = await ledger.post(aSettlement(open, 1, { amountNanousd: 150n }))
    expect(entry.counterMoves).toMatchObject([
      { spentDeltaNanousd: 150n, heldDeltaNanousd: -60n, over: true },
    ])
    expect(await counters(userId)).toEqual(['all/1 []: 150+0'])
    expect(await whatIsWrong(database, userId)).toEqual([])
  })

  test('a hold that is older than its budget counts from its next extension on', async () => {
    const userId = await aUserWith()
    const open = anOpen(userId, 's', { minimumNanousd: 10n, wantNanousd: 60n })
    await ledger.post(open)
    await ledger.post(aPut(userId, 'late', aBudget({ limitNanousd: 100n })))
    await ledger.post(anExtension(open, 1, { wantNanousd: 90n }))
    expect(await counters(userId)).toEqual(['all/1 []: 0+90'])
    await ledger.post(aPut(userId, 'again', aBudget({ limitNanousd: 100n, groupBy: [{ by: 'apiKey' }] })))
    await ledger.post(anExtension(open, 2, { wantNanousd: 95n }))
    expect(await counters(userId)).toEqual(['all/2 ["key-1"]: 0+95'])
    await ledger.post(aDelete(userId, 'delete', 'all'))
    await ledger.post(aSettlement(open, 3, { amountNanousd: 50n }))
    expect(await counters(userId)).toEqual([])
    expect(await whatIsWrong(database, userId)).toEqual([])
  })
})

test('a refund gives back to the very counters that were charged', async () => {
  const userId = await aUserWith(
    { budgetId: 'all', limitNanousd: 100n },
    { budgetId: 'gone', limitNanousd: 100n },
    { budgetId: 'restarted', limitNanousd: 100n },
  )
  const { entry } = await ledger.post(aCharge(userId, 'c', 50n))
  await ledger.post(aDelete(userId, 'delete', 'gone'))
  await ledger.post(aPut(userId, 'restart', aBudget({ budgetId: 'restarted', groupBy: [{ by: 'model' }] })))
  await ledger.post(aRefund('r-1', entry as LedgerEntry, 20n))
  await ledger.post(aRefund('r-2', entry as LedgerEntry, 0n))
  expect(await counters(userId)).toEqual(['gone/1 []: 50+0', 'restarted/1 []: 50+0'])
  expect(await whatIsWrong(database, userId)).toEqual([])
})

test('a user without budgets has no counters and no moves', async () => {
  const userId = await aUserWith()
  const { entry } = await ledger.post(aCharge(userId, 'c', 50n))
  expect(entry.counterMoves).toBeUndefined()
  expect(await counters(userId)).toEqual([])
  expect(aCall(1n).reported.apiKeyId).toBe('key-1')
})
