import { setTimeout as sleep } from 'node:timers/promises'
import type { PutPriceRequest } from '../../../src/wire/generated/tollgate/billing/v1/PutPriceRequest'
import { type BreakableNetwork, breakableNetwork } from '../../support/breakableNetwork'
import { whatIsWrong } from '../../support/ledger'
import { startTestServer, type TestServer } from '../../support/server'
import { spoolDir } from '../../support/spools'
import { TestStream } from '../../support/streamClients'

// A call that is billed by named units, through every method that knows usage.

const PRICES: PutPriceRequest[] = [
  {
    model: 'whisper',
    provider: 'p',
    rateCards: [{ rates: [{ unit: 'second', priceNanousd: '100000', per: '1' }] }],
  },
  {
    model: 'artist',
    provider: 'p',
    markupBasisPoints: 1_000,
    rateCards: [
      {
        rates: [
          { meter: 'METER_INPUT_TOKENS', priceNanousd: '5000000000', per: '1000000' },
          { unit: 'image', priceNanousd: '40000000', per: '1' },
          { unit: 'image/hd', priceNanousd: '80000000', per: '1' },
          { unit: 'character', priceNanousd: '15000000000', per: '1000000' },
        ],
      },
    ],
  },
  {
    model: 'speaker',
    provider: 'p',
    rateCards: [
      {
        rates: [
          { meter: 'METER_INPUT_TOKENS', priceNanousd: '1000000000', per: '1000000' },
          { meter: 'METER_OUTPUT_TOKENS', priceNanousd: '10000000000', per: '1000000' },
          { unit: 'audio_second', priceNanousd: '1000000', per: '1' },
        ],
      },
    ],
  },
]

let server: TestServer
let network: BreakableNetwork
let spool: ReturnType<typeof spoolDir>
let users = 0

beforeAll(async () => {
  spool = spoolDir()
  server = await startTestServer({
    spool: { dir: spool.dir },
    streams: { validityMs: 60_000, firstStretchTokens: 100n, recordIntervalMs: 100 },
    async network(connection) {
      network = await breakableNetwork(connection)
      return network.connection
    },
  })
  for (const price of PRICES) await server.client.putPrice(price)
})

afterAll(async () => {
  await server.stop()
  network.close()
  spool.remove()
})

async function aUser(amountNanousd = 10_000_000_000n): Promise<string> {
  const userId = `user-${++users}`
  await server.client.createUser({ userId })
  await server.client.grantCredits({
    ...{ userId, idempotencyKey: 'g', pot: 'POT_CREDITS', amountNanousd: amountNanousd.toString() },
  })
  return userId
}

const IMAGES = {
  ...{ model: 'artist', provider: 'p', idempotencyKey: 'c' },
  usage: { inputTokens: 100, units: { image: '1', 'image/hd': '2', character: '1500.5' } },
}

/** 100 × 5,000 + 40,000,000 + 2 × 80,000,000 + 1,500.5 × 15,000, and a tenth more. */
const LINES = [
  { meter: 'METER_INPUT_TOKENS', units: '100', unit: '', unitCount: '', costNanousd: '500000' },
  { meter: 'METER_UNSPECIFIED', units: '0', unit: 'character', unitCount: '1500.5', costNanousd: '22507500' },
  { meter: 'METER_UNSPECIFIED', units: '0', unit: 'image', unitCount: '1', costNanousd: '40000000' },
  {
    ...{ meter: 'METER_UNSPECIFIED', units: '0', unit: 'image/hd', unitCount: '2', costNanousd: '160000000' },
    ...{ chargedNanousd: '176000000', priceNanousd: '80000000', per: '1' },
  },
]

test('a charge has a line for each unit, and its receipt can be read and replayed', async () => {
  const userId = await aUser()
  const { charge } = await server.client.chargeUsage({ ...IMAGES, userId })
  expect(charge).toMatchObject({
    ...{ amountNanousd: '245308250', costNanousd: '223007500', lineItems: LINES },
    usage: { inputTokens: '100', units: IMAGES.usage.units },
  })
  const again = await server.client.chargeUsage({ ...IMAGES, userId })
  expect(again).toEqual({ charge, replayed: true })
  expect((await server.client.getCharge({ userId, idempotencyKey: 'c' })).charge).toEqual(charge)
  const { entries } = await server.client.listLedgerEntries({ userId })
  expect(entries.some((entry) => entry.charge?.usage?.units['image/hd'] === '2')).toBe(true)
  expect(await whatIsWrong(server.database, userId)).toEqual([])
  expect((await server.client.reconcile({ userId })).discrepancies).toEqual([])
})

