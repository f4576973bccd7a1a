import { sql } from 'kysely'
import { sweepHolds } from '../../../src/billing/streams/sweepHolds'
import type { StreamPart } from '../../../src/wire/generated/tollgate/billing/v1/StreamPart'
import { userOf } from '../../support/ledger'
import { USD } from '../../support/postings'
import { expireAll, INPUT, OUTPUT, type StreamServer, startStreamServer } from '../../support/streamServer'

const HOUR_S = 3_600
const DAY_S = 24 * HOUR_S

let server: StreamServer

beforeAll(async () => {
  server = await startStreamServer({ validityMs: 60_000, sweepIntervalMs: 60_000 })
})
afterAll(() => server?.stop())

/** Opens a job that holds what 1,000 input and 1,000 output tokens cost, and leaves it. */
async function aJob(userId: string, holdSeconds = 25 * HOUR_S): Promise<void> {
  const stream = await server
    .open(userId, { holdSeconds, maxOutputTokens: 1_000, holdMaxOutputTokens: true })
    .granted()
  stream.halfClose()
  expect(await stream.ended).toBeUndefined()
}

const HELD = 1_000n * INPUT + 1_000n * OUTPUT

const report = (userId: string, parts: StreamPart[], more: { close?: boolean } = {}) =>
  server.client.reportParts({ userId, idempotencyKey: 'stream', parts, ...more })

const part = (partId: string, sequence: number, outputTokens: number, inputTokens = 0): StreamPart => ({
  partId,
  sequence,
  usage: { inputTokens, outputTokens, requests: 1 },
})

/** As if so much time had passed since. */
async function pass(seconds: number): Promise<void> {
  await sql`update holds set expires_at = expires_at - ${seconds} * interval '1 second'`.execute(
    server.database.kysely,
  )
}

async function holdOf(userId: string) {
  const { holds } = await server.client.listHolds({ userId })
  return holds[0]
}

test('a hold lives as long as its open says, without a report and without a connection', async () => {
  const userId = await server.aUser()
  await aJob(userId)
  const opened = Number((await holdOf(userId))?.expiresAt?.seconds)
  expect(opened - Date.now() / 1_000).toBeGreaterThan(25 * HOUR_S - 60)
  await pass(24 * HOUR_S)
  await sweep()
  expect((await userOf(server.database, userId)).heldNanousd).toBe(HELD)
  const again = await server
    .open(userId, { holdSeconds: 25 * HOUR_S, maxOutputTokens: 1_000, holdMaxOutputTokens: true })
    .granted()
  again.close({ inputTokens: 1_000, outputTokens: 10 })
  expect((await again.settled()).charge?.amountNanousd).toBe(String(1_000n * INPUT + 10n * OUTPUT))
  expect(await server.wrongWith(userId)).toEqual([])
})

const sweep = () => sweepHolds(server.billing)

test('a job that never comes back expires, and gives its hold back', async () => {
  const userId = await server.aUser()
  await aJob(userId)
  await report(userId, [part('a', 1, 10)])
  await pass(26 * HOUR_S)
  await sweep()
  const user = await userOf(server.database, userId)
  expect(user.heldNanousd).toBe(0n)
  expect(user.creditsNanousd).toBe(USD - 10n * OUTPUT)
  expect(await server.wrongWith(userId)).toEqual([])
})

test('a report near the end of a hold keeps it for a validity; one before it does not shorten it', async () => {
  const userId = await server.aUser()
  await aJob(userId, 2 * HOUR_S)
  const first = await report(userId, [part('a', 1, 2_000)])
  expect(Number(first.expiresAt?.seconds) - Date.now() / 1_000).toBeGreaterThan(2 * HOUR_S - 60)
  await pass(2 * HOUR_S - 10)
  const last = await report(userId, [part('a', 2, 2_001)])
  const leftS = Number(last.expiresAt?.seconds) - Date.now() / 1_000
  expect(leftS).toBeGreaterThan(50)
  expect(leftS).toBeLessThan(70)
})

test.each([
  [35 * DAY_S, undefined],
  [35 * DAY_S + 1, 'INVALID_FIELD'],
  [-1, 'INVALID_FIELD'],
])('a hold of %d seconds', async (holdSeconds, reason) => {
  const userId = await server.aUser()
  const stream = server.open(userId, { holdSeconds })
  if (reason === undefined) expect((await stream.granted()).grants).toHaveLength(1)
  else expect(await stream.refusal()).toBe(reason)
  stream.cancel()
})

