import { grantCredits } from '../../../src/billing/users/grantCredits'
import { entriesOf, userOf } from '../../support/ledger'
import { type StreamServer, startStreamServer } from '../../support/streamServer'

let server: StreamServer

beforeAll(async () => {
  server = await startStreamServer({ validityMs: 500 })
})

afterAll(() => server?.stop())

/** 1,000 nano-USD a token. */
const callOf = (userId: string, idempotencyKey: string, tokens = 100) => ({
  ...{ userId, idempotencyKey, model: 'test-model' },
  usage: { inputTokens: String(tokens) },
})

async function failuresOf(userId: string) {
  return (await server.client.listDeductionFailures({ userId })).failures
}

/** A user without credits, and calls of 100,000 nano-USD each that it could not pay. */
async function aDebtor(calls = 1): Promise<{ userId: string; failureId: string }> {
  const userId = await server.aUser(0n)
  for (let n = 1; n <= calls; n++) {
    await expect(server.client.chargeUsage(callOf(userId, `call-${n}`))).rejects.toMatchObject({
      reason: 'INSUFFICIENT_CREDITS',
    })
  }
  const [failure] = await failuresOf(userId)
  return { userId, failureId: failure?.failureId ?? '' }
}

let grants = 0
const grant = (userId: string, amountNanousd: number) =>
  server.client.grantCredits({
    ...{ userId, idempotencyKey: `grant-${++grants}`, pot: 'POT_CREDITS' },
    amountNanousd: String(amountNanousd),
  })

/** Credits that nothing is collected from. */
async function givenCredits(userId: string, amountNanousd: bigint): Promise<void> {
  const { billing } = server
  const what = { pot: 'credits', mode: 'add', reason: '' } as const
  const request = { ...what, userId, idempotencyKey: `given-${++grants}`, amountNanousd }
  await grantCredits(billing, request, { actor: 'operations' })
}

async function chargesOf(userId: string) {
  return (await entriesOf(server.database, userId)).filter(({ kind }) => kind === 'charge')
}

test('a grant deducts what is owed, oldest first, as far as it goes', async () => {
  const { userId } = await aDebtor(3)
  await grant(userId, 250_000)
  expect((await failuresOf(userId)).map(({ state }) => state)).toEqual([
    'FAILURE_STATE_RESOLVED',
    'FAILURE_STATE_RESOLVED',
    'FAILURE_STATE_PENDING',
  ])
  expect((await chargesOf(userId)).map(({ idempotencyKey }) => idempotencyKey)).toEqual(['call-1', 'call-2'])
  expect((await userOf(server.database, userId)).creditsNanousd).toBe(50_000n)
  // The client's own retry finds it.
  expect(await server.client.chargeUsage(callOf(userId, 'call-1'))).toMatchObject({
    replayed: true,
    charge: { amountNanousd: '100000' },
  })
  expect(await server.wrongWith(userId)).toEqual([])
})

test('a retry deducts under the own key, once; what refuses it is told', async () => {
  const { userId, failureId } = await aDebtor()
  await expect(server.client.retryDeductionFailure({ userId, failureId })).rejects.toMatchObject({
    reason: 'INSUFFICIENT_CREDITS',
  })
  expect(await failuresOf(userId)).toMatchObject([{ attempts: 2, state: 'FAILURE_STATE_PENDING' }])
  await givenCredits(userId, 500_000n)
  const replies = await Promise.all(
    Array.from({ length: 10 }, () => server.client.retryDeductionFailure({ userId, failureId })),
  )
  for (const { failure } of replies) expect(failure).toMatchObject({ state: 'FAILURE_STATE_RESOLVED' })
  expect((await userOf(server.database, userId)).creditsNanousd).toBe(400_000n)
  expect(await server.wrongWith(userId)).toEqual([])
})

