import { setTimeout as sleep } from 'node:timers/promises'
import { connectTollgate } from '../../../clients/node/src/connect'
import { Streams } from '../../../src/billing/streams/streamSettle'
import { holdFromRow } from '../../../src/database/holds/holdRow'
import { streamSettle } from '../../../src/rpc/billing/streamSettle'
import { startRpcServer } from '../../../src/rpc/server/server'
import type { StreamOpen } from '../../../src/wire/generated/tollgate/billing/v1/StreamOpen'
import { entriesOf, givenUser, userOf, whatIsWrong } from '../../support/ledger'
import { aGrant, USD } from '../../support/postings'
import { cardOf } from '../../support/priceBooks'
import { startTestServer, type TestServer } from '../../support/server'
import { cuttableProxy, TestStream } from '../../support/streamClients'

/** $1 a million input tokens, $10 a million output tokens: 1,000 and 10,000 nano-USD each. */
const INPUT = 1_000n
const OUTPUT = 10_000n

let server: TestServer
let users = 0

beforeAll(async () => {
  server = await startTestServer({
    streams: {
      validityMs: 1_500,
      sweepIntervalMs: 100,
      recordIntervalMs: 200,
      firstStretchTokens: 100n,
      streamsMax: 60,
    },
  })
  await server.billing.prices.putPrice({
    model: 'test-model',
    provider: '',
    rateCards: [cardOf({ INPUT_TOKENS: 1, OUTPUT_TOKENS: 10 })],
  })
})

afterAll(async () => {
  await server.stop()
})

async function aFundedUser(creditsNanousd = USD): Promise<string> {
  const userId = `user-${++users}`
  await givenUser(server.database, userId)
  await server.billing.ledger.post(aGrant(userId, 'credits', creditsNanousd))
  return userId
}

function openOf(userId: string): StreamOpen {
  return { idempotencyKey: 'stream', userId, model: 'test-model', inputTokens: 1_000 }
}

function open(userId: string, overrides: Partial<StreamOpen> = {}): TestStream {
  return new TestStream(server.client, { ...openOf(userId), ...overrides })
}

async function holdOf(userId: string) {
  const row = await server.database.kysely
    .selectFrom('holds')
    .selectAll()
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow()
  return holdFromRow(row)
}

async function settlementsOf(userId: string) {
  return (await entriesOf(server.database, userId)).filter(({ kind }) => kind === 'settlement')
}

async function untilSettled(userId: string) {
  for (;;) {
    const hold = await holdOf(userId)
    if (hold.status.state === 'settled') return hold.status
    await sleep(50)
  }
}

async function expectSoundBooks(userId: string) {
  expect(await whatIsWrong(server.database, userId)).toEqual([])
}

test('a stream is granted credits ahead, reports, is granted more, and is settled at its close', async () => {
  const userId = await aFundedUser()
  const stream = await open(userId).granted()
  expect(stream.grant).toMatchObject({
    grantedNanousd: String(1_000n * INPUT + 100n * OUTPUT),
    grantedOutputTokens: '100',
    finalReason: 'FINAL_REASON_UNSPECIFIED',
    acknowledgedSequence: '0',
  })
  expect((await userOf(server.database, userId)).heldNanousd).toBe(2_000_000n)

  stream.progress(1, 50, 900)
  stream.progress(2, 90, 900)
  await stream.until(({ grants }) => grants.length > 1)
  expect(Number(stream.grant.grantedOutputTokens)).toBeGreaterThanOrEqual(190)
  expect(stream.acks.at(-1)).toMatchObject({
    sequence: '2',
    costNanousd: String(900n * INPUT + 90n * OUTPUT),
  })

  stream.close({ inputTokens: 900, outputTokens: 120 })
  const { charge, releasedNanousd, shortfallNanousd, replayed } = await stream.settled()
  const costNanousd = 900n * INPUT + 120n * OUTPUT
  expect(charge).toMatchObject({
    userId,
    idempotencyKey: 'stream',
    amountNanousd: String(costNanousd),
    holdId: stream.grant.holdId,
    end: 'STREAM_END_COMPLETED',
  })
  expect({ releasedNanousd, shortfallNanousd, replayed }).toEqual({
    releasedNanousd: String(BigInt(stream.grant.grantedNanousd) - costNanousd),
    shortfallNanousd: '0',
    replayed: false,
  })
  expect(await stream.ended).toBeUndefined()
  expect(await userOf(server.database, userId)).toMatchObject({
    creditsNanousd: USD - costNanousd,
    heldNanousd: 0n,
  })
  await expectSoundBooks(userId)

  const again = open(userId)
  expect(await again.settled()).toMatchObject({
    replayed: true,
    charge: { amountNanousd: String(costNanousd) },
  })
  expect(await again.ended).toBeUndefined()
})

