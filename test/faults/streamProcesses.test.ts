import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TollgateClient } from '../../clients/node/src/connect'
import type { StreamOpen } from '../../src/wire/generated/tollgate/billing/v1/StreamOpen'
import { type ServerProcess, startServerProcess } from '../support/serverProcess'
import { TestStream } from '../support/streamClients'
import { type TestDatabase, testDatabase, urlOf } from '../support/testDatabase'

// Streams on real server processes, which are killed, paused, and started with a clock that is wrong.

const VALIDITY_S = 3
const ENVIRONMENT = {
  TOLLGATE_STREAM_VALIDITY_SECONDS: String(VALIDITY_S),
  TOLLGATE_STREAM_RECORD_SECONDS: '1',
  TOLLGATE_STREAM_SWEEP_SECONDS: '1',
  TOLLGATE_STREAM_FIRST_STRETCH_TOKENS: '1000',
}
const USERS = 5
const STREAMS = 500
/** gpt-4o-mini: $0.15 and $0.60 a million tokens. */
const INPUT_NANOUSD = 150n
const OUTPUT_NANOUSD = 600n
const START_NANOUSD = 1_000_000_000n

let database: TestDatabase
let processes: ServerProcess[] = []

beforeEach(async () => {
  database = await testDatabase()
})

afterEach(async () => {
  for (const server of processes) {
    server.wakeUp()
    await server.kill()
  }
  processes = []
  await database.drop()
})

async function start(environment: Record<string, string> = {}): Promise<ServerProcess> {
  const settings = { DATABASE_URL: urlOf(database.connection), ...ENVIRONMENT, ...environment }
  const server = await startServerProcess(settings)
  processes.push(server)
  return server
}

function openOf(index: number): StreamOpen {
  return {
    userId: `user-${index % USERS}`,
    idempotencyKey: `stream-${index}`,
    model: 'gpt-4o-mini',
    provider: 'openai',
    inputTokens: 1_000,
  }
}

async function fund(client: TollgateClient): Promise<void> {
  for (let index = 0; index < USERS; index++) {
    const userId = `user-${index}`
    await client.createUser({ userId })
    await client.grantCredits({
      userId,
      idempotencyKey: 'start',
      pot: 'POT_CREDITS',
      amountNanousd: String(START_NANOUSD),
    })
  }
}

function costOf(outputTokens: number): bigint {
  return 1_000n * INPUT_NANOUSD + BigInt(outputTokens) * OUTPUT_NANOUSD
}

async function untilNothingIsHeld(client: TollgateClient): Promise<void> {
  while ((await client.listHolds({ pageSize: 1 })).holds.length > 0) await sleep(200)
}

async function expectSoundBooks(client: TollgateClient): Promise<void> {
  const { discrepancies, usersChecked } = await client.reconcile({ pageSize: 100 })
  expect({ discrepancies, usersChecked }).toEqual({ discrepancies: [], usersChecked: String(USERS) })
  for (let index = 0; index < USERS; index++) {
    const { user } = await client.getUser({ userId: `user-${index}` })
    expect(user?.balance?.heldNanousd).toBe('0')
  }
}

test('a server killed with 500 streams open loses no more than what was not acknowledged', async () => {
  const first = await start()
  await fund(first.client)
  const streams = await Promise.all(
    Array.from({ length: STREAMS }, (_, index) => new TestStream(first.client, openOf(index)).granted()),
  )
  for (const [index, stream] of streams.entries()) {
    stream.progress(1, 10, 1_000)
    stream.progress(2, 20 + index, 1_000)
  }
  await Promise.all(streams.map((stream) => stream.acknowledged(2)))
  // Reported at the last moment: in memory, recorded by luck only.
  for (const [index, stream] of streams.entries()) stream.progress(3, 600 + index, 1_000)
  await sleep(50)
  await first.kill()
  await Promise.all(streams.map(({ ended }) => ended))
  const acknowledged = streams.map(({ acks }) => Number(acks.at(-1)?.sequence))

  const second = await start()
  const resumed = await Promise.all(
    streams.flatMap((_, index) =>
      index % 2 === 1 ? [] : [new TestStream(second.client, openOf(index)).granted()],
    ),
  )
  for (const [position, stream] of resumed.entries()) {
    expect(Number(stream.grant.acknowledgedSequence)).toBeGreaterThanOrEqual(acknowledged[position * 2] ?? 0)
    stream.progress(4, 900, 1_000)
    stream.close({ inputTokens: 1_000, outputTokens: 950 + position })
  }
  await Promise.all(resumed.map((stream) => stream.settled()))
  await untilNothingIsHeld(second.client)

  let chargedNanousd = 0n
  for (let index = 0; index < STREAMS; index++) {
    const { userId = '', idempotencyKey = '' } = openOf(index)
    const { charge } = await second.client.getCharge({ userId, idempotencyKey })
    const tokens = Number(charge?.usage?.outputTokens)
    if (index % 2 === 0) expect(tokens).toBe(950 + index / 2)
    else expect(acknowledged[index] === 3 ? [600 + index] : [20 + index, 600 + index]).toContain(tokens)
    expect(charge?.amountNanousd).toBe(String(costOf(tokens)))
    chargedNanousd += costOf(tokens)
  }
  await expectSoundBooks(second.client)
  let leftNanousd = 0n
  for (let index = 0; index < USERS; index++) {
    const { user } = await second.client.getUser({ userId: `user-${index}` })
    leftNanousd += BigInt(user?.balance?.creditsNanousd ?? 0)
  }
  expect(leftNanousd).toBe(BigInt(USERS) * START_NANOUSD - chargedNanousd)
}, 120_000)

