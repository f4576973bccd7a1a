import { sql } from 'kysely'
import { registry } from '../../../src/observability/metrics'
import { startTestServer, type TestServer } from '../../support/server'
import { spoolDir } from '../../support/spools'
import { TestStream } from '../../support/streamClients'

const spool = spoolDir()
let server: TestServer

beforeAll(async () => {
  server = await startTestServer({
    spool: { dir: spool.dir },
    prices: {
      markupBasisPoints: 1_000,
      lowValueGlobs: ['cheap-*'],
      reportedCosts: [{ provider: 'openrouter' }, { provider: 'xai', markupBasisPoints: 500 }],
    },
  })
  for (const userId of ['ada', 'poor', 'trial']) {
    await server.client.createUser(userId === 'trial' ? aTrialUser() : { userId })
  }
  await grant('ada', 1_000_000_000_000n)
  for (const provider of ['openrouter', 'xai', 'acme']) await put('priced', provider)
})
afterAll(async () => {
  await server?.stop()
  spool.remove()
})

const aTrialUser = () => {
  const seconds = String(Math.floor(Date.now() / 1_000) + 86_400)
  return { userId: 'trial', isTrial: true, trialExpiresAt: { seconds, nanos: 0 } }
}

const grant = (userId: string, amountNanousd: bigint) =>
  server.client.grantCredits({
    ...{ userId, idempotencyKey: `grant-${amountNanousd}`, pot: 'POT_CREDITS' },
    amountNanousd: amountNanousd.toString(),
  })

/** 1,000 nano-USD for an input token: 1,000 of them cost $0.001 before markup, $0.0011 after it. */
async function put(model: string, provider: string): Promise<void> {
  const rates = [
    { meter: 'METER_INPUT_TOKENS', priceNanousd: '1000000000', per: '1000000' },
    { meter: 'METER_OUTPUT_TOKENS', priceNanousd: '1000000000', per: '1000000' },
  ] as const
  await server.client.putPrice({ model, provider, rateCards: [{ rates: [...rates] }] })
}

type Request = Parameters<TestServer['client']['chargeUsage']>[0]

async function charged(idempotencyKey: string, request: Partial<Request> = {}) {
  return await server.client.chargeUsage({
    userId: 'ada',
    idempotencyKey,
    model: 'priced',
    provider: 'openrouter',
    usage: { inputTokens: 1_000 },
    reportedCostNanousd: '1200000',
    reportedCostSource: 'openrouter.usage.cost',
    ...request,
  })
}

async function failureOf(idempotencyKey: string, userId = 'ada') {
  const { failures } = await server.client.listDeductionFailures({ userId })
  return failures.find((failure) => failure.idempotencyKey === idempotencyKey)
}

async function sampleOf(name: string): Promise<number> {
  const line = (await registry.metrics()).split('\n').find((each) => each.startsWith(name))
  return Number(line?.split(' ').at(-1) ?? Number.NaN)
}

test('a stated cost is charged with the markup, and the receipt has what the price would have come to', async () => {
  const { charge } = await charged('plain')
  expect(charge).toMatchObject({
    amountNanousd: '1320000',
    costNanousd: '1200000',
    reportedCostNanousd: '1200000',
    reportedCostSource: 'openrouter.usage.cost',
    ratedAmountNanousd: '1100000',
    markupBasisPoints: 1_000,
    lineItems: [],
    pricedModel: 'priced',
  })
  expect(await server.client.getCharge({ userId: 'ada', idempotencyKey: 'plain' })).toEqual({ charge })
})

test('a provider may have a markup of its own, which also applies to the amount beside it', async () => {
  const { charge } = await charged('markup', { provider: 'xai' })
  expect(charge).toMatchObject({
    amountNanousd: '1260000',
    ratedAmountNanousd: '1050000',
    markupBasisPoints: 500,
  })
})

test('a cost of zero is none: the usage is rated', async () => {
  const { charge } = await charged('zero', { reportedCostNanousd: '0' })
  expect(charge).toMatchObject({ amountNanousd: '1100000', reportedCostNanousd: '0', reportedCostSource: '' })
  expect(charge?.ratedAmountNanousd).toBeUndefined()
})

test('a negative cost is refused, and changes nothing', async () => {
  const call = charged('negative', { reportedCostNanousd: '-1' })
  await expect(call).rejects.toMatchObject({
    reason: 'INVALID_FIELD',
    message: expect.stringContaining('reported_cost_nanousd'),
  })
  expect(await failureOf('negative')).toBeUndefined()
})

