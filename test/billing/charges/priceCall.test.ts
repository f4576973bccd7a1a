import { pinPrice } from '../../../src/billing/charges/pinPrice'
import { type PriceCallRequest, priceCall } from '../../../src/billing/charges/priceCall'
import { rateAgain } from '../../../src/billing/charges/rateCall'
import { priceQuote } from '../../../src/billing/prices/priceQuote'
import { type PutPriceRequest, putPrice as putPriceAs } from '../../../src/billing/prices/prices'
import type { CallRequest } from '../../../src/domain/ledger/charge'
import { NO_USAGE } from '../../../src/domain/usage/usage'
import { loadCatalog } from '../../../src/pricing/catalog/loadCatalog'
import { givenUser } from '../../support/ledger'
import { TRIAL_RULES } from '../../support/postings'
import { cardOf, testPriceBook } from '../../support/priceBooks'
import { type TestDatabase, testDatabase } from '../../support/testDatabase'

const putPrice = (billing: Parameters<typeof putPriceAs>[0], request: PutPriceRequest) =>
  putPriceAs(billing, request, { actor: 'operations' })

let database: TestDatabase

beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.drop())

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

function pricing(settings: Parameters<typeof testPriceBook>[1] = {}) {
  const { book, advance } = testPriceBook(database, settings)
  const limits = { chargeNanousdMax: 100_000_000_000_000n, summaryMsMax: 20_000 }
  const rules = { trial: TRIAL_RULES }
  return { prices: book, limits, rules, database, ledger: { now: () => book.now() }, advance }
}

function call(
  overrides: Partial<CallRequest> = {},
  { now = new Date() }: { now?: Date } = {},
): PriceCallRequest {
  return {
    userId: 'ann',
    call: {
      model: 'm',
      provider: 'acme',
      serviceTier: '',
      quoteId: '',
      apiKeyId: 'key-1',
      labels: { team: 'a' },
      ...overrides,
    },
    now,
    purpose: 'charge',
    usage: { ...NO_USAGE, inputTokens: 1_000n, outputTokens: 100n },
    usageSource: 'provider',
  }
}

/** The same request with another call. */
function changed(request: PriceCallRequest, overrides: Partial<CallRequest>): PriceCallRequest {
  return { ...request, call: { ...request.call, ...overrides } }
}

const rateCards = [
  { aboveInputTokens: 200_000n, ...cardOf({ INPUT_TOKENS: 6, OUTPUT_TOKENS: 30 }) },
  { serviceTier: 'flex', ...cardOf({ INPUT_TOKENS: 1.5, OUTPUT_TOKENS: 7.5 }) },
  cardOf({ INPUT_TOKENS: 3, OUTPUT_TOKENS: 15 }),
]

test('a price that was put a moment ago prices the next call, markup and all', async () => {
  const billing = pricing()
  const put = await putPrice(billing, { model: 'm', provider: 'acme', rateCards, markupBasisPoints: 1_000 })
  const rated = await priceCall(billing, call())
  expect(rated).toMatchObject({
    reported: { model: 'm', provider: 'acme', quoteId: '', apiKeyId: 'key-1', labels: { team: 'a' } },
    priced: {
      model: 'm',
      provider: 'acme',
      priceId: put.priceId,
      source: 'operator',
      markupBasisPoints: 1_000,
      quoteExpired: false,
    },
    usageSource: 'provider',
    costNanousd: 4_500_000n,
    amountNanousd: 4_950_000n,
  })
  const price = await billing.prices.priceById(rated.priced.priceId)
  if (price === undefined) throw new Error('the price is gone')
  expect(rateAgain(rated, price)).toMatchObject({ costNanousd: 4_500_000n, amountNanousd: 4_950_000n })
})

test('a stored call is rated again at its own markup, whatever the deployment’s is by then', async () => {
  const before = pricing({ markupBasisPoints: 500 })
  await putPrice(before, { model: 'unmarked', provider: '', rateCards })
  const rated = await priceCall(before, call({ model: 'unmarked' }))
  const after = pricing({ markupBasisPoints: 2_000 })
  const price = await after.prices.priceById(rated.priced.priceId)
  expect(price?.markupBasisPoints).toBe(2_000)
  expect(price && rateAgain(rated, price).amountNanousd).toBe(rated.amountNanousd)
})

