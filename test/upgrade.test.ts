import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { reconcile } from '../src/billing/reconcile/reconcile'
import { sweepHolds } from '../src/billing/streams/sweepHolds'
import { isDrift } from '../src/domain/reconcile/reconcile'
import type { ChargeUsageResponse__Output } from '../src/wire/generated/tollgate/billing/v1/ChargeUsageResponse'
import type { StreamClose } from '../src/wire/generated/tollgate/billing/v1/StreamClose'
import type { StreamOpen } from '../src/wire/generated/tollgate/billing/v1/StreamOpen'
import type { StreamSettled__Output } from '../src/wire/generated/tollgate/billing/v1/StreamSettled'
import { startTestServer, type TestServer } from './support/server'
import { spoolDir } from './support/spools'
import { TestStream } from './support/streamClients'
import type { TestDatabase } from './support/testDatabase'

// What an older release wrote, this one reads. `fixtures/before` is a ledger with every kind of entry, failure and hold, a
// spool of four segments that was written while the database was unreachable, and what the callers had been answered. The
// older release wrote all of it; only the expiries of its live holds were moved by 50 years, so that they are still live.
// Answers may have more fields than they had then.

const FIXTURES = join(__dirname, 'fixtures/before')
/** What the older release had bound its quotes and default prices to. */
const PRICES = { lowValueGlobs: ['cheap-*'] }

interface Call {
  rpc: string
  request: { userId?: string; idempotencyKey?: string }
  answer?: object
  refusal?: string
}

interface Stream {
  open: StreamOpen & { userId: string; idempotencyKey: string }
  state: string
  holdId: string
  close?: StreamClose
  settled?: StreamSettled__Output
}

const calls = readLines<Call>('calls.jsonl')
const streams = new Map(
  readLines<Stream>('streams.jsonl').map((stream) => [stream.open.idempotencyKey, stream]),
)

let server: TestServer

function readLines<T>(name: string): T[] {
  const lines = readFileSync(join(FIXTURES, name), 'utf8').trimEnd().split('\n')
  return lines.map((line) => JSON.parse(line) as T)
}

async function fill({ kysely }: TestDatabase): Promise<void> {
  await sql.raw(readFileSync(join(FIXTURES, 'rows.sql'), 'utf8')).execute(kysely)
}

async function ask<T>({ rpc, request }: Call): Promise<T> {
  const call = server.client[rpc as 'chargeUsage'] as (request: object) => Promise<unknown>
  // As the fixtures keep it.
  return JSON.parse(JSON.stringify(await call(request))) as T
}

async function driftOf(database: TestServer, fromCheckpoints: boolean): Promise<unknown[]> {
  const { discrepancies } = await reconcile(database.billing, {
    userId: '',
    pageSize: 1_000,
    pageToken: '',
    fromCheckpoints,
  })
  return discrepancies.filter(({ kind }) => isDrift(kind))
}

function streamOf(idempotencyKey: string): Stream {
  const stream = streams.get(idempotencyKey)
  if (stream === undefined) throw new Error(`there is no stream ${idempotencyKey}`)
  return stream
}

function resume(idempotencyKey: string): TestStream {
  return new TestStream(server.client, streamOf(idempotencyKey).open)
}

/** A receipt, but for what says how and when it was answered. */
function amountsOf({ charge }: Pick<ChargeUsageResponse__Output, 'charge'>) {
  const { status: _status, balance: _balance, createdAt: _createdAt, ...amounts } = charge ?? {}
  return amounts
}

