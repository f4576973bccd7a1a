import { cpSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { TollgateError } from '../../../clients/node/src/errors'
import { deliverDeferred } from '../../../src/billing/charges/deliverDeferred'
import { settleHold } from '../../../src/billing/streams/settleHold'
import { keyIdOf } from '../../../src/domain/ledger/ids'
import { NO_USAGE } from '../../../src/domain/usage/usage'
import { drainRound } from '../../../src/ledger/spool/drainRound'
import type { SpoolSettings } from '../../../src/ledger/spool/spool'
import type { ReceiptView } from '../../../src/wire/generated/tollgate/billing/v1/ReceiptView'
import { type BreakableNetwork, breakableNetwork } from '../../support/breakableNetwork'
import { FaultyDisk } from '../../support/disks'
import { type FaultyNetwork, faultyNetwork } from '../../support/faultyNetwork'
import { entriesOf, givenUser, startLedger, userOf, whatIsWrong } from '../../support/ledger'
import { aCharge, aGrant, USD } from '../../support/postings'
import type { TestServerSettings } from '../../support/server'
import { openSpool, spoolDir } from '../../support/spools'
import { expireAll, INPUT, OUTPUT, type StreamServer, startStreamServer } from '../../support/streamServer'

// Postgres is unreachable while charges keep arriving.

let dir: string
let removeDir: () => void
let network: BreakableNetwork
let server: StreamServer

async function start(
  spool: Partial<SpoolSettings> = {},
  prices: TestServerSettings['prices'] = {},
): Promise<void> {
  server = await startStreamServer(
    { validityMs: 60_000, amendableForMs: 60_000 },
    {
      spool: { dir, ...spool },
      prices,
      async network(connection) {
        network = await breakableNetwork(connection)
        return network.connection
      },
    },
  )
}

beforeEach(() => {
  ;({ dir, remove: removeDir } = spoolDir())
})

afterEach(async () => {
  network?.restore()
  await server.stop()
  network?.close()
  removeDir()
})

function charge(userId: string, idempotencyKey: string, inputTokens = 1_000, view?: ReceiptView) {
  const call = { userId, idempotencyKey, model: 'test-model', usage: { inputTokens } }
  return server.client.chargeUsage({ ...call, ...(view !== undefined && { view }) })
}

async function reasonOf(call: Promise<unknown>): Promise<string> {
  try {
    await call
    return 'OK'
  } catch (error) {
    if (error instanceof TollgateError) return error.reason
    throw error
  }
}

/** Its price is in memory from then on. */
async function withAPrice(userId: string): Promise<void> {
  await charge(userId, 'first')
}

async function statusOf(userId: string, idempotencyKey: string): Promise<string | undefined> {
  return (await server.client.getCharge({ userId, idempotencyKey })).charge?.status
}

async function untilDrained(userId: string, idempotencyKey: string): Promise<void> {
  for (;;) {
    const status = await statusOf(userId, idempotencyKey).catch(() => 'unknown')
    if (status === 'CHARGE_STATUS_DEDUCTED' || status === 'CHARGE_STATUS_FAILED') return
    await sleep(50)
  }
}

async function failuresOf(userId: string) {
  const rows = await server.database.kysely
    .selectFrom('credit_deduction_failures')
    .selectAll()
    .where('user_id', '=', userId)
    .orderBy('created_at')
    .execute()
  return rows.map(({ reason, state, amount_nanousd }) => ({ reason, state, amountNanousd: amount_nanousd }))
}

test('charges that arrive while the database is unreachable are deferred, and each is deducted once', async () => {
  await start()
  const userIds = await Promise.all([1, 2, 3, 4].map(() => server.aUser()))
  const [first = ''] = userIds
  await withAPrice(first)
  network.break()
  const answers = new Map<string, Awaited<ReturnType<typeof charge>>>()
  const endMs = performance.now() + 3_000
  for (let n = 0; performance.now() < endMs; n++) {
    await Promise.all(
      userIds.map(async (userId, u) => {
        const key = `call-${n}`
        answers.set(`${userId} ${key}`, await charge(userId, key, 1_000 + n * 10 + u))
      }),
    )
    await sleep(20)
  }
  const charges = [...answers.values()]
  expect(charges.length).toBeGreaterThan(40)
  for (const { charge, replayed } of charges) {
    expect(charge).toMatchObject({ status: 'CHARGE_STATUS_DEFERRED', balance: null, lineItems: [{}] })
    expect(replayed).toBe(false)
  }
  const key = 'call-0'
  const deferred = answers.get(`${first} ${key}`)
  // Asked again while it waits.
  expect(await charge(first, key, 1_000)).toEqual({ ...deferred, replayed: true })
  const brief = await charge(first, key, 1_000, 'RECEIPT_VIEW_BASIC')
  expect(brief).toEqual({ charge: { ...deferred?.charge, lineItems: [], usage: null }, replayed: true })
  expect(await reasonOf(charge(first, key, 999))).toBe('IDEMPOTENCY_KEY_REUSED')
  expect((await server.client.getCharge({ userId: first, idempotencyKey: key })).charge).toEqual(
    deferred?.charge,
  )

  network.restore()
  for (const [name, { charge: before }] of answers) {
    const [userId = '', idempotencyKey = ''] = name.split(' ')
    await untilDrained(userId, idempotencyKey)
    const again = await charge(userId, idempotencyKey, Number(before?.usage?.inputTokens))
    const { balance, createdAt, status, creditsNanousd, ...same } = again.charge ?? {}
    expect(again.replayed).toBe(true)
    expect(before).toMatchObject(same)
    expect(status).toBe('CHARGE_STATUS_DEDUCTED')
    expect(creditsNanousd).toBe(before?.amountNanousd)
  }
  for (const userId of userIds) {
    const theirs = [...answers]
      .filter(([name]) => name.startsWith(`${userId} `))
      .map(([, { charge }]) => charge)
    const dueNanousd = theirs.reduce((sum, charge) => sum + BigInt(charge?.amountNanousd ?? 0), 0n)
    const firstNanousd = userId === first ? 1_000n * INPUT : 0n
    expect((await userOf(server.database, userId)).creditsNanousd).toBe(USD - dueNanousd - firstNanousd)
    expect(await server.wrongWith(userId)).toEqual([])
  }
}, 60_000)

test('a batch defers each of its charges on its own', async () => {
  await start()
  const userId = await server.aUser()
  await withAPrice(userId)
  network.break()
  const { results } = await server.client.batchChargeUsage({
    requests: ['a', 'b'].map((idempotencyKey) => ({
      ...{ userId, idempotencyKey, model: 'test-model', usage: { inputTokens: 1 } },
    })),
  })
  expect(results.map(({ response }) => response?.charge?.status)).toEqual(
    Array(2).fill('CHARGE_STATUS_DEFERRED'),
  )
})

test('a stated cost waits as any charge does, and is deducted at what was accepted', async () => {
  await start({}, { reportedCosts: [{ provider: '*', markupBasisPoints: 1_000 }] })
  const userId = await server.aUser()
  await withAPrice(userId)
  network.break()
  const request = {
    ...{ userId, idempotencyKey: 'key', model: 'test-model', usage: { inputTokens: 1_000 } },
    reportedCostNanousd: '2000000',
    reportedCostSource: 'invoice',
  }
  const facts = { amountNanousd: '2200000', reportedCostNanousd: '2000000', reportedCostSource: 'invoice' }
  const { charge: deferred } = await server.client.chargeUsage(request)
  expect(deferred).toMatchObject({
    ...facts,
    status: 'CHARGE_STATUS_DEFERRED',
    ratedAmountNanousd: '1100000',
  })
  network.restore()
  await untilDrained(userId, 'key')
  const { charge: deducted } = await server.client.getCharge({ userId, idempotencyKey: 'key' })
  expect(deducted).toMatchObject({
    ...facts,
    status: 'CHARGE_STATUS_DEDUCTED',
    ratedAmountNanousd: '1100000',
  })
  expect(await server.wrongWith(userId)).toEqual([])
})

test('what needs the database, or a price that is not in memory, is refused', async () => {
  await start()
  const userId = await server.aUser()
  network.break()
  expect(await reasonOf(charge(userId, 'key'))).toBe('DATABASE_UNAVAILABLE')
  const grant = { userId, idempotencyKey: 'g', pot: 'POT_CREDITS' as const, amountNanousd: '1' }
  expect(await reasonOf(server.client.grantCredits(grant))).toBe('DATABASE_UNAVAILABLE')
  expect(await reasonOf(server.open(userId).granted())).toBe('DATABASE_UNAVAILABLE')
})

test('a database that does not even refuse is given up while the caller still waits', async () => {
  await start()
  const userId = await server.aUser()
  await withAPrice(userId)
  network.fallSilent()
  const calledAtMs = performance.now()
  expect((await charge(userId, 'key')).charge?.status).toBe('CHARGE_STATUS_DEFERRED')
  // After 10 s a client of ours begins anew.
  expect(performance.now() - calledAtMs).toBeLessThan(9_000)
}, 60_000)

test('who cannot pay, or is nobody, becomes a deduction failure, and holds up no other', async () => {
  await start()
  const [rich, poor] = [await server.aUser(), await server.aUser(0n)]
  await withAPrice(rich)
  network.break()
  for (const userId of [poor, 'nobody', rich]) {
    expect((await charge(userId, 'key')).charge?.status).toBe('CHARGE_STATUS_DEFERRED')
  }
  network.restore()
  for (const userId of [poor, 'nobody', rich]) await untilDrained(userId, 'key')
  expect(await statusOf(rich, 'key')).toBe('CHARGE_STATUS_DEDUCTED')
  const pending = { state: 'pending', amountNanousd: 1_000n * INPUT }
  expect(await failuresOf(poor)).toEqual([{ reason: 'INSUFFICIENT_CREDITS', ...pending }])
  expect(await failuresOf('nobody')).toEqual([{ reason: 'USER_NOT_FOUND', ...pending }])
  for (const userId of [poor, 'nobody']) expect(await statusOf(userId, 'key')).toBe('CHARGE_STATUS_FAILED')

  // The same key later deducts it.
  await server.billing.ledger.post(aGrant(poor, 'g', USD))
  await givenUser(server.database, 'nobody')
  await server.billing.ledger.post(aGrant('nobody', 'g', USD))
  for (const userId of [poor, 'nobody']) {
    expect((await charge(userId, 'key')).charge?.status).toBe('CHARGE_STATUS_DEDUCTED')
    expect(await failuresOf(userId)).toMatchObject([{ state: 'resolved' }])
    expect(await server.wrongWith(userId)).toEqual([])
  }
})

test('no other request takes the place of one that was deferred and could not be paid', async () => {
  await start()
  const [rich, poor] = [await server.aUser(), await server.aUser(0n)]
  await withAPrice(rich)
  network.break()
  expect((await charge(poor, 'key')).charge?.status).toBe('CHARGE_STATUS_DEFERRED')
  network.restore()
  await untilDrained(poor, 'key')
  const another = () => reasonOf(charge(poor, 'key', 200))
  expect(await another()).toBe('IDEMPOTENCY_KEY_REUSED')
  // The same again is still that one.
  expect(await reasonOf(charge(poor, 'key'))).toBe('INSUFFICIENT_CREDITS')
  expect(await another()).toBe('IDEMPOTENCY_KEY_REUSED')

  network.break()
  expect((await charge(poor, 'key', 200)).charge?.status).toBe('CHARGE_STATUS_DEFERRED')
  network.restore()
  while ((await failuresOf(poor)).length < 2) await sleep(20)
  await server.client.grantCredits({
    ...{ userId: poor, idempotencyKey: 'order', pot: 'POT_CREDITS', amountNanousd: String(USD) },
  })
  expect(await failuresOf(poor)).toEqual([
    { reason: 'INSUFFICIENT_CREDITS', state: 'resolved', amountNanousd: 1_000n * INPUT },
    { reason: 'IDEMPOTENCY_KEY_REUSED', state: 'pending', amountNanousd: 200n * INPUT },
  ])
  expect(await server.wrongWith(poor)).toEqual([])
})

test('a daily limit flags what was deferred, and does not refuse it', async () => {
  await start()
  const userId = await server.aUser(USD, { dailyLimitNanousd: 1_500n * INPUT })
  await withAPrice(userId)
  network.break()
  await charge(userId, 'over')
  network.restore()
  await untilDrained(userId, 'over')
  expect((await entriesOf(server.database, userId)).at(-1)?.charge).toMatchObject({ overDailyLimit: true })
})

test('a user may defer only so much, and others continue', async () => {
  await start({ userNanousdMax: 2_500n * INPUT })
  const [userId, other] = [await server.aUser(), await server.aUser()]
  await withAPrice(userId)
  network.break()
  expect([await reasonOf(charge(userId, 'a')), await reasonOf(charge(userId, 'b'))]).toEqual(['OK', 'OK'])
  expect(await reasonOf(charge(userId, 'c'))).toBe('DATABASE_UNAVAILABLE')
  expect(await reasonOf(charge(other, 'a'))).toBe('OK')
})

test('with a full disk nothing is promised, and with room again it is', async () => {
  const faulty = new FaultyDisk()
  await start({ disk: faulty.disk })
  const userId = await server.aUser()
  await withAPrice(userId)
  network.break()
  faulty.bytesLeft = 500
  for (const key of ['a', 'b']) expect(await reasonOf(charge(userId, key))).toBe('DATABASE_UNAVAILABLE')
  faulty.bytesLeft = Number.POSITIVE_INFINITY
  expect((await charge(userId, 'a')).charge?.status).toBe('CHARGE_STATUS_DEFERRED')
  network.restore()
  await untilDrained(userId, 'a')
  expect((await entriesOf(server.database, userId)).map((entry) => entry.idempotencyKey)).toEqual([
    'credits',
    'first',
    'a',
  ])
})

test('a full spool says when to come again', async () => {
  await start({ bytesMax: 2_500 })
  const userId = await server.aUser()
  await withAPrice(userId)
  network.break()
  const outcomes: unknown[] = []
  for (const key of ['a', 'b', 'c']) outcomes.push(await charge(userId, key).catch((error) => error))
  expect(outcomes.at(-1)).toMatchObject({ reason: 'OVERLOADED', retryAfterMs: expect.any(Number) })
})

test('a key that another replica charged meanwhile is not charged again; for another request it is a failure', async () => {
  await start()
  const userId = await server.aUser()
  await withAPrice(userId)
  network.break()
  await charge(userId, 'same')
  await charge(userId, 'other')
  const replica = await startLedger(server.database.connection)
  const [waiting] = await Promise.all([
    server.billing.deferral?.peek({ userId, keyId: keyIdOf(userId, 'same') }),
  ])
  if (waiting === undefined) throw new Error('nothing waits')
  await replica.post({
    ...aCharge(userId, 'same', 1n),
    requestHash: waiting.requestHash,
    rated: waiting.rated,
  })
  await replica.post(aCharge(userId, 'other', 77n))
  await replica.drain()

  network.restore()
  for (;;) {
    if ((await failuresOf(userId)).length > 0 && (await server.billing.deferral?.peek(waiting)) === undefined)
      break
    await sleep(50)
  }
  expect((await entriesOf(server.database, userId)).map((entry) => entry.idempotencyKey)).toEqual([
    ...['credits', 'first', 'same', 'other'],
  ])
  expect(await failuresOf(userId)).toEqual([
    { reason: 'IDEMPOTENCY_KEY_REUSED', state: 'pending', amountNanousd: 1_000n * INPUT },
  ])
  // Asking for what was charged under the key doesn't settle what was not.
  const replayed = await server.billing.ledger.post(aCharge(userId, 'other', 77n))
  expect(replayed.replayed).toBe(true)
  expect(await failuresOf(userId)).toMatchObject([{ state: 'pending' }])

  // No grant collects it by itself: one key takes effect once, and whether these were two calls is for a person to say.
  await server.client.grantCredits({
    ...{ userId, idempotencyKey: 'order', pot: 'POT_CREDITS', amountNanousd: '1' },
  })
  expect(await failuresOf(userId)).toMatchObject([{ state: 'pending' }])
  const { failures } = await server.client.listDeductionFailures({ userId })
  await server.client.retryDeductionFailure({ userId, failureId: failures[0]?.failureId ?? '' })
  expect(await failuresOf(userId)).toMatchObject([{ state: 'resolved' }])
  expect(await whatIsWrong(server.database, userId)).toEqual([])
})

test('another request under a key that was written off meanwhile is a failure of its own', async () => {
  await start()
  const userId = await server.aUser(1_500n * INPUT)
  await withAPrice(userId)
  expect(await reasonOf(charge(userId, 'given-up'))).toBe('INSUFFICIENT_CREDITS')
  const [failure] = (await server.client.listDeductionFailures({ userId })).failures
  await server.client.writeOffDeductionFailure({ userId, failureId: failure?.failureId ?? '', note: 'x' })
  network.break()
  const before = (await charge(userId, 'given-up', 200)).charge?.status
  expect(before).toBe('CHARGE_STATUS_DEFERRED')
  network.restore()
  while ((await failuresOf(userId)).length < 2) await sleep(20)
  expect(await failuresOf(userId)).toMatchObject([
    { state: 'written-off', amountNanousd: 1_000n * INPUT },
    { state: 'pending', amountNanousd: 200n * INPUT },
  ])
  expect(await whatIsWrong(server.database, userId)).toEqual([])
})

test('copies of a spool, drained at once and again, into books that were set back, charge once', async () => {
  await start()
  const userIds = await Promise.all([1, 2, 3].map(() => server.aUser()))
  await withAPrice(userIds[0] ?? '')
  const stream = await server.open(userIds[0] ?? '').granted()
  network.break()
  for (const userId of userIds) for (let n = 0; n < 20; n++) await charge(userId, `call-${n}`)
  stream.close({ inputTokens: 1_000, outputTokens: 50 })
  await stream.settled()

  // A backup from before the stream was opened, and from before anything of this was charged.
  const restored = await startStreamServer()
  try {
    for (const _ of userIds) await restored.aUser()
    const ledgers = await Promise.all([1, 2, 3].map(() => startLedger(restored.database.connection)))
    const outcomes: string[] = []
    const drainCopy = async (n: number) => {
      const copy = `${dir}-${n}`
      cpSync(dir, copy, { recursive: true })
      const spool = await openSpool(copy)
      const billing = { ...restored.billing, ledger: ledgers[n] ?? restored.billing.ledger }
      while (spool.size > 0) {
        await drainRound(
          spool,
          async (deferred) => {
            const delivered = await deliverDeferred(billing, deferred)
            outcomes.push(delivered)
            return delivered
          },
          { limit: 7, nowMs: Number.POSITIVE_INFINITY },
        )
      }
      await spool.close()
    }
    await Promise.all([drainCopy(0), drainCopy(1)])
    await drainCopy(2)
    expect(outcomes.filter((outcome) => outcome === 'deducted')).toHaveLength(61)
    expect(outcomes.filter((outcome) => outcome === 'dropped')).toHaveLength(122)
    for (const [index, userId] of userIds.entries()) {
      const dueNanousd = 20n * 1_000n * INPUT + (index === 0 ? 1_000n * INPUT + 50n * OUTPUT : 0n)
      expect((await userOf(restored.database, userId)).creditsNanousd).toBe(USD - dueNanousd)
      expect(await whatIsWrong(restored.database, userId)).toEqual([])
    }
    for (const ledger of ledgers) await ledger.drain()

    const prices = await server.database.kysely.selectFrom('model_prices').selectAll().execute()
    const rows = prices.map((price) => ({ ...price, rate_cards: JSON.stringify(price.rate_cards) }))
    await restored.database.kysely.insertInto('model_prices').values(rows).execute()
    // GetCharge finds the stream charged, although its hold is gone and no price is in force any more.
    const receiptNanousd = String(1_000n * INPUT + 50n * OUTPUT)
    const found = await restored.open(userIds[0] ?? '').settled()
    expect(found).toMatchObject({ replayed: true, charge: { amountNanousd: receiptNanousd } })
    await restored.billing.prices.endPrice({ model: 'test-model', provider: '' })
    const foundAgain = await restored.open(userIds[0] ?? '').settled()
    expect(foundAgain).toEqual(found)
  } finally {
    await restored.stop()
  }
}, 60_000)

describe('a stream that is closed while the database is unreachable', () => {
  const usage = { inputTokens: 1_000, outputTokens: 70 }
  const costNanousd = 1_000n * INPUT + 70n * OUTPUT

  /** The user of one whose close waits on the disk: the server's way to the database is broken. */
  async function aDeferredClose(): Promise<string> {
    await start()
    const userId = await server.aUser()
    const stream = await server.open(userId).granted()
    network.break()
    stream.close(usage)
    await stream.settled()
    return userId
  }

  test('is settled once the database is back', async () => {
    await start()
    const userId = await server.aUser()
    const stream = await server.open(userId).granted()
    network.break()
    stream.close(usage)
    const { charge: deferred, replayed } = await stream.settled()
    expect(deferred).toMatchObject({
      ...{
        status: 'CHARGE_STATUS_DEFERRED',
        amountNanousd: String(costNanousd),
        end: 'STREAM_END_COMPLETED',
      },
      holdId: stream.grant.holdId,
    })
    expect(replayed).toBe(false)
    expect(await stream.refusal()).toBeUndefined()
    const again = await server.open(userId).settled()
    expect(again).toMatchObject({ charge: deferred, replayed: true })
    expect(await server.open(userId, { inputTokens: 7 }).refusal()).toBe('IDEMPOTENCY_KEY_REUSED')

    network.restore()
    await server.untilSettled(userId)
    // It is in the books a moment before it is off the disk.
    while ((await server.billing.deferral?.peek({ userId, keyId: keyIdOf(userId, 'stream') })) !== undefined)
      await sleep(20)
    const { charge: final } = await server.open(userId).settled()
    expect(final).toMatchObject({
      status: 'CHARGE_STATUS_DEDUCTED',
      chargeId: deferred?.chargeId,
      amountNanousd: String(costNanousd),
    })
    expect(await userOf(server.database, userId)).toMatchObject({
      creditsNanousd: USD - costNanousd,
      heldNanousd: 0n,
    })
    expect(await server.settlementsOf(userId)).toHaveLength(1)
    expect(await server.wrongWith(userId)).toEqual([])
  })

  test('that expired meanwhile is amended to what its close said', async () => {
    const userId = await aDeferredClose()
    // By another replica, which has the database and not the close.
    const replica = await startLedger(server.database.connection)
    const { deferral: _none, ...billing } = server.billing
    await expireAll({ ...server, billing: { ...billing, database: server.database, ledger: replica } })
    await replica.drain()
    network.restore()
    for (;;) {
      if ((await entriesOf(server.database, userId)).some(({ kind }) => kind === 'adjustment')) break
      await sleep(50)
    }
    expect(await userOf(server.database, userId)).toMatchObject({
      creditsNanousd: USD - costNanousd,
      heldNanousd: 0n,
    })
    expect(await server.wrongWith(userId)).toEqual([])
  })

  /** An operator has ended its stream for less, meanwhile. */
  async function aCloseThatCameTooLate(): Promise<string> {
    const userId = await aDeferredClose()
    // At another replica, which has the database and not the close.
    const replica = await startLedger(server.database.connection)
    const { deferral: _none, ...billing } = server.billing
    await settleHold(
      { ...billing, database: server.database, ledger: replica },
      { userId, holdKeyId: keyIdOf(userId, 'stream'), usage: { ...NO_USAGE, inputTokens: 1_000n } },
      { actor: 'operations' },
    )
    await replica.drain()
    network.restore()
    while ((await failuresOf(userId)).length === 0) await sleep(20)
    return userId
  }

  test('and that an operator ended meanwhile leaves what that lacks in the list of failures', async () => {
    const userId = await aCloseThatCameTooLate()
    expect(await failuresOf(userId)).toEqual([
      { reason: 'ALREADY_DECIDED', state: 'pending', amountNanousd: 70n * OUTPUT },
    ])
    expect((await userOf(server.database, userId)).creditsNanousd).toBe(USD - 1_000n * INPUT)
    expect(await server.wrongWith(userId)).toEqual([])
  })

  test('what that lacks is only a part of a call: a retry says what to do, and that squares it', async () => {
    const userId = await aCloseThatCameTooLate()
    const { failures } = await server.client.listDeductionFailures({ userId })
    const [{ failureId = '', amountNanousd: missingNanousd = '' } = {}] = failures
    expect(missingNanousd).toBe(String(70n * OUTPUT))
    const stays = async (creditsNanousd: bigint) => {
      expect(await failuresOf(userId)).toMatchObject([{ state: 'pending', amountNanousd: 70n * OUTPUT }])
      expect((await userOf(server.database, userId)).creditsNanousd).toBe(creditsNanousd)
    }
    await expect(server.client.retryDeductionFailure({ userId, failureId })).rejects.toMatchObject({
      reason: 'ALREADY_DECIDED',
      message: expect.stringMatching(/take what is missing with a negative grant, and write this off/),
    })
    await stays(USD - 1_000n * INPUT)
    // No grant collects it: the whole call would be charged once more.
    const grant = { userId, pot: 'POT_CREDITS' } as const
    await server.client.grantCredits({ ...grant, idempotencyKey: 'order', amountNanousd: '7' })
    await stays(USD + 7n - 1_000n * INPUT)

    await server.client.grantCredits({
      ...{ ...grant, idempotencyKey: failureId, reason: 'a close that came late' },
      amountNanousd: `-${missingNanousd}`,
    })
    await server.client.writeOffDeductionFailure({ userId, failureId, note: 'taken by a grant' })
    expect(await failuresOf(userId)).toMatchObject([{ state: 'written-off' }])
    expect((await userOf(server.database, userId)).creditsNanousd).toBe(USD + 7n - costNanousd)
    expect(await server.wrongWith(userId)).toEqual([])
  })

  test('at two replicas, with different ends, leaves what the one that is final lacks in the list', async () => {
    const userId = await aDeferredClose()
    const key = { userId, keyId: keyIdOf(userId, 'stream') }
    const deferred = await server.billing.deferral?.peek(key)
    if (deferred === undefined) throw new Error('nothing waits')
    const replica = await startLedger(server.database.connection)
    const { deferral: _none, ...rest } = server.billing
    const billing = { ...rest, database: server.database, ledger: replica }
    await expireAll({ ...server, billing })
    const { rated } = deferred
    const less = {
      ...rated,
      usage: { ...rated.usage, outputTokens: 50n },
      amountNanousd: 1_000n * INPUT + 50n * OUTPUT,
    }
    // Both look, then both wait for the user: the first one is the first to be let in.
    const other = { ...billing, ledger: await startLedger(server.database.connection) }
    const outcomes = await server.database.kysely.transaction().execute(async (transaction) => {
      await transaction
        .selectFrom('users')
        .select('user_id')
        .where('user_id', '=', userId)
        .forUpdate()
        .execute()
      const first = deliverDeferred(billing, { ...deferred, rated: less })
      await sleep(200)
      const second = deliverDeferred(other, deferred)
      await sleep(200)
      return { first, second }
    })
    const [first, second] = [await outcomes.first, await outcomes.second]
    await other.ledger.drain()
    await replica.drain()
    expect([first, second]).toEqual(['deducted', 'failed'])
    expect(await failuresOf(userId)).toEqual([
      { reason: 'ALREADY_DECIDED', state: 'pending', amountNanousd: 20n * OUTPUT },
    ])
    expect(await whatIsWrong(server.database, userId)).toEqual([])
  })

  test('and was taken over elsewhere is settled, since its client said so', async () => {
    const userId = await aDeferredClose()
    await server.database.kysely
      .updateTable('holds')
      .set({ epoch: 5 })
      .where('user_id', '=', userId)
      .execute()
    network.restore()
    await server.untilSettled(userId)
    expect((await userOf(server.database, userId)).creditsNanousd).toBe(USD - costNanousd)
    expect(await server.wrongWith(userId)).toEqual([])
  })
})

test('a commit whose outcome stays unknown is deferred under its key, and not made twice', async () => {
  let faulty: FaultyNetwork | undefined
  server = await startStreamServer(
    {},
    {
      spool: { dir },
      async network(connection) {
        faulty = await faultyNetwork(connection)
        return faulty.connection
      },
    },
  )
  const userId = await server.aUser()
  await withAPrice(userId)
  const struck = faulty?.strike({
    ...{ statement: 'swap_new_key', arrives: true, serverSide: 'cut' },
    // The database stays away.
    meanwhile: async () => faulty?.close(),
  })
  const { charge: answered } = await charge(userId, 'key')
  await struck
  expect(answered?.status).toBe('CHARGE_STATUS_DEFERRED')
  // It did commit.
  expect((await entriesOf(server.database, userId)).map(({ idempotencyKey }) => idempotencyKey)).toEqual([
    ...['credits', 'first', 'key'],
  ])
  const ledger = await startLedger(server.database.connection)
  const copy = `${dir}-copy`
  cpSync(dir, copy, { recursive: true })
  const spool = await openSpool(copy)
  const { deferral: _none, ...billing } = server.billing
  const delivered: string[] = []
  await drainRound(
    spool,
    async (deferred) => {
      const outcome = await deliverDeferred({ ...billing, ledger, database: server.database }, deferred)
      delivered.push(outcome)
      return outcome
    },
    { limit: 9, nowMs: 0 },
  )
  expect(delivered).toEqual(['dropped'])
  expect(await entriesOf(server.database, userId)).toHaveLength(3)
  await spool.close()
  await ledger.drain()
  await server.stop({ spoolGraceMs: 0 })
  server = await startStreamServer()
})
