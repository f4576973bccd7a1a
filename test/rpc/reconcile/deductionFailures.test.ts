import { collectFailure } from '../../../src/billing/failures/collectFailure'
import { findFailure } from '../../../src/database/deductionFailures'
import type { DeductionFailure } from '../../../src/domain/ledger/failure'
import { keyIdOfPublicId } from '../../../src/domain/ledger/ids'
import { registry } from '../../../src/observability/metrics'
import { entriesOf, userOf } from '../../support/ledger'
import { aGrant, USD } from '../../support/postings'
import { cardOf } from '../../support/priceBooks'
import { expireAll, INPUT, OUTPUT, type StreamServer, startStreamServer } from '../../support/streamServer'

let server: StreamServer
let orders = 0

beforeAll(async () => {
  server = await startStreamServer({ validityMs: 60_000 })
})

afterAll(() => server?.stop())

/** 1,000 tokens of input. */
const CALL = 1_000n * INPUT
/** More output than one charge may come to, and who could pay it. */
const TOO_MANY = 100_000_000_000n
const RICH = 2_000_000n * USD

const charge = (userId: string, idempotencyKey: string, model = 'test-model') =>
  server.client.chargeUsage({ userId, idempotencyKey, model, usage: { inputTokens: 1_000 } })

async function aRefusedCall(userId: string, idempotencyKey = 'call'): Promise<string> {
  await expect(charge(userId, idempotencyKey)).rejects.toMatchObject({ reason: 'INSUFFICIENT_CREDITS' })
  return await failureOf(userId, idempotencyKey)
}

/** Of a stream that expired at 3 CALLs, of a user who had 2: what was missing was collected from a grant of 5. */
async function aUserWhoPaidLater(): Promise<string> {
  const userId = await server.aUser(2n * CALL)
  const stream = await server.open(userId).granted()
  stream.progress(1, 200, 1_000)
  await stream.acknowledged(1)
  stream.cancel()
  await stream.ended
  await expireAll(server)
  await grant(userId, 5n * CALL)
  return userId
}

/** A stream that cost 4 CALLs, of a user who had 2. */
async function aStreamThatFellShort(userId: string): Promise<string> {
  const stream = await server.open(userId).granted()
  stream.close({ inputTokens: 1_000, outputTokens: 300 })
  await stream.ended
  return await failureOf(userId, 'stream')
}

/** Its client has made a unit slip, or so it seems. */
async function aRefusedClose(): Promise<{ userId: string; failureId: string }> {
  const userId = await server.aUser(RICH)
  const stream = await server.open(userId).granted()
  stream.progress(1, 0, 1_000)
  await stream.acknowledged(1)
  stream.close({ inputTokens: 1_000, outputTokens: Number(TOO_MANY) })
  expect(await stream.refusal()).toBe('PRICE_ANOMALY')
  return { userId, failureId: await failureOf(userId, 'stream') }
}

async function withChargesUpTo(chargeNanousdMax: bigint, work: () => Promise<unknown>): Promise<void> {
  const { limits } = server.billing
  const before = limits.chargeNanousdMax
  limits.chargeNanousdMax = chargeNanousdMax
  try {
    await work()
  } finally {
    limits.chargeNanousdMax = before
  }
}

async function failuresOf(userId: string) {
  return (await server.client.listDeductionFailures({ userId })).failures
}

async function failureOf(userId: string, idempotencyKey: string): Promise<string> {
  const failure = (await failuresOf(userId)).find((each) => each.idempotencyKey === idempotencyKey)
  if (failure === undefined) throw new Error(`nothing failed under ${idempotencyKey}`)
  return failure.failureId
}

/** As an operator would; what is owed is collected. */
const grant = (userId: string, amountNanousd: bigint) =>
  server.client.grantCredits({
    ...{ userId, idempotencyKey: `order-${++orders}`, pot: 'POT_CREDITS' },
    amountNanousd: String(amountNanousd),
  })

/** Credits that collect nothing. */
const givenCredits = (userId: string, amountNanousd: bigint) =>
  server.billing.ledger.post(aGrant(userId, `silent-${++orders}`, amountNanousd))

const retry = (userId: string, failureId: string) =>
  server.client.retryDeductionFailure({ userId, failureId })