test('another count of a unit under the same key is another request', async () => {
  const userId = await aUser()
  await server.client.chargeUsage({ ...IMAGES, userId })
  const usage = { ...IMAGES.usage, units: { ...IMAGES.usage.units, 'image/hd': '2.000001' } }
  await expect(server.client.chargeUsage({ ...IMAGES, userId, usage })).rejects.toMatchObject({
    reason: 'IDEMPOTENCY_KEY_REUSED',
  })
})

test('zeros and trailing zeros of a count say nothing', async () => {
  const userId = await aUser()
  await server.client.chargeUsage({ ...IMAGES, userId })
  const units = { ...IMAGES.usage.units, 'image/hd': '2.000', page: '0' }
  const again = await server.client.chargeUsage({ ...IMAGES, userId, usage: { ...IMAGES.usage, units } })
  expect(again.replayed).toBe(true)
})

test('a quote knows them, and a charge that cites it', async () => {
  const userId = await aUser()
  const { idempotencyKey: _key, ...asked } = IMAGES
  const quote = await server.client.priceQuote({ ...asked, userId })
  expect(quote).toMatchObject({ costNanousd: '245308250', affordable: true, lineItems: LINES })
  const rates = quote.price?.rateCards[0]?.rates
  expect(rates).toMatchObject([
    { meter: 'METER_INPUT_TOKENS', unit: '' },
    ...['image', 'image/hd', 'character'].map((unit) => ({ meter: 'METER_UNSPECIFIED', unit })),
  ])
  await server.client.putPrice({
    ...PRICES[1],
    rateCards: [{ rates: [{ unit: 'image', priceNanousd: '2000', per: '1' }] }],
  })
  const { charge } = await server.client.chargeUsage({ ...IMAGES, userId, quoteId: quote.quoteId })
  expect(charge?.amountNanousd).toBe('245308250')
  await server.client.putPrice(PRICES[1] ?? {})
})

test('seconds alone are quoted for a user, and no output is bought', async () => {
  const userId = await aUser(1_000_000n)
  const asked = { model: 'whisper', provider: 'p', userId }
  const dear = await server.client.priceQuote({ ...asked, usage: { units: { second: '11' } } })
  expect(dear).toMatchObject({ costNanousd: '1100000', affordable: false, affordableOutputTokens: '0' })
  const paid = await server.client.priceQuote({ ...asked, usage: { units: { second: '10' } } })
  expect(paid).toMatchObject({ costNanousd: '1000000', affordable: true })
})

test('a batch charges each call by its own units', async () => {
  const userId = await aUser()
  const { results } = await server.client.batchChargeUsage({
    requests: ['1', '0.5', '3'].map((second, index) => ({
      ...{
        userId,
        idempotencyKey: `b${index}`,
        model: 'whisper',
        provider: 'p',
        usage: { units: { second } },
      },
    })),
  })
  expect(results.map(({ response }) => response?.charge?.amountNanousd)).toEqual([
    '100000',
    '50000',
    '300000',
  ])
})

test('a unit without a rate leaves a deduction failure that a price resolves', async () => {
  const userId = await aUser()
  const usage = { units: { second: '11', 'tool_call/lookup': '2' } }
  const call = { userId, idempotencyKey: 'c', model: 'whisper', provider: 'p', usage }
  await expect(server.client.chargeUsage(call)).rejects.toMatchObject({
    ...{ reason: 'MODEL_PRICE_MISSING', metadata: { unit: 'tool_call/lookup' } },
    message: expect.stringContaining('the price has no rate for the unit tool_call/lookup'),
  })
  const { failures } = await server.client.listDeductionFailures({ userId })
  expect(failures).toMatchObject([{ reason: 'MODEL_PRICE_MISSING', usage }])
  const rates = [
    ...(PRICES[0]?.rateCards?.[0]?.rates ?? []),
    { unit: 'tool_call/*', priceNanousd: '0', per: '1' },
  ]
  await server.client.putPrice({ ...PRICES[0], rateCards: [{ rates }] })
  const occurredAt = { seconds: String(Math.floor(Date.now() / 1_000) + 2), nanos: 0 }
  const { charge } = await server.client.chargeUsage({ ...call, occurredAt })
  expect(charge?.amountNanousd).toBe('1100000')
  expect(await whatIsWrong(server.database, userId)).toEqual([])
})

