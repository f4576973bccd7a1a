import { setTimeout as sleep } from 'node:timers/promises'
import { findFailure, listFailureRows } from '../../src/database/deductionFailures'
import type { ChargePosting, Posting } from '../../src/domain/decide/posting'
import type { DeductionFailure } from '../../src/domain/ledger/failure'
import { keyIdOf } from '../../src/domain/ledger/ids'
import { NO_USAGE } from '../../src/domain/usage/usage'
import type { LedgerEngine } from '../../src/ledger/engine'
import { registry } from '../../src/observability/metrics'
import { entriesOf, givenUser, outcomeOf, startLedger, whatIsWrong } from '../support/ledger'
import { aCharge, aGrant, anOpen, aSettlement } from '../support/postings'
import { type TestDatabase, testDatabase } from '../support/testDatabase'

// A finished call that can't be deducted stays owed under its key until it is deducted or written off.

let database: TestDatabase
let ledger: LedgerEngine
let users = 0

beforeAll(async () => {
  database = await testDatabase()
  // One lane: what is posted at once is one batch.
  ledger = await startLedger(database.connection, { laneCount: 1 })
})

afterAll(async () => {
  await ledger.drain()
  await database.drop()
})

async function aUserWith(creditsNanousd: bigint): Promise<string> {
  const userId = `user-${++users}`
  await givenUser(database, userId)
  await ledger.post(aGrant(userId, 'start', creditsNanousd))
  return userId
}

async function resultOf(posting: Posting): Promise<string> {
  const outcome = await outcomeOf(ledger.post(posting))
  return typeof outcome === 'string' ? outcome : outcome.replayed ? 'replayed' : 'posted'
}

/** All decided in one batch: it gathers behind a posting that goes first. */
async function resultsOfBatch(postings: readonly Posting[]): Promise<string[]> {
  const [, ...results] = await Promise.all(
    [aGrant(await aUserWith(0n), 'first', 1n), ...postings].map(resultOf),
  )
  return results
}

function failuresOf(userId: string): Promise<DeductionFailure[]> {
  return listFailureRows(database, { userId }, { after: undefined, limit: 100 })
}

async function standingUnder(userId: string, idempotencyKey: string): Promise<DeductionFailure> {
  const failure = await findFailure(database, { userId, keyId: keyIdOf(userId, idempotencyKey) })
  if (failure === undefined) throw new Error(`nothing failed under ${idempotencyKey}`)
  return failure
}

test('refused, granted and charged in one batch leaves nothing owed', async () => {
  const userId = await aUserWith(5n)
  const charge = aCharge(userId, 'the-call', 10n)
  expect(await resultsOfBatch([charge, aGrant(userId, 'more', 10n), charge])).toEqual([
    'INSUFFICIENT_CREDITS',
    'posted',
    'posted',
  ])
  expect(await failuresOf(userId)).toEqual([])
  expect(await whatIsWrong(database, userId)).toEqual([])
})

test('what is pending is resolved by the same key sent again', async () => {
  const userId = await aUserWith(5n)
  const charge = aCharge(userId, 'the-call', 10n)
  expect(await resultOf(charge)).toBe('INSUFFICIENT_CREDITS')
  expect(await failuresOf(userId)).toMatchObject([
    { idempotencyKey: 'the-call', state: 'pending', amountNanousd: 10n },
  ])
  await ledger.post(aGrant(userId, 'more', 10n))
  expect(await resultOf(charge)).toBe('posted')
  expect(await failuresOf(userId)).toMatchObject([
    { idempotencyKey: 'the-call', state: 'resolved', resolvedAt: expect.any(Date) },
  ])
})

test('a call that is refused again and again is reported once', async () => {
  const userId = await aUserWith(5n)
  const charge = aCharge(userId, 'the-call', 10n)
  const before = await countedFailures()
  for (let n = 0; n < 3; n++) expect(await resultOf(charge)).toBe('INSUFFICIENT_CREDITS')
  expect(await countedFailures()).toEqual({ calls: before.calls + 1, nanousd: before.nanousd + 10 })
  expect(await resultOf(aCharge(userId, 'another-call', 7n))).toBe('INSUFFICIENT_CREDITS')
  expect(await countedFailures()).toEqual({ calls: before.calls + 2, nanousd: before.nanousd + 17 })
})