test('a half-close settles the last progress', async () => {
  const userId = await aFundedUser()
  const stream = await open(userId).granted()
  stream.progress(1, 30, 1_000)
  stream.halfClose()
  expect((await stream.settled()).charge).toMatchObject({ amountNanousd: '1300000' })
  await expectSoundBooks(userId)
})

test('an explicit nothing is settled at nothing', async () => {
  const userId = await aFundedUser()
  const stream = await open(userId).granted()
  stream.progress(1, 30, 1_000)
  stream.close({})
  expect((await stream.settled()).charge).toMatchObject({ amountNanousd: '0' })
  expect((await userOf(server.database, userId)).creditsNanousd).toBe(USD)
  await expectSoundBooks(userId)
})

test('repeated and reordered progress changes nothing', async () => {
  const userId = await aFundedUser()
  const stream = await open(userId).granted()
  for (const [sequence, tokens] of [
    [3, 40],
    [1, 10],
    [2, 70],
    [3, 40],
    [1, 10],
  ] as const) {
    stream.progress(sequence, tokens, 1_000)
  }
  stream.halfClose()
  expect((await stream.settled()).charge).toMatchObject({ amountNanousd: '1400000' })
})

test('a call that is cancelled keeps its hold, and is settled at what was reported once its validity is over', async () => {
  const userId = await aFundedUser()
  const stream = await open(userId).granted()
  stream.progress(1, 20, 1_000)
  await stream.acknowledged(1)
  // In memory only, when the connection goes.
  stream.progress(2, 42, 1_000)
  await sleep(20)
  stream.cancel()
  await stream.ended
  await sleep(200)
  expect((await holdOf(userId)).status.state).toBe('detached')
  expect(await settlementsOf(userId)).toEqual([])

  expect(await untilSettled(userId)).toMatchObject({ byExpiry: true })
  const [settlement] = await settlementsOf(userId)
  expect(settlement?.charge).toMatchObject({ amountNanousd: 1_000n * INPUT + 42n * OUTPUT })
  await expectSoundBooks(userId)
})

test('a connection that breaks keeps its hold, and the stream is resumed', async () => {
  const userId = await aFundedUser()
  const proxy = await cuttableProxy(server.rpc.port)
  const client = connectTollgate({ address: proxy.address })
  const stream = await new TestStream(client, openOf(userId)).granted()
  stream.progress(1, 20, 1_000)
  await stream.acknowledged(1)
  stream.progress(2, 30, 1_000)
  await sleep(20)
  proxy.cut()
  await stream.ended
  client.close()
  await sleep(50)
  expect(await holdOf(userId)).toMatchObject({ status: { state: 'detached' }, sequence: 2n })

  const resumed = await open(userId).granted()
  expect(resumed.grant.acknowledgedSequence).toBe('2')
  resumed.progress(3, 40, 1_000)
  resumed.halfClose()
  expect((await resumed.settled()).charge).toMatchObject({ amountNanousd: '1400000' })
  await expectSoundBooks(userId)
})

test('a connection that falls silent is told that it expired', async () => {
  const userId = await aFundedUser()
  const stream = await open(userId).granted()
  stream.progress(1, 20, 1_000)
  const { charge, amendableUntil } = await stream.settled()
  expect(charge).toMatchObject({ amountNanousd: '1200000' })
  expect(amendableUntil).not.toBeNull()
  stream.halfClose()
  expect(await stream.ended).toBeUndefined()
})

