import type { ChargeUsageRequest } from '../src/wire/generated/tollgate/billing/v1/ChargeUsageRequest'
import type { Pot } from '../src/wire/generated/tollgate/billing/v1/Pot'
import { startTestServer, type TestServer } from './support/server'
import { TestStream } from './support/streamClients'

// A gateway's day with one user, from top to bottom, at the bundled catalog's prices. Money is in nano-dollars: $1 is 1e9.

const ADA = 'ada'
let tollgate: TestServer
let quoteId: string
let firstReceipt: object | null

beforeAll(async () => {
  tollgate = await startTestServer({ withCatalog: true })
})

afterAll(() => tollgate?.stop())

test('Ada signs up, and has no credits', async () => {
  await tollgate.client.createUser({ userId: ADA })
  expect(await balance()).toEqual({ allowance: 0, credits: 0, held: 0, available: 0 })
})

test('she gets half a cent with her subscription, and buys credits for one and a half', async () => {
  await give('POT_ALLOWANCE', 5_000_000, 'subscription-march')
  await give('POT_CREDITS', 15_000_000, 'order-1')
  expect(await balance()).toEqual({
    allowance: 5_000_000,
    credits: 15_000_000,
    held: 0,
    available: 20_000_000,
  })
})

test('before a call, the gateway asks what it will cost, and whether she can pay', async () => {
  const quote = await tollgate.client.priceQuote({
    userId: ADA,
    model: 'gpt-4o',
    provider: 'openai',
    usage: { inputTokens: 1_200, outputTokens: 300 },
    maxOutputTokens: 500,
  })
  expect(quote).toMatchObject({
    costNanousd: String(1_200 * 2_500 + 300 * 10_000),
    maxCostNanousd: String(1_200 * 2_500 + 500 * 10_000),
    affordable: true,
    affordableOutputTokens: '500',
  })
  quoteId = quote.quoteId
})

test('after the call, its actual usage is deducted at the price of the quote', async () => {
  const { charge, replayed } = await chargeFor(theFirstCall())
  expect(replayed).toBe(false)
  expect(charge).toMatchObject({
    amountNanousd: '4550000',
    // The allowance is spent first.
    allowanceNanousd: '4550000',
    creditsNanousd: '0',
    priceSource: 'PRICE_SOURCE_CATALOG',
    quoteId,
    status: 'CHARGE_STATUS_DEDUCTED',
  })
  expect(linesOf(charge)).toEqual([
    ['METER_INPUT_TOKENS', '200', '500000'],
    ['METER_CACHE_READ_INPUT_TOKENS', '1000', '1250000'],
    ['METER_OUTPUT_TOKENS', '280', '2800000'],
  ])
  firstReceipt = charge
})

test('the gateway got no answer and retries: the receipt is the same, and nothing is deducted', async () => {
  expect(await chargeFor(theFirstCall())).toEqual({ charge: firstReceipt, replayed: true })
  expect(await balance()).toMatchObject({ allowance: 450_000, credits: 15_000_000 })
})

test('the next call went to Anthropic, whose own usage object is enough', async () => {
  const { charge } = await chargeFor({
    idempotencyKey: 'call-2',
    model: 'claude-haiku-4-5',
    provider: 'anthropic',
    providerUsage: {
      format: 'anthropic.messages',
      json: '{"input_tokens":500,"cache_creation_input_tokens":1000,"cache_read_input_tokens":2000,"output_tokens":200}',
    },
  })
  expect(linesOf(charge)).toEqual([
    ['METER_INPUT_TOKENS', '500', '500000'],
    ['METER_CACHE_READ_INPUT_TOKENS', '2000', '200000'],
    ['METER_CACHE_CREATION_INPUT_TOKENS', '1000', '1250000'],
    ['METER_OUTPUT_TOKENS', '200', '1000000'],
  ])
  // The rest of the allowance is used up, then the credits.
  expect(charge).toMatchObject({
    amountNanousd: '2950000',
    allowanceNanousd: '450000',
    creditsNanousd: '2500000',
  })
})

test('a long answer is streamed against a hold, and settled at its final cost', async () => {
  const stream = await new TestStream(tollgate.client, {
    userId: ADA,
    idempotencyKey: 'stream-1',
    model: 'gemini-2.5-flash',
    provider: 'google',
    inputTokens: 1_000,
  }).granted()
  expect(stream.grant).toMatchObject({
    grantedNanousd: String(1_000 * 300 + 1_024 * 2_500),
    grantedOutputTokens: '1024',
  })
  expect(await balance()).toMatchObject({ credits: 12_500_000, held: 2_860_000, available: 9_640_000 })

  stream.progress(1, 200, 1_000)
  stream.close({ inputTokens: 1_000, outputTokens: 900 })
  expect(await stream.settled()).toMatchObject({
    charge: { amountNanousd: String(1_000 * 300 + 900 * 2_500), end: 'STREAM_END_COMPLETED' },
    releasedNanousd: String(124 * 2_500),
    shortfallNanousd: '0',
  })
  expect(await balance()).toEqual({ allowance: 0, credits: 9_950_000, held: 0, available: 9_950_000 })
})