test('parts add up, from any process, and lost, repeated and reordered reports change nothing', async () => {
  const userId = await server.aUser()
  await aJob(userId)
  await report(userId, [part('a', 1, 10), part('b', 1, 20)])
  await report(userId, [part('a', 3, 30)])
  // Repeated, and overtaken.
  await report(userId, [part('a', 3, 31), part('a', 2, 99), part('b', 1, 20)])
  const { costNanousd, parts } = await report(userId, [])
  expect([costNanousd, parts]).toEqual([String(50n * OUTPUT), 2])
  const { settled } = await report(userId, [part('c', 1, 5, 100)], { close: true })
  expect(settled).toMatchObject({
    replayed: false,
    charge: { amountNanousd: String(55n * OUTPUT + 100n * INPUT) },
  })
  expect(settled?.charge?.usage).toMatchObject({ outputTokens: '55', inputTokens: '100', requests: '3' })
  const { settled: again } = await report(userId, [part('c', 1, 5, 100)], { close: true })
  expect(again).toMatchObject({ replayed: true, charge: { chargeId: settled?.charge?.chargeId } })
  expect(await server.settlementsOf(userId)).toHaveLength(1)
  expect(await server.wrongWith(userId)).toEqual([])
})

test('many processes report at once and close at once: every part counts, and there is one settlement', async () => {
  const userId = await server.aUser()
  await aJob(userId)
  const clients = Array.from({ length: 3 }, () => server.connect())
  const answers = await Promise.all(
    clients.flatMap((client, worker) =>
      Array.from({ length: 20 }, (_, line) =>
        client.reportParts({
          userId,
          idempotencyKey: 'stream',
          parts: [part(`worker-${worker}/${line}`, 1, 1)],
        }),
      ),
    ),
  )
  expect(answers).toHaveLength(60)
  const ends = await Promise.all(
    clients.map((client) => client.reportParts({ userId, idempotencyKey: 'stream', parts: [], close: true })),
  )
  expect(new Set(ends.map(({ settled }) => settled?.charge?.amountNanousd))).toEqual(
    new Set([String(60n * OUTPUT)]),
  )
  expect(await server.settlementsOf(userId)).toHaveLength(1)
  expect(await server.wrongWith(userId)).toEqual([])
})

test('a part that is reported while the stream is closed is charged or refused, never lost', async () => {
  for (let round = 0; round < 10; round++) {
    const userId = await server.aUser()
    await aJob(userId)
    await report(userId, [part('first', 1, 1)])
    const [late, end] = await Promise.allSettled([
      report(userId, [part('late', 1, 1)]),
      report(userId, [], { close: true }),
    ])
    if (end.status === 'rejected') throw end.reason
    const charged = (await server.client.getCharge({ userId, idempotencyKey: 'stream' })).charge
      ?.amountNanousd
    if (late.status === 'fulfilled') expect(charged).toBe(String(2n * OUTPUT))
    else {
      expect(late.reason).toMatchObject({ reason: 'ALREADY_DECIDED' })
      expect(charged).toBe(String(OUTPUT))
    }
  }
})

test('a connection that knows an earlier sum is fenced, and closes what there is when it comes back', async () => {
  const userId = await server.aUser()
  const open = { holdSeconds: HOUR_S, maxOutputTokens: 1_000 }
  const stream = await server.open(userId, open).granted()
  stream.progress(1, 5)
  await stream.acknowledged(1)
  await report(userId, [part('a', 1, 7)])
  stream.close({ outputTokens: 5 })
  expect(await stream.refusal()).toBe('STREAM_FENCED')
  const again = await server.open(userId, open).granted()
  again.close()
  expect((await again.settled()).charge?.amountNanousd).toBe(String(12n * OUTPUT))
  expect(await server.wrongWith(userId)).toEqual([])
})

test('what the parts cost is held, as far as the credits reach', async () => {
  const userId = await server.aUser(3n * HELD)
  await aJob(userId)
  const { heldNanousd } = await report(userId, [part('a', 1, 2_000)])
  expect(heldNanousd).toBe(String(2_000n * OUTPUT))
  const { heldNanousd: all } = await report(userId, [part('a', 2, 10_000)])
  expect(all).toBe(String(3n * HELD))
  const { settled } = await report(userId, [], { close: true })
  expect(settled).toMatchObject({ shortfallNanousd: String(10_000n * OUTPUT - 3n * HELD) })
})

