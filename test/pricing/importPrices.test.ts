import { importPrices } from '../../src/billing/prices/importPrices'
import { decidePriceChange as decideAs, listPriceChanges } from '../../src/billing/prices/priceChanges'
import { loadCatalog } from '../../src/pricing/catalog/loadCatalog'
import type { PriceBook } from '../../src/pricing/priceBook'
import { cardOf, testPriceBook } from '../support/priceBooks'
import { type TestDatabase, testDatabase } from '../support/testDatabase'

let database: TestDatabase
let prices: PriceBook

beforeEach(async () => {
  database = await testDatabase()
  prices = testPriceBook(database).book
})
afterEach(() => database.drop())

const OPERATOR = { actor: 'operations' }

function decidePriceChange(...args: [Parameters<typeof decideAs>[0], Parameters<typeof decideAs>[1]]) {
  return decideAs(...args, OPERATOR)
}

function importing(usd: Record<string, [input: number, output: number]>, asOperator = false) {
  const data = Object.entries(usd).map(([id, [input, output]]) => ({
    id,
    pricing: { prompt: `${input}e-6`, completion: `${output}e-6` },
  }))
  return importPrices(
    { prices },
    { format: 'openrouter', json: JSON.stringify({ data }), asOperator },
    OPERATOR,
  )
}

async function inputRateOf(model: string): Promise<number> {
  const { price } = await prices.resolve({ model, provider: 'openrouter', at: prices.now() })
  return Number(price.rateCards[0]?.rates[0]?.priceNanousd) / 1e9
}

const everyChange = { pageSize: 10, pageToken: '' }

test('a list is imported once; the same again changes nothing', async () => {
  expect(await importing({ 'a/one': [1, 2], 'a/two': [3, 4], 'a/bad': [-1, -1] })).toEqual({
    read: 3,
    changed: 2,
    unchanged: 0,
    heldBack: 0,
    rejected: 1,
    rejections: [expect.stringContaining('a/bad')],
    unreadFields: {},
  })
  expect(await importing({ 'a/one': [1, 2], 'a/two': [3, 4] })).toMatchObject({ changed: 0, unchanged: 2 })
  const { price } = await prices.resolve({ model: 'a/one', provider: 'openrouter', at: prices.now() })
  expect(price).toMatchObject({
    source: 'stored',
    rateCards: [cardOf({ INPUT_TOKENS: 1, OUTPUT_TOKENS: 2 })],
  })
})

test('a change of up to a half counts at once, and is listed', async () => {
  await importing({ 'a/one': [2, 4] })
  expect(await importing({ 'a/one': [3, 2] })).toMatchObject({ changed: 1, heldBack: 0 })
  expect(await inputRateOf('a/one')).toBe(3)
  const { changes } = await listPriceChanges({ prices, database }, everyChange)
  expect(changes).toEqual([
    expect.objectContaining({
      state: 'applied',
      before: expect.objectContaining({ rateCards: [cardOf({ INPUT_TOKENS: 2, OUTPUT_TOKENS: 4 })] }),
      after: expect.objectContaining({ rateCards: [cardOf({ INPUT_TOKENS: 3, OUTPUT_TOKENS: 2 })] }),
    }),
  ])
})

test('a larger one is held back, once, until somebody approves it', async () => {
  await importing({ 'a/one': [2, 4] })
  expect(await importing({ 'a/one': [3.1, 4] })).toMatchObject({ changed: 0, heldBack: 1 })
  expect(await importing({ 'a/one': [3.1, 4] })).toMatchObject({ changed: 0, heldBack: 1 })
  expect(await inputRateOf('a/one')).toBe(2)
  const { changes } = await listPriceChanges({ prices, database }, { ...everyChange, state: 'held-back' })
  expect(changes).toHaveLength(1)
  const [change] = changes
  expect(change).toMatchObject({ reason: expect.stringContaining('INPUT_TOKENS'), after: { priceId: '' } })
  const approved = await decidePriceChange(
    { prices, database },
    { changeId: change?.changeId ?? '', approve: true },
  )
  expect(approved).toMatchObject({ state: 'applied', after: { priceId: expect.stringMatching(/^pr_/) } })
  expect(await inputRateOf('a/one')).toBe(3.1)
  expect(await importing({ 'a/one': [3.1, 4] })).toMatchObject({ unchanged: 1, heldBack: 0 })
  const again = decidePriceChange({ prices, database }, { changeId: change?.changeId ?? '', approve: false })
  await expect(again).rejects.toMatchObject({ reason: 'ALREADY_DECIDED' })
})

test('one that was rejected stays rejected, however often the list says it', async () => {
  await importing({ 'a/one': [2, 4] })
  await importing({ 'a/one': [0.02, 0.04] })
  const { changes } = await listPriceChanges({ prices, database }, everyChange)
  await decidePriceChange({ prices, database }, { changeId: changes[0]?.changeId ?? '', approve: false })
  await importing({ 'a/one': [0.02, 0.04] })
  expect(await inputRateOf('a/one')).toBe(2)
  const { changes: after } = await listPriceChanges({ prices, database }, everyChange)
  expect(after.map(({ state }) => state)).toEqual(['rejected'])
  const unknown = decidePriceChange({ prices, database }, { changeId: 'pc_0', approve: true })
  await expect(unknown).rejects.toMatchObject({ reason: 'CHANGE_NOT_FOUND' })
})

