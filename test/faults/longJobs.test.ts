import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import type { TollgateClient } from '../../clients/node/src/connect'
import type { StreamOpen } from '../../src/wire/generated/tollgate/billing/v1/StreamOpen'
import { Randomness } from '../support/randomness'
import { type ServerProcess, startServerProcess } from '../support/serverProcess'
import { TestStream } from '../support/streamClients'
import { type TestDatabase, testDatabase, urlOf } from '../support/testDatabase'

// A batch of 50,000 lines whose workers report to three server processes, which are killed and started again in between.

const LINES = 50_000
const LINES_PER_PART = 500
const LINES_PER_REPORT = 50
const WORKERS = 3
const HOUR_S = 3_600
/** gpt-4o-mini: $0.15 and $0.60 a million tokens. */
const INPUT_NANOUSD = 150n
const OUTPUT_NANOUSD = 600n
const START_NANOUSD = 1_000_000_000_000n

let database: TestDatabase
const processes: ServerProcess[] = []

beforeAll(async () => {
  database = await testDatabase()
})
afterAll(async () => {
  for (const server of processes) await server.kill()
  await database.drop()
})

async function start(index: number): Promise<ServerProcess> {
  const server = await startServerProcess({
    DATABASE_URL: urlOf(database.connection),
    TOLLGATE_STREAM_VALIDITY_SECONDS: '3',
    TOLLGATE_STREAM_RECORD_SECONDS: '1',
    TOLLGATE_STREAM_SWEEP_SECONDS: '1',
  })
  processes[index] = server
  return server
}

const openOf = (idempotencyKey: string): StreamOpen => ({
  ...{ userId: 'ada', idempotencyKey, model: 'gpt-4o-mini', provider: 'openai' },
  holdSeconds: 25 * HOUR_S,
  inputTokens: 1_000_000,
  maxOutputTokens: 1_000_000,
  holdMaxOutputTokens: true,
})

/** Opens a job and leaves it: the connection ends, the hold stays. */
async function open(client: TollgateClient, idempotencyKey: string): Promise<void> {
  const stream = await new TestStream(client, openOf(idempotencyKey)).granted()
  stream.halfClose()
  await stream.ended
}

/** Repeats a call until a server answers, as a gateway does: on whichever process runs. */
async function untilAnswered<T>(worker: number, call: (client: TollgateClient) => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    const server = processes[(worker + attempt) % WORKERS]
    try {
      if (server !== undefined) return await call(server.client)
    } catch (error) {
      if (attempt > 200) throw error
      await sleep(100)
    }
  }
}

/** Of the passing hours: the clocks don't wait for a test. */
async function pass(hours: number): Promise<void> {
  await sql`update holds set expires_at = expires_at - ${hours} * interval '1 hour'
    where state <> 'settled'`.execute(database.kysely)
}

test('a batch of 50,000 lines is charged once, and one that never comes back gives its hold back', async () => {
  const servers = await Promise.all([0, 1, 2].map(start))
  const [first] = servers as [ServerProcess]
  await first.client.createUser({ userId: 'ada' })
  await first.client.grantCredits({
    ...{ userId: 'ada', idempotencyKey: 'start', pot: 'POT_CREDITS' },
    amountNanousd: String(START_NANOUSD),
  })
  await open(first.client, 'batch')
  await open(first.client, 'forgotten')
  await pass(20)

  const random = new Randomness('batch')
  const lines = Array.from({ length: LINES }, () => ({
    inputTokens: random.below(2_000),
    outputTokens: random.below(500),
  }))
  let reports = 0
  let kills = 0
  /** One part after the other, cumulatively; every tenth report is sent twice. */
  async function work(worker: number): Promise<void> {
    for (let from = worker * LINES_PER_PART; from < LINES; from += WORKERS * LINES_PER_PART) {
      const usage = { inputTokens: 0, outputTokens: 0, requests: 0 }
      for (let line = from; line < from + LINES_PER_PART; line++) {
        usage.inputTokens += lines[line]?.inputTokens ?? 0
        usage.outputTokens += lines[line]?.outputTokens ?? 0
        usage.requests++
        if (usage.requests % LINES_PER_REPORT !== 0) continue
        const part = { partId: `lines-${from}`, sequence: usage.requests, usage: { ...usage } }
        const send = (client: TollgateClient) =>
          client.reportParts({ userId: 'ada', idempotencyKey: 'batch', parts: [part] })
        await untilAnswered(worker, send)
        if (++reports % 10 === 0) await untilAnswered(worker + 1, send)
      }
    }
  }
  async function killInBetween(): Promise<void> {
    for (const victim of [1, 2, 0]) {
      while (reports < 200 * (kills + 1)) await sleep(20)
      await processes[victim]?.kill()
      kills++
      await start(victim)
    }
  }
  await Promise.all([killInBetween(), ...Array.from({ length: WORKERS }, (_, worker) => work(worker))])
  expect(kills).toBe(3)

  const ends = await Promise.all(
    Array.from({ length: WORKERS }, (_, worker) =>
      untilAnswered(worker, (client) =>
        client.reportParts({ userId: 'ada', idempotencyKey: 'batch', parts: [], close: true }),
      ),
    ),
  )
  const input = lines.reduce((sum, line) => sum + line.inputTokens, 0)
  const output = lines.reduce((sum, line) => sum + line.outputTokens, 0)
  const costNanousd = BigInt(input) * INPUT_NANOUSD + BigInt(output) * OUTPUT_NANOUSD
  expect(ends.map(({ settled }) => settled?.charge?.amountNanousd)).toEqual(
    Array(WORKERS).fill(String(costNanousd)),
  )
  expect(ends[0]?.settled?.charge?.usage).toMatchObject({
    ...{ inputTokens: String(input), outputTokens: String(output), requests: String(LINES) },
  })

  await pass(5.1)
  const { client } = processes[0] as ServerProcess
  while ((await client.listHolds({ pageSize: 1 })).holds.length > 0) await sleep(200)
  const { user } = await client.getUser({ userId: 'ada' })
  expect(user?.balance).toMatchObject({
    heldNanousd: '0',
    creditsNanousd: String(START_NANOUSD - costNanousd),
  })
  const { discrepancies } = await client.reconcile({ userId: 'ada' })
  expect(discrepancies).toEqual([])
  const { entries } = await client.listLedgerEntries({ userId: 'ada', pageSize: 1_000 })
  expect(entries.filter(({ kind }) => kind === 'ENTRY_KIND_SETTLEMENT')).toHaveLength(2)
}, 300_000)