test('a call in the past has the price of then, 35 days back and 5 minutes ahead at most', async () => {
  const billing = pricing()
  const now = new Date()
  const ago = (ms: number): Date => new Date(now.getTime() - ms)
  const past = await putPrice(billing, {
    model: 'past',
    provider: '',
    rateCards,
    effectiveFrom: ago(60 * DAY_MS),
  })
  await putPrice(billing, {
    model: 'past',
    provider: '',
    rateCards: [cardOf({ INPUT_TOKENS: 1, OUTPUT_TOKENS: 1 })],
  })
  const rated = await priceCall(billing, call({ model: 'past', occurredAt: ago(35 * DAY_MS) }, { now }))
  expect(rated).toMatchObject({
    priced: { priceId: past.priceId },
    reported: { occurredAt: ago(35 * DAY_MS) },
    amountNanousd: 4_500_000n,
  })
  for (const occurredAt of [ago(35 * DAY_MS + 1), ago(-5 * MINUTE_MS - 1)]) {
    await expect(priceCall(billing, call({ model: 'past', occurredAt }, { now }))).rejects.toMatchObject({
      reason: 'INVALID_FIELD',
      field: 'occurred_at',
    })
  }
  await priceCall(billing, call({ model: 'past', occurredAt: ago(-5 * MINUTE_MS) }, { now }))
})

test('a call that cites a quote is charged at it, on any replica, though the price has changed', async () => {
  const [here, there] = [pricing(), pricing()]
  const put = await putPrice(here, { model: 'quoted', provider: '', rateCards, markupBasisPoints: 100 })
  const asked = {
    model: 'quoted',
    provider: 'acme',
    serviceTier: 'flex',
    userId: '',
    apiKeyId: '',
    labels: {},
  }
  const quote = await priceQuote(here, { ...asked, usage: NO_USAGE, maxOutputTokens: 0n })
  await putPrice(here, {
    model: 'quoted',
    provider: '',
    rateCards: [cardOf({ INPUT_TOKENS: 99, OUTPUT_TOKENS: 99 })],
  })
  const cited = call({ model: 'quoted', serviceTier: 'flex', quoteId: quote.quoteId })
  const rated = await priceCall(there, cited)
  expect(rated).toMatchObject({
    reported: { quoteId: quote.quoteId },
    priced: { priceId: put.priceId, quoteExpired: false },
  })
  expect(rated).toMatchObject({ costNanousd: 2_250_000n, amountNanousd: 2_272_500n })

  const tampered = `${quote.quoteId.slice(0, -1)}${quote.quoteId.endsWith('A') ? 'B' : 'A'}`
  await expect(priceCall(there, changed(cited, { quoteId: tampered }))).rejects.toMatchObject({
    reason: 'QUOTE_INVALID',
  })
  await expect(priceCall(there, changed(cited, { serviceTier: '' }))).rejects.toMatchObject({
    reason: 'QUOTE_MISMATCH',
  })
  await expect(priceCall(there, changed(cited, { model: 'm' }))).rejects.toMatchObject({
    reason: 'QUOTE_MISMATCH',
  })
})

test('an expired quote: a finished call has the price in force, an open is refused', async () => {
  const billing = pricing({ quoteValidityMs: 10 * MINUTE_MS })
  const put = await putPrice(billing, { model: 'late', provider: '', rateCards })
  const asked = { model: 'late', provider: '', serviceTier: '', userId: 'ann', apiKeyId: '', labels: {} }
  await insertUser('ann', { credits_nanousd: 0n })
  const quote = await priceQuote(billing, { ...asked, usage: NO_USAGE, maxOutputTokens: 0n })
  const cited = call({ model: 'late', provider: '', quoteId: quote.quoteId })
  const atExpiry = { ...changed(cited, { occurredAt: quote.expiresAt }), now: quote.expiresAt }
  expect(await priceCall(billing, atExpiry)).toMatchObject({
    priced: { priceId: put.priceId, quoteExpired: true },
  })
  await expect(pinPrice(billing, { ...atExpiry, purpose: 'open' })).rejects.toMatchObject({
    reason: 'QUOTE_EXPIRED',
  })
  // Judged when the call was made, not when it is charged.
  const inTime = {
    ...changed(cited, { occurredAt: new Date() }),
    now: new Date(quote.expiresAt.getTime() + DAY_MS),
  }
  expect(await priceCall(billing, inTime)).toMatchObject({ priced: { quoteExpired: false } })
  await expect(priceCall(billing, { ...cited, userId: 'bob' })).rejects.toMatchObject({
    reason: 'QUOTE_MISMATCH',
  })
})

test('a charge above the limit is an anomaly', async () => {
  const billing = { ...pricing(), limits: { chargeNanousdMax: 4_499_999n, summaryMsMax: 20_000 } }
  await putPrice(billing, { model: 'limited', provider: '', rateCards })
  await expect(priceCall(billing, call({ model: 'limited' }))).rejects.toMatchObject({
    reason: 'PRICE_ANOMALY',
  })
})

test.each([
  ['a rate above $0.1 a token', { rateCards: [cardOf({ INPUT_TOKENS: 100_001 })] }, 'PRICE_ANOMALY'],
  ['a rate below $1e-9 a token', { rateCards: [cardOf({ INPUT_TOKENS: 0.000_9 })] }, 'PRICE_ANOMALY'],
  ['no cards', { rateCards: [] }, 'INVALID_FIELD'],
  ['a negative markup', { rateCards, markupBasisPoints: -1 }, 'INVALID_FIELD'],
  ['no model', { rateCards, model: '' }, 'INVALID_FIELD'],
])('PutPrice refuses %s', async (_, refused, reason) => {
  await expect(putPrice(pricing(), { model: 'bad', provider: '', ...refused })).rejects.toMatchObject({
    reason,
  })
})

