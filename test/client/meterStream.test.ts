import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connectTollgate } from '../../clients/node/src/index'
import { meterContext } from '../../clients/node/src/meter/meterContext'
import { type MeterStreamSettings, meterStream } from '../../clients/node/src/meterStream'
import { deliverAll } from '../../clients/node/src/store/deliver'
import { UndeliveredStore } from '../../clients/node/src/store/undeliveredStore'
import { Streams } from '../../src/billing/streams/streamSettle'
import { streamSettle } from '../../src/rpc/billing/streamSettle'
import { startRpcServer } from '../../src/rpc/server/server'
import { type BreakableWay, breakableWay } from '../support/breakableNetwork'
import { INPUT, OUTPUT, openOf, type StreamServer, startStreamServer } from '../support/streamServer'

let server: StreamServer
let way: BreakableWay
let client: ReturnType<typeof connectTollgate>
let directory: string

beforeAll(async () => {
  server = await startStreamServer({ validityMs: 60_000 })
  way = await breakableWay(() => connect(Number(server.address.split(':')[1]), '127.0.0.1'))
  directory = await mkdtemp(join(tmpdir(), 'tollgate-undelivered-'))
})

afterAll(async () => {
  way.close()
  await server.stop()
  await rm(directory, { recursive: true })
})

// A connection of its own for each test: one that was broken before waits a while until it is tried again.
beforeEach(() => {
  client = connectTollgate({ address: `127.0.0.1:${way.port}` })
})

afterEach(() => {
  client.close()
  way.restore()
})

/** A chunk of so many letters, as OpenAI streams it. */
function chunk(letters: number) {
  return { choices: [{ index: 0, delta: { content: 'x'.repeat(letters) } }] }
}

const LAST = { choices: [], usage: { prompt_tokens: 900, completion_tokens: 123, total_tokens: 1_023 } }

async function* generation(chunks: Iterable<object>): AsyncGenerator<object> {
  for (const each of chunks) {
    yield each
    await sleep(1)
  }
}

function settingsFor(userId: string, chunks: Iterable<object>): MeterStreamSettings<object> {
  return { open: openOf(userId), format: 'openai.chat', start: () => generation(chunks) }
}

async function collect<T>(chunks: AsyncIterable<T>, into: T[] = []): Promise<T[]> {
  for await (const each of chunks) into.push(each)
  return into
}

const costOf = (input: number, output: number) => BigInt(input) * INPUT + BigInt(output) * OUTPUT

it('passes every chunk on and settles at the usage that the provider reported', async () => {
  const userId = await server.aUser()
  const chunks = [...Array.from({ length: 30 }, () => chunk(4)), LAST]
  const metered = meterStream(meterContext(client), settingsFor(userId, chunks))

  expect(await collect(metered)).toEqual(chunks)

  const { charge, stoppedBy, shortfallNanousd } = await metered.ended
  expect(charge).toMatchObject({
    amountNanousd: costOf(900, 123).toString(),
    usageSource: 'USAGE_SOURCE_PROVIDER',
    end: 'STREAM_END_COMPLETED',
  })
  expect({ stoppedBy, shortfallNanousd }).toEqual({ stoppedBy: undefined, shortfallNanousd: 0n })
  expect(await server.wrongWith(userId)).toEqual([])
})

it('leaves a server that stops, which need not wait for it, and continues elsewhere', async () => {
  const userId = await server.aUser()
  // Longer than this test waits for it.
  const rules = { ...server.billing.streams, drainMs: 15_000 }
  const stopping = new Streams({ ...server.billing, streams: rules })
  const rpc = await startRpcServer({
    ...{ billing: server.billing, host: '127.0.0.1', port: 0, streamSettle: streamSettle(stopping) },
  })
  // At first, only that one can be reached.
  way.break()
  const both = connectTollgate({ address: `ipv4:127.0.0.1:${rpc.port},127.0.0.1:${way.port}` })
  let goOn: () => void = () => undefined
  const isGone = new Promise<void>((resolve) => {
    goOn = resolve
  })
  const metered = meterStream(meterContext(both), {
    ...settingsFor(userId, []),
    async start() {
      return (async function* () {
        yield chunk(4)
        await isGone
        yield LAST
      })()
    },
  })
  const chunks = metered[Symbol.asyncIterator]()
  try {
    await chunks.next()
    way.restore()
    const drained = stopping.drain().then(() => 'drained')
    const waits = new AbortController()
    const tooLong = sleep(10_000, 'still there', { signal: waits.signal }).catch(() => 'drained')
    expect(await Promise.race([drained, tooLong])).toBe('drained')
    waits.abort()
  } finally {
    goOn()
    await collect({ [Symbol.asyncIterator]: () => chunks })
    await rpc.drain(0)
  }
  const { charge } = await metered.ended
  expect(charge?.amountNanousd).toBe(costOf(900, 123).toString())
  both.close()
})