describe('a ledger of an older release', () => {
  beforeAll(async () => {
    server = await startTestServer({ fill, prices: PRICES, streams: { recordIntervalMs: 100 } })
  })

  afterAll(() => server.stop())

  test('adds up, from the first entries and from checkpoints: every receipt rates to the same amount', async () => {
    expect(await driftOf(server, false)).toEqual([])
    expect(await driftOf(server, true)).toEqual([])
  })

  test('lists its deduction failures', async () => {
    const { failures } = await server.client.listDeductionFailures({ pageSize: 100 })
    const kinds = failures.map(({ reason, state }) => `${reason} ${state}`).sort()
    expect(new Set(kinds)).toEqual(
      new Set([
        'DAILY_LIMIT_REACHED FAILURE_STATE_PENDING',
        'INSUFFICIENT_CREDITS FAILURE_STATE_PENDING',
        'INSUFFICIENT_CREDITS FAILURE_STATE_RESOLVED',
        'INSUFFICIENT_CREDITS FAILURE_STATE_WRITTEN_OFF',
        'MODEL_PRICE_MISSING FAILURE_STATE_PENDING',
        'PRICE_ANOMALY FAILURE_STATE_PENDING',
        'USER_SUSPENDED FAILURE_STATE_PENDING',
      ]),
    )
  })

  test('answers every key with its first receipt', async () => {
    const answered = calls.filter(
      ({ rpc, answer }) =>
        ['chargeUsage', 'refundCharge', 'grantCredits'].includes(rpc) &&
        answer !== undefined &&
        !JSON.stringify(answer).includes('CHARGE_STATUS_DEFERRED'),
    )
    expect(answered.length).toBeGreaterThan(30)
    for (const call of answered) expect(await ask(call)).toMatchObject({ ...call.answer, replayed: true })
    expect(await driftOf(server, false)).toEqual([])
  })

  test('a batch answers the first receipts and refusals', async () => {
    const [batch] = calls.filter(({ rpc }) => rpc === 'batchChargeUsage')
    const first = JSON.parse(JSON.stringify(batch?.answer)) as {
      results: { response?: ChargeUsageResponse__Output | null }[]
    }
    for (const { response } of first.results) if (response) response.replayed = true
    expect(await ask(batch as Call)).toMatchObject(first)
  })

  test('another request under a key is still refused', async () => {
    const [call] = calls.filter(({ request }) => request.idempotencyKey === 'c1')
    const other = { ...call?.request, usage: { inputTokens: '999' } }
    await expect(ask({ rpc: 'chargeUsage', request: other })).rejects.toMatchObject({
      reason: 'IDEMPOTENCY_KEY_REUSED',
    })
  })

  test('a quote is honoured, and deduction failures are collected', async () => {
    const quoted = calls.find(({ rpc }) => rpc === 'priceQuote') as Call
    const { quoteId } = quoted.answer as { quoteId: string }
    const request = { userId: 'ada', idempotencyKey: 'new-1', model: 'test-model', quoteId }
    const { charge } = await server.client.chargeUsage({ ...request, usage: { inputTokens: 1_000 } })
    expect(charge).toMatchObject({ quoteId, quoteExpired: false, amountNanousd: '1000000' })

    // A refused call and a stream's shortfall are paid by the next grant.
    for (const userId of ['poor', 'short']) {
      const grant = {
        userId,
        idempotencyKey: 'new-1',
        pot: 'POT_CREDITS',
        amountNanousd: '10000000',
      } as const
      await server.client.grantCredits(grant)
      await until(async () => {
        const { failures } = await server.client.listDeductionFailures({ userId })
        return failures.every(({ state }) => state === 'FAILURE_STATE_RESOLVED')
      })
    }
    expect(await driftOf(server, false)).toEqual([])
  })

  test.each([
    { key: 'st-open', sequence: '4' },
    { key: 'st-detached', sequence: '2' },
    { key: 'st-final', sequence: '1' },
    { key: 'st-trial-open', sequence: '1' },
  ])('the live stream $key is resumed where it was, and settles', async ({ key, sequence }) => {
    const stream = await resume(key).granted()
    expect(stream.grant).toMatchObject({ holdId: streamOf(key).holdId, acknowledgedSequence: sequence })
    stream.closeWith({
      sequence: 9,
      end: 'STREAM_END_COMPLETED',
      usage: { inputTokens: 1_000, outputTokens: 96 },
    })
    const { charge } = await stream.settled()
    const costNanousd = String(1_000n * 1_000n + 96n * 10_000n)
    expect(charge).toMatchObject(
      key === 'st-trial-open'
        ? { amountNanousd: '0', forgoneNanousd: costNanousd }
        : { amountNanousd: costNanousd },
    )
  })

  test.each(['st-settled', 'st-quoted', 'st-short', 'st-trial', 'st-amended'])(
    'the settled stream %s answers its receipt',
    async (key) => {
      const receipt = await resume(key).settled()
      const first = streamOf(key).settled as StreamSettled__Output
      expect(amountsOf(receipt)).toMatchObject({
        ...amountsOf(first),
        // Paid by the grant above.
        ...(key === 'st-short' && amountsOf({ charge: receipt.charge })),
      })
      expect(receipt.replayed).toBe(true)
    },
  )

  test('a stream that was settled by its expiry takes its close; one that is overdue is settled as recorded', async () => {
    const stream = resume('st-expired')
    const { charge, amendableUntil } = await stream.settled()
    expect(charge).toMatchObject({ amountNanousd: String(1_000n * 1_000n + 40n * 10_000n) })
    expect(amendableUntil).not.toBeNull()
    stream.closeWith({
      sequence: 9,
      end: 'STREAM_END_COMPLETED',
      usage: { inputTokens: 1_000, outputTokens: 50 },
    })
    await stream.until(({ settlements }) => settlements.length > 1)
    expect(stream.settlement?.charge).toMatchObject({
      amountNanousd: String(1_000n * 1_000n + 50n * 10_000n),
    })

    await sweepHolds(server.billing)
    const overdue = await resume('st-overdue').settled()
    expect(overdue.charge).toMatchObject({ amountNanousd: String(1_000n * 1_000n + 55n * 10_000n) })
    expect(await driftOf(server, false)).toEqual([])
  })
})

