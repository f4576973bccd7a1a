import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connectTollgate, isUndecided, openTollgate, type TollgateClient } from '../../clients/node/src/index'
import { meterContext } from '../../clients/node/src/meter/meterContext'
import { meterStream } from '../../clients/node/src/meterStream'
import { deliverAll, delivererOf } from '../../clients/node/src/store/deliver'
import { decodeEntry, encodeEntry } from '../../clients/node/src/store/entry'
import { UndeliveredStore } from '../../clients/node/src/store/undeliveredStore'
import type { ChargeUsageRequest } from '../../src/wire/generated/tollgate/billing/v1/ChargeUsageRequest'
import { type BreakableWay, breakableWay } from '../support/breakableNetwork'
import { entriesOf } from '../support/ledger'
import { startTestServer } from '../support/server'
import { INPUT, OUTPUT, openOf, type StreamServer, startStreamServer } from '../support/streamServer'

let server: StreamServer
let client: TollgateClient
let way: BreakableWay
let directory: string

beforeAll(async () => {
  server = await startStreamServer({ validityMs: 60_000 })
  way = await breakableWay(() => connect(Number(server.address.split(':')[1]), '127.0.0.1'))
  client = connectTollgate({ address: `127.0.0.1:${way.port}` })
})

afterAll(async () => {
  client.close()
  way.close()
  await server.stop()
})

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tollgate-undelivered-'))
})

afterEach(() => rm(directory, { recursive: true }))

/** The end of a generation of ten tokens that is unknown to every server. */
async function keep(undelivered: UndeliveredStore, userId: string): Promise<void> {
  const close = { usage: { inputTokens: 1_000, outputTokens: 10 }, end: 'STREAM_END_COMPLETED' as const }
  const open = openOf(userId)
  await undelivered.keep({ open, close, endedAt: Math.floor(Date.now() / 1_000) })
  undelivered.release(open)
}

async function keepCharge(undelivered: UndeliveredStore, charge: ChargeUsageRequest): Promise<void> {
  await undelivered.keep({ charge })
  undelivered.release(charge)
}

const aStore = () => UndeliveredStore.open(directory, { bytesMax: 1024 * 1024 })

const COST = 1_000n * INPUT + 10n * OUTPUT

const amountsOf = async (userId: string) =>
  (await server.settlementsOf(userId)).map(({ charge }) => charge?.amountNanousd)

it('is at work once, however often it is called', async () => {
  const userId = await server.aUser()
  const undelivered = await aStore()
  await keep(undelivered, userId)

  let opened = 0
  const counted: TollgateClient = {
    ...client,
    streamSettle() {
      opened++
      return client.streamSettle()
    },
  }

  const deliver = delivererOf(undelivered, counted)
  const deliveries = Array.from({ length: 3 }, deliver)

  expect(await Promise.all(deliveries)).toEqual(Array(3).fill({ delivered: 1, waiting: 0, refused: 0 }))
  expect(opened).toBe(1)
  expect(await amountsOf(userId)).toEqual([COST])
  expect(await readdir(directory)).toEqual([])
})

it('is refused nothing because somebody else delivers the same', async () => {
  const userId = await server.aUser()
  const [one, other] = [await aStore(), await aStore()]
  await keep(one, userId)

  await Promise.all([deliverAll(one, client), deliverAll(other, server.client)])
  await deliverAll(one, client)

  expect(await amountsOf(userId)).toEqual([COST])
  expect(await readdir(directory)).toEqual([])
})

it('waits for a token that the server knows, and for a client that is not closed', async () => {
  const userId = await server.aUser()
  const undelivered = await aStore()
  await keep(undelivered, userId)
  const closed = connectTollgate({ address: server.address })
  closed.close()
  const guarded = await startTestServer({ tokens: [] })
  try {
    const waiting = { delivered: 0, waiting: 1, refused: 0 }
    expect(await deliverAll(undelivered, closed)).toEqual(waiting)
    expect(await deliverAll(undelivered, guarded.client)).toEqual(waiting)
  } finally {
    await guarded.stop()
  }
  expect(await deliverAll(undelivered, client)).toEqual({ delivered: 1, waiting: 0, refused: 0 })
  expect(await amountsOf(userId)).toEqual([COST])
})

