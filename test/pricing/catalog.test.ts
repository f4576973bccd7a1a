import { loadCatalog } from '../../src/pricing/catalog/loadCatalog'
import type { PriceBook } from '../../src/pricing/priceBook'
import { cardOf, testPriceBook } from '../support/priceBooks'
import { type TestDatabase, testDatabase } from '../support/testDatabase'

let database: TestDatabase
let book: PriceBook
let rejections: string[]

beforeAll(async () => {
  database = await testDatabase()
  const loaded = await loadCatalog(database)
  rejections = loaded.rejections
  expect(loaded.models).toBeGreaterThan(1_600)
  book = testPriceBook(database).book
})
afterAll(() => database.drop())

const now = new Date('2026-11-25T12:00:00Z')

test('loading it again writes nothing, and tells the other replicas nothing', async () => {
  const revision = () =>
    database.kysely.selectFrom('price_book_revision').select('revision').executeTakeFirst()
  const before = await revision()
  const startedMs = Date.now()
  const again = await Promise.all([loadCatalog(database), loadCatalog(database)])
  expect(again.map(({ written, ended }) => [written, ended])).toEqual([
    [0, 0],
    [0, 0],
  ])
  expect(Date.now() - startedMs).toBeLessThan(2_000)
  expect(await revision()).toEqual(before)
})

test('a price that another catalog had ends, and the one of this catalog begins', async () => {
  const asked = { model: 'gpt-4o-mini', provider: 'openai' }
  const { price: ours } = await book.resolve({ ...asked, at: now })
  const other = JSON.stringify([{ rates: [{ meter: 'INPUT_TOKENS', price_nanousd: '7', per: '1000000' }] }])
  await database.kysely
    .updateTable('model_prices')
    .set({ rate_cards: other })
    .where('price_id', '=', ours.priceId)
    .execute()
  expect(await loadCatalog(database)).toMatchObject({ written: 1, ended: 1 })
  const fresh = testPriceBook(database).book
  const { price } = await fresh.resolve({ ...asked, at: new Date(Date.now() + 1_000) })
  expect(price.rateCards).toEqual(ours.rateCards)
  const { price: past } = await fresh.resolve({ ...asked, at: new Date(price.effectiveFrom.getTime() - 1) })
  expect(past.rateCards[0]?.rates[0]?.priceNanousd).toBe(7n)
})

test('what can’t be priced is rejected, each with its reason', () => {
  expect(rejections).toContain(
    'openai/whisper-1 is priced by audio_hours, input_audio_hours, which no usage states',
  )
  expect(rejections).toContain('github-copilot/gpt-4o has no price')
  expect(rejections.length).toBeLessThan(60)
})

test('a price that was cut on a date is the old one before it', async () => {
  const inputAt = async (at: string) => {
    const { price } = await book.resolve({ model: 'o3', provider: 'openai', at: new Date(at) })
    return price.rateCards.at(-1)?.rates.find(({ meter }) => meter === 'INPUT_TOKENS')?.priceNanousd
  }
  expect(await inputAt('2025-06-09T23:59:59Z')).toBe(10_000_000_000n)
  expect(await inputAt('2025-06-10T00:00:00Z')).toBe(2_000_000_000n)
})

test('tiers are cliffs, times of day are conditions', async () => {
  const gemini = await book.resolve({ model: 'gemini-2.5-pro', provider: 'google', at: now })
  const ordinary = gemini.price.rateCards.filter(({ serviceTier }) => serviceTier === undefined)
  expect(ordinary).toEqual([
    {
      aboveInputTokens: 200_000n,
      ...cardOf({ INPUT_TOKENS: 2.5, CACHE_READ_INPUT_TOKENS: 0.25, OUTPUT_TOKENS: 15, WEB_SEARCHES: 0.035 }),
    },
    cardOf({ INPUT_TOKENS: 1.25, CACHE_READ_INPUT_TOKENS: 0.125, OUTPUT_TOKENS: 10, WEB_SEARCHES: 0.035 }),
  ])
  const deepseek = await book.resolve({ model: 'deepseek-chat', provider: 'deepseek', at: now })
  expect(deepseek.price.rateCards.map(({ daily }) => daily)).toEqual([
    { fromMinute: 30, toMinute: 990 },
    undefined,
  ])
})

