import { createTransport } from '@sentry/node'
import { type PriceCallRequest, priceCall } from '../../src/billing/charges/priceCall'
import { importPrices } from '../../src/billing/prices/importPrices'
import { putPrice } from '../../src/billing/prices/prices'
import { NO_USAGE } from '../../src/domain/usage/usage'
import { registry } from '../../src/observability/metrics'
import { flushSentry, startSentry } from '../../src/observability/sentry'
import { PriceFeed } from '../../src/pricing/priceFeed'
import { cardOf, testPriceBook } from '../support/priceBooks'
import { type TestDatabase, testDatabase } from '../support/testDatabase'

interface SentEvent {
  level: string
  tags: Record<string, string>
}

const sent: SentEvent[] = []
let database: TestDatabase
let billing: ReturnType<typeof pricing>

beforeAll(async () => {
  await startSentry({
    dsn: 'https://key@sentry.invalid/1',
    release: '1.2.3',
    // An envelope is lines of JSON: its header, the item's header, the item.
    transport: (options) =>
      createTransport(options, async ({ body }) => {
        sent.push(JSON.parse(body.toString().split('\n')[2] ?? '') as SentEvent)
        return { statusCode: 200 }
      }),
  })
  database = await testDatabase()
  billing = pricing()
  await billing.prices.start()
})
afterAll(async () => {
  await billing.prices.stop()
  await database.drop()
})

function pricing() {
  const { book } = testPriceBook(database, { lowValueGlobs: ['tiny-*'] })
  return { prices: book, limits: { chargeNanousdMax: 100_000_000_000_000n, summaryMsMax: 20_000 }, database }
}

function charging(model: string, overrides: Partial<PriceCallRequest> = {}) {
  return priceCall(billing, {
    userId: 'ann',
    call: { model, provider: '', serviceTier: '', quoteId: '', apiKeyId: '', labels: {} },
    now: new Date(),
    purpose: 'charge',
    usage: { ...NO_USAGE, inputTokens: 1_000n },
    usageSource: 'provider',
    ...overrides,
  })
}

function putting(model: string, usd: number) {
  const rateCards = [cardOf({ INPUT_TOKENS: usd, OUTPUT_TOKENS: usd })]
  return putPrice(billing, { model, provider: '', rateCards }, { actor: 'operations' })
}

function importing(model: string, prompt: string) {
  const json = JSON.stringify({ data: [{ id: model, pricing: { prompt, completion: '0.00001' } }] })
  return importPrices(billing, { format: 'openrouter', json, asOperator: false }, { actor: 'operations' })
}

interface Guard {
  /** Runs into it. */
  trip: (model: string) => Promise<unknown>
  kind: string
  level: string
  metric: string
  labels?: Record<string, string>
  /** Counted each time, or only where it is news. */
  counts: number
}

const TIMES = 5