it('waits where the server has too many streams: such a call is not on its list of deduction failures', async () => {
  const [busy, userId] = [await server.aUser(), await server.aUser()]
  const undelivered = await aStore()
  await keep(undelivered, userId)
  const open = server.open(busy)
  await open.granted()
  const { streams } = server.billing
  const { streamsMax } = streams
  streams.streamsMax = 1

  expect(await deliverAll(undelivered, client)).toEqual({ delivered: 0, waiting: 1, refused: 0 })

  streams.streamsMax = streamsMax
  open.close()
  await open.ended
  expect(await deliverAll(undelivered, client)).toEqual({ delivered: 1, waiting: 0, refused: 0 })
  expect(await amountsOf(userId)).toEqual([COST])
})

it('sets a file aside that is broken, and delivers the others', async () => {
  const userId = await server.aUser()
  const undelivered = await aStore()
  await writeFile(join(directory, '0.json'), '')
  await writeFile(join(directory, '1.json'), '{"open": {"userId"')
  await writeFile(join(directory, '2.json'), 'null')
  await keep(undelivered, userId)

  expect(await deliverAll(undelivered, client)).toEqual({ delivered: 1, waiting: 0, refused: 3 })
  expect(await readdir(join(directory, 'refused'))).toEqual(['0.json', '1.json', '2.json'])
})

describe('a finished call', () => {
  const callOf = (userId: string) => ({
    ...{ idempotencyKey: 'call', userId, model: 'test-model' },
    usage: { inputTokens: 1_000, outputTokens: 10 },
    occurredAt: now(),
  })
  /** To the millisecond: within this second, there may have been no price yet. */
  const now = () => {
    const ms = Date.now()
    return { seconds: Math.floor(ms / 1_000), nanos: (ms % 1_000) * 1_000_000 }
  }
  const chargesOf = async (userId: string) =>
    (await entriesOf(server.database, userId)).flatMap(({ charge }) => charge?.amountNanousd ?? [])

  it('that no server could be asked about is charged when one is back, once', async () => {
    const userId = await server.aUser()
    const undelivered = await aStore()
    const call = callOf(userId)
    way.break()
    const error = await client.chargeUsage(call).catch((failure) => failure)
    expect(isUndecided(error)).toBe(true)
    await keepCharge(undelivered, call)

    expect(await deliverAll(undelivered, client)).toEqual({ delivered: 0, waiting: 1, refused: 0 })

    way.restore()
    // As after a crash: another process finds the file.
    const later = await aStore()
    expect(await deliverAll(later, server.client)).toEqual({ delivered: 1, waiting: 0, refused: 0 })
    expect(await chargesOf(userId)).toEqual([COST])
    expect(await readdir(directory)).toEqual([])
  })

  it('that was charged all the same is delivered, and nothing is set aside', async () => {
    const userId = await server.aUser()
    const undelivered = await aStore()
    const call = callOf(userId)
    await server.client.chargeUsage(call)
    await keepCharge(undelivered, call)

    expect(await deliverAll(undelivered, server.client)).toEqual({ delivered: 1, waiting: 0, refused: 0 })

    expect(await chargesOf(userId)).toEqual([COST])
    expect(await readdir(directory)).toEqual([])
  })

  it('that is kept before it is charged, and forgotten then, leaves nothing behind', async () => {
    const userId = await server.aUser()
    const undelivered = await aStore()
    const call = callOf(userId)
    await keepCharge(undelivered, call)
    await server.client.chargeUsage(call)
    await undelivered.forget(call)

    expect(await readdir(directory)).toEqual([])
  })

  it('that nobody can pay is on the list of deduction failures then', async () => {
    const userId = await server.aUser(0n)
    const undelivered = await aStore()
    await keepCharge(undelivered, callOf(userId))

    expect(await deliverAll(undelivered, server.client)).toEqual({ delivered: 1, waiting: 0, refused: 0 })

    const { failures } = await server.client.listDeductionFailures({ userId })
    expect(failures).toMatchObject([{ idempotencyKey: 'call', amountNanousd: COST.toString() }])
  })

  it('of a user that is not there is set aside', async () => {
    const undelivered = await aStore()
    await keepCharge(undelivered, callOf('nobody'))

    expect(await deliverAll(undelivered, server.client)).toEqual({ delivered: 0, waiting: 0, refused: 1 })

    expect(await readdir(join(directory, 'refused'))).toHaveLength(1)
  })
})