test('parts that cost more than one charge may are refused, and change nothing', async () => {
  const userId = await server.aUser()
  await aJob(userId)
  await report(userId, [part('a', 1, 1)])
  const slip = report(userId, [part('b', 1, 1_000_000_000_000)])
  await expect(slip).rejects.toMatchObject({ reason: 'PRICE_ANOMALY' })
  expect(await report(userId, [])).toMatchObject({ parts: 1, costNanousd: String(OUTPUT) })
})

test('late parts of an expired job amend its settlement, once, where they close it', async () => {
  const userId = await server.aUser()
  await aJob(userId)
  await report(userId, [part('a', 1, 1)])
  await expireAll(server)
  const late = await report(userId, [part('b', 1, 2)])
  expect(late.settled).toMatchObject({ replayed: true, charge: { amountNanousd: String(OUTPUT) } })
  expect(late.settled?.amendableUntil).not.toBeNull()
  const { settled } = await report(userId, [part('c', 1, 3)], { close: true })
  expect(settled?.charge?.amountNanousd).toBe(String(6n * OUTPUT))
  const tooLate = report(userId, [part('d', 1, 3)], { close: true })
  await expect(tooLate).rejects.toMatchObject({ reason: 'ALREADY_DECIDED' })
  expect(await server.wrongWith(userId)).toEqual([])
})

test('a stream is named by its key or by its hold, and must exist', async () => {
  const userId = await server.aUser()
  await aJob(userId)
  const holdId = (await holdOf(userId))?.holdId ?? ''
  expect(await server.client.reportParts({ userId, holdId, parts: [part('a', 1, 1)] })).toMatchObject({
    holdId,
    parts: 1,
  })
  const other = server.client.reportParts({ userId, idempotencyKey: 'other', parts: [] })
  await expect(other).rejects.toMatchObject({ reason: 'HOLD_NOT_FOUND' })
})

test('a stream has at most 1,000 parts', async () => {
  const userId = await server.aUser()
  await aJob(userId)
  await report(
    userId,
    Array.from({ length: 1_000 }, (_, index) => part(`part-${index}`, 1, 1)),
  )
  await expect(report(userId, [part('one-more', 1, 1)])).rejects.toMatchObject({ reason: 'INVALID_FIELD' })
  expect(await report(userId, [part('part-0', 2, 2)])).toMatchObject({ costNanousd: String(1_001n * OUTPUT) })
})

test('a job holds against the daily limit of every day, and spends on the day it ends', async () => {
  const userId = await server.aUser(USD, { dailyLimitNanousd: HELD + 5n * OUTPUT })
  await aJob(userId, 3 * DAY_S)
  await sql`update users set spent_on = spent_on - 1, last_entry_at = last_entry_at - interval '1 day'
    where user_id = ${userId}`.execute(server.database.kysely)
  const charge = (key: string, outputTokens: number) =>
    server.client.chargeUsage({ userId, idempotencyKey: key, model: 'test-model', usage: { outputTokens } })
  await expect(charge('too-much', 6)).rejects.toMatchObject({ reason: 'DAILY_LIMIT_REACHED' })
  await charge('fits', 5)
  const { settled } = await report(userId, [part('a', 1, 100)], { close: true })
  expect(settled?.charge?.amountNanousd).toBe(String(100n * OUTPUT))
  expect((await userOf(server.database, userId)).heldNanousd).toBe(0n)
})

test('a job of a trial holds the trial’s limit for days, and forgoes what it held after the trial has ended', async () => {
  const trialExpiresAt = new Date(Date.now() + DAY_S * 1_000)
  const userId = await server.aUser(0n, { isTrial: true, trialExpiresAt })
  await aJob(userId, 3 * DAY_S)
  expect(await userOf(server.database, userId)).toMatchObject({ heldNanousd: 0n, trialHeldNanousd: HELD })
  await sql`update users set trial_expires_at = clock_timestamp() - interval '1 day'
    where user_id = ${userId}`.execute(server.database.kysely)
  const { settled } = await report(userId, [part('a', 1, 100)], { close: true })
  expect(settled?.charge).toMatchObject({
    trial: true,
    amountNanousd: '0',
    forgoneNanousd: String(100n * OUTPUT),
  })
  expect(await userOf(server.database, userId)).toMatchObject({
    trialHeldNanousd: 0n,
    trialSpentNanousd: 100n * OUTPUT,
  })
})