async function countedFailures(): Promise<{ calls: number; nanousd: number }> {
  const [calls, nanousd] = await Promise.all(
    ['tollgate_deduction_failures_total', 'tollgate_missed_nanousd_total'].map(async (name) =>
      Number(/reason="INSUFFICIENT_CREDITS"\} (\d+)/.exec(await registry.getSingleMetricAsString(name))?.[1]),
    ),
  )
  return { calls: calls ?? Number.NaN, nanousd: nanousd ?? Number.NaN }
}

test('a key that was charged owes nothing: its replay resolves a row that strayed there', async () => {
  const userId = await aUserWith(10n)
  const charge = aCharge(userId, 'the-call', 3n)
  await ledger.post(charge)
  expect(await resultOf(aCharge(userId, 'too-dear', 1_000n))).toBe('INSUFFICIENT_CREDITS')
  await database.kysely
    .updateTable('credit_deduction_failures')
    .set({ key_id: charge.keyId, idempotency_key: 'the-call' })
    .where('user_id', '=', userId)
    .execute()

  expect(await resultOf(charge)).toBe('replayed')
  expect(await standingUnder(userId, 'the-call')).toMatchObject({ state: 'resolved' })
  expect(await entriesOf(database, userId)).toHaveLength(2)
})

test('a stream’s shortfall stays owed, though the stream’s key is replayed', async () => {
  const userId = await aUserWith(10n)
  const open = anOpen(userId, 'the-stream', { minimumNanousd: 1n, wantNanousd: 10n })
  await ledger.post(open)
  await ledger.post(aSettlement(open, 1, { amountNanousd: 14n }))
  const shortfall = { state: 'pending', amountNanousd: 4n, holdKeyId: open.keyId }
  expect(await standingUnder(userId, 'the-stream')).toMatchObject(shortfall)

  expect(await resultOf(open)).toBe('replayed')
  expect(await standingUnder(userId, 'the-stream')).toMatchObject(shortfall)
})

test('another request under a refused key takes its row over as a whole', async () => {
  const userId = await aUserWith(5n)
  await resultOf(aCharge(userId, 'the-call', 10n))
  const before = await standingUnder(userId, 'the-call')
  expect(before.attempts).toBe(1)
  await database.kysely.updateTable('users').set({ suspended: true }).where('user_id', '=', userId).execute()

  const other = anotherRequest(aCharge(userId, 'the-call', 77n))
  expect(await resultOf(other)).toBe('USER_SUSPENDED')
  const { rated } = other
  expect(await standingUnder(userId, 'the-call')).toEqual({
    userId,
    keyId: other.keyId,
    idempotencyKey: 'the-call',
    requestHash: other.requestHash,
    reported: rated.reported,
    usage: rated.usage,
    usageSource: rated.usageSource,
    priced: rated.priced,
    amountNanousd: 77n,
    reason: 'USER_SUSPENDED',
    attempts: 2,
    state: 'pending',
    note: '',
    createdAt: before.createdAt,
  })

  /** Every field of it is another, and so is the reason that it is refused for. */
  function anotherRequest(posting: ChargePosting): ChargePosting {
    return {
      ...posting,
      rated: {
        ...posting.rated,
        reported: {
          model: 'o3',
          provider: 'azure',
          serviceTier: 'flex',
          occurredAt: new Date('2026-04-02T08:00:00Z'),
          quoteId: 'quote-2',
          apiKeyId: 'key-2',
          labels: { team: 'mail' },
        },
        priced: { ...posting.rated.priced, priceId: 'price-2' },
        usage: { ...NO_USAGE, inputTokens: 70n, outputTokens: 7n, reasoningOutputTokens: 3n },
        usageSource: 'estimated',
      },
    }
  }
})

