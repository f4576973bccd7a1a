import { startTestServer, type TestServer } from '../../support/server'

// What a quote computes is tested in test/billing/charges/priceCall.test.ts; here, what the method answers.

let server: TestServer

/** $2.50 for a million tokens in, $10 for a million out. */
const CALL = { model: 'gpt-4o', provider: 'openai', usage: { inputTokens: 1_000, outputTokens: 100 } }

beforeAll(async () => {
  server = await startTestServer({ withCatalog: true })
  await server.client.createUser({ userId: 'ada' })
  await server.client.grantCredits({
    ...{ userId: 'ada', idempotencyKey: 'g', pot: 'POT_CREDITS', amountNanousd: 5_000_000 },
  })
})

afterAll(() => server?.stop())

test('a quote states the cost, the highest cost and the rates, and leaves out what needs a user', async () => {
  const quote = await server.client.priceQuote({ ...CALL, maxOutputTokens: 400 })
  expect(quote).toMatchObject({
    ...{ costNanousd: '3500000', maxCostNanousd: '6500000' },
    price: { model: 'gpt-4o', provider: 'openai', source: 'PRICE_SOURCE_CATALOG' },
    lineItems: [
      { meter: 'METER_INPUT_TOKENS', units: '1000', costNanousd: '2500000' },
      { meter: 'METER_OUTPUT_TOKENS', units: '100', costNanousd: '1000000' },
    ],
    ...{ affordable: false, affordableOutputTokens: '0', balance: null },
  })
})

test('for a user, it states whether and how far their balance reaches', async () => {
  const quote = await server.client.priceQuote({ ...CALL, userId: 'ada', maxOutputTokens: 400 })
  expect(quote).toMatchObject({
    ...{ affordable: false, affordableOutputTokens: '250' },
    balance: { availableNanousd: '5000000' },
  })
})

test('a quote charges and holds nothing', async () => {
  const before = (await server.client.getUser({ userId: 'ada' })).user
  await server.client.priceQuote({ ...CALL, userId: 'ada' })
  expect((await server.client.getUser({ userId: 'ada' })).user).toEqual(before)
})

test('a charge that cites a quote has its price, and names it', async () => {
  const { quoteId, price } = await server.client.priceQuote({ ...CALL, userId: 'ada' })
  const { charge } = await server.client.chargeUsage({ ...CALL, userId: 'ada', idempotencyKey: 'c', quoteId })
  expect(charge).toMatchObject({ quoteId, priceId: price?.priceId, amountNanousd: '3500000' })
})

test.each([
  ['an unknown user', { userId: 'nobody' }, 'USER_NOT_FOUND'],
  ['a model without a price', { model: 'a-model-without-a-price' }, 'MODEL_PRICE_MISSING'],
])('%s is refused', async (_, other, reason) => {
  await expect(server.client.priceQuote({ ...CALL, ...other })).rejects.toMatchObject({ reason })
})