describe('a spool of an older release', () => {
  let dir: string
  let remove: () => void

  beforeAll(async () => {
    ;({ dir, remove } = spoolDir())
    cpSync(join(FIXTURES, 'spool'), dir, { recursive: true })
    server = await startTestServer({ fill, prices: PRICES, spool: { dir } })
  })

  afterAll(async () => {
    await server.stop()
    remove()
  })

  test('is deducted to the amounts that were answered, and refused where that is due', async () => {
    // A segment is removed with the last of its entries.
    await until(async () => !readdirSync(dir).some((name) => name.endsWith('.segment')))
    const deferred = calls.filter(({ answer }) =>
      JSON.stringify(answer ?? {}).includes('CHARGE_STATUS_DEFERRED'),
    )
    expect(deferred).toHaveLength(11)
    const isRefused = ({ request: { userId, idempotencyKey } }: Call) =>
      userId === 'nobody' || userId === 'poor' || idempotencyKey === 'c1'
    for (const call of deferred.filter((call) => !isRefused(call))) {
      const again = await ask<ChargeUsageResponse__Output>(call)
      expect(again.charge?.status).toBe('CHARGE_STATUS_DEDUCTED')
      // This release may say more on a line.
      const { chargeId, amountNanousd, lineItems } = (call.answer as ChargeUsageResponse__Output).charge ?? {}
      expect(again.charge).toMatchObject({ chargeId, amountNanousd, lineItems })
    }
    const { failures } = await server.client.listDeductionFailures({ pageSize: 100 })
    const reasons = failures.slice(-3).map(({ userId, reason }) => `${userId} ${reason}`)
    expect(new Set(reasons)).toEqual(
      new Set(['nobody USER_NOT_FOUND', 'poor INSUFFICIENT_CREDITS', 'ada IDEMPOTENCY_KEY_REUSED']),
    )
    const { settled } = streamOf('st-deferred')
    expect((await resume('st-deferred').settled()).charge).toMatchObject({
      amountNanousd: settled?.charge?.amountNanousd,
      status: 'CHARGE_STATUS_DEDUCTED',
    })
    expect(await driftOf(server, false)).toEqual([])
  })
})

async function until(condition: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + 15_000
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error('it did not happen in time')
    await sleep(50)
  }
}
