import { sql } from 'kysely'
import type { ServedPart } from '../../../src/wire/generated/tollgate/billing/v1/ServedPart'
import { startTestServer, type TestServer } from '../../support/server'
import { TestStream } from '../../support/streamClients'

let server: TestServer

beforeAll(async () => {
  server = await startTestServer()
  await server.client.createUser({ userId: 'ada' })
  await server.client.grantCredits({
    ...{ userId: 'ada', idempotencyKey: 'g', pot: 'POT_CREDITS', amountNanousd: '1000000000000' },
  })
  await put('asked', 'acme', { input: 3, output: 15 })
  await put('other', 'acme', { input: 1, output: 5 })
  await put('other', 'elsewhere', { input: 2, output: 10, markup: 1_000 })
})
afterAll(() => server?.stop())

/** US dollars for a million tokens. */
async function put(
  model: string,
  provider: string,
  { input, output, markup = 0 }: { input: number; output: number; markup?: number },
): Promise<void> {
  const rateOf = (usd: number) => ({ priceNanousd: String(usd * 1e9), per: '1000000' })
  const rates = [
    { meter: 'METER_INPUT_TOKENS', ...rateOf(input) },
    { meter: 'METER_OUTPUT_TOKENS', ...rateOf(output) },
  ] as const
  const batch = rates.map((rate) => ({ ...rate, priceNanousd: String(Number(rate.priceNanousd) / 2) }))
  await server.client.putPrice({
    ...{ model, provider, markupBasisPoints: markup },
    rateCards: [{ serviceTier: 'batch', rates: batch }, { rates: [...rates] }],
  })
}

const open = (idempotencyKey: string) =>
  new TestStream(server.client, {
    ...{ userId: 'ada', idempotencyKey, model: 'asked', provider: 'acme', inputTokens: 1_000 },
    maxOutputTokens: 1_000,
  })

async function closed(idempotencyKey: string, parts: ServedPart[]) {
  const stream = open(idempotencyKey)
  stream.closeWith({ parts, end: 'STREAM_END_COMPLETED' })
  expect(await stream.ended).toBeUndefined()
  return stream.settlement?.charge
}

/** 3 × 1,000 + 15 × 100 = $0.0045 and, at the other model, 1 × 1,100 + 5 × 50 = $0.00135. */
const PARTS: ServedPart[] = [
  { usage: { inputTokens: 1_000, outputTokens: 100 } },
  { servedModel: 'other', usage: { inputTokens: 1_100, outputTokens: 50 } },
]

test('each part is charged at the price of what served it, in one settlement with lines for each', async () => {
  const charge = await closed('fallback', PARTS)
  expect(charge).toMatchObject({
    amountNanousd: '5850000',
    costNanousd: '5850000',
    model: 'asked',
    servedModel: 'other',
    usage: { inputTokens: '2100', outputTokens: '150', requests: '2' },
  })
  expect(
    charge?.lineItems.map(({ model, provider, meter, units, costNanousd }) => [
      model,
      provider,
      meter,
      units,
      costNanousd,
    ]),
  ).toEqual([
    ['asked', 'acme', 'METER_INPUT_TOKENS', '1000', '3000000'],
    ['asked', 'acme', 'METER_OUTPUT_TOKENS', '100', '1500000'],
    ['other', 'acme', 'METER_INPUT_TOKENS', '1100', '1100000'],
    ['other', 'acme', 'METER_OUTPUT_TOKENS', '50', '250000'],
  ])
  const { charge: later } = await server.client.getCharge({ userId: 'ada', idempotencyKey: 'fallback' })
  expect(later).toEqual(charge)
})

test('a part may name its provider and tier, and each price has its own markup', async () => {
  const charge = await closed('providers', [
    { servedServiceTier: 'batch', usage: { inputTokens: 1_000 } },
    { servedModel: 'other', servedProvider: 'elsewhere', usage: { inputTokens: 1_000 } },
  ])
  // $0.0015, and $0.002 with 10 %.
  expect(charge).toMatchObject({ costNanousd: '3500000', amountNanousd: '3700000' })
})