test('a deferred charge keeps them on the disk', async () => {
  const userId = await aUser()
  await server.client.chargeUsage({ ...IMAGES, userId, idempotencyKey: 'first' })
  network.break()
  const { charge } = await server.client.chargeUsage({ ...IMAGES, userId })
  expect(charge).toMatchObject({
    status: 'CHARGE_STATUS_DEFERRED',
    amountNanousd: '245308250',
    lineItems: LINES,
  })
  network.restore()
  const statusOf = async () =>
    (await server.client.getCharge({ userId, idempotencyKey: 'c' }).catch(() => undefined))?.charge
  for (;;) {
    const found = await statusOf()
    if (found?.status === 'CHARGE_STATUS_DEDUCTED') {
      expect(found).toMatchObject({
        amountNanousd: '245308250',
        usage: { units: IMAGES.usage.units },
        lineItems: LINES,
      })
      break
    }
    await sleep(50)
  }
  expect(await whatIsWrong(server.database, userId)).toEqual([])
})

describe('a stream', () => {
  const open = { idempotencyKey: 's', model: 'speaker', provider: 'p', inputTokens: 0, maxOutputTokens: 100 }

  test('holds what its open expects, and settles what was used', async () => {
    const userId = await aUser()
    const stream = new TestStream(server.client, { ...open, userId, units: { audio_second: '60' } })
    await stream.granted()
    // A minute at $0.001 a second, and 100 tokens at $10 a million.
    expect(stream.grant.grantedNanousd).toBe('61000000')
    stream.progressWith({ sequence: 1, usage: { units: { audio_second: '30.25' } } })
    stream.closeWith({ usage: { outputTokens: 10, units: { audio_second: '30.5' } } })
    const { charge } = await stream.settled()
    expect(charge).toMatchObject({
      ...{ amountNanousd: '30600000', usage: { units: { audio_second: '30.5' } } },
      lineItems: [{ meter: 'METER_OUTPUT_TOKENS' }, { unit: 'audio_second', unitCount: '30.5' }],
    })
    expect(await whatIsWrong(server.database, userId)).toEqual([])
  })

  test('is refused where the balance can’t pay what its open expects', async () => {
    const userId = await aUser(50_000_000n)
    const stream = new TestStream(server.client, { ...open, userId, units: { audio_second: '60' } })
    expect(await stream.refusal()).toBe('INSUFFICIENT_CREDITS')
  })

  test('that reports units holds ahead of them', async () => {
    const userId = await aUser()
    const stream = new TestStream(server.client, { ...open, userId, maxOutputTokens: 1 })
    await stream.granted()
    const held = async () => BigInt((await server.client.listHolds({ userId })).holds[0]?.heldNanousd ?? '0')
    expect(await held()).toBe(10_000n)
    const report = async (sequence: number, seconds: string) => {
      const grants = stream.grants.length
      stream.progressWith({ sequence, usage: { units: { audio_second: seconds } } })
      await stream.until(({ grants: all }) => all.length > grants)
      return await held()
    }
    // As much again as since the last grant, and the one token.
    expect(await report(1, '8')).toBe(16_010_000n)
    expect(await report(2, '15.5')).toBe(23_010_000n)
    stream.close({ outputTokens: 0 })
    expect((await stream.settled()).charge?.amountNanousd).toBe('0')
    expect(await whatIsWrong(server.database, userId)).toEqual([])
  })

  test('of seconds alone needs no output', async () => {
    const userId = await aUser()
    const stream = new TestStream(server.client, {
      ...open,
      model: 'whisper',
      userId,
      units: { second: '100' },
    })
    await stream.granted()
    expect(stream.grant.grantedNanousd).toBe('10000000')
    stream.closeWith({ usage: { units: { second: '110' } } })
    expect((await stream.settled()).charge?.amountNanousd).toBe('11000000')
  })

  test('whose progress has a unit without a rate is refused, and keeps its last progress', async () => {
    const userId = await aUser()
    const stream = new TestStream(server.client, { ...open, userId })
    await stream.granted()
    stream.progressWith({ sequence: 1, usage: { units: { image: '1' } } })
    expect(await stream.refusal()).toBe('MODEL_PRICE_MISSING')
    expect((await server.client.listHolds({ userId })).holds[0]?.usage?.units).toEqual({})
  })

  test('names a bad unit of its open', async () => {
    const userId = await aUser()
    for (const units of [{ Page: '1' }, { page: '-1' }, { video_token: '5' }]) {
      const stream = new TestStream(server.client, { ...open, userId, units })
      expect((await stream.ended)?.fieldViolations.map(({ field }) => field)).toEqual(['open.units'])
    }
  })
})