test('a stream that reports lives longer than its validity, even on its last grant', async () => {
  const userId = await aFundedUser(1_000n * INPUT + 50n * OUTPUT)
  const stream = await open(userId).granted()
  expect(stream.grant).toMatchObject({ grantedOutputTokens: '50', finalReason: 'FINAL_REASON_CREDITS' })
  for (let sequence = 1; sequence <= 12; sequence++) {
    stream.progress(sequence, sequence, 1_000)
    await sleep(250)
  }
  stream.halfClose()
  expect((await stream.settled()).charge).toMatchObject({ amountNanousd: '1120000' })
  const postings = (await entriesOf(server.database, userId)).map(({ kind }) => kind)
  expect(postings).toEqual(['grant', 'hold', 'settlement'])
})

test('near the end of the credits a grant is final to the token, and new credits open it again', async () => {
  const userId = await aFundedUser(1_000n * INPUT + 120n * OUTPUT)
  const stream = await open(userId).granted()
  stream.progress(1, 90, 1_000)
  await stream.until(({ grant }) => grant.finalReason === 'FINAL_REASON_CREDITS')
  expect(stream.grant.grantedOutputTokens).toBe('120')

  await server.billing.ledger.post(aGrant(userId, 'more', USD))
  await sleep(300)
  stream.progress(2, 119, 1_000)
  await stream.until(({ grant }) => grant.finalReason === 'FINAL_REASON_UNSPECIFIED')
  expect(Number(stream.grant.grantedOutputTokens)).toBeGreaterThan(200)
  stream.close()
  expect((await stream.settled()).charge).toMatchObject({ amountNanousd: '2190000' })
  await expectSoundBooks(userId)
})

test('what a gateway used beyond its credits is charged as far as they go; the rest is a deduction failure', async () => {
  const userId = await aFundedUser(1_000n * INPUT + 10n * OUTPUT)
  const stream = await open(userId).granted()
  stream.close({ inputTokens: 1_000, outputTokens: 25 })
  expect(await stream.settled()).toMatchObject({
    charge: { amountNanousd: '1100000', failureId: expect.stringMatching(/^fl_/) },
    shortfallNanousd: String(15n * OUTPUT),
    releasedNanousd: '0',
  })
  expect((await userOf(server.database, userId)).creditsNanousd).toBe(0n)
  const failures = await server.database.kysely
    .selectFrom('credit_deduction_failures')
    .selectAll()
    .where('user_id', '=', userId)
    .execute()
  expect(failures).toMatchObject([
    {
      idempotency_key: 'stream',
      amount_nanousd: 15n * OUTPUT,
      reason: 'INSUFFICIENT_CREDITS',
      state: 'pending',
    },
  ])
  await expectSoundBooks(userId)
})

test('a second connection takes the stream over where it was; the first is fenced', async () => {
  const userId = await aFundedUser()
  const first = await open(userId).granted()
  first.progress(7, 20, 1_000)
  await first.acknowledged(7)

  const second = await open(userId).granted()
  expect(second.grant).toMatchObject({ holdId: first.grant.holdId, acknowledgedSequence: '7' })
  expect(await first.refusal()).toBe('STREAM_FENCED')
  second.progress(6, 90, 1_000)
  second.progress(8, 25, 1_000)
  second.close()
  expect((await second.settled()).charge).toMatchObject({ amountNanousd: '1250000' })
  expect(await settlementsOf(userId)).toHaveLength(1)
  await expectSoundBooks(userId)
})