it('does not call the provider for a user who cannot pay', async () => {
  const userId = await server.aUser(0n)
  const start = jest.fn()
  const metered = meterStream(meterContext(client), { ...settingsFor(userId, []), start })

  await expect(collect(metered)).rejects.toMatchObject({ reason: 'INSUFFICIENT_CREDITS' })
  await expect(metered.ended).rejects.toMatchObject({ reason: 'INSUFFICIENT_CREDITS' })
  expect(start).not.toHaveBeenCalled()
})

it('stops at the last token that the credits pay for, tells the provider, and charges what was delivered', async () => {
  // The input, and 250 tokens: the first stretch is 100, so the hold is extended on the way.
  const userId = await server.aUser(costOf(1_000, 250))
  let stopped = false
  const metered = meterStream(meterContext(client), {
    ...settingsFor(userId, []),
    start: ({ signal }) => {
      signal.addEventListener('abort', () => {
        stopped = true
      })
      return generation(Array.from({ length: 1_000 }, () => chunk(4)))
    },
  })

  expect(await collect(metered)).toHaveLength(250)

  const { charge, stoppedBy, shortfallNanousd } = await metered.ended
  expect(stoppedBy).toBe('FINAL_REASON_CREDITS')
  expect(stopped).toBe(true)
  expect(shortfallNanousd).toBe(0n)
  expect(charge).toMatchObject({
    amountNanousd: costOf(1_000, 250).toString(),
    usageSource: 'USAGE_SOURCE_ESTIMATED',
    end: 'STREAM_END_CANCELLED',
  })
  expect(await server.wrongWith(userId)).toEqual([])
})

it('charges what was delivered when the reader leaves', async () => {
  const userId = await server.aUser()
  const metered = meterStream(
    meterContext(client),
    settingsFor(
      userId,
      Array.from({ length: 50 }, () => chunk(4)),
    ),
  )

  let read = 0
  for await (const _ of metered) if (++read === 20) break

  const { charge } = await metered.ended
  expect(charge).toMatchObject({ amountNanousd: costOf(1_000, 20).toString(), end: 'STREAM_END_CANCELLED' })
})

it('ends at once when it is aborted, even where the provider hangs', async () => {
  const userId = await server.aUser()
  const user = new AbortController()
  async function* hanging() {
    yield chunk(4)
    user.abort()
    await new Promise(() => undefined)
  }
  const metered = meterStream(meterContext(client), {
    ...settingsFor(userId, []),
    signal: user.signal,
    start: () => hanging(),
  })

  expect(await collect(metered)).toHaveLength(1)

  const { charge, stoppedBy } = await metered.ended
  expect(stoppedBy).toBe('ABORTED')
  expect(charge).toMatchObject({ amountNanousd: costOf(1_000, 1).toString(), end: 'STREAM_END_CANCELLED' })
})

it('charges what was delivered before the provider failed, and throws what it failed with', async () => {
  const userId = await server.aUser()
  async function* failing() {
    yield chunk(4)
    yield chunk(4)
    throw new Error('overloaded_error')
  }
  const metered = meterStream(meterContext(client), { ...settingsFor(userId, []), start: () => failing() })

  await expect(collect(metered)).rejects.toThrow('overloaded_error')

  const { charge } = await metered.ended
  expect(charge).toMatchObject({ amountNanousd: costOf(1_000, 2).toString(), end: 'STREAM_END_FAILED' })
})