test.each([
  ['unlisted provider', { provider: 'acme' }, 'REPORTED_COST_NOT_ALLOWED'],
  ['no provider', { model: 'unpriced', provider: '' }, 'REPORTED_COST_NOT_ALLOWED'],
  ['a slip upwards', { reportedCostNanousd: '1200000000' }, 'PRICE_ANOMALY'],
  ['a slip downwards', { reportedCostNanousd: '1200' }, 'PRICE_ANOMALY'],
  ['above the maximum', { model: 'unpriced', reportedCostNanousd: '100000000000001' }, 'PRICE_ANOMALY'],
  [
    'more than tokens cost anywhere',
    { model: 'unpriced', reportedCostNanousd: '200000000000' },
    'PRICE_ANOMALY',
  ],
] as const)('%s is refused and leaves a deduction failure', async (key, request, reason) => {
  const idempotencyKey = key.replaceAll(' ', '-')
  await expect(charged(idempotencyKey, request)).rejects.toMatchObject({ reason })
  const { reportedCostNanousd = '1200000' } = request as Partial<Request>
  expect(await failureOf(idempotencyKey)).toMatchObject({ reason, reportedCostNanousd })
})

test('the refusal names the setting, and the call is charged once the operator allows it', async () => {
  const call = charged('allowed-later', { provider: 'acme' })
  await expect(call).rejects.toThrow(/TOLLGATE_REPORTED_COST_PROVIDERS/)
  const { settings } = server.billing.prices as unknown as { settings: { reportedCosts: object[] } }
  const failureId = (await failureOf('allowed-later'))?.failureId ?? ''
  settings.reportedCosts.push({ provider: 'acme' })
  await server.client.retryDeductionFailure({ userId: 'ada', failureId })
  settings.reportedCosts.pop()
  const { charge } = await server.client.getCharge({ userId: 'ada', idempotencyKey: 'allowed-later' })
  expect(charge).toMatchObject({ amountNanousd: '1320000', reportedCostNanousd: '1200000' })
})

test('beside a quote it is refused: the quote promises its price', async () => {
  const { quoteId } = await server.client.priceQuote({
    userId: 'ada',
    model: 'priced',
    provider: 'openrouter',
  })
  await expect(charged('quoted', { quoteId })).rejects.toMatchObject({ reason: 'REPORTED_COST_NOT_ALLOWED' })
})

test('a model without a price is charged what is stated', async () => {
  const { charge } = await charged('unpriced', { model: 'nobody-prices-this' })
  expect(charge).toMatchObject({
    amountNanousd: '1320000',
    model: 'nobody-prices-this',
    pricedModel: 'nobody-prices-this',
    priceId: '',
    priceSource: 'PRICE_SOURCE_REPORTED',
    markupBasisPoints: 1_000,
  })
  expect(charge?.ratedAmountNanousd).toBeUndefined()
})

test('the default price says nothing about what a call cost', async () => {
  const { charge } = await charged('default', { model: 'cheap-1', usage: { inputTokens: 1 } })
  expect(charge).toMatchObject({ amountNanousd: '1320000', priceSource: 'PRICE_SOURCE_REPORTED' })
})

test('a usage that the price can not rate is charged what is stated', async () => {
  const { charge } = await charged('search', { usage: { inputTokens: 1_000, webSearches: 1 } })
  expect(charge).toMatchObject({ amountNanousd: '1320000' })
  expect(charge?.ratedAmountNanousd).toBeUndefined()
  const { charge: tier } = await charged('tier', { serviceTier: 'nobody-knows' })
  expect(tier).toMatchObject({ amountNanousd: '1320000', priceSource: 'PRICE_SOURCE_REPORTED' })
})

test('it is part of the request: the same key with another cost or source is another request', async () => {
  expect((await charged('plain')).replayed).toBe(true)
  for (const other of [{ reportedCostNanousd: '1200001' }, { reportedCostSource: 'invoice' }]) {
    await expect(charged('plain', other)).rejects.toMatchObject({ reason: 'IDEMPOTENCY_KEY_REUSED' })
  }
})

test('a refused one is collected from a later grant, at what was stated, whatever the setting says by then', async () => {
  await expect(charged('owed', { userId: 'poor' })).rejects.toMatchObject({ reason: 'INSUFFICIENT_CREDITS' })
  await expect(charged('owed-2', { userId: 'poor', model: 'unpriced' })).rejects.toMatchObject({
    reason: 'INSUFFICIENT_CREDITS',
  })
  const { settings } = server.billing.prices as unknown as {
    settings: { reportedCosts: object[]; reportedCostTimesMax: number }
  }
  const before = settings.reportedCosts.splice(0)
  settings.reportedCostTimesMax = 1
  await grant('poor', 10_000_000n)
  settings.reportedCosts.push(...before)
  settings.reportedCostTimesMax = 10
  for (const idempotencyKey of ['owed', 'owed-2']) {
    const { charge } = await server.client.getCharge({ userId: 'poor', idempotencyKey })
    expect(charge).toMatchObject({ amountNanousd: '1320000', status: 'CHARGE_STATUS_DEDUCTED' })
  }
})

test('it is refunded like any charge', async () => {
  const { charge } = await server.client.getCharge({ userId: 'ada', idempotencyKey: 'unpriced' })
  await server.client.refundCharge({
    ...{ userId: 'ada', idempotencyKey: 'refund', chargeId: charge?.chargeId ?? '', amountNanousd: '320000' },
  })
  const { charge: refunded } = await server.client.getCharge({ userId: 'ada', idempotencyKey: 'unpriced' })
  expect(refunded).toMatchObject({ refundedNanousd: '320000', amountNanousd: '1320000' })
})

