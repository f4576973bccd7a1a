import { setTimeout as sleep } from 'node:timers/promises'
import { entriesOf, userOf } from '../../support/ledger'
import { USD } from '../../support/postings'
import type { TestStream } from '../../support/streamClients'
import { INPUT, OUTPUT, type StreamServer, startStreamServer } from '../../support/streamServer'

let server: StreamServer

beforeAll(async () => {
  server = await startStreamServer({ validityMs: 500 })
})

afterAll(() => server.stop())

/** A stream that reported 20 tokens of output, was cut and expired. */
async function anExpiredStream(userId: string): Promise<void> {
  const stream = await server.open(userId).granted()
  stream.progress(1, 20, 1_000)
  await stream.acknowledged(1)
  stream.cancel()
  await stream.ended
  expect(await server.untilSettled(userId)).toMatchObject({
    byExpiry: true,
    amendableUntil: expect.any(Date),
  })
}

/** The same open again, on a connection that is told that it may amend. */
async function reopened(userId: string): Promise<TestStream> {
  const stream = server.open(userId)
  expect(await stream.settled()).toMatchObject({
    replayed: true,
    amendableUntil: { seconds: expect.anything() },
  })
  return stream
}

async function kindsOf(userId: string): Promise<string[]> {
  return (await entriesOf(server.database, userId)).map(({ kind }) => kind)
}

test.each([
  ['more', 300, 3_000_000n],
  ['less', 5, 50_000n],
  ['as much', 20, 200_000n],
])('a late close of %s amends what was settled, once', async (_name, outputTokens, outputNanousd) => {
  const userId = await server.aUser()
  await anExpiredStream(userId)
  const costNanousd = 1_000n * INPUT + outputNanousd
  expect((await userOf(server.database, userId)).creditsNanousd).toBe(USD - 1_200_000n)

  const late = await reopened(userId)
  late.close({ inputTokens: 1_000, outputTokens })
  expect(await late.ended).toBeUndefined()
  expect(late.settlements).toHaveLength(2)
  expect(late.settlements[1]).toMatchObject({
    replayed: false,
    amendableUntil: null,
    shortfallNanousd: '0',
    charge: {
      idempotencyKey: 'stream',
      amountNanousd: String(costNanousd),
      creditsNanousd: String(costNanousd),
      usage: { outputTokens: String(outputTokens) },
      end: 'STREAM_END_COMPLETED',
      balance: { creditsNanousd: String(USD - costNanousd) },
    },
  })
  expect(await userOf(server.database, userId)).toMatchObject({
    creditsNanousd: USD - costNanousd,
    spentTodayNanousd: costNanousd,
    heldNanousd: 0n,
  })
  expect(await kindsOf(userId)).toEqual(['grant', 'hold', 'settlement', 'adjustment'])

  const again = server.open(userId)
  again.close({ inputTokens: 1_000, outputTokens: 999 })
  expect(await again.settled()).toMatchObject({
    replayed: true,
    amendableUntil: null,
    charge: { amountNanousd: String(costNanousd) },
  })
  expect(await again.ended).toBeUndefined()
  const { charge } = await server.client.getCharge({ userId, idempotencyKey: 'stream' })
  expect(charge).toMatchObject({ ...again.settlement?.charge })
  expect(await kindsOf(userId)).toHaveLength(4)
  expect(await server.wrongWith(userId)).toEqual([])
})

test('a connection that was there when the stream expired amends it with its close', async () => {
  const userId = await server.aUser()
  const stream = await server.open(userId).granted()
  stream.progress(1, 20, 1_000)
  expect(await stream.settled()).toMatchObject({ amendableUntil: { seconds: expect.anything() } })
  stream.close({ inputTokens: 1_000, outputTokens: 90 })
  expect(await stream.ended).toBeUndefined()
  expect(stream.settlements.at(-1)).toMatchObject({ charge: { amountNanousd: '1900000' } })
  expect(await server.wrongWith(userId)).toEqual([])
})

test('of many late closes at once the first is final, and all get the same receipt', async () => {
  const userId = await server.aUser()
  await anExpiredStream(userId)
  const all = await Promise.all(Array.from({ length: 12 }, () => reopened(userId)))
  all.forEach((stream, index) => {
    stream.close({ inputTokens: 1_000, outputTokens: 30 + (index % 3) })
  })
  // One that ended with an error would still show what was settled before.
  expect(await Promise.all(all.map(({ ended }) => ended))).toEqual(all.map(() => undefined))
  const receipts = all.map(({ settlement }) => settlement?.charge)
  expect(new Set(receipts.map((charge) => charge?.amountNanousd)).size).toBe(1)
  expect(all.filter(({ settlement }) => settlement?.replayed === false)).toHaveLength(1)
  expect(await kindsOf(userId)).toEqual(['grant', 'hold', 'settlement', 'adjustment'])
  expect(await server.wrongWith(userId)).toEqual([])
})