it('charges nothing where the provider never answered', async () => {
  const userId = await server.aUser()
  const metered = meterStream(meterContext(client), {
    ...settingsFor(userId, []),
    start: () => Promise.reject(new Error('503 from the provider')),
  })

  await expect(collect(metered)).rejects.toThrow('503 from the provider')

  expect((await metered.ended).charge).toMatchObject({ amountNanousd: '0', end: 'STREAM_END_FAILED' })
  expect(await server.wrongWith(userId)).toEqual([])
})

it('refuses a key that has metered a generation before', async () => {
  const userId = await server.aUser()
  await collect(meterStream(meterContext(client), settingsFor(userId, [chunk(4)])))
  const again = meterStream(meterContext(client), settingsFor(userId, [chunk(4)]))
  await sleep(100)

  await expect(collect(again)).rejects.toThrow('a new generation needs a new key')
})

it('continues after a lost connection, and settles once', async () => {
  const userId = await server.aUser()
  async function* broken() {
    for (let count = 1; count <= 300; count++) {
      yield chunk(4)
      if (count === 100) {
        way.break()
        setTimeout(() => way.restore(), 50)
      }
      await sleep(1)
    }
  }
  const metered = meterStream(meterContext(client), { ...settingsFor(userId, []), start: () => broken() })

  expect(await collect(metered)).toHaveLength(300)

  expect((await metered.ended).charge).toMatchObject({ amountNanousd: costOf(1_000, 300).toString() })
  expect(await server.settlementsOf(userId)).toHaveLength(1)
  expect(await server.wrongWith(userId)).toEqual([])
})

it('keeps its own stream, whatever its caller does with the open for the next one', async () => {
  const userId = await server.aUser()
  const open = openOf(userId)
  async function* broken() {
    yield chunk(4)
    open.idempotencyKey = 'the next one'
    way.break()
    await sleep(200)
    way.restore()
    yield chunk(4)
  }
  const metered = meterStream(meterContext(client), {
    ...settingsFor(userId, []),
    open,
    start: () => broken(),
  })

  expect(await collect(metered)).toHaveLength(2)

  const { charge } = await metered.ended
  expect(charge).toMatchObject({ idempotencyKey: 'stream', amountNanousd: costOf(1_000, 2).toString() })
})

it('stops where the grant ends while nobody answers', async () => {
  const userId = await server.aUser()
  async function* broken() {
    for (let count = 1; count <= 1_000; count++) {
      yield chunk(4)
      if (count === 10) way.break()
    }
  }
  const metered = meterStream(meterContext(client, { whileDown: { waitMs: 200 } }), {
    ...settingsFor(userId, []),
    start: () => broken(),
  })

  expect(await collect(metered)).toHaveLength(100)

  way.restore()
  const { charge, stoppedBy } = await metered.ended
  expect(stoppedBy).toBe('UNREACHABLE')
  expect(charge).toMatchObject({ amountNanousd: costOf(1_000, 100).toString() })
})

/** A client that has tollgate admit a user's call, and then loses it. */
async function contextThatKnows(userId: string, whileDown = {}) {
  const store = await UndeliveredStore.open(await mkdtemp(join(directory, 'store-')), {
    bytesMax: 1024 * 1024,
  })
  const context = meterContext(client, {
    store,
    whileDown: { waitMs: 2_000, outputTokensMax: 40, ...whileDown },
  })
  const settings = settingsFor(userId, [chunk(4)])
  const first = meterStream(context, { ...settings, open: { ...openOf(userId), idempotencyKey: 'first' } })
  await collect(first)
  await first.ended
  way.break()
  return { context, store }
}

const endless = Array.from({ length: 1_000 }, () => chunk(4))