const writeOff = (userId: string, failureId: string, note = 'a friend of the house') =>
  server.client.writeOffDeductionFailure({ userId, failureId, note })

async function expectBooks(userId: string, creditsNanousd: bigint, kinds: string[]): Promise<void> {
  expect((await userOf(server.database, userId)).creditsNanousd).toBe(creditsNanousd)
  expect((await entriesOf(server.database, userId)).map(({ kind }) => kind)).toEqual(kinds)
  expect(await server.wrongWith(userId)).toEqual([])
}

describe('retried', () => {
  test('a call is deducted under its own key, at the price that it had', async () => {
    const userId = await server.aUser(1n)
    const failureId = await aRefusedCall(userId)
    await server.billing.prices.putPrice({
      model: 'test-model',
      provider: '',
      rateCards: [cardOf({ INPUT_TOKENS: 77, OUTPUT_TOKENS: 10 })],
    })
    try {
      await givenCredits(userId, 10n * CALL)
      const { failure } = await retry(userId, failureId)
      expect(failure).toMatchObject({
        state: 'FAILURE_STATE_RESOLVED',
        resolvedAt: { nanos: expect.any(Number) },
      })
    } finally {
      await server.billing.prices.putPrice({
        model: 'test-model',
        provider: '',
        rateCards: [cardOf({ INPUT_TOKENS: 1, OUTPUT_TOKENS: 10 })],
      })
    }
    // Its gateway may still send it again.
    expect(await charge(userId, 'call')).toMatchObject({
      replayed: true,
      charge: { amountNanousd: String(CALL), idempotencyKey: 'call' },
    })
    expect((await retry(userId, failureId)).failure).toMatchObject({ state: 'FAILURE_STATE_RESOLVED' })
    await expectBooks(userId, 1n + 9n * CALL, ['grant', 'grant', 'charge'])
  })

  test('a call that still can’t be paid stays, and the attempt is counted', async () => {
    const userId = await server.aUser(1n)
    const failureId = await aRefusedCall(userId)
    await expect(retry(userId, failureId)).rejects.toMatchObject({ reason: 'INSUFFICIENT_CREDITS' })
    expect(await failuresOf(userId)).toMatchObject([{ attempts: 2, state: 'FAILURE_STATE_PENDING' }])
    await expectBooks(userId, 1n, ['grant'])
  })

  test('a call over the daily limit is charged and flagged', async () => {
    const userId = await server.aUser(10n * CALL, { dailyLimitNanousd: CALL / 2n })
    await expect(charge(userId, 'call')).rejects.toMatchObject({ reason: 'DAILY_LIMIT_REACHED' })
    await retry(userId, await failureOf(userId, 'call'))
    const [, charged] = await entriesOf(server.database, userId)
    expect(charged?.charge).toMatchObject({ amountNanousd: CALL, overDailyLimit: true })
    await expectBooks(userId, 9n * CALL, ['grant', 'charge'])
  })

  test('a call without a price is priced once there is one', async () => {
    const userId = await server.aUser()
    const model = `later-priced-${userId}`
    await expect(charge(userId, 'call', model)).rejects.toMatchObject({ reason: 'MODEL_PRICE_MISSING' })
    const failureId = await failureOf(userId, 'call')
    await expect(retry(userId, failureId)).rejects.toMatchObject({ reason: 'MODEL_PRICE_MISSING' })
    expect(await failuresOf(userId)).toMatchObject([{ attempts: 2 }])
    await server.billing.prices.putPrice({
      model,
      provider: '',
      rateCards: [cardOf({ INPUT_TOKENS: 2 })],
    })
    await retry(userId, failureId)
    await expectBooks(userId, USD - 2n * CALL, ['grant', 'charge'])
  })

  // As docs/runbooks.md has it done.
  test.each([
    ['was too dear', { OUTPUT_TOKENS: 90_000 }, 'PRICE_ANOMALY'],
    ['lacked a rate', { WEB_SEARCHES: 1 }, 'MODEL_PRICE_MISSING'],
  ])('a call whose price %s needs the right one from the call on', async (_what, wrong, reason) => {
    const userId = await server.aUser()
    const model = `put-right-${userId}`
    const put = (rates: Parameters<typeof cardOf>[0], effectiveFrom?: Date) =>
      server.billing.prices.putPrice({
        ...{ model, provider: '', rateCards: [cardOf(rates)] },
        ...(effectiveFrom !== undefined && { effectiveFrom }),
      })
    await put(wrong, new Date(Date.now() - 60_000))
    const call = { userId, idempotencyKey: 'call', model, usage: { outputTokens: 1_000 } }
    await withChargesUpTo(USD, () =>
      expect(server.client.chargeUsage(call)).rejects.toMatchObject({ reason }),
    )
    const [failure] = await failuresOf(userId)
    const failureId = failure?.failureId ?? ''
    const { seconds = '0', nanos = 0 } = failure?.occurredAt ?? {}
    await put({ OUTPUT_TOKENS: 10 })
    await withChargesUpTo(USD, () => expect(retry(userId, failureId)).rejects.toMatchObject({ reason }))
    await put({ OUTPUT_TOKENS: 10 }, new Date(Number(seconds) * 1_000 + Math.floor(nanos / 1e6)))
    await retry(userId, failureId)
    await expectBooks(userId, USD - 1_000n * OUTPUT, ['grant', 'charge'])
  })

  test('a stream’s shortfall is collected, and its receipt says so', async () => {
    const userId = await server.aUser(2n * CALL)
    const failureId = await aStreamThatFellShort(userId)
    await expect(retry(userId, failureId)).rejects.toMatchObject({ reason: 'INSUFFICIENT_CREDITS' })
    await givenCredits(userId, 5n * CALL)
    expect((await retry(userId, failureId)).failure).toMatchObject({ state: 'FAILURE_STATE_RESOLVED' })
    const { charge: receipt } = await server.client.getCharge({ userId, idempotencyKey: 'stream' })
    expect(receipt).toMatchObject({
      amountNanousd: String(4n * CALL),
      creditsNanousd: String(4n * CALL),
      failureId: '',
    })
    await expectBooks(userId, 3n * CALL, ['grant', 'hold', 'settlement', 'grant', 'adjustment'])
    // What was collected can be refunded like the rest.
    const chargeId = receipt?.chargeId ?? ''
    await server.client.refundCharge({ userId, chargeId, idempotencyKey: 'back', reason: '' })
    await expectBooks(userId, 7n * CALL, ['grant', 'hold', 'settlement', 'grant', 'adjustment', 'refund'])
  })

  test('a close that was refused corrects its stream, once it may cost so much', async () => {
    const { userId, failureId } = await aRefusedClose()
    await expireAll(server)
    await expect(retry(userId, failureId)).rejects.toMatchObject({ reason: 'PRICE_ANOMALY' })
    await withChargesUpTo(10_000_000n * USD, async () => {
      expect((await retry(userId, failureId)).failure).toMatchObject({ state: 'FAILURE_STATE_RESOLVED' })
    })
    const left = RICH - CALL - TOO_MANY * OUTPUT
    await expectBooks(userId, left, ['grant', 'hold', 'settlement', 'adjustment'])
    // That was the last word: a late close changes nothing any more.
    const late = server.open(userId)
    late.close({ inputTokens: 1_000, outputTokens: 5 })
    expect(await late.settled()).toMatchObject({ replayed: true, amendableUntil: null })
    await expectBooks(userId, left, ['grant', 'hold', 'settlement', 'adjustment'])
  })

  test('what was collected before a close was refused is not owed again', async () => {
    const userId = await aUserWhoPaidLater()
    expect((await userOf(server.database, userId)).creditsNanousd).toBe(4n * CALL)

    const wrong = server.open(userId)
    wrong.close({ inputTokens: 1_000, outputTokens: Number(TOO_MANY) })
    expect(await wrong.refusal()).toBe('PRICE_ANOMALY')
    const right = server.open(userId)
    right.close({ inputTokens: 1_000, outputTokens: 100 })
    await right.ended
    const resolved = { state: 'FAILURE_STATE_RESOLVED' }
    expect(await failuresOf(userId)).toMatchObject([resolved, resolved])
    await expectBooks(userId, 5n * CALL, [
      ...['grant', 'hold', 'settlement', 'grant', 'adjustment', 'adjustment'],
    ])
  })

  test('what is owed anew, after it was collected, is owed from then on', async () => {
    const userId = await aUserWhoPaidLater()
    expect(await failuresOf(userId)).toMatchObject([{ state: 'FAILURE_STATE_RESOLVED' }])
    await server.database.kysely
      .updateTable('credit_deduction_failures')
      .set({ created_at: new Date(Date.now() - 3 * 86_400_000) })
      .where('user_id', '=', userId)
      .execute()
    const late = server.open(userId)
    late.close({ inputTokens: 1_000, outputTokens: 900 })
    await late.ended
    expect(await failuresOf(userId)).toMatchObject([
      { state: 'FAILURE_STATE_PENDING', amountNanousd: String(3n * CALL) },
    ])
    // It doesn't wait for days.
    expect(await server.wrongWith(userId)).toEqual([])
  })

  test('a shortfall and a close that was refused are two debts, each listed, collected and written off by itself', async () => {
    const userId = await server.aUser(2n * CALL)
    const stream = await server.open(userId).granted()
    stream.progress(1, 200, 1_000)
    await stream.acknowledged(1)
    stream.close({ inputTokens: 1_000, outputTokens: Number(TOO_MANY) })
    expect(await stream.refusal()).toBe('PRICE_ANOMALY')
    await expireAll(server)
    const [refused, shortfall] = await failuresOf(userId)
    expect(refused).toMatchObject({ reason: 'PRICE_ANOMALY', amountNanousd: '0' })
    expect(shortfall).toMatchObject({ reason: 'INSUFFICIENT_CREDITS', amountNanousd: String(CALL) })
    expect(refused?.chargeId).toBe(shortfall?.chargeId)
    expect(refused?.failureId).not.toBe(shortfall?.failureId)

    await grant(userId, 10n * CALL)
    expect(await failuresOf(userId)).toMatchObject([
      { state: 'FAILURE_STATE_PENDING' },
      { state: 'FAILURE_STATE_RESOLVED' },
    ])
    await writeOff(userId, refused?.failureId ?? '')
    expect(await failuresOf(userId)).toMatchObject([
      { state: 'FAILURE_STATE_WRITTEN_OFF' },
      { state: 'FAILURE_STATE_RESOLVED' },
    ])
    await expectBooks(userId, 9n * CALL, ['grant', 'hold', 'settlement', 'grant', 'adjustment'])
  })

  test('what was accepted is settled and collected, though the limit of a charge was lowered since', async () => {
    const userId = await server.aUser(2n * CALL)
    const stream = await server.open(userId).granted()
    stream.progress(1, 200, 1_000)
    await stream.acknowledged(1)
    stream.cancel()
    await stream.ended
    const call = { userId, idempotencyKey: 'call', model: 'test-model', usage: { inputTokens: 90_000 } }
    await expect(server.client.chargeUsage(call)).rejects.toMatchObject({ reason: 'INSUFFICIENT_CREDITS' })
    await withChargesUpTo(1n, async () => {
      await expireAll(server)
      await grant(userId, 100n * CALL)
    })
    expect((await failuresOf(userId)).map(({ state }) => state)).toEqual(
      Array(2).fill('FAILURE_STATE_RESOLVED'),
    )
    await expectBooks(userId, 9n * CALL, ['grant', 'hold', 'settlement', 'grant', 'charge', 'adjustment'])
  })

  test('a close that was refused ends its stream, where nothing else has', async () => {
    const { userId, failureId } = await aRefusedClose()
    await withChargesUpTo(10_000_000n * USD, () => retry(userId, failureId))
    await expectBooks(userId, RICH - CALL - TOO_MANY * OUTPUT, ['grant', 'hold', 'settlement'])
  })
})

