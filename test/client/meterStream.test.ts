import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  connectTollgate,
  type MeterStreamSettings,
  meterStream,
  UndeliveredSettlements,
} from '../../clients/node/src/index'
import { Streams } from '../../src/billing/streams/streamSettle'
import { streamSettle } from '../../src/rpc/billing/streamSettle'
import { startRpcServer } from '../../src/rpc/server/server'
import { type BreakableWay, breakableWay } from '../support/breakableNetwork'
import { entriesOf } from '../support/ledger'
import { INPUT, OUTPUT, openOf, type StreamServer, startStreamServer } from '../support/streamServer'

let server: StreamServer
let way: BreakableWay
let client: ReturnType<typeof connectTollgate>
let directory: string

beforeAll(async () => {
  server = await startStreamServer({ validityMs: 60_000 })
  way = await breakableWay(() => connect(Number(server.address.split(':')[1]), '127.0.0.1'))
  client = connectTollgate({ address: `127.0.0.1:${way.port}` })
  directory = await mkdtemp(join(tmpdir(), 'tollgate-undelivered-'))
})

afterAll(async () => {
  client.close()
  way.close()
  await server.stop()
  await rm(directory, { recursive: true })
})

afterEach(() => way.mend())

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
  const metered = meterStream(client, settingsFor(userId, chunks))

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