it('continues a known user within its bound while no server answers, and charges when one is back', async () => {
  const userId = await server.aUser()
  const { context, store } = await contextThatKnows(userId)
  const metered = meterStream(context, settingsFor(userId, endless))

  expect(await collect(metered)).toHaveLength(40)
  const { charge, stoppedBy } = await metered.ended
  expect({ charge, stoppedBy }).toEqual({ charge: undefined, stoppedBy: 'UNREACHABLE' })
  expect(context.counters.onTrust).toBe(1)
  expect(await deliverAll(store, client, { timeoutMs: 500 })).toEqual({
    delivered: 0,
    waiting: 1,
    refused: 0,
  })
  expect(await server.settlementsOf(userId)).toHaveLength(1)

  way.restore()
  await server.client.getUser({ userId })
  // As after a crash: another process opens the directory.
  const later = await UndeliveredStore.open(store.directory, { bytesMax: 1024 * 1024 })
  const deliveries = await Promise.all([deliverAll(later, server.client), deliverAll(store, server.client)])

  expect(deliveries[0].delivered + deliveries[1].delivered).toBeGreaterThan(0)
  const [, settlement, ...others] = await server.settlementsOf(userId)
  expect(settlement?.charge?.amountNanousd).toBe(costOf(1_000, 40))
  expect(others).toEqual([])
  expect((await readdir(store.directory)).filter((name) => name.endsWith('.json'))).toEqual([])
  expect(await server.wrongWith(userId)).toEqual([])
}, 60_000)

it('refuses an unknown user before the provider is called while no server answers', async () => {
  const [known, stranger] = [await server.aUser(), await server.aUser()]
  const { context } = await contextThatKnows(known)
  const start = jest.fn()

  const metered = meterStream(context, { ...settingsFor(stranger, []), start })

  await expect(collect(metered)).rejects.toMatchObject({ reason: 'UNAVAILABLE' })
  expect(start).not.toHaveBeenCalled()
})

it('starts no more calls on trust than it may, and forgets a user after a while', async () => {
  const userId = await server.aUser()
  const { context, store } = await contextThatKnows(userId, { callsPerUserMax: 1 })
  const call = (key: string) =>
    collect(
      meterStream(context, {
        ...settingsFor(userId, [chunk(4)]),
        open: { ...openOf(userId), idempotencyKey: key },
      }),
    )

  expect(await call('one')).toHaveLength(1)
  await expect(call('two')).rejects.toMatchObject({ reason: 'UNAVAILABLE' })
  way.restore()
  const forgetful = meterContext(client, { store, whileDown: { knownForMs: 0, waitMs: 100 } })
  forgetful.trust.admitted(userId)
  expect(forgetful.trust.take(userId)).toBe(false)
})

it('leaves a deduction failure where the user could not pay for what was delivered without a server', async () => {
  const userId = await server.aUser(costOf(1_000, 1))
  const { context, store } = await contextThatKnows(userId)
  const metered = meterStream(
    context,
    settingsFor(
      userId,
      Array.from({ length: 10 }, () => chunk(4)),
    ),
  )
  await collect(metered)
  await metered.ended
  way.restore()

  expect(await deliverAll(store, server.client)).toEqual({ delivered: 1, waiting: 0, refused: 0 })

  const { failures } = await server.client.listDeductionFailures({ userId })
  expect(failures).toEqual([
    expect.objectContaining({ reason: 'INSUFFICIENT_CREDITS', amountNanousd: costOf(1_000, 10).toString() }),
  ])
}, 60_000)

it('delivers nothing beyond the grant without a store', async () => {
  const userId = await server.aUser()
  const context = meterContext(client, { whileDown: { waitMs: 2_000 } })
  const metered = meterStream(context, {
    ...settingsFor(userId, []),
    start: () =>
      (async function* () {
        yield chunk(4)
        way.break()
        yield* endless
      })(),
  })
  expect(await collect(metered)).toHaveLength(100)
  way.restore()
  expect(await metered.ended).toMatchObject({ stoppedBy: 'UNREACHABLE' })
})

it('charges the words delivered where the provider counts far fewer', async () => {
  const userId = await server.aUser()
  const context = meterContext(client)
  const words = Array.from({ length: 50 }, () => ({ choices: [{ delta: { content: 'word ' } }] }))
  const usage = { prompt_tokens: 1_000, completion_tokens: 3 }
  const metered = meterStream(context, settingsFor(userId, [...words, { choices: [], usage }]))

  await collect(metered)

  const { charge } = await metered.ended
  // 250 bytes, a quarter of which are more than the 50 words.
  expect(charge).toMatchObject({
    amountNanousd: costOf(1_000, 63).toString(),
    usageSource: 'USAGE_SOURCE_ESTIMATED',
  })
  expect(context.counters.undercounted).toBe(1)
})