test.each<[string, Guard]>([
  [
    'no price of a high-value model',
    {
      trip: (model) => charging(`gpt-4-${model}`),
      kind: 'MODEL_PRICE_MISSING',
      level: 'fatal',
      metric: 'tollgate_price_lookups_total',
      labels: { source: 'none' },
      counts: TIMES,
    },
  ],
  [
    'no price of another model',
    {
      trip: (model) => charging(model),
      kind: 'MODEL_PRICE_MISSING',
      level: 'warning',
      metric: 'tollgate_price_lookups_total',
      labels: { source: 'none' },
      counts: TIMES,
    },
  ],
  [
    'the default price',
    {
      trip: (model) => charging(`tiny-${model}`),
      kind: 'DEFAULT_PRICE',
      level: 'warning',
      metric: 'tollgate_price_lookups_total',
      labels: { source: 'default' },
      counts: TIMES,
    },
  ],
  [
    'a free model that nobody lists',
    {
      trip: async (model) => {
        await putting(model, 1)
        await charging(`${model}:free`)
      },
      kind: 'SUSPICIOUS_FREE_MODEL',
      level: 'warning',
      metric: 'tollgate_suspicious_free_total',
      counts: TIMES,
    },
  ],
  [
    'a free model at the default price',
    {
      trip: (model) => charging(`tiny-${model}:free`),
      kind: 'SUSPICIOUS_FREE_MODEL',
      level: 'warning',
      metric: 'tollgate_suspicious_free_total',
      counts: TIMES,
    },
  ],
  [
    'a rate out of bounds',
    {
      trip: (model) => putting(model, 100_001),
      kind: 'PRICE_ANOMALY',
      level: 'fatal',
      metric: 'tollgate_price_anomalies_total',
      labels: { bound: 'above' },
      counts: TIMES,
    },
  ],
  [
    'a charge that is too dear',
    {
      trip: async (model) => {
        await putting(model, 100_000)
        await charging(model, { usage: { ...NO_USAGE, inputTokens: 1_000_001n } })
      },
      kind: 'PRICE_ANOMALY',
      level: 'fatal',
      metric: 'tollgate_price_anomalies_total',
      labels: { bound: 'above' },
      counts: TIMES,
    },
  ],
  [
    'a call that is too cheap',
    {
      trip: async (model) => {
        await putting(model, 0.001)
        await charging(model)
      },
      kind: 'PRICE_SUSPICIOUSLY_LOW',
      level: 'warning',
      metric: 'tollgate_price_anomalies_total',
      labels: { bound: 'below' },
      counts: TIMES,
    },
  ],
  [
    'a price that moves too far',
    {
      trip: async (model) => {
        await importing(model, '0.000001')
        await importing(model, '0.001')
      },
      kind: 'PRICE_CHANGE_HELD_BACK',
      level: 'warning',
      metric: 'tollgate_price_changes_held_total',
      // The same change seen again is no other.
      counts: 1,
    },
  ],
])('%s is counted, and reported once in an hour', async (name, guard) => {
  const model = name.replaceAll(' ', '-')
  sent.length = 0
  const before = await countOf(guard)
  for (let time = 0; time < TIMES; time += 1) await guard.trip(model).catch(() => undefined)
  expect((await countOf(guard)) - before).toBe(guard.counts)
  await flushSentry(1_000)
  const reports = sent.filter(({ tags }) => tags['kind'] === guard.kind)
  expect(reports.map(({ level, tags }) => [level, tags['subject']])).toEqual([
    [guard.level, expect.stringContaining(model)],
  ])
})

test('a feed that could not be read for too long is reported, and counted each time', async () => {
  const { book, advance } = testPriceBook(database)
  // Nobody listens there.
  const url = 'http://127.0.0.1:1/models'
  const feed = new PriceFeed(book, { url, format: 'openrouter', intervalMs: 60_000, ageMsMax: 3_600_000 })
  const reports = () => sent.filter(({ tags }) => tags['kind'] === 'STORED_PRICES_OLD')
  const failed = () => countOf({ metric: 'tollgate_price_feed_reads_total', labels: { outcome: 'failed' } })
  const before = await failed()
  advance(3_500_000)
  expect(await feed.read()).toBe(false)
  await flushSentry(1_000)
  expect(reports()).toEqual([])
  advance(200_000)
  expect([await feed.read(), await feed.read()]).toEqual([false, false])
  await flushSentry(1_000)
  expect(reports().map(({ level }) => level)).toEqual(['warning'])
  expect((await failed()) - before).toBe(3)
})

async function countOf({ metric, labels = {} }: Pick<Guard, 'metric' | 'labels'>): Promise<number> {
  const values = (await registry.getSingleMetric(metric)?.get())?.values ?? []
  const found = values.find(({ labels: of }) =>
    Object.entries(labels).every(([name, value]) => of[name as keyof typeof of] === value),
  )
  return found?.value ?? 0
}