it('leaves a server that stops, which need not wait for it, and goes on elsewhere', async () => {
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
  const metered = meterStream(both, {
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
    way.mend()
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
  const metered = meterStream(client, { ...settingsFor(userId, []), start })

  await expect(collect(metered)).rejects.toMatchObject({ reason: 'INSUFFICIENT_CREDITS' })
  await expect(metered.ended).rejects.toMatchObject({ reason: 'INSUFFICIENT_CREDITS' })
  expect(start).not.toHaveBeenCalled()
})

it('stops at the last token that the credits pay for, tells the provider, and charges what was delivered', async () => {
  // The input, and 250 tokens: the first stretch is 100, so the hold is extended on the way.
  const userId = await server.aUser(costOf(1_000, 250))
  let stopped = false
  const metered = meterStream(client, {
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
    client,
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
  const metered = meterStream(client, {
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
  const metered = meterStream(client, { ...settingsFor(userId, []), start: () => failing() })

  await expect(collect(metered)).rejects.toThrow('overloaded_error')

  const { charge } = await metered.ended
  expect(charge).toMatchObject({ amountNanousd: costOf(1_000, 2).toString(), end: 'STREAM_END_FAILED' })
})

it('charges nothing where the provider never answered', async () => {
  const userId = await server.aUser()
  const metered = meterStream(client, {
    ...settingsFor(userId, []),
    start: () => Promise.reject(new Error('503 from the provider')),
  })

  await expect(collect(metered)).rejects.toThrow('503 from the provider')

  expect((await metered.ended).charge).toMatchObject({ amountNanousd: '0', end: 'STREAM_END_FAILED' })
  expect(await server.wrongWith(userId)).toEqual([])
})

it('refuses a key that has metered a generation before', async () => {
  const userId = await server.aUser()
  await collect(meterStream(client, settingsFor(userId, [chunk(4)])))
  const again = meterStream(client, settingsFor(userId, [chunk(4)]))
  await sleep(100)

  await expect(collect(again)).rejects.toThrow('a new generation needs a new key')
})

it('goes on through a lost connection, and settles once', async () => {
  const userId = await server.aUser()
  async function* broken() {
    for (let count = 1; count <= 300; count++) {
      yield chunk(4)
      if (count === 100) way.break()
      if (count === 120) way.mend()
      await sleep(1)
    }
  }
  const metered = meterStream(client, { ...settingsFor(userId, []), start: () => broken() })

  expect(await collect(metered)).toHaveLength(300)

  expect((await metered.ended).charge).toMatchObject({ amountNanousd: costOf(1_000, 300).toString() })
  expect(await server.settlementsOf(userId)).toHaveLength(1)
  expect(await server.wrongWith(userId)).toEqual([])
})

it('goes on with its own stream, whatever its caller makes of the open for the next one', async () => {
  const userId = await server.aUser()
  const open = openOf(userId)
  async function* broken() {
    yield chunk(4)
    open.idempotencyKey = 'the next one'
    way.break()
    await sleep(200)
    way.mend()
    yield chunk(4)
  }
  const metered = meterStream(client, { ...settingsFor(userId, []), open, start: () => broken() })

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
  const metered = meterStream(client, {
    ...settingsFor(userId, []),
    start: () => broken(),
    whenUnreachable: { waitMs: 200 },
  })

  expect(await collect(metered)).toHaveLength(100)

  way.mend()
  const { charge, stoppedBy } = await metered.ended
  expect(stoppedBy).toBe('UNREACHABLE')
  expect(charge).toMatchObject({ amountNanousd: costOf(1_000, 100).toString() })
})

it('goes on within its bound where nobody ever answered, and is charged when it is delivered', async () => {
  const userId = await server.aUser()
  const undelivered = new UndeliveredSettlements(directory)
  way.break()
  const metered = meterStream(client, {
    ...settingsFor(
      userId,
      Array.from({ length: 1_000 }, () => chunk(4)),
    ),
    whenUnreachable: { waitMs: 100, outputTokensBeyondGrant: 40, undelivered },
  })
  const read = await collect(metered)
  expect(read).toHaveLength(40)
  const { charge, stoppedBy } = await metered.ended
  expect({ charge, stoppedBy }).toEqual({ charge: undefined, stoppedBy: 'UNREACHABLE' })
  expect(await undelivered.deliver(client, { timeoutMs: 500 })).toEqual({
    delivered: 0,
    waiting: 1,
    refused: 0,
  })
  expect(await entriesOf(server.database, userId)).toHaveLength(1)

  way.mend()
  await server.client.getUser({ userId })
  // As after a crash: another process finds the file.
  const later = new UndeliveredSettlements(directory)
  const deliveries = await Promise.all([later.deliver(server.client), undelivered.deliver(server.client)])

  expect(deliveries[0].delivered + deliveries[1].delivered).toBeGreaterThan(0)
  const [settlement, ...others] = await server.settlementsOf(userId)
  expect(settlement?.charge?.amountNanousd).toBe(costOf(1_000, 40))
  expect(others).toEqual([])
  expect((await readdir(directory)).filter((name) => name.endsWith('.json'))).toEqual([])
  expect(await server.wrongWith(userId)).toEqual([])
}, 60_000)

it('leaves a deduction failure where the user could not pay for what was delivered without a server', async () => {
  const userId = await server.aUser(0n)
  const undelivered = new UndeliveredSettlements(directory)
  way.break()
  const metered = meterStream(client, {
    ...settingsFor(
      userId,
      Array.from({ length: 10 }, () => chunk(4)),
    ),
    whenUnreachable: { waitMs: 100, outputTokensBeyondGrant: 40, undelivered },
  })
  await collect(metered)
  await metered.ended
  way.mend()

  expect(await undelivered.deliver(server.client)).toEqual({ delivered: 1, waiting: 0, refused: 0 })

  const { failures } = await server.client.listDeductionFailures({ userId })
  expect(failures).toEqual([
    expect.objectContaining({ reason: 'INSUFFICIENT_CREDITS', amountNanousd: costOf(1_000, 10).toString() }),
  ])
}, 60_000)

it('does not deliver beyond the grant without somewhere to keep the end', async () => {
  const userId = await server.aUser()
  const metered = meterStream(client, {
    ...settingsFor(userId, []),
    whenUnreachable: { outputTokensBeyondGrant: 40 },
  })
  await expect(collect(metered)).rejects.toThrow('outputTokensBeyondGrant needs undelivered')
})