test('what is written off stays so, with its note, and its key is used up', async () => {
  const { userId, failureId } = await aDebtor()
  const request = { userId, failureId, note: 'a gift' }
  for (let n = 0; n < 2; n++) {
    expect((await server.client.writeOffDeductionFailure(request)).failure).toMatchObject({
      state: 'FAILURE_STATE_WRITTEN_OFF',
      note: 'a gift',
      resolvedAt: { seconds: expect.anything() },
    })
  }
  await grant(userId, 500_000)
  const decided = { reason: 'ALREADY_DECIDED' }
  await expect(server.client.chargeUsage(callOf(userId, 'call-1'))).rejects.toMatchObject(decided)
  await expect(server.client.retryDeductionFailure({ userId, failureId })).rejects.toMatchObject(decided)
  await expect(server.client.writeOffDeductionFailure({ ...request, note: 'another' })).rejects.toMatchObject(
    decided,
  )
  expect((await userOf(server.database, userId)).creditsNanousd).toBe(500_000n)
})

test('what was deducted is not written off; what is not there is not found', async () => {
  const { userId, failureId } = await aDebtor()
  await grant(userId, 100_000)
  await expect(
    server.client.writeOffDeductionFailure({ userId, failureId, note: 'late' }),
  ).rejects.toMatchObject({ reason: 'ALREADY_DECIDED' })
  const nothing = { userId, failureId: `fl_${'0'.repeat(32)}`, note: 'x' }
  const notFound = { reason: 'FAILURE_NOT_FOUND' }
  await expect(server.client.writeOffDeductionFailure(nothing)).rejects.toMatchObject(notFound)
  await expect(server.client.retryDeductionFailure(nothing)).rejects.toMatchObject(notFound)
})

test('a call without a price is deducted once there is one', async () => {
  const userId = await server.aUser()
  const call = { ...callOf(userId, 'call'), model: `unpriced-${userId}` }
  await expect(server.client.chargeUsage(call)).rejects.toMatchObject({ reason: 'MODEL_PRICE_MISSING' })
  const [failure] = await failuresOf(userId)
  const rates = [{ meter: 'METER_INPUT_TOKENS' as const, priceNanousd: '2000000000', per: '1000000' }]
  await server.client.putPrice({ model: call.model, rateCards: [{ rates }] })
  const retried = await server.client.retryDeductionFailure({ userId, failureId: failure?.failureId ?? '' })
  expect(retried.failure).toMatchObject({ state: 'FAILURE_STATE_RESOLVED' })
  expect((await chargesOf(userId))[0]?.charge).toMatchObject({ amountNanousd: 200_000n })
  expect(await server.wrongWith(userId)).toEqual([])
})

test('a grant, retries, the same key and a write-off at once: taken once, or written off and never taken', async () => {
  const outcomes = await Promise.all(
    Array.from({ length: 12 }, async () => {
      const { userId, failureId } = await aDebtor()
      await givenCredits(userId, 1_000_000n)
      await Promise.allSettled([
        grant(userId, 500_000),
        server.client.retryDeductionFailure({ userId, failureId }),
        server.client.writeOffDeductionFailure({ userId, failureId, note: 'x' }),
        server.client.chargeUsage(callOf(userId, 'call-1')),
        server.client.retryDeductionFailure({ userId, failureId }),
      ])
      const [failure] = await failuresOf(userId)
      const isWrittenOff = failure?.state === 'FAILURE_STATE_WRITTEN_OFF'
      expect(failure?.state).not.toBe('FAILURE_STATE_PENDING')
      expect((await userOf(server.database, userId)).creditsNanousd).toBe(
        isWrittenOff ? 1_500_000n : 1_400_000n,
      )
      expect(await server.wrongWith(userId)).toEqual([])
      return isWrittenOff
    }),
  )
  expect(outcomes).toHaveLength(12)
})