it('delivers an end that was charged as a finished call before a crash', async () => {
  const userId = await server.aUser()
  const undelivered = await aStore()
  await keep(undelivered, userId)
  const [name = ''] = await readdir(directory)
  const { open, close, endedAt } = JSON.parse(await readFile(join(directory, name), 'utf8'))
  const { inputTokens: _input, ...call } = open
  await server.client.chargeUsage({ ...call, usage: close.usage, occurredAt: { seconds: endedAt } })

  expect(await deliverAll(undelivered, server.client)).toEqual({ delivered: 1, waiting: 0, refused: 0 })

  const charges = (await entriesOf(server.database, userId)).flatMap(({ charge }) => charge ?? [])
  expect(charges.map(({ amountNanousd }) => amountNanousd)).toEqual([COST])
})

it('leaves a stream to the connection that took it over, also later', async () => {
  const undelivered = await aStore()
  const open = openOf(await server.aUser())
  // Not the way of the test before, which is tried again only after a while.
  const other = server.client.streamSettle()
  const events = other.events[Symbol.asyncIterator]()
  async function* generation() {
    yield { choices: [{ delta: { content: 'word' } }] }
    other.open(open)
    await events.next()
    // Until the first connection is told.
    await sleep(300)
  }
  const metered = meterStream(meterContext(server.client, { store: undelivered }), {
    open,
    format: 'openai.chat',
    start: generation,
  })

  for await (const _chunk of metered) {
    // The first chunk is delivered before the other connection opens the stream.
  }

  expect(await metered.ended).toMatchObject({ charge: undefined })
  expect(await deliverAll(undelivered, client)).toEqual({ delivered: 0, waiting: 0, refused: 0 })
  other.close({ sequence: 9, usage: { inputTokens: 1_000, outputTokens: 10 }, end: 'STREAM_END_COMPLETED' })
  other.end()
  let amount: string | undefined
  for (let next = await events.next(); !next.done; next = await events.next()) {
    amount = next.value.settled?.charge?.amountNanousd ?? amount
  }
  expect(amount).toBe(COST.toString())
})

it('sets an end aside that came when its stream was settled for good', async () => {
  const late = await startStreamServer({ validityMs: 500, amendableForMs: 0 })
  try {
    const userId = await late.aUser()
    const stream = await late.open(userId).granted()
    stream.progress(1, 5, 1_000)
    await stream.acknowledged(1)
    stream.cancel()
    await late.untilSettled(userId)
    const undelivered = await aStore()
    await keep(undelivered, userId)

    expect(await deliverAll(undelivered, late.client)).toEqual({ delivered: 0, waiting: 0, refused: 1 })

    expect(await readdir(join(directory, 'refused'))).toHaveLength(1)
  } finally {
    await late.stop()
  }
})

