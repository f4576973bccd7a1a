import { status } from '@grpc/grpc-js'
import { startTestServer, type TestServer } from '../../support/server'

let server: TestServer

beforeEach(async () => {
  server = await startTestServer()
})
afterEach(() => server?.stop())

type Prices = Record<string, [prompt: string, completion: string]>

function importing(prices: Prices, asOperator = false) {
  const data = Object.entries(prices).map(([id, [prompt, completion]]) => ({
    id,
    pricing: { prompt, completion },
  }))
  return server.client.importPrices({ format: 'openrouter', json: JSON.stringify({ data }), asOperator })
}

async function inputRateOf(model: string): Promise<string | undefined> {
  const { price } = await server.client.getPrice({ model, provider: 'openrouter' })
  return price?.rateCards[0]?.rates.find(({ meter }) => meter === 'METER_INPUT_TOKENS')?.priceNanousd
}

const HELD_BACK = { state: 'PRICE_CHANGE_STATE_HELD_BACK' } as const

test('a list is imported, with a reason for what is not; its prices are listed, and charged', async () => {
  expect(await importing({ 'a/one': ['0.000002', '0.000004'], 'a/bad': ['-1', '-1'] })).toEqual({
    read: '2',
    changed: '1',
    unchanged: '0',
    heldBack: '0',
    rejected: '1',
    rejections: [expect.stringMatching(/^a\/bad /)],
    unreadPriceFields: {},
  })
  expect(await importing({ 'a/one': ['0.000002', '0.000004'] })).toMatchObject({
    changed: '0',
    unchanged: '1',
  })
  const { prices } = await server.client.listPrices({ modelPrefix: 'a/' })
  expect(prices).toEqual([
    expect.objectContaining({ model: 'a/one', provider: 'openrouter', source: 'PRICE_SOURCE_STORED' }),
  ])

  await server.client.createUser({ userId: 'ada' })
  const pot = 'POT_CREDITS'
  await server.client.grantCredits({ userId: 'ada', idempotencyKey: 'g', pot, amountNanousd: '1000000000' })
  const { charge } = await server.client.chargeUsage({
    userId: 'ada',
    idempotencyKey: 'c',
    model: 'a/one',
    provider: 'openrouter',
    usage: { inputTokens: '1000' },
  })
  expect(charge).toMatchObject({ amountNanousd: '2000000', priceSource: 'PRICE_SOURCE_STORED' })
})

test('a large change is held back, listed with both prices, and comes into force once it is approved', async () => {
  await importing({ 'a/one': ['0.000002', '0.000004'] })
  expect(await importing({ 'a/one': ['0.00002', '0.000004'] })).toMatchObject({ changed: '0', heldBack: '1' })
  expect(await inputRateOf('a/one')).toBe('2000000000')
  const { changes } = await server.client.listPriceChanges(HELD_BACK)
  expect(changes).toEqual([
    expect.objectContaining({
      state: HELD_BACK.state,
      before: expect.objectContaining({ priceId: expect.stringMatching(/^pr_/), effectiveTo: null }),
      after: expect.objectContaining({ priceId: '', model: 'a/one', source: 'PRICE_SOURCE_STORED' }),
      reason: expect.stringContaining('INPUT_TOKENS would move from 2000000000 to 20000000000'),
      seenAt: expect.anything(),
    }),
  ])
  const changeId = changes[0]?.changeId ?? ''
  const { change } = await server.client.decidePriceChange({ changeId, approve: true })
  expect(change).toMatchObject({
    changeId,
    state: 'PRICE_CHANGE_STATE_APPLIED',
    before: { effectiveTo: expect.anything() },
    after: { priceId: expect.stringMatching(/^pr_/) },
  })
  expect(await inputRateOf('a/one')).toBe('20000000000')
  await expect(server.client.decidePriceChange({ changeId, approve: true })).rejects.toMatchObject({
    code: status.FAILED_PRECONDITION,
    reason: 'ALREADY_DECIDED',
  })
  expect((await server.client.listPriceChanges(HELD_BACK)).changes).toEqual([])
})

test('a rejected change leaves the old price, and is listed as rejected', async () => {
  await importing({ 'a/one': ['0.000002', '0.000004'] })
  await importing({ 'a/one': ['0.00002', '0.000004'] })
  const { changes } = await server.client.listPriceChanges({})
  const changeId = changes[0]?.changeId ?? ''
  await server.client.decidePriceChange({ changeId, approve: false })
  expect(await inputRateOf('a/one')).toBe('2000000000')
  const rejected = await server.client.listPriceChanges({ state: 'PRICE_CHANGE_STATE_REJECTED' })
  expect(rejected.changes.map((change) => change.changeId)).toEqual([changeId])
})

test('a change that is not there is NOT_FOUND', async () => {
  await expect(server.client.decidePriceChange({ changeId: 'pc_0', approve: true })).rejects.toMatchObject({
    code: status.NOT_FOUND,
    reason: 'CHANGE_NOT_FOUND',
  })
})

test('what is imported as an operator’s wins, without being held back', async () => {
  await importing({ 'a/one': ['0.000002', '0.000004'] })
  await importing({ 'a/one': ['0.00009', '0.000004'] }, true)
  await importing({ 'a/one': ['0.00001', '0.000004'] }, true)
  expect(await inputRateOf('a/one')).toBe('10000000000')
})

test('changes come in pages', async () => {
  const models = Array.from({ length: 7 }, (_, n) => `a/${n}`)
  const all = (prompt: string): Prices =>
    Object.fromEntries(models.map((model) => [model, [prompt, '0.000004']]))
  await importing(all('0.000002'))
  await importing(all('0.0000021'))
  const seen: (string | undefined)[] = []
  let pageToken = ''
  do {
    const page = await server.client.listPriceChanges({ pageSize: 3, pageToken })
    seen.push(...page.changes.map(({ after }) => after?.model))
    pageToken = page.nextPageToken
  } while (pageToken !== '')
  expect(seen.sort()).toEqual(models)
})

test('a list as large as the largest there is fits, and of its rejections the first 100 are told', async () => {
  const filler = 'x'.repeat(1_000)
  const data = Array.from({ length: 3_000 }, (_, n) => ({
    id: `a/${n}`,
    description: filler,
    pricing: { prompt: n < 500 ? '-1' : '0.000002', completion: '0.000004' },
  }))
  const json = JSON.stringify({ data })
  expect(json.length).toBeGreaterThan(3_000_000)
  const imported = await server.client.importPrices({ format: 'openrouter', json })
  expect(imported).toMatchObject({ read: '3000', changed: '2500', rejected: '500' })
  expect(imported.rejections).toHaveLength(100)
})
