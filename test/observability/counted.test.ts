import { setTimeout as sleep } from 'node:timers/promises'
import { registry } from '../../src/observability/metrics'
import { metricsOn } from '../support/exportedMetrics'
import { USD } from '../support/postings'
import { expireAll, INPUT, OUTPUT, type StreamServer, startStreamServer } from '../support/streamServer'

// What real calls add to the metrics, series by series: no more, and no less.

let server: StreamServer

beforeAll(async () => {
  server = await startStreamServer(
    { validityMs: 60_000, sweepIntervalMs: 60_000 },
    { prices: { lowValueGlobs: ['house-*'] } },
  )
})

afterAll(() => server.stop())

/** Those of `names` that changed, by how much: `name{values of its labels}`. */
async function changesOf(
  names: readonly string[],
  work: () => Promise<unknown>,
): Promise<Record<string, number>> {
  const before = await valuesOf(names)
  await work()
  const after = await valuesOf(names)
  const changes = [...after].map(([series, value]): [string, number] => [
    series,
    value - (before.get(series) ?? 0),
  ])
  return Object.fromEntries(changes.filter(([, change]) => change !== 0))
}

async function valuesOf(names: readonly string[]): Promise<Map<string, number>> {
  const metrics = metricsOn(await registry.metrics())
  return new Map(
    names.flatMap((name) =>
      (metrics.get(name)?.series ?? []).map(({ labels, value }): [string, number] => [
        `${name}{${Object.values(labels).join(' ')}}`,
        value,
      ]),
    ),
  )
}

const MONEY = [
  'tollgate_charges_total',
  'tollgate_charged_nanousd_total',
  'tollgate_model_charges_total',
  'tollgate_model_charged_nanousd_total',
  'tollgate_deduction_failures_total',
  'tollgate_missed_nanousd_total',
  'tollgate_model_missed_nanousd_total',
  'tollgate_replays_total',
]

const STREAMS = [
  'tollgate_streams_connected_total',
  'tollgate_stream_extensions_total',
  'tollgate_stream_settlements_total',
  'tollgate_stream_amendments_total',
]

function charge(userId: string, model = 'test-model', inputTokens = 1_000) {
  return server.client.chargeUsage({ userId, idempotencyKey: model, model, usage: { inputTokens } })
}

test('a charge, and its replay', async () => {
  const userId = await server.aUser()
  const amount = Number(1_000n * INPUT)
  expect(await changesOf(MONEY, () => charge(userId))).toEqual({
    'tollgate_charges_total{deducted }': 1,
    'tollgate_charged_nanousd_total{}': amount,
    'tollgate_model_charges_total{test-model}': 1,
    'tollgate_model_charged_nanousd_total{test-model}': amount,
  })
  expect(await changesOf(MONEY, () => charge(userId))).toEqual({ 'tollgate_replays_total{}': 1 })
})

test('a charge that the user cannot pay', async () => {
  const userId = await server.aUser(1n)
  const amount = Number(1_000n * INPUT)
  const refused = () => charge(userId).catch(() => undefined)
  expect(await changesOf(MONEY, refused)).toEqual({
    'tollgate_charges_total{refused INSUFFICIENT_CREDITS}': 1,
    'tollgate_deduction_failures_total{INSUFFICIENT_CREDITS}': 1,
    'tollgate_missed_nanousd_total{INSUFFICIENT_CREDITS}': amount,
    'tollgate_model_missed_nanousd_total{test-model}': amount,
  })
  // The same call is still the one that is not paid for.
  expect(await changesOf(MONEY, refused)).toEqual({
    'tollgate_charges_total{refused INSUFFICIENT_CREDITS}': 1,
  })
})

test('a threshold of a budget, once', async () => {
  const userId = await server.aUser()
  await server.client.putBudget({
    budget: {
      ...{ userId, budgetId: 'b', action: 'BUDGET_ACTION_ENFORCE', limitNanousd: Number(1_000n * INPUT) },
      ...{ window: { period: 'BUDGET_PERIOD_DAY' }, notifyAtPercent: [50, 100] },
    },
  })
  const names = ['tollgate_budget_thresholds_total']
  const half = (key: string) =>
    server.client.chargeUsage({
      userId,
      idempotencyKey: key,
      model: 'test-model',
      usage: { inputTokens: 500 },
    })
  expect(await changesOf(names, () => half('a'))).toEqual({ 'tollgate_budget_thresholds_total{enforce}': 1 })
  expect(await changesOf(names, () => half('a'))).toEqual({})
  expect(await changesOf(names, () => half('b'))).toEqual({ 'tollgate_budget_thresholds_total{enforce}': 1 })
})

test('a model that nobody knows, by whatever name', async () => {
  const userId = await server.aUser()
  expect(await changesOf(MONEY, () => charge(userId, 'made-up').catch(() => undefined))).toEqual({
    'tollgate_charges_total{refused MODEL_PRICE_MISSING}': 1,
    'tollgate_deduction_failures_total{MODEL_PRICE_MISSING}': 1,
  })
})