describe('a store says when it is opened', () => {
  it('that its folder is none, or can not be written', async () => {
    await writeFile(join(directory, 'a file'), '')
    await expect(UndeliveredStore.open(join(directory, 'a file'))).rejects.toThrow(/EEXIST|ENOTDIR/)
    await expect(openTollgate({ address: '127.0.0.1:1', store: join(directory, 'a file') })).rejects.toThrow(
      "the store of undelivered charges can't be used",
    )
  })

  it('that its disk has no room', async () => {
    await expect(UndeliveredStore.open(directory, { bytesMax: 2 ** 60 })).rejects.toThrow('MiB free')
    expect(await readdir(directory)).toEqual([])
  })

  it('and removes what a process that was killed had begun to write', async () => {
    const [old, fresh] = [join(directory, 'old.part'), join(directory, 'fresh.part')]
    await writeFile(old, '{')
    await writeFile(fresh, '{')
    await utimes(old, 0, 0)
    await aStore()
    expect(await readdir(directory)).toEqual(['fresh.part'])
  })
})

it('is bounded: it refuses what does not fit, and has room again when something was delivered', async () => {
  const store = await UndeliveredStore.open(directory, { bytesMax: 2 * 4_096 })
  const charge = (idempotencyKey: string) => ({ charge: { idempotencyKey, userId: 'ada' } })
  await Promise.all([store.keep(charge('1')), store.keep(charge('2'))])
  expect(store.hasRoom()).toBe(false)
  await expect(store.keep(charge('3'))).rejects.toThrow('is full: 2 entries')
  await store.keep(charge('2'))
  await store.forget(charge('1').charge)
  expect(store.hasRoom()).toBe(true)
  await store.keep(charge('3'))
})

it('does not deliver what its own process is delivering', async () => {
  const store = await aStore()
  await store.keep({ charge: { idempotencyKey: '1', userId: 'ada' } })
  expect(await deliverAll(store, client)).toEqual({ delivered: 0, waiting: 0, refused: 0 })
})

describe('the format', () => {
  const written = (text: object) => decodeEntry(JSON.stringify(text))
  it('has times in RFC 3339, and reads those of early releases', () => {
    const charge = { userId: 'ada', occurredAt: { seconds: 1_796_018_400, nanos: 5_000_000 } }
    const text = encodeEntry({ charge })
    expect(JSON.parse(text)).toEqual({
      version: 1,
      charge: { userId: 'ada', occurredAt: '2026-11-30T06:00:00.005000000Z' },
    })
    expect(decodeEntry(text)).toEqual({ charge })
    expect(written({ charge })).toEqual({ charge })
    expect(written({ charge: { occurredAt: '2026-11-30T07:00:00.5+01:00' } })).toEqual({
      charge: { occurredAt: { seconds: 1_796_018_400, nanos: 500_000_000 } },
    })
  })

  it('leaves the files of later releases where they are', async () => {
    await writeFile(join(directory, 'later.json'), JSON.stringify({ version: 2, charge: {} }))
    expect(await deliverAll(await aStore(), client)).toEqual({ delivered: 0, waiting: 1, refused: 0 })
  })
})

it('asks the server where the disk takes nothing, and reports the disk', async () => {
  const userId = await server.aUser()
  const store = await UndeliveredStore.open(join(directory, 'store'), { bytesMax: 1024 * 1024 })
  await rm(store.directory, { recursive: true })
  await writeFile(store.directory, '')
  const problems: Error[] = []
  const onProblem = (problem: Error) => problems.push(problem)
  async function* generation() {
    yield { choices: [{ delta: { content: 'four' } }] }
    way.break()
    // Until the client has noticed.
    while (await client.getUser({ userId }, { timeoutMs: 50 }).then(Boolean, () => false));
  }
  const context = meterContext(client, { store, onProblem })
  const metered = meterStream(context, {
    open: openOf(userId),
    format: 'openai.chat',
    start: () => generation(),
  })
  for await (const _ of metered);
  way.restore()

  expect((await metered.ended).charge).toMatchObject({ amountNanousd: (1_000n * INPUT + OUTPUT).toString() })
  expect(problems.map(({ message }) => message)).toEqual([expect.stringContaining('ENOTDIR')])
})
