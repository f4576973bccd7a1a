import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { openDatabase } from '../../src/database/database'
import { migrateToLatest } from '../../src/database/migrate'
import { registry } from '../../src/observability/metrics'
import { putOperatorPrice } from '../../src/pricing/operatorPrices'
import { REVISION_POLL_MS } from '../../src/pricing/settings'
import { type BreakableWay, breakableWay } from '../support/breakableNetwork'
import { cardOf } from '../support/priceBooks'
import { startTestServer, type TestServer } from '../support/server'
import { type ReplicatedPostgres, startReplicatedPostgres } from '../support/standby'
import { TestStream } from '../support/streamClients'

// A standby that lags is promoted: what the primary acknowledged last is gone, prices among it, and the price book reaches
// the same revision by another change.

let postgres: ReplicatedPostgres
let way: BreakableWay
let server: TestServer
let socket: string
let attempts = 0

beforeAll(async () => {
  postgres = await startReplicatedPostgres()
  await migrateToLatest({ connection: postgres.primary })
  socket = `${postgres.primary.host}/.s.PGSQL.${postgres.primary.port}`
  way = await breakableWay(() => {
    attempts += 1
    return connect(socket)
  })
  server = await startServer()
}, 60_000)

afterAll(async () => {
  await server.stop()
  way.close()
  await postgres.remove()
})

function startServer(): Promise<TestServer> {
  return startTestServer({
    network: () => ({ ...postgres.primary, host: '127.0.0.1', port: way.port }),
    streams: { recordIntervalMs: 100, sweepIntervalMs: 3_600_000 },
  })
}

const put = (usd: number) => {
  const rate = (meter: 'METER_INPUT_TOKENS' | 'METER_OUTPUT_TOKENS') =>
    ({ meter, priceNanousd: String(usd * 1e9), per: '1000000' }) as const
  const rates = [rate('METER_INPUT_TOKENS'), rate('METER_OUTPUT_TOKENS')]
  return server.client.putPrice({ model: 'test-model', rateCards: [{ rates }] })
}

const charge = (idempotencyKey: string) =>
  server.client.chargeUsage({
    ...{ userId: 'ada', idempotencyKey, model: 'test-model' },
    usage: { inputTokens: 1_000 },
  })

const amountOf = async (idempotencyKey: string) =>
  Number((await charge(idempotencyKey)).charge?.amountNanousd)

/** Until the database answers again. */
async function patiently<T>(call: () => Promise<T>): Promise<T> {
  const endMs = performance.now() + 15_000
  for (;;) {
    try {
      return await call()
    } catch (error) {
      if (performance.now() > endMs) throw error
      await sleep(20)
    }
  }
}

async function rewinds(): Promise<number> {
  return Number(
    / ([\d.]+)$/m.exec(await registry.getSingleMetricAsString('tollgate_database_rewinds_total'))?.[1],
  )
}

test('a promoted standby that lacks writes: prices are read again, and every call is settled and rated', async () => {
  await server.client.createUser({ userId: 'ada' })
  const grant = { userId: 'ada', pot: 'POT_CREDITS', amountNanousd: '1000000000' } as const
  await server.client.grantCredits({ ...grant, idempotencyKey: 'g' })
  await put(1)
  expect(await amountOf('before')).toBe(1_000_000)
  await postgres.cutOff()

  await put(2)
  // Its own change is what it reads next; what it prices by after that stays in memory.
  await sleep(2 * REVISION_POLL_MS)
  expect(await amountOf('lost')).toBe(2_000_000)
  way.break()
  await postgres.promote()
  const promoted = openDatabase(postgres.standby, { poolSizeMax: 1, onIdleError: () => undefined })
  await putOperatorPrice(
    promoted,
    {
      model: 'test-model',
      provider: '',
      rateCards: [cardOf({ INPUT_TOKENS: 3, OUTPUT_TOKENS: 3 })],
    },
    'operations',
  )
  await promoted.close()
  // The idle replica tries in vain to read the price book: until it does so again, it prices from memory.
  socket = '/nowhere'
  way.restore()
  for (const before = attempts; attempts === before; ) await sleep(5)
  socket = `${postgres.standby.host}/.s.PGSQL.${postgres.standby.port}`

  // Priced from memory, before the replica has noticed.
  expect((await patiently(() => charge('meanwhile'))).charge?.amountNanousd).toBe('2000000')
  const open = { userId: 'ada', idempotencyKey: 'stream', model: 'test-model', inputTokens: 1_000 }
  const stream = await new TestStream(server.client, open).granted()

  // Its last entry is gone, and so is a change of the price book.
  while ((await rewinds()) < 2) await sleep(50)
  await patiently(async () => expect(await amountOf(`after-${Math.random()}`)).toBe(3_000_000))
  expect(await charge('meanwhile')).toMatchObject({ replayed: true, charge: { lineItems: [{}] } })
  // The client sends the acknowledged call again: it was lost, and is charged at today's price.
  expect(await charge('lost')).toMatchObject({ replayed: false, charge: { amountNanousd: '3000000' } })
  expect((await server.client.reconcile({})).discrepancies).toEqual([])

  // Nobody kept the lost version: the stream settles all the same, and Reconcile names what is missing.
  stream.cancel()
  const { charge: lost } = await charge('meanwhile')
  await server.billing.database.kysely
    .deleteFrom('model_prices')
    .where('price_id', '=', lost?.priceId ?? '')
    .execute()
  const other = await startServer()
  const resumed = await new TestStream(other.client, open).granted()
  resumed.closeWith({
    sequence: 1,
    end: 'STREAM_END_COMPLETED',
    usage: { inputTokens: 1_000, outputTokens: 5 },
  })
  expect((await resumed.settled()).charge).toMatchObject({ amountNanousd: '2010000', lineItems: [] })
  const again = {
    userId: 'ada',
    idempotencyKey: 'meanwhile',
    model: 'test-model',
    usage: { inputTokens: 1_000 },
  }
  expect(await other.client.chargeUsage(again)).toMatchObject({
    replayed: true,
    charge: { amountNanousd: '2000000', lineItems: [] },
  })
  const { discrepancies } = await server.client.reconcile({})
  expect(new Set(discrepancies.map(({ kind }) => kind))).toEqual(new Set(['AMOUNT_DRIFT']))
  for (const { detail } of discrepancies) expect(detail).toContain(`its price ${lost?.priceId} is missing`)
  await other.stop()
}, 90_000)