test('a connection that another server took over is fenced at its next write, and settles nothing', async () => {
  const userId = await aFundedUser()
  const first = await open(userId).granted()
  const elsewhere = new Streams(server.billing)
  const grants: unknown[] = []
  const ended = new Promise<unknown>((resolve) => {
    const session = elsewhere.connect(
      {
        send: (message) => {
          grants.push(message)
          return undefined
        },
        end: resolve,
      },
      'gateway-us',
    )
    void session.open({
      idempotencyKey: 'stream',
      userId,
      call: { model: 'test-model', provider: '', quoteId: '', serviceTier: '', apiKeyId: '', labels: {} },
      inputTokens: 1_000n,
      maxOutputTokens: 0n,
      holdsMaxOutputTokens: false,
      holdSeconds: 0n,
    })
    void (async () => {
      while (grants.length === 0) await sleep(10)
      first.close({ inputTokens: 1_000, outputTokens: 99 })
      expect(await first.refusal()).toBe('STREAM_FENCED')
      await session.hear({ type: 'half-close' })
    })()
  })
  expect(await ended).toBeUndefined()
  const settlements = await settlementsOf(userId)
  expect(settlements.map(({ charge }) => charge?.amountNanousd)).toEqual([0n])
  await expectSoundBooks(userId)
})

test('two opens of one key at once leave one stream, one hold and one owner', async () => {
  const userId = await aFundedUser()
  const racing = Array.from({ length: 8 }, () => open(userId))
  const refused = await Promise.all(
    racing.map(async (stream) => Promise.race([stream.refusal(), sleep(1_000, 'running')])),
  )
  expect(refused.filter((outcome) => outcome === 'running')).toHaveLength(1)
  expect(refused.filter((outcome) => outcome === 'STREAM_FENCED')).toHaveLength(7)
  const owner = racing[refused.indexOf('running')] as TestStream
  owner.close({ outputTokens: 5 })
  expect((await owner.settled()).charge).toMatchObject({ amountNanousd: '50000' })
  expect((await entriesOf(server.database, userId)).map(({ kind }) => kind)).toEqual([
    'grant',
    'hold',
    'settlement',
  ])
})

test('fifty streams of a user whose credits suffice for ten never overdraw', async () => {
  const userId = await aFundedUser(10n * 2_000_000n)
  const all = Array.from({ length: 50 }, (_, index) => open(userId, { idempotencyKey: `s-${index}` }))
  const outcomes = await Promise.all(
    all.map((stream) =>
      stream.granted().then(
        () => 'granted',
        () => stream.refusal(),
      ),
    ),
  )
  expect(outcomes.filter((outcome) => outcome === 'granted')).toHaveLength(10)
  expect(outcomes.filter((outcome) => outcome === 'INSUFFICIENT_CREDITS')).toHaveLength(40)
  expect((await userOf(server.database, userId)).heldNanousd).toBe(20_000_000n)

  const granted = all.filter((_, index) => outcomes[index] === 'granted')
  for (const stream of granted) stream.progress(1, 90, 1_000)
  await Promise.all(granted.map((stream) => stream.acknowledged(1)))
  for (const stream of granted) stream.close({ inputTokens: 1_000, outputTokens: 100 })
  for (const stream of granted) {
    expect(await stream.settled()).toMatchObject({ shortfallNanousd: '0' })
  }
  expect(await userOf(server.database, userId)).toMatchObject({ creditsNanousd: 0n, heldNanousd: 0n })
  await expectSoundBooks(userId)
})

test.each<[name: string, open: Partial<StreamOpen>, reason: string]>([
  ['an unknown user', { userId: 'nobody' }, 'USER_NOT_FOUND'],
  ['a model without a price', { model: 'gpt-4-unheard-of' }, 'MODEL_PRICE_MISSING'],
  ['an empty key', { idempotencyKey: '' }, 'INVALID_FIELD'],
  ['a negative count', { inputTokens: -1 }, 'INVALID_FIELD'],
  ['more input than the credits pay', { inputTokens: 2_000_000 }, 'INSUFFICIENT_CREDITS'],
])('%s is refused, and uses up no key', async (_name, overrides, reason) => {
  const userId = await aFundedUser()
  expect(await open(userId, overrides).refusal()).toBe(reason)
  const stream = await open(userId).granted()
  stream.close({})
  await stream.settled()
})