test('a model at the default price, by whatever name', async () => {
  const names = [...MONEY, 'tollgate_price_lookups_total']
  const amount = 1_000 * 20_000
  expect(await changesOf(names, async () => charge(await server.aUser(), 'house-made-up'))).toEqual({
    'tollgate_charges_total{deducted }': 1,
    'tollgate_charged_nanousd_total{}': amount,
    'tollgate_model_charges_total{other}': 1,
    'tollgate_model_charged_nanousd_total{other}': amount,
    'tollgate_price_lookups_total{default}': 1,
  })
  const unpaid = async () => charge(await server.aUser(1n), 'house-made-up').catch(() => undefined)
  expect(await changesOf(MONEY, unpaid)).toMatchObject({
    'tollgate_missed_nanousd_total{INSUFFICIENT_CREDITS}': amount,
    'tollgate_model_missed_nanousd_total{other}': amount,
  })
})

test('a stream that is extended and closed', async () => {
  const userId = await server.aUser()
  const changes = await changesOf([...STREAMS, ...MONEY], async () => {
    const stream = await server.open(userId).granted()
    stream.progress(1, 90, 1_000)
    await stream.until(({ grants }) => grants.length > 1)
    stream.close({ inputTokens: 1_000, outputTokens: 95 })
    await stream.ended
  })
  const amount = Number(1_000n * INPUT + 95n * OUTPUT)
  expect(changes).toEqual({
    'tollgate_streams_connected_total{}': 1,
    'tollgate_stream_extensions_total{extended}': 1,
    'tollgate_stream_settlements_total{client}': 1,
    'tollgate_charges_total{deducted }': 1,
    'tollgate_charged_nanousd_total{}': amount,
    'tollgate_model_charges_total{test-model}': 1,
    'tollgate_model_charged_nanousd_total{test-model}': amount,
  })
})

test('a stream that is cut, expires, and is amended by a late close', async () => {
  const userId = await server.aUser()
  let stream = await server.open(userId).granted()
  stream.progress(1, 20, 1_000)
  await stream.acknowledged(1)
  stream.cancel()
  await stream.ended
  expect(await changesOf([...STREAMS, 'tollgate_charged_nanousd_total'], () => expireAll(server))).toEqual({
    'tollgate_stream_settlements_total{expiry}': 1,
    'tollgate_charged_nanousd_total{}': Number(1_000n * INPUT + 20n * OUTPUT),
  })
  const late = async () => {
    stream = server.open(userId)
    await stream.settled()
    stream.close({ inputTokens: 1_000, outputTokens: 50 })
    await stream.ended
  }
  expect(await changesOf([...STREAMS, 'tollgate_charged_nanousd_total'], late)).toEqual({
    'tollgate_streams_connected_total{}': 1,
    'tollgate_stream_amendments_total{}': 1,
    'tollgate_charged_nanousd_total{}': Number(30n * OUTPUT),
  })
})

test('a stream that its user can no longer pay for', async () => {
  const userId = await server.aUser(1_000n * INPUT + 150n * OUTPUT)
  const changes = await changesOf(['tollgate_stream_extensions_total'], async () => {
    const stream = await server.open(userId).granted()
    // What the stream does not hold yet goes elsewhere.
    await charge(userId, 'test-model', 500)
    stream.progress(1, 90, 1_000)
    await stream.until(({ grant }) => grant.finalReason === 'FINAL_REASON_CREDITS')
    stream.close()
    await stream.ended
  })
  expect(changes).toEqual({ 'tollgate_stream_extensions_total{denied}': 1 })
})

test('a connection, while it is open', async () => {
  const userId = await server.aUser()
  await untilOpenStreams(0)
  const stream = await server.open(userId).granted()
  expect(await openStreams()).toBe(1)
  stream.close()
  await untilOpenStreams(0)
})

async function openStreams(): Promise<number | undefined> {
  return (await valuesOf(['tollgate_open_streams'])).get('tollgate_open_streams{}')
}

/** The server may learn a little later than the client that one has ended. */
async function untilOpenStreams(count: number): Promise<void> {
  while ((await openStreams()) !== count) await sleep(10)
}

test('a call by its method and its end', async () => {
  const names = ['grpc_server_started_total', 'grpc_server_handled_total']
  const service = 'tollgate.billing.v1.BillingService'
  expect(await changesOf(names, async () => charge(await server.aUser(USD)))).toEqual({
    [`grpc_server_started_total{unary ${service} ChargeUsage}`]: 1,
    [`grpc_server_handled_total{unary ${service} ChargeUsage OK}`]: 1,
  })
  expect(await changesOf(names, () => charge('nobody').catch(() => undefined))).toEqual({
    [`grpc_server_started_total{unary ${service} ChargeUsage}`]: 1,
    [`grpc_server_handled_total{unary ${service} ChargeUsage NotFound}`]: 1,
  })
})