test('Ada runs out of credits: the call was made, so its cost is owed and listed', async () => {
  await expect(chargeFor(theDearCall())).rejects.toMatchObject({ reason: 'INSUFFICIENT_CREDITS' })
  expect(await owed()).toMatchObject([
    { idempotencyKey: 'call-3', model: 'gpt-4o', amountNanousd: '11000000', reason: 'INSUFFICIENT_CREDITS' },
  ])
  expect(await receiptOf('call-3')).toMatchObject({ status: 'CHARGE_STATUS_FAILED' })
  expect(await balance()).toMatchObject({ credits: 9_950_000 })
})

test('she buys more credits, which pay what is owed; the same call sent again is not charged again', async () => {
  await give('POT_CREDITS', 10_000_000, 'order-2')
  expect(await owed()).toEqual([])
  const { charge, replayed } = await chargeFor(theDearCall())
  expect(charge).toMatchObject({ amountNanousd: '11000000', creditsNanousd: '11000000' })
  expect(replayed).toBe(true)
  expect(await receiptOf('call-3')).toEqual(charge)
  expect(await balance()).toEqual({ allowance: 0, credits: 8_950_000, held: 0, available: 8_950_000 })
})

test('her ledger shows the day, entry by entry', async () => {
  const { entries } = await tollgate.client.listLedgerEntries({ userId: ADA })
  expect(
    entries
      .toReversed()
      .map(({ version, kind, allowanceDeltaNanousd, creditsDeltaNanousd, heldDeltaNanousd, balance }) =>
        [
          version,
          kind.replace('ENTRY_KIND_', ''),
          allowanceDeltaNanousd,
          creditsDeltaNanousd,
          heldDeltaNanousd,
          balance?.availableNanousd,
        ].join(' | '),
      ),
  ).toEqual([
    '1 | GRANT | 5000000 | 0 | 0 | 5000000',
    '2 | GRANT | 0 | 15000000 | 0 | 20000000',
    '3 | CHARGE | -4550000 | 0 | 0 | 15450000',
    '4 | CHARGE | -450000 | -2500000 | 0 | 12500000',
    '5 | HOLD | 0 | 0 | 2860000 | 9640000',
    '6 | SETTLEMENT | 0 | -2550000 | -2860000 | 9950000',
    '7 | GRANT | 0 | 10000000 | 0 | 19950000',
    '8 | CHARGE | 0 | -11000000 | 0 | 8950000',
  ])
})

test('at night, the books are proved', async () => {
  expect(await tollgate.client.reconcile({})).toEqual({
    usersChecked: '1',
    entriesChecked: '8',
    usersTotal: '1',
    discrepancies: [],
    nextPageToken: '',
  })
})

/** 280 tokens were enough, and most of the prompt came from the provider's cache. */
function theFirstCall(): ChargeUsageRequest {
  return {
    idempotencyKey: 'call-1',
    model: 'gpt-4o',
    provider: 'openai',
    usage: { inputTokens: 1_200, cacheReadInputTokens: 1_000, outputTokens: 280 },
    quoteId,
  }
}

/** 4,000 × $2.50 and 100 × $10 a million: 11,000,000 nano-dollars. */
function theDearCall(): ChargeUsageRequest {
  return {
    idempotencyKey: 'call-3',
    model: 'gpt-4o',
    provider: 'openai',
    usage: { inputTokens: 4_000, outputTokens: 100 },
  }
}

function chargeFor(call: ChargeUsageRequest) {
  return tollgate.client.chargeUsage({ userId: ADA, ...call })
}

async function give(pot: Pot, amountNanousd: number, idempotencyKey: string): Promise<void> {
  await tollgate.client.grantCredits({ userId: ADA, pot, amountNanousd, idempotencyKey })
}

async function balance() {
  const { user } = await tollgate.client.getUser({ userId: ADA })
  return {
    allowance: Number(user?.balance?.allowanceNanousd),
    credits: Number(user?.balance?.creditsNanousd),
    held: Number(user?.balance?.heldNanousd),
    available: Number(user?.balance?.availableNanousd),
  }
}

async function owed() {
  const state = 'FAILURE_STATE_PENDING'
  return (await tollgate.client.listDeductionFailures({ userId: ADA, state })).failures
}

async function receiptOf(idempotencyKey: string) {
  return (await tollgate.client.getCharge({ userId: ADA, idempotencyKey })).charge
}

function linesOf(charge: { lineItems: { meter: string; units: string; costNanousd: string }[] } | null) {
  return charge?.lineItems.map(({ meter, units, costNanousd }) => [meter, units, costNanousd])
}