// What gateways call a model, and whose price of which model that is.
test.each([
  ['openai', 'gpt-4o', 'openai', 'gpt-4o'],
  ['openai', 'gpt-4o-2024-08-06', 'openai', 'gpt-4o'],
  ['openai', 'gpt-4o-2024-05-13', 'openai', 'gpt-4o-2024-05-13'],
  ['', 'openai/gpt-4o', 'openai', 'gpt-4o'],
  ['openai', 'openai/gpt-4o-2024-11-20', 'openai', 'gpt-4o'],
  ['azure', 'gpt-4o', 'openai', 'gpt-4o'],
  ['', 'anthropic/claude-sonnet-4-5-20250929', 'anthropic', 'claude-sonnet-4-5'],
  ['xai', 'grok-4-0709', 'x-ai', 'grok-4-0709'],
  ['gemini', 'gemini-2.5-pro', 'google', 'gemini-2.5-pro'],
  ['vertex_ai', 'claude-sonnet-4-5@20250929', 'google', 'claude-sonnet-4-5'],
  ['openrouter', 'openai/gpt-4o', 'openrouter', 'openai/gpt-4o'],
  ['openrouter', 'moonshotai/kimi-k2.7-code-20260612', 'openrouter', 'moonshotai/kimi-k2.7-code'],
  ['groq', 'openai/gpt-oss-120b', 'groq', 'openai/gpt-oss-120b'],
  ['wandb', 'openai/gpt-oss-120b', 'wandb', 'openai/gpt-oss-120b'],
  [
    'bedrock',
    'eu.anthropic.claude-sonnet-4-5-20250929-v1:0',
    'aws',
    'regional.anthropic.claude-sonnet-4-5-20250929-v1:0',
  ],
  [
    'bedrock',
    'global.anthropic.claude-sonnet-4-5-20250929-v1:0',
    'aws',
    'global.anthropic.claude-sonnet-4-5-20250929-v1:0',
  ],
  [
    '',
    'bedrock/eu-west-1/anthropic.claude-sonnet-4-5-20250929-v1:0',
    'aws',
    'regional.anthropic.claude-sonnet-4-5-20250929-v1:0',
  ],
])('at "%s", %s is %s’s %s', async (provider, model, pricedProvider, pricedModel) => {
  const { price, ...resolved } = await book.resolve({ provider, model, at: now })
  expect(resolved).toEqual({ pricedProvider, pricedModel, freeSuffixStripped: false })
  expect(price.source).toBe('catalog')
})

test('a region’s price is never another region’s', async () => {
  await book.putPrice({
    model: 'us-east-1/acme.model',
    provider: 'bedrock',
    rateCards: [cardOf({ INPUT_TOKENS: 1 })],
  })
  const ask = (model: string) => book.resolve({ model, provider: '', at: book.now() })
  expect(await ask('bedrock/us-east-1/acme.model')).toMatchObject({ pricedModel: 'us-east-1/acme.model' })
  await expect(ask('bedrock/eu-west-1/acme.model')).rejects.toMatchObject({ reason: 'MODEL_PRICE_MISSING' })
  await book.putPrice({ model: 'acme.model', provider: 'aws', rateCards: [cardOf({ INPUT_TOKENS: 2 })] })
  expect(await ask('bedrock/eu-west-1/acme.model')).toMatchObject({ pricedModel: 'acme.model' })
  expect(await ask('bedrock/us-east-1/acme.model')).toMatchObject({ pricedModel: 'us-east-1/acme.model' })
  await expect(ask('bedrock/us-gov-west-1/acme.model')).rejects.toMatchObject({
    reason: 'MODEL_PRICE_MISSING',
  })
})

// Each has a commercial namesake in the catalog, whose rules look for a part of the name.
test.each([
  ['bedrock', 'us-gov-west-1/anthropic.claude-3-5-sonnet-20240620-v1:0'],
  ['bedrock', 'us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0'],
  ['aws', 'cn-north-1/amazon.nova-pro-v1:0'],
  [
    'bedrock',
    'arn:aws-us-gov:bedrock:us-gov-west-1:1:inference-profile/us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0',
  ],
  ['', 'bedrock/us-gov-west-1/anthropic.claude-sonnet-4-5-20250929-v1:0'],
  ['', 'us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0'],
  ['', 'bedrock/us-gov-east-1/amazon.nova-pro-v1:0'],
  ['', 'somebody/claude-sonnet-4-5'],
])('at "%s", %s has no price that is not its own', async (provider, model) => {
  await expect(book.resolve({ provider, model, at: now })).rejects.toMatchObject({
    reason: 'MODEL_PRICE_MISSING',
  })
  await book.putPrice({ provider, model, rateCards: [cardOf({ INPUT_TOKENS: 7 })] })
  const { price } = await book.resolve({ provider, model, at: book.now() })
  expect(price).toMatchObject({ source: 'operator', model, provider })
  await book.endPrice({ provider, model })
})

test('a model that providers price differently is refused without one', async () => {
  const ask = book.resolve({ model: 'claude-sonnet-4-5-20250929', provider: '', at: now })
  await expect(ask).rejects.toMatchObject({ reason: 'INVALID_FIELD', field: 'provider' })
})

test('a free model is free only where it is listed so; otherwise it is charged without the suffix', async () => {
  const listed = await book.resolve({ model: 'deepseek/deepseek-r1:free', provider: 'openrouter', at: now })
  expect(listed.price).toMatchObject({ source: 'free', model: 'deepseek/deepseek-r1:free' })
  expect(listed.freeSuffixStripped).toBe(false)
  const unlisted = await book.resolve({ model: 'gpt-4o:free', provider: 'openai', at: now })
  expect(unlisted).toMatchObject({ pricedModel: 'gpt-4o', freeSuffixStripped: true })
  expect(unlisted.price.source).toBe('catalog')
  await expect(book.resolve({ model: 'nothing:free', provider: 'openai', at: now })).rejects.toThrow(
    'no price',
  )
})