test('a trial forgoes it', async () => {
  const { charge } = await charged('trial', { userId: 'trial' })
  expect(charge).toMatchObject({ amountNanousd: '0', forgoneNanousd: '1320000', trial: true })
})

test('in a batch each request has its own', async () => {
  const requests = ['1200000', '0', '-1'].map((reportedCostNanousd, index) => ({
    ...{ userId: 'ada', idempotencyKey: `batch-${index}`, model: 'priced', provider: 'openrouter' },
    usage: { inputTokens: 1_000 },
    reportedCostNanousd,
  }))
  const { results } = await server.client.batchChargeUsage({ requests })
  expect(results.map(({ response, error }) => response?.charge?.amountNanousd ?? error?.reason)).toEqual([
    '1320000',
    '1100000',
    'INVALID_FIELD',
  ])
})

const open = (idempotencyKey: string, provider = 'openrouter') =>
  new TestStream(server.client, {
    ...{ userId: 'ada', idempotencyKey, model: 'priced', provider, inputTokens: 1_000, maxOutputTokens: 100 },
  })

test('a stream’s close may state what all of it cost', async () => {
  const stream = open('stream')
  stream.closeWith({
    usage: { inputTokens: 1_000 },
    reportedCostNanousd: '2000000',
    reportedCostSource: 'cost',
  })
  expect(await stream.ended).toBeUndefined()
  expect(stream.settlement?.charge).toMatchObject({
    amountNanousd: '2200000',
    reportedCostNanousd: '2000000',
    reportedCostSource: 'cost',
    ratedAmountNanousd: '1100000',
    lineItems: [],
  })
})

test('a close that may not state it settles nothing, and the next close does', async () => {
  const stream = open('stream-2', 'acme')
  stream.closeWith({ usage: { inputTokens: 1_000 }, reportedCostNanousd: '2000000' })
  expect(await stream.refusal()).toBe('REPORTED_COST_NOT_ALLOWED')
  expect(await failureOf('stream-2')).toMatchObject({ reportedCostNanousd: '2000000' })
  const again = open('stream-2', 'acme')
  again.closeWith({ usage: { inputTokens: 1_000 } })
  expect(await again.ended).toBeUndefined()
  expect(again.settlement?.charge).toMatchObject({ amountNanousd: '1100000', reportedCostNanousd: '0' })
})

test('a close states it beside a usage only', async () => {
  const stream = open('stream-3')
  stream.closeWith({ reportedCostNanousd: '2000000' })
  expect(await stream.refusal()).toBe('INVALID_FIELD')
})

test('the difference to the rated amount is in the metrics', async () => {
  const before = await Promise.all(
    ['charges_total', 'nanousd_total', 'rated_nanousd_total', 'ratio_bucket'].map((name) =>
      sampleOf(series(name)),
    ),
  )
  await charged('counted')
  const after = await Promise.all(
    ['charges_total', 'nanousd_total', 'rated_nanousd_total', 'ratio_bucket'].map((name) =>
      sampleOf(series(name)),
    ),
  )
  expect(after.map((value, index) => value - (before[index] ?? 0))).toEqual([1, 1_320_000, 1_100_000, 1])
})

function series(name: string): string {
  const le = name.endsWith('bucket') ? ',le="1.25"' : ''
  return `tollgate_reported_cost_${name}{provider="openrouter"${le}}`
}

/** What Reconcile finds, by kind and detail. */
async function findings(userId: string): Promise<string> {
  const { discrepancies } = await server.client.reconcile({ userId })
  return discrepancies
    .map(({ kind, detail }) => `${kind} ${detail}`)
    .filter((each) => !each.includes('FAILURE_PENDING'))
    .join('\n')
}

test('the books agree, stated and rated', async () => {
  for (const userId of ['ada', 'poor', 'trial']) expect(await findings(userId)).toBe('')
})

test.each([
  [sql`cost_nanousd = cost_nanousd + 1`, 'its cost should be 1200000 nano-USD, as stated'],
  [
    sql`serving = jsonb_set(serving, '{cost,rated}', '"7"')`,
    'the amount beside its stated cost should be 1100000',
  ],
  [sql`serving = jsonb_set(serving, '{cost,reported}', '"7"')`, 'its cost should be 7 nano-USD, as stated'],
  [sql`markup_basis_points = 0`, 'the amount beside its stated cost should be 1000000'],
])('what an entry says of it is proved', async (change, finding) => {
  const where = sql`user_id = 'ada' and idempotency_key = 'plain'`
  const { kysely } = server.database
  await sql`create table kept as select * from ledger_entries where ${where}`.execute(kysely)
  await sql`update ledger_entries set ${change} where ${where}`.execute(kysely)
  expect(await findings('ada')).toContain(finding)
  await sql`delete from ledger_entries where ${where}`.execute(kysely)
  await sql`insert into ledger_entries select * from kept`.execute(kysely)
  await sql`drop table kept`.execute(kysely)
  expect(await findings('ada')).toBe('')
})