test('a server that slept while its stream was taken over and settled elsewhere is fenced when it wakes up', async () => {
  const sleeper = await start()
  const other = await start()
  await fund(other.client)
  const old = await new TestStream(sleeper.client, openOf(0)).granted()
  old.progress(1, 20, 1_000)
  await old.acknowledged(1)
  sleeper.pause()
  old.progress(2, 40, 1_000)
  old.close({ inputTokens: 1_000, outputTokens: 999 })

  const next = await new TestStream(other.client, openOf(0)).granted()
  expect(next.grant.acknowledgedSequence).toBe('1')
  next.close({ inputTokens: 1_000, outputTokens: 50 })
  await next.settled()
  sleeper.wakeUp()
  expect(await old.refusal()).toBe('STREAM_FENCED')

  const { charge } = await other.client.getCharge({ userId: 'user-0', idempotencyKey: 'stream-0' })
  expect(charge?.amountNanousd).toBe(String(costOf(50)))
  const { entries } = await other.client.listLedgerEntries({ userId: 'user-0', pageSize: 10 })
  expect(entries.map(({ kind }) => kind)).toEqual([
    'ENTRY_KIND_SETTLEMENT',
    'ENTRY_KIND_HOLD',
    'ENTRY_KIND_GRANT',
  ])
  await expectSoundBooks(other.client)
}, 60_000)

test('processes whose clocks are an hour ahead or behind decide nothing differently', async () => {
  const server = await start()
  await fund(server.client)
  await Promise.all([liveAnHourOff(3_600_000, 0), liveAnHourOff(-3_600_000, 1)])
  await expectSoundBooks(server.client)
}, 60_000)

/** Everything that goes by time, on a server whose own is wrong. */
async function liveAnHourOff(shiftMs: number, user: number): Promise<void> {
  const { client } = await start({
    NODE_OPTIONS: `--require ${join(__dirname, '../support/shiftedClock.js')}`,
    CLOCK_SHIFT_MS: String(shiftMs),
  })
  const startedMs = Date.now()
  const isNow = (seconds: string | undefined, aheadMs = 0) =>
    expect(Math.abs(Number(seconds) * 1_000 - startedMs - aheadMs)).toBeLessThan(60_000)

  const closed = await new TestStream(client, openOf(user)).granted()
  isNow(closed.grant.expiresAt?.seconds)
  closed.progress(1, 20, 1_000)
  closed.close({ inputTokens: 1_000, outputTokens: 30 })
  const { charge } = await closed.settled()
  isNow(charge?.createdAt?.seconds)
  isNow(charge?.occurredAt?.seconds)

  // Reported to, a stream outlives its validity; left alone, it ends once that is over, and may be amended.
  const left = await new TestStream(client, openOf(user + USERS)).granted()
  for (let sequence = 1; sequence <= VALIDITY_S + 1; sequence++) {
    left.progress(sequence, sequence, 1_000)
    await sleep(1_000)
  }
  expect(left.settlement).toBeUndefined()
  isNow((await left.settled()).amendableUntil?.seconds, 86_400_000)
  left.close({ inputTokens: 1_000, outputTokens: 77 })
  expect(await left.ended).toBeUndefined()
  expect(left.settlement).toMatchObject({ replayed: false, charge: { amountNanousd: String(costOf(77)) } })

  // Charges and quotes go by the same time.
  const call = { model: 'gpt-4o-mini', provider: 'openai', userId: `user-${user}` }
  const { quoteId, expiresAt } = await client.priceQuote(call)
  isNow(expiresAt?.seconds, 600_000)
  const quoted = await client.chargeUsage({
    ...call,
    idempotencyKey: 'quoted',
    quoteId,
    usage: { inputTokens: 1_000 },
  })
  expect(quoted.charge?.quoteExpired).toBe(false)
}