describe('that is decided while a retry is on its way', () => {
  /** What a retry has read, before somebody else is faster. */
  async function readFailure(userId: string, failureId: string): Promise<DeductionFailure> {
    const keyId = keyIdOfPublicId('fl', failureId) ?? ''
    const failure = await findFailure(server.database, { userId, keyId })
    if (failure === undefined) throw new Error(`there is no failure ${failureId}`)
    return failure
  }

  test('a stream that its client has closed by now keeps that end', async () => {
    const { userId, failureId } = await aRefusedClose()
    const stale = await readFailure(userId, failureId)
    const right = server.open(userId)
    right.close({ inputTokens: 1_000, outputTokens: 100 })
    await right.settled()
    await withChargesUpTo(10_000_000n * USD, async () => {
      await expect(collectFailure(server.billing, stale, 'operations')).rejects.toMatchObject({
        reason: 'ALREADY_DECIDED',
      })
    })
    await expectBooks(userId, RICH - 2n * CALL, ['grant', 'hold', 'settlement'])
  })

  test.each([
    ['could be paid', 10n * CALL],
    ['could not be paid', 0n],
  ])(
    'a call that another request has taken the place of stays that one, where it %s',
    async (_name, given) => {
      const userId = await server.aUser(1n)
      const stale = await readFailure(userId, await aRefusedCall(userId))
      const corrected = { userId, idempotencyKey: 'call', model: 'test-model', usage: { inputTokens: 3_000 } }
      await expect(server.client.chargeUsage(corrected)).rejects.toMatchObject({
        reason: 'INSUFFICIENT_CREDITS',
      })
      if (given > 0n) await givenCredits(userId, given)
      await expect(collectFailure(server.billing, stale, 'operations')).rejects.toMatchObject({
        reason: 'CONCURRENT_MODIFICATION',
      })
      expect(await failuresOf(userId)).toMatchObject([
        { state: 'FAILURE_STATE_PENDING', amountNanousd: String(3n * CALL), attempts: 2 },
      ])
      await grant(userId, 10n * CALL)
      expect(await server.client.chargeUsage(corrected)).toMatchObject({ replayed: true })
      expect((await userOf(server.database, userId)).creditsNanousd).toBe(1n + given + 7n * CALL)
      expect(await server.wrongWith(userId)).toEqual([])
    },
  )
})