test('an operator may set a price of zero', async () => {
  const billing = pricing()
  await putPrice(billing, {
    model: 'gift',
    provider: '',
    rateCards: [cardOf({ INPUT_TOKENS: 0, OUTPUT_TOKENS: 0 })],
  })
  expect(await priceCall(billing, call({ model: 'gift' }))).toMatchObject({
    priced: { source: 'operator' },
    amountNanousd: 0n,
  })
})

describe('a quote', () => {
  const usage = { ...NO_USAGE, inputTokens: 200_000n, outputTokens: 1_000n, reasoningOutputTokens: 800n }
  const asked = { model: 'm', provider: 'acme', serviceTier: '', apiKeyId: '', labels: {}, usage }

  test('says what the call costs, and what it may cost', async () => {
    const billing = pricing()
    await putPrice(billing, { model: 'm', provider: 'acme', rateCards, markupBasisPoints: 0 })
    const quote = await priceQuote(billing, { ...asked, userId: '', maxOutputTokens: 4_000n })
    expect(quote).toMatchObject({ costNanousd: 615_000_000n, maxCostNanousd: 660_000_000n })
    expect(quote.lineItems).toMatchObject([
      { meter: 'INPUT_TOKENS', units: 200_000n },
      { meter: 'OUTPUT_TOKENS', units: 200n },
      { meter: 'REASONING_OUTPUT_TOKENS', units: 800n },
    ])
    expect(quote.payer).toBeUndefined()
    const same = await priceQuote(billing, { ...asked, userId: '', maxOutputTokens: 0n })
    expect(same.maxCostNanousd).toBe(same.costNanousd)
    const shorter = await priceQuote(billing, { ...asked, userId: '', maxOutputTokens: 10n })
    expect(shorter.maxCostNanousd).toBe(600_150_000n)
  })

  test('says what the user can pay, exactly, at the edge of a tier too', async () => {
    const billing = pricing()
    await insertUser('eve', {
      credits_nanousd: 500_000_000n,
      allowance_nanousd: 200_000_000n,
      held_nanousd: 69_999_999n,
    })
    const ask = async (inputTokens: bigint) => {
      const request = {
        ...asked,
        usage: { ...NO_USAGE, inputTokens },
        userId: 'eve',
        maxOutputTokens: 100_000n,
      }
      const { payer } = await priceQuote(billing, request)
      return [payer?.affordable, payer?.affordableOutputTokens]
    }
    // 630,000,001 available; 200,000 tokens in at $3, the next one doubles the price of all.
    expect(await ask(200_000n)).toEqual([false, 2_000n])
    expect(await ask(200_001n)).toEqual([false, 0n])
    expect(await ask(0n)).toEqual([false, 42_000n])
    const paid = await priceQuote(billing, { ...asked, userId: 'eve', maxOutputTokens: 2_000n })
    expect(paid.payer).toMatchObject({ affordable: true, affordableOutputTokens: 2_000n })
    await expect(
      priceQuote(billing, { ...asked, userId: 'nobody', maxOutputTokens: 0n }),
    ).rejects.toMatchObject({
      reason: 'USER_NOT_FOUND',
    })
  })
})

async function insertUser(
  userId: string,
  amounts: { credits_nanousd?: bigint; allowance_nanousd?: bigint; held_nanousd?: bigint },
): Promise<void> {
  await givenUser(database, userId)
  await database.kysely.updateTable('users').set(amounts).where('user_id', '=', userId).execute()
}

test('Azure sells OpenAI’s models at OpenAI’s price, and batches at half of it, but no other tier', async () => {
  await loadCatalog(database)
  const billing = pricing()
  const sold = (model: string, provider: string, serviceTier: string) =>
    priceCall(billing, call({ model, provider, serviceTier }))
  const ordinary = await sold('gpt-4.1', 'azure', '')
  const batch = await sold('gpt-4.1', 'azure', 'batch')
  expect(ordinary.priced.provider).toBe('openai')
  expect(batch.costNanousd * 2n).toBe(ordinary.costNanousd)
  for (const [model, provider] of [
    ['gpt-4.1', 'azure'],
    ['azure/gpt-4.1', ''],
  ] as const) {
    await expect(sold(model, provider, 'priority')).rejects.toMatchObject({
      reason: 'SERVICE_TIER_UNKNOWN',
      metadata: { known_tiers: 'batch' },
    })
  }
  expect((await sold('gpt-4.1', 'openai', 'priority')).costNanousd).toBeGreaterThan(ordinary.costNanousd)
})
