import { setTimeout as sleep } from 'node:timers/promises'
import type { Billing } from '../../../src/billing/billing'
import { settleHold } from '../../../src/billing/streams/settleHold'
import type { StreamMessage } from '../../../src/billing/streams/streamMessages'
import { Streams } from '../../../src/billing/streams/streamSettle'
import { HoldSweeper, sweepHolds } from '../../../src/billing/streams/sweepHolds'
import { recordHolds } from '../../../src/database/holds/holds'
import { keyIdOf } from '../../../src/domain/ledger/ids'
import { NO_USAGE } from '../../../src/domain/usage/usage'
import { entriesOf, givenUser, startLedger, userOf, whatIsWrong } from '../../support/ledger'
import { aGrant, USD } from '../../support/postings'
import { cardOf } from '../../support/priceBooks'
import { startTestServer, type TestServer } from '../../support/server'

let server: TestServer
let billing: Billing
let streams: Streams
let users = 0

beforeAll(async () => {
  server = await startTestServer({
    streams: { validityMs: 300, sweepIntervalMs: 60_000, recordIntervalMs: 60_000, firstStretchTokens: 100n },
  })
  billing = server.billing
  streams = new Streams(billing)
  await billing.prices.putPrice({
    model: 'test-model',
    provider: '',
    rateCards: [cardOf({ INPUT_TOKENS: 1, OUTPUT_TOKENS: 10 })],
  })
})

afterAll(() => server.stop())

/** A stream that was opened and then fell silent. */
async function aForgottenStream(): Promise<{ userId: string; keyId: string }> {
  const userId = `user-${++users}`
  await givenUser(server.database, userId)
  await billing.ledger.post(aGrant(userId, 'credits', USD))
  const sent: StreamMessage[] = []
  const session = streams.connect(
    {
      send: (message) => {
        sent.push(message)
        return undefined
      },
      end: () => undefined,
    },
    'gateway-eu',
  )
  await session.open({
    idempotencyKey: 'stream',
    userId,
    call: { model: 'test-model', provider: '', quoteId: '', serviceTier: '', apiKeyId: '', labels: {} },
    inputTokens: 0n,
    maxOutputTokens: 0n,
    holdsMaxOutputTokens: false,
    holdSeconds: 0n,
  })
  expect(sent.map((message) => message.do)).toEqual(['send grant'])
  return { userId, keyId: keyIdOf(userId, 'stream') }
}

function recordOf(hold: { userId: string; keyId: string }, outputTokens: bigint, renewForMs = 0) {
  return {
    ...hold,
    epoch: 1,
    progress: { sequence: outputTokens, usage: { ...NO_USAGE, outputTokens } },
    renewForMs,
    detach: false,
  }
}

async function settledAmountsOf(userId: string) {
  const entries = await entriesOf(server.database, userId)
  return entries.filter(({ kind }) => kind === 'settlement').map(({ charge }) => charge?.amountNanousd)
}

test('many replicas at once settle every expired hold once, at its last recorded progress', async () => {
  const holds = await Promise.all(Array.from({ length: 30 }, aForgottenStream))
  await recordHolds(
    server.database,
    holds.map((hold, index) => recordOf(hold, BigInt(index))),
  )
  const replicas = await Promise.all(
    Array.from({ length: 3 }, async () => ({
      ...billing,
      ledger: await startLedger(server.database.connection),
    })),
  )
  expect(await sweepHolds(billing)).toBe(0)
  await sleep(350)
  const claimed = await Promise.all([...replicas, billing].map(sweepHolds))
  for (const { ledger } of replicas) await ledger.drain()

  expect(claimed.reduce((sum, count) => sum + count)).toBeGreaterThanOrEqual(30)
  for (const [index, { userId }] of holds.entries()) {
    expect(await settledAmountsOf(userId)).toEqual([BigInt(index) * 10_000n])
    expect(await userOf(server.database, userId)).toMatchObject({ heldNanousd: 0n })
    expect(await whatIsWrong(server.database, userId)).toEqual([])
  }
})

test('a hold that was reported to in time is left alone', async () => {
  const hold = await aForgottenStream()
  await sleep(350)
  const [recorded] = await recordHolds(server.database, [recordOf(hold, 7n, 60_000)])
  expect(recorded?.sequence).toBe(7n)
  await sweepHolds(billing)
  expect(await settledAmountsOf(hold.userId)).toEqual([])
  const { receipt, idempotencyKey } = await settleHold(
    billing,
    {
      userId: hold.userId,
      holdKeyId: hold.keyId,
    },
    { actor: 'operations' },
  )
  expect(idempotencyKey).toBe('stream')
  expect(receipt.entry.charge).toMatchObject({ amountNanousd: 70_000n })
})

test('an older epoch, and a settled hold, record nothing', async () => {
  const hold = await aForgottenStream()
  const old = { ...recordOf(hold, 9n), epoch: 0 }
  expect(await recordHolds(server.database, [old, recordOf(hold, 3n), old])).toEqual([
    undefined,
    { sequence: 3n, expiresAt: expect.any(Date) },
    undefined,
  ])
  await settleHold(billing, { userId: hold.userId, holdKeyId: hold.keyId }, { actor: 'operations' })
  expect(await recordHolds(server.database, [recordOf(hold, 4n)])).toEqual([undefined])
  const again = await settleHold(
    billing,
    { userId: hold.userId, holdKeyId: hold.keyId },
    { actor: 'operations' },
  )
  expect(again.receipt.entry.charge).toMatchObject({ amountNanousd: 30_000n })
})

test('nothing is claimed until one validity after the database was last unreachable', async () => {
  const { userId } = await aForgottenStream()
  await sleep(350)
  let nowMs = 0
  const sweeper = new HoldSweeper(
    { ...billing, streams: { ...billing.streams, sweepIntervalMs: 20 } },
    () => nowMs,
  )
  sweeper.start()
  await sleep(150)
  expect(await settledAmountsOf(userId)).toEqual([])
  nowMs = 250
  sweeper.databaseWasUnreachable()
  nowMs = 500
  await sleep(150)
  expect(await settledAmountsOf(userId)).toEqual([])
  nowMs = 600
  await sleep(300)
  await sweeper.stop()
  expect(await settledAmountsOf(userId)).toEqual([0n])
})