test('a close that is refused again and again is reported once, and each refusal is an attempt', async () => {
  const { userId } = await aRefusedClose()
  const counted = async () => {
    const text = await registry.getSingleMetricAsString('tollgate_deduction_failures_total')
    return Number(/reason="PRICE_ANOMALY"\} (\d+)/.exec(text)?.[1])
  }
  const before = await counted()
  for (let n = 0; n < 3; n++) {
    const again = server.open(userId)
    again.close({ inputTokens: 1_000, outputTokens: Number(TOO_MANY) })
    expect(await again.refusal()).toBe('PRICE_ANOMALY')
  }
  expect(await counted()).toBe(before)
  expect(await failuresOf(userId)).toMatchObject([{ attempts: 4 }])
})

test('nothing but the call itself takes effect under the key of one that is owed', async () => {
  const userId = await server.aUser()
  const { charge: paid } = await charge(userId, 'paid')
  const given = { userId, pot: 'POT_CREDITS' as const, amountNanousd: String(-USD + CALL) }
  await server.client.grantCredits({ ...given, idempotencyKey: 'back' })
  await aRefusedCall(userId)
  const idempotencyKey = 'call'
  const others: (() => Promise<unknown>)[] = [
    () => server.client.grantCredits({ ...given, idempotencyKey, amountNanousd: String(5n * CALL) }),
    () => server.client.refundCharge({ userId, idempotencyKey, chargeId: paid?.chargeId ?? '' }),
    () => server.client.updateUser({ userId, idempotencyKey, tier: 'pro' }),
    () => server.open(userId, { idempotencyKey, inputTokens: 0 }).granted(),
  ]
  for (const other of others) {
    await expect(other()).rejects.toMatchObject({
      reason: 'IDEMPOTENCY_KEY_REUSED',
      message: expect.stringContaining('could not be deducted yet'),
    })
  }
  await grant(userId, 5n * CALL)
  expect(await failuresOf(userId)).toMatchObject([{ state: 'FAILURE_STATE_RESOLVED' }])
  await expectBooks(userId, 4n * CALL, ['grant', 'charge', 'grant', 'grant', 'charge'])
})