test('what a late close costs beyond the credits is a deduction failure', async () => {
  const userId = await server.aUser(1_000n * INPUT + 120n * OUTPUT)
  await anExpiredStream(userId)
  const late = await reopened(userId)
  late.close({ inputTokens: 1_000, outputTokens: 150 })
  await late.ended
  expect(late.settlement).toMatchObject({
    shortfallNanousd: String(30n * OUTPUT),
    charge: { amountNanousd: '2200000', failureId: expect.stringMatching(/^fl_/) },
  })
  expect(await userOf(server.database, userId)).toMatchObject({ creditsNanousd: 0n })
  expect(await failuresOf(userId)).toMatchObject([
    {
      amount_nanousd: 30n * OUTPUT,
      state: 'pending',
      reason: 'INSUFFICIENT_CREDITS',
      idempotency_key: 'stream',
    },
  ])
  expect(await server.wrongWith(userId)).toEqual([])
})

test('in a trial, a late close changes what the trial spent', async () => {
  const userId = await server.aUser(0n, { isTrial: true })
  await anExpiredStream(userId)
  expect(await userOf(server.database, userId)).toMatchObject({
    trialSpentNanousd: 1_200_000n,
    trialRequests: 1n,
  })
  const late = await reopened(userId)
  late.close({ inputTokens: 1_000, outputTokens: 10 })
  await late.ended
  expect(late.settlement?.charge).toMatchObject({
    trial: true,
    amountNanousd: '0',
    forgoneNanousd: '1100000',
  })
  expect(await userOf(server.database, userId)).toMatchObject({
    trialSpentNanousd: 1_100_000n,
    trialRequests: 1n,
  })
  expect(await server.wrongWith(userId)).toEqual([])
})

test('what an operator settled is final', async () => {
  const userId = await server.aUser()
  const stream = await server.open(userId).granted()
  stream.progress(1, 20, 1_000)
  await stream.acknowledged(1)
  await server.client.settleHold({ userId, holdId: stream.grant.holdId })
  // Told without having asked: it sends nothing after the settlement.
  expect(await stream.settled()).toMatchObject({
    replayed: true,
    amendableUntil: null,
    charge: { amountNanousd: '1200000' },
  })
  expect(await stream.ended).toBeUndefined()
  expect(await kindsOf(userId)).toEqual(['grant', 'hold', 'settlement'])
})

test('a close that costs more than any charge may is kept as a failure, and one that can be charged resolves it', async () => {
  const userId = await server.aUser()
  const stream = await server.open(userId).granted()
  stream.progress(1, 20, 1_000)
  await stream.acknowledged(1)
  stream.close({ inputTokens: 1_000, outputTokens: 1e11 })
  expect(await stream.refusal()).toBe('PRICE_ANOMALY')
  expect(await failuresOf(userId)).toMatchObject([
    {
      amount_nanousd: null,
      hold_key_id: expect.any(String),
      reason: 'PRICE_ANOMALY',
      state: 'pending',
      usage: { outputTokens: '100000000000' },
    },
  ])
  expect(await server.settlementsOf(userId)).toEqual([])

  const resumed = await server.open(userId).granted()
  expect(await failuresOf(userId)).toMatchObject([{ state: 'pending' }])
  resumed.close({ inputTokens: 1_000, outputTokens: 100 })
  expect(await resumed.settled()).toMatchObject({ charge: { amountNanousd: '2000000' } })
  expect(await failuresOf(userId)).toMatchObject([{ state: 'resolved' }])
  expect(await server.wrongWith(userId)).toEqual([])
})

test('the failure of such a close outlives the expiry, and a late close that can be charged resolves it', async () => {
  const userId = await server.aUser()
  const stream = await server.open(userId).granted()
  stream.progress(1, 20, 1_000)
  stream.close({ inputTokens: 1_000, outputTokens: 1e11 })
  expect(await stream.refusal()).toBe('PRICE_ANOMALY')
  await server.untilSettled(userId)
  expect((await server.settlementsOf(userId)).map(({ charge }) => charge?.amountNanousd)).toEqual([
    1_200_000n,
  ])
  expect(await failuresOf(userId)).toMatchObject([{ state: 'pending', reason: 'PRICE_ANOMALY' }])

  const wrong = await reopened(userId)
  wrong.close({ inputTokens: 1_000, outputTokens: 1e11 })
  expect(await wrong.refusal()).toBe('PRICE_ANOMALY')
  expect(await failuresOf(userId)).toMatchObject([{ state: 'pending', attempts: 2 }])

  const right = await reopened(userId)
  right.close({ inputTokens: 1_000, outputTokens: 100 })
  await right.ended
  expect(await failuresOf(userId)).toMatchObject([{ state: 'resolved' }])
  expect(await server.wrongWith(userId)).toEqual([])
})

test('after its time, a late close changes nothing and is told so', async () => {
  const short = await startStreamServer({ validityMs: 500, amendableForMs: 200 })
  const userId = await short.aUser()
  const stream = await short.open(userId).granted()
  stream.progress(1, 20, 1_000)
  expect(await stream.settled()).toMatchObject({ amendableUntil: { seconds: expect.anything() } })
  await sleep(300)
  stream.close({ inputTokens: 1_000, outputTokens: 90 })
  expect(await stream.ended).toBeUndefined()
  expect(stream.settlement).toMatchObject({
    replayed: true,
    amendableUntil: null,
    charge: { amountNanousd: '1200000' },
  })
  expect((await entriesOf(short.database, userId)).map(({ kind }) => kind)).not.toContain('adjustment')
  await short.stop()
})

async function failuresOf(userId: string) {
  return await server.database.kysely
    .selectFrom('credit_deduction_failures')
    .selectAll()
    .where('user_id', '=', userId)
    .execute()
}
