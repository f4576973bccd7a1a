import { on } from 'node:events'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, credentials } from '@grpc/grpc-js'
import { services } from '../../../src/wire/definition'
import type { StreamSettleRequest } from '../../../src/wire/generated/tollgate/billing/v1/StreamSettleRequest'
import type { StreamSettleResponse__Output } from '../../../src/wire/generated/tollgate/billing/v1/StreamSettleResponse'
import { cardOf } from '../../support/priceBooks'
import {
  expireAll,
  INPUT,
  OUTPUT,
  openOf,
  type StreamServer,
  startStreamServer,
} from '../../support/streamServer'

// Clients that do what they should not. Whatever it is, it is theirs alone, and their streams end like any other.

const MESSAGES_PER_SECOND = 50
const CHARGE_MAX = 10_000_000n

let server: StreamServer

beforeAll(async () => {
  server = await startStreamServer(
    { validityMs: 3_000, messagesPerSecondMax: MESSAGES_PER_SECOND },
    { limits: { chargeNanousdMax: CHARGE_MAX } },
  )
})

afterAll(async () => {
  await server.stop()
})

function holdOf(userId: string) {
  return server.database.kysely
    .selectFrom('holds')
    .selectAll()
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow()
}

async function untilState(userId: string, state: string) {
  for (;;) {
    const hold = await holdOf(userId)
    if (hold.state === state) return hold
    await sleep(20)
  }
}

test('usage that has no rate never becomes the last progress, so that the hold can be settled', async () => {
  await server.billing.prices.putPrice({
    model: 'image-model',
    provider: '',
    rateCards: [cardOf({ INPUT_TOKENS: 1, IMAGE_OUTPUT_TOKENS: 10 })],
  })
  const userId = await server.aUser()
  const stream = await server.open(userId, { model: 'image-model' }).granted()
  stream.progressWith({ sequence: 1, usage: { inputTokens: 1_000, outputTokens: 5, imageOutputTokens: 5 } })
  stream.progressWith({ sequence: 2, usage: { inputTokens: 1_000, outputTokens: 9, imageOutputTokens: 5 } })
  expect(await stream.refusal()).toBe('MODEL_PRICE_MISSING')
  expect((await untilState(userId, 'detached')).sequence).toBe(1n)
  await expireAll(server)
  expect(await holdOf(userId)).toMatchObject({ state: 'settled' })
  const [settlement] = await server.settlementsOf(userId)
  expect(settlement?.charge?.amountNanousd).toBe(1_000n * INPUT + 5n * OUTPUT)
  expect(await server.wrongWith(userId)).toEqual([])
})

test('no grant goes beyond what one charge may be, so that what is reported can be settled', async () => {
  const userId = await server.aUser()
  // 1,000 tokens ahead would be a hold of twice the greatest charge.
  const stream = await server.open(userId, { inputTokens: 9_500, maxOutputTokens: 1_000 }).granted()
  expect(BigInt(stream.grant.grantedNanousd)).toBe(CHARGE_MAX)
  expect(stream.grant.grantedOutputTokens).toBe('50')
  stream.progress(1, 45, 9_500)
  await stream.acknowledged(1)
  expect(BigInt((await holdOf(userId)).held_nanousd)).toBe(CHARGE_MAX)
  stream.progress(2, 60, 9_500)
  expect(await stream.refusal()).toBe('PRICE_ANOMALY')
  await untilState(userId, 'detached')
  await expireAll(server)
  const [settlement] = await server.settlementsOf(userId)
  expect(settlement?.charge?.amountNanousd).toBe(9_500n * INPUT + 45n * OUTPUT)
  expect(await server.wrongWith(userId)).toEqual([])
})

test('a flood is read no faster than a stream may send, and loses nothing', async () => {
  const userId = await server.aUser()
  const flood = floodingClient(server.address)
  try {
    flood.send({ open: openOf(userId) })
    const startedMs = performance.now()
    const messages = MESSAGES_PER_SECOND * 4
    for (let sequence = 1; sequence <= messages; sequence++) {
      flood.send({ progress: { sequence, usage: { outputTokens: 1 } } })
    }
    for (const sequence of [1, MESSAGES_PER_SECOND * 2, messages]) {
      const acknowledged = await flood.next((answer) => Number(answer.ack?.sequence ?? 0) >= sequence)
      const windows = Math.floor((performance.now() - startedMs) / 1_000) + 2
      expect(Number(acknowledged.ack?.sequence)).toBeLessThanOrEqual(windows * MESSAGES_PER_SECOND)
    }
    flood.send({ close: { sequence: 1_000_000, end: 'STREAM_END_COMPLETED' } })
    const { settled } = await flood.next((answer) => answer.settled != null)
    expect(settled?.charge?.amountNanousd).toBe(`${OUTPUT}`)
  } finally {
    flood.close()
  }
})

/** The Node client merges the reports that wait. This one sends each. */
function floodingClient(address: string) {
  const { path, requestSerialize, responseDeserialize } =
    services['tollgate.billing.v1.BillingService'].StreamSettle
  const client = new Client(address, credentials.createInsecure())
  const call = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize)
  const answers = on(call, 'data', { close: ['end'] })
  return {
    send: (request: StreamSettleRequest) => void call.write(request),
    async next(isWanted: (answer: StreamSettleResponse__Output) => boolean) {
      for (;;) {
        const { value, done } = await answers.next()
        if (done) throw new Error('the stream ended')
        if (isWanted(value[0])) return value[0] as StreamSettleResponse__Output
      }
    },
    close: () => client.close(),
  }
}

test('a message that is too large ends its call, and the stream is resumed', async () => {
  const userId = await server.aUser()
  const stream = await server.open(userId).granted()
  stream.progress(1, 7)
  await stream.acknowledged(1)
  stream.closeWith({
    providerUsage: { format: 'openai.chat', json: ' '.repeat(5 * 1024 * 1024) },
  })
  expect(await stream.ended).toBeDefined()
  await untilState(userId, 'detached')
  const resumed = await server.open(userId).granted()
  expect(resumed.grant.acknowledgedSequence).toBe('1')
  resumed.close()
  expect((await resumed.settled()).charge?.amountNanousd).toBe(`${7n * OUTPUT}`)
})