describe('after a refund', () => {
  test('a late close gives nothing back twice', async () => {
    const userId = await server.aUser()
    const stream = await server.open(userId).granted()
    stream.progress(1, 20, 1_000)
    await stream.acknowledged(1)
    stream.cancel()
    await stream.ended
    await expireAll(server)
    const { charge: settled } = await server.client.getCharge({ userId, idempotencyKey: 'stream' })
    const chargeId = settled?.chargeId ?? ''
    await server.client.refundCharge({ userId, chargeId, idempotencyKey: 'back', reason: '' })
    const late = server.open(userId)
    late.close({ inputTokens: 1_000, outputTokens: 5 })
    await late.ended
    await expectBooks(userId, USD, ['grant', 'hold', 'settlement', 'refund', 'adjustment'])
  })
})

describe('written off', () => {
  test('a call is owed no more, and its key is used up', async () => {
    const userId = await server.aUser(1n)
    const failureId = await aRefusedCall(userId)
    const { failure } = await writeOff(userId, failureId)
    expect(failure).toMatchObject({ state: 'FAILURE_STATE_WRITTEN_OFF', note: 'a friend of the house' })
    await expect(writeOff(userId, failureId, 'again')).rejects.toMatchObject({ reason: 'ALREADY_DECIDED' })
    expect((await writeOff(userId, failureId)).failure).toMatchObject({
      note: 'a friend of the house',
    })
    await grant(userId, 10n * CALL)
    await expect(charge(userId, 'call')).rejects.toMatchObject({ reason: 'ALREADY_DECIDED' })
    await expect(retry(userId, failureId)).rejects.toMatchObject({ reason: 'ALREADY_DECIDED' })
    await expectBooks(userId, 1n + 10n * CALL, ['grant', 'grant'])
  })

  test('what was deducted can’t be', async () => {
    const userId = await server.aUser(1n)
    const failureId = await aRefusedCall(userId)
    await grant(userId, 10n * CALL)
    await expect(writeOff(userId, failureId)).rejects.toMatchObject({ reason: 'ALREADY_DECIDED' })
  })

  test('a stream that is still open can’t be', async () => {
    const { userId, failureId } = await aRefusedClose()
    await expect(writeOff(userId, failureId)).rejects.toMatchObject({
      reason: 'ALREADY_DECIDED',
      message: expect.stringContaining('SettleHold'),
    })
    await expireAll(server)
    await writeOff(userId, failureId)
    // No further effect of it could go unreported.
    const late = server.open(userId)
    late.close({ inputTokens: 1_000, outputTokens: 5 })
    expect(await late.settled()).toMatchObject({ amendableUntil: null })
    await expectBooks(userId, RICH - CALL, ['grant', 'hold', 'settlement'])
  })

  test.each([
    ['without a note', '', 'INVALID_FIELD'],
    ['with an empty one', '  ', 'INVALID_FIELD'],
  ])('nothing is %s', async (_name, note, reason) => {
    const userId = await server.aUser(1n)
    const failureId = await aRefusedCall(userId)
    await expect(writeOff(userId, failureId, note)).rejects.toMatchObject({ reason })
    expect(await failuresOf(userId)).toMatchObject([{ state: 'FAILURE_STATE_PENDING' }])
  })
})