test('a deferred call keeps its key, though the same is refused again in one batch with it', async () => {
  const userId = await aUserWith(5n)
  const deferred = aCharge(userId, 'the-call', 10n, { from: 'spool' })
  const again = aCharge(userId, 'the-call', 10n)
  const other = aCharge(userId, 'the-call', 3n)
  const [refused, used] = ['INSUFFICIENT_CREDITS', 'IDEMPOTENCY_KEY_REUSED']
  expect(await resultsOfBatch([deferred, again, other])).toEqual([refused, refused, used])
  expect([await resultOf(other), await resultOf(again), await resultOf(other)]).toEqual([used, refused, used])
  expect(await standingUnder(userId, 'the-call')).toMatchObject({
    deferred: true,
    amountNanousd: 10n,
    attempts: 3,
  })
})

test('each refusal under a key is an attempt', async () => {
  const userId = await aUserWith(5n)
  const charge = aCharge(userId, 'the-call', 10n)
  for (const attempts of [1, 2, 3]) {
    await resultOf(charge)
    expect(await failuresOf(userId)).toMatchObject([{ attempts, state: 'pending' }])
  }
  // So are those of one batch.
  await resultsOfBatch([charge, charge])
  expect(await failuresOf(userId)).toMatchObject([{ attempts: 5, state: 'pending' }])
  expect(await entriesOf(database, userId)).toHaveLength(1)
})

test('what was written off is not charged any more, whatever is sent under its key', async () => {
  const userId = await aUserWith(5n)
  await resultOf(aCharge(userId, 'the-call', 10n))
  await database.kysely
    .updateTable('credit_deduction_failures')
    .set({ state: 'written-off', note: 'a gift' })
    .where('user_id', '=', userId)
    .execute()
  const writtenOff = await standingUnder(userId, 'the-call')
  await ledger.post(aGrant(userId, 'more', 100n))

  for (const amountNanousd of [10n, 3n, 1_000n]) {
    expect(await resultOf(aCharge(userId, 'the-call', amountNanousd))).toBe('ALREADY_DECIDED')
  }
  expect(await standingUnder(userId, 'the-call')).toEqual(writtenOff)
  expect(await entriesOf(database, userId)).toHaveLength(2)
})

describe('a failure that another replica writes while a posting waits for the user', () => {
  let other: LedgerEngine
  beforeAll(async () => {
    other = await startLedger(database.connection)
  })
  afterAll(() => other.drain())

  /** The other replica refuses first; the posting has read the user before, and waits for its row. */
  async function afterRefusal(userId: string, refused: Posting, posting: Posting): Promise<string> {
    const outcomes = await database.kysely.transaction().execute(async (transaction) => {
      await transaction
        .selectFrom('users')
        .select('user_id')
        .where('user_id', '=', userId)
        .forUpdate()
        .execute()
      const first = outcomeOf(other.post(refused))
      await sleep(150)
      const second = resultOf(posting)
      await sleep(150)
      return { first, second }
    })
    expect(typeof (await outcomes.first)).toBe('string')
    return await outcomes.second
  }

  test('keeps its key from a grant', async () => {
    const userId = await aUserWith(5n)
    const grant = aGrant(userId, 'the-call', 1n)
    expect(await afterRefusal(userId, aCharge(userId, 'the-call', 10n), grant)).toBe('IDEMPOTENCY_KEY_REUSED')
    expect(await failuresOf(userId)).toMatchObject([{ state: 'pending' }])
    expect(await entriesOf(database, userId)).toHaveLength(1)
  })

  test('is resolved by the charge of the same call', async () => {
    const userId = await aUserWith(50n)
    await database.kysely
      .updateTable('users')
      .set({ daily_limit_nanousd: 5n })
      .where('user_id', '=', userId)
      .execute()
    // Limited as a call; accepted from the spool.
    const spooled = aCharge(userId, 'the-call', 10n, { from: 'spool' })
    expect(await afterRefusal(userId, aCharge(userId, 'the-call', 10n), spooled)).toBe('posted')
    expect(await failuresOf(userId)).toMatchObject([{ state: 'resolved' }])
  })
})