test('the sum is exact, and rounded once', async () => {
  await put('tiny', 'acme', { input: 0.0024, output: 0.0024 })
  const third = { servedModel: 'tiny', usage: { inputTokens: 1 } }
  // 2.4 nano-dollars each: 7.2, not three times 2.
  const charge = await closed('rounding', [third, third, third])
  expect(charge?.amountNanousd).toBe('7')
})

test('a part whose model has no price is charged at the stream’s own, as a whole stream is', async () => {
  const charge = await closed('unpriced', [
    { usage: { inputTokens: 1_000 } },
    { servedModel: 'nobody-prices-this', usage: { inputTokens: 1_000 } },
  ])
  expect(charge).toMatchObject({ amountNanousd: '6000000', servedModel: 'nobody-prices-this' })
})

test('a part may be the provider’s own object', async () => {
  const body = { model: 'other', usage: { prompt_tokens: 1_000, completion_tokens: 0 } }
  const charge = await closed('bodies', [
    { usage: { inputTokens: 1_000 } },
    { providerUsage: { format: 'openai.chat', json: JSON.stringify(body) } },
  ])
  expect(charge).toMatchObject({ amountNanousd: '4000000', servedModel: 'other' })
})

test.each([
  ['a usage', { usage: {} }],
  ['what served all', { servedModel: 'other' }],
  ['a stated cost', { reportedCostNanousd: '1' }],
  ['more than 16', { parts: Array.from({ length: 17 }, () => PARTS[0] as ServedPart) }],
  ['a part without a usage', { parts: [{ servedModel: 'other' }] }],
])('parts are refused beside %s', async (what, close) => {
  const stream = open(`refused-${what.length}`)
  stream.closeWith({ parts: PARTS, ...close })
  expect(await stream.refusal()).toBe('INVALID_FIELD')
})

test('an unknown tier of a part settles nothing, and the next close does', async () => {
  const stream = open('tier')
  const parts = [{ servedServiceTier: 'nobody-knows', usage: { inputTokens: 1 } }]
  stream.closeWith({ parts })
  expect(await stream.refusal()).toBe('SERVICE_TIER_UNKNOWN')
  expect((await closed('tier', PARTS))?.amountNanousd).toBe('5850000')
})

test('parts that cost more than one charge may settle nothing', async () => {
  const stream = open('dear')
  stream.closeWith({ parts: [...PARTS, { usage: { outputTokens: 1_000_000_000_000 } }] })
  expect(await stream.refusal()).toBe('PRICE_ANOMALY')
  expect((await closed('dear', PARTS))?.amountNanousd).toBe('5850000')
})

async function findings(): Promise<string> {
  const { discrepancies } = await server.client.reconcile({ userId: 'ada' })
  return discrepancies.map(({ kind, detail }) => `${kind} ${detail}`).join('\n')
}

test('the books agree, part by part', async () => {
  expect(await findings()).toBe('')
})

test.each([
  [sql`serving = jsonb_set(serving, '{parts,0,usage,inputTokens}', '"7"')`, 'not the sum of its parts'],
  [sql`serving = jsonb_set(serving, '{parts,1,priced,markupBasisPoints}', '5000')`, 'rated again should be'],
  [sql`serving = jsonb_set(serving, '{parts,1,priced,priceId}', '"gone"')`, 'the price of one of its parts'],
])('what an entry says of its parts is proved', async (change, finding) => {
  const where = sql`user_id = 'ada' and serving #>> '{parts,1,usage,inputTokens}' = '1100' and version =
    (select min(version) from ledger_entries where serving ? 'parts')`
  const { kysely } = server.database
  await sql`create table kept as select * from ledger_entries where ${where}`.execute(kysely)
  await sql`update ledger_entries set ${change} where ${where}`.execute(kysely)
  expect(await findings()).toContain(finding)
  await sql`delete from ledger_entries e using kept k where e.user_id = k.user_id and e.version = k.version`.execute(
    kysely,
  )
  await sql`insert into ledger_entries select * from kept`.execute(kysely)
  await sql`drop table kept`.execute(kysely)
  expect(await findings()).toBe('')
})