describe('of a stream', () => {
  /** A stream of 1,000 input and 100 output tokens (2,000,000 nano-USD) on 1,300,000: the failure of its shortfall. */
  async function aShortStream(): Promise<{ userId: string; failureId: string }> {
    const userId = await server.aUser(1_300_000n)
    const stream = await server.open(userId).granted()
    stream.close({ inputTokens: 1_000, outputTokens: 100 })
    await stream.settled()
    const [failure] = await failuresOf(userId)
    expect(failure).toMatchObject({ amountNanousd: '700000', holdId: expect.stringMatching(/^hd_/) })
    return { userId, failureId: failure?.failureId ?? '' }
  }

  test('a shortfall is collected whole, once, whatever tries at the same time', async () => {
    const { userId, failureId } = await aShortStream()
    await grant(userId, 600_000)
    expect(await failuresOf(userId)).toMatchObject([{ state: 'FAILURE_STATE_PENDING' }])
    await givenCredits(userId, 1_000_000n)
    await Promise.all([
      ...Array.from({ length: 5 }, () => server.client.retryDeductionFailure({ userId, failureId })),
      grant(userId, 10),
    ])
    expect(await failuresOf(userId)).toMatchObject([{ state: 'FAILURE_STATE_RESOLVED' }])
    expect((await userOf(server.database, userId)).creditsNanousd).toBe(900_010n)
    const kinds = (await entriesOf(server.database, userId)).map(({ kind }) => kind)
    expect(kinds.filter((kind) => kind === 'adjustment')).toHaveLength(1)
    expect(await server.wrongWith(userId)).toEqual([])
  })

  test('what was collected can be refunded with the rest', async () => {
    const { userId, failureId } = await aShortStream()
    await grant(userId, 700_000)
    const chargeId = failureId.replace('fl_', 'ch_')
    const { entry } = await server.client.refundCharge({ idempotencyKey: 'refund', userId, chargeId })
    expect(entry).toMatchObject({ creditsDeltaNanousd: '2000000' })
    expect(await server.wrongWith(userId)).toEqual([])
  })

  describe('whose close was more than one charge may be', () => {
    const limits = { usual: 100_000n * 1_000_000_000n, low: 50_000_000n }
    let usual: StreamServer

    beforeAll(async () => {
      usual = server
      server = await startStreamServer({ validityMs: 500 }, { limits: { chargeNanousdMax: limits.low } })
    })

    afterAll(async () => {
      await server.stop()
      server = usual
    })

    /** 1,000 input and 10,000 output tokens: 101,000,000 nano-USD. */
    async function aRefusedClose(): Promise<{ userId: string; failureId: string }> {
      server.billing.limits.chargeNanousdMax = limits.low
      const userId = await server.aUser()
      const stream = await server.open(userId).granted()
      stream.close({ inputTokens: 1_000, outputTokens: 10_000 })
      expect(await stream.ended).toMatchObject({ reason: 'PRICE_ANOMALY' })
      const [failure] = await failuresOf(userId)
      expect(failure).toMatchObject({ amountNanousd: '0', reason: 'PRICE_ANOMALY' })
      return { userId, failureId: failure?.failureId ?? '' }
    }

    test.each([
      ['while its hold is there', false],
      ['after it expired', true],
    ])('a retry %s takes what the close reported, once', async (_name, expires) => {
      const { userId, failureId } = await aRefusedClose()
      if (expires) await server.untilSettled(userId)
      await expect(server.client.retryDeductionFailure({ userId, failureId })).rejects.toMatchObject({
        reason: 'PRICE_ANOMALY',
      })
      server.billing.limits.chargeNanousdMax = limits.usual
      await Promise.all(
        Array.from({ length: 5 }, () => server.client.retryDeductionFailure({ userId, failureId })),
      )
      expect(await failuresOf(userId)).toMatchObject([{ state: 'FAILURE_STATE_RESOLVED' }])
      expect(await userOf(server.database, userId)).toMatchObject({
        creditsNanousd: 1_000_000_000n - 101_000_000n,
        heldNanousd: 0n,
      })
      // Nothing amends it after that.
      const late = server.open(userId)
      late.close({ inputTokens: 1_000, outputTokens: 5 })
      expect(await late.settled()).toMatchObject({ replayed: true, amendableUntil: null })
      expect(await server.wrongWith(userId)).toEqual([])
    })
  })

  test('a shortfall is written off, and not collected after that', async () => {
    const { userId, failureId } = await aShortStream()
    await server.client.writeOffDeductionFailure({ userId, failureId, note: 'x' })
    await grant(userId, 5_000_000)
    expect((await userOf(server.database, userId)).creditsNanousd).toBe(5_000_000n)
    expect(await server.wrongWith(userId)).toEqual([])
  })
})