test('a second source that agrees within a percent lets it pass', async () => {
  await loadCatalog(database)
  const model = 'openai/gpt-4o'
  const { price: catalog } = await prices.resolve({ model, provider: 'openrouter', at: prices.now() })
  expect(catalog).toMatchObject({ source: 'catalog', rateCards: [{ rates: expect.any(Array) }] })
  expect(await inputRateOf(model)).toBe(2.5)
  await importing({ [model]: [1, 4] })
  expect(await importing({ [model]: [2.6, 10] })).toMatchObject({ changed: 0, heldBack: 1 })
  expect(await importing({ [model]: [2.52, 10] })).toMatchObject({ changed: 1, heldBack: 0 })
})

test('once a second source agrees, what was held back counts, and is listed as applied', async () => {
  await importing({ 'a/one': [2, 4] })
  await importing({ 'a/one': [20, 40] })
  await prices.putPrice({
    model: 'a/one',
    provider: 'openrouter',
    rateCards: [cardOf({ INPUT_TOKENS: 20, OUTPUT_TOKENS: 40 })],
  })
  expect(await importing({ 'a/one': [20, 40] })).toMatchObject({ changed: 1, heldBack: 0 })
  const { changes } = await listPriceChanges({ prices, database }, everyChange)
  expect(changes).toEqual([
    expect.objectContaining({
      state: 'applied',
      after: expect.objectContaining({ priceId: expect.stringMatching(/^pr_/) }),
    }),
  ])
})

test('an operator’s rejection holds, whichever source agrees with the list later', async () => {
  await importing({ 'a/one': [2, 4] })
  await importing({ 'a/one': [20, 40] })
  const { changes } = await listPriceChanges({ prices, database }, everyChange)
  await decidePriceChange({ prices, database }, { changeId: changes[0]?.changeId ?? '', approve: false })
  const rateCards = [cardOf({ INPUT_TOKENS: 20, OUTPUT_TOKENS: 40 })]
  await prices.putPrice({ model: 'a/one', provider: 'openrouter', rateCards })
  expect(await importing({ 'a/one': [20, 40] })).toMatchObject({ changed: 0, heldBack: 1 })
  await prices.endPrice({ model: 'a/one', provider: 'openrouter' })
  expect(await inputRateOf('a/one')).toBe(2)
})

test('a change of a price that has moved on can be rejected, and not approved', async () => {
  await importing({ 'a/one': [2, 4] })
  await importing({ 'a/one': [20, 40] })
  await importing({ 'a/one': [2.5, 4] })
  const { changes } = await listPriceChanges({ prices, database }, { ...everyChange, state: 'held-back' })
  const changeId = changes[0]?.changeId ?? ''
  const late = decidePriceChange({ prices, database }, { changeId, approve: true })
  await expect(late).rejects.toMatchObject({ reason: 'ALREADY_DECIDED' })
  expect(await inputRateOf('a/one')).toBe(2.5)
  const rejected = await decidePriceChange({ prices, database }, { changeId, approve: false })
  expect(rejected.state).toBe('rejected')
})

test('two who approve one change at once put it into force once', async () => {
  await importing({ 'a/one': [2, 4] })
  await importing({ 'a/one': [20, 40] })
  const { changes } = await listPriceChanges({ prices, database }, everyChange)
  const changeId = changes[0]?.changeId ?? ''
  const outcomes = await Promise.allSettled(
    Array.from({ length: 8 }, () => decidePriceChange({ prices, database }, { changeId, approve: true })),
  )
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  const versions = await database.kysely.selectFrom('model_prices').selectAll().execute()
  expect(versions.map(({ effective_to }) => effective_to === null)).toEqual([false, true])
})

test('what an operator imports ends where the price begins that he put ahead', async () => {
  const effectiveFrom = new Date(Date.now() + 86_400_000)
  const rateCards = [cardOf({ INPUT_TOKENS: 9, OUTPUT_TOKENS: 9 })]
  const ahead = await prices.putPrice({ model: 'a/one', provider: 'openrouter', rateCards, effectiveFrom })
  await importing({ 'a/one': [2, 4] }, true)
  expect(await inputRateOf('a/one')).toBe(2)
  const then = await prices.resolve({ model: 'a/one', provider: 'openrouter', at: effectiveFrom })
  expect(then.price.priceId).toBe(ahead.priceId)
})

test('what an operator imports as his own counts at once, and wins', async () => {
  await importing({ 'a/one': [2, 4] })
  await importing({ 'a/one': [200, 400] }, true)
  expect(await inputRateOf('a/one')).toBe(200)
  await importing({ 'a/one': [20, 40] }, true)
  expect(await inputRateOf('a/one')).toBe(20)
  await prices.endPrice({ model: 'a/one', provider: 'openrouter' })
  expect(await inputRateOf('a/one')).toBe(2)
})

test('changes come in pages, the newest first', async () => {
  for (const input of [2, 2.1, 2.2, 2.3, 2.4, 2.5])
    await importing({ 'a/one': [input, 4], 'a/two': [input, 4] })
  const seen: string[] = []
  let pageToken = ''
  do {
    const page = await listPriceChanges({ prices, database }, { pageSize: 3, pageToken })
    seen.push(...page.changes.map(({ changeId }) => changeId))
    pageToken = page.nextPageToken
  } while (pageToken !== '')
  expect(new Set(seen).size).toBe(10)
  const badToken = listPriceChanges({ prices, database }, { pageSize: 3, pageToken: 'x' })
  await expect(badToken).rejects.toMatchObject({ reason: 'INVALID_FIELD', field: 'page_token' })
})

test.each([
  ['csv', '{}', 'format'],
  ['litellm', '<html>', 'json'],
])('a list in %s that is %s is refused', async (format, json, field) => {
  await expect(importPrices({ prices }, { format, json, asOperator: false }, OPERATOR)).rejects.toMatchObject(
    {
      reason: 'INVALID_FIELD',
      field,
    },
  )
})