test('a hold of all output tokens is taken from the start, and refused where the credits pay only a part', async () => {
  // For 5,000 tokens of output: more than a first stretch.
  const userId = await aFundedUser(5_000n * OUTPUT)
  const whole = { inputTokens: 0, maxOutputTokens: 3_000, holdMaxOutputTokens: true }
  const first = await open(userId, { ...whole, idempotencyKey: 'first' }).granted()
  expect(first.grant).toMatchObject({
    grantedOutputTokens: '3000',
    grantedNanousd: String(3_000n * OUTPUT),
    finalReason: 'FINAL_REASON_MAX_OUTPUT_TOKENS',
  })
  expect(await open(userId, { ...whole, idempotencyKey: 'second' }).refusal()).toBe('INSUFFICIENT_CREDITS')
  first.close({})
  await first.settled()
  expect(await open(userId, { holdMaxOutputTokens: true }).refusal()).toBe('INVALID_FIELD')
  await expectSoundBooks(userId)
})

test('the key of a charge, or of another open, is refused', async () => {
  const userId = await aFundedUser()
  await server.client.chargeUsage({
    idempotencyKey: 'stream',
    userId,
    model: 'test-model',
    usage: { inputTokens: 10 },
  })
  expect(await open(userId).refusal()).toBe('IDEMPOTENCY_KEY_REUSED')
  const stream = await open(userId, { idempotencyKey: 'other' }).granted()
  expect(await open(userId, { idempotencyKey: 'other', inputTokens: 5 }).refusal()).toBe(
    'IDEMPOTENCY_KEY_REUSED',
  )
  stream.close({})
  await stream.settled()
})

test('messages out of turn and impossible usage end the call and keep the hold', async () => {
  const userId = await aFundedUser()
  const bare = server.client.streamSettle()
  bare.progress({ sequence: 1, usage: {} })
  await expect(bare.events[Symbol.asyncIterator]().next()).rejects.toMatchObject({
    reason: 'STREAM_PROTOCOL',
  })

  const stream = await open(userId).granted()
  stream.progress(1, 5)
  stream.progress(0, 6)
  expect(await stream.refusal()).toBe('STREAM_PROTOCOL')
  await sleep(100)
  expect(await holdOf(userId)).toMatchObject({ status: { state: 'detached' }, sequence: 1n })
  const resumed = await open(userId).granted()
  resumed.close()
  expect((await resumed.settled()).charge).toMatchObject({ amountNanousd: '50000' })
})

test('streams beyond what the server takes are refused', async () => {
  const userId = await aFundedUser()
  const bare = Array.from({ length: 70 }, () => server.client.streamSettle())
  const outcomes = bare.map(({ events }) =>
    events[Symbol.asyncIterator]()
      .next()
      .catch((error: { reason?: string }) => error.reason),
  )
  await sleep(300)
  for (const connection of bare) connection.cancel()
  const refused = (await Promise.all(outcomes)).filter((outcome) => outcome === 'TOO_MANY_STREAMS')
  expect(refused).toHaveLength(10)
  const stream = await open(userId).granted()
  stream.close({})
  await stream.settled()
})

test('a server that stops tells its streams, and what does not move is left to be resumed', async () => {
  const userId = await aFundedUser()
  const rules = { ...server.billing.streams, drainMs: 300 }
  const stopping = new Streams({ ...server.billing, streams: rules })
  const rpc = await startRpcServer({
    billing: server.billing,
    host: '127.0.0.1',
    port: 0,
    streamSettle: streamSettle(stopping),
  })
  const client = connectTollgate({ address: `127.0.0.1:${rpc.port}` })
  const staying = await new TestStream(client, openOf(userId)).granted()
  const moving = await new TestStream(client, { ...openOf(userId), idempotencyKey: 'moving' }).granted()
  staying.progress(1, 20, 1_000)
  moving.progress(1, 20, 1_000)
  await sleep(20)

  const drained = stopping.drain()
  await moving.until(({ drained }) => drained)
  expect(await new TestStream(client, { ...openOf(userId), idempotencyKey: 'new' }).refusal()).toBe(
    'SHUTTING_DOWN',
  )
  moving.close()
  await moving.settled()
  expect(await staying.refusal()).toBe('SHUTTING_DOWN')
  await drained
  client.close()
  await rpc.drain(0)

  const resumed = await open(userId).granted()
  expect(resumed.grant.acknowledgedSequence).toBe('1')
  resumed.close()
  await resumed.settled()
  await expectSoundBooks(userId)
})