test('a failure that is not there is not found', async () => {
  const userId = await server.aUser()
  const failureId = `fl_${'0'.repeat(32)}`
  await expect(retry(userId, failureId)).rejects.toMatchObject({ reason: 'FAILURE_NOT_FOUND' })
  await expect(writeOff(userId, failureId)).rejects.toMatchObject({ reason: 'FAILURE_NOT_FOUND' })
  await expect(retry(userId, 'nonsense')).rejects.toMatchObject({
    fieldViolations: [{ field: 'failure_id' }],
  })
})

describe('a grant', () => {
  test('pays what is owed, the oldest first, and stops at the first that it can’t', async () => {
    const userId = await server.aUser(2n * CALL)
    await aStreamThatFellShort(userId)
    await aRefusedCall(userId, 'second')
    await aRefusedCall(userId, 'third')
    await grant(userId, CALL + 1n)
    expect((await failuresOf(userId)).map(({ state }) => state)).toEqual([
      'FAILURE_STATE_PENDING',
      'FAILURE_STATE_PENDING',
      'FAILURE_STATE_PENDING',
    ])
    await grant(userId, 2n * CALL)
    expect((await failuresOf(userId)).map(({ state }) => state)).toEqual([
      'FAILURE_STATE_RESOLVED',
      'FAILURE_STATE_RESOLVED',
      'FAILURE_STATE_PENDING',
    ])
    await expectBooks(userId, 1n, ['grant', 'hold', 'settlement', 'grant', 'grant', 'adjustment', 'charge'])
  })

  test('that is sent again pays what it had not come to', async () => {
    const userId = await server.aUser(1n)
    await aRefusedCall(userId)
    const sent = () =>
      server.client.grantCredits({
        ...{ userId, idempotencyKey: 'the-order', pot: 'POT_CREDITS' },
        amountNanousd: String(5n * CALL),
      })
    // As where the process dies behind the grant.
    server.billing.collectsOnGrant = false
    await sent()
    server.billing.collectsOnGrant = true
    expect(await failuresOf(userId)).toMatchObject([{ state: 'FAILURE_STATE_PENDING' }])
    expect(await sent()).toMatchObject({ replayed: true })
    expect(await failuresOf(userId)).toMatchObject([{ state: 'FAILURE_STATE_RESOLVED' }])
    await expectBooks(userId, 1n + 4n * CALL, ['grant', 'grant', 'charge'])
  })

  test('pays all of very many small debts', async () => {
    const userId = await server.aUser(1n)
    const requests = Array.from({ length: 230 }, (_, n) => ({
      ...{ userId, idempotencyKey: `small-${n}`, model: 'test-model', usage: { inputTokens: 1 } },
    }))
    const { results } = await server.client.batchChargeUsage({ requests })
    expect(results).toHaveLength(230)
    await grant(userId, 231n * INPUT)
    expect((await failuresOf(userId)).filter(({ state }) => state !== 'FAILURE_STATE_RESOLVED')).toEqual([])
    expect((await userOf(server.database, userId)).creditsNanousd).toBe(1n + INPUT)
    expect(await server.wrongWith(userId)).toEqual([])
  })

  test('that takes credits back pays nothing', async () => {
    const userId = await server.aUser(CALL - 1n)
    await aRefusedCall(userId)
    await givenCredits(userId, 5n * CALL)
    await grant(userId, -1n)
    expect(await failuresOf(userId)).toMatchObject([{ state: 'FAILURE_STATE_PENDING' }])
  })

  test('pays nothing where that is turned off', async () => {
    const userId = await server.aUser(1n)
    await aRefusedCall(userId)
    server.billing.collectsOnGrant = false
    await grant(userId, 5n * CALL)
    server.billing.collectsOnGrant = true
    expect(await failuresOf(userId)).toMatchObject([{ state: 'FAILURE_STATE_PENDING' }])
  })
})

test('grants, retries, the same calls again and write-offs at once deduct each thing once or never', async () => {
  const users = await Promise.all(Array.from({ length: 8 }, () => server.aUser(2n * CALL)))
  await Promise.all(
    users.map(async (userId) => {
      const ofStream = await aStreamThatFellShort(userId)
      const ofCall = await aRefusedCall(userId)
      const attempts = [
        () => grant(userId, 3n * CALL),
        () => grant(userId, 3n * CALL),
        () => retry(userId, ofStream),
        () => retry(userId, ofCall),
        () => retry(userId, ofStream),
        () => charge(userId, 'call'),
        () => writeOff(userId, ofCall),
        () => writeOff(userId, ofStream),
      ]
      await Promise.allSettled(attempts.map((attempt) => attempt()))
      const [stream, call] = await failuresOf(userId)
      const expected = {
        FAILURE_STATE_RESOLVED: (taken: bigint) => taken,
        FAILURE_STATE_WRITTEN_OFF: () => 0n,
        FAILURE_STATE_PENDING: () => 0n,
      }
      const taken =
        expected[stream?.state as keyof typeof expected](2n * CALL) +
        expected[call?.state as keyof typeof expected](CALL)
      expect((await userOf(server.database, userId)).creditsNanousd).toBe(6n * CALL - taken)
      expect(await server.wrongWith(userId)).toEqual([])
    }),
  )
})
