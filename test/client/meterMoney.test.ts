import { once } from 'node:events'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { connectTollgate, type TollgateClient } from '../../clients/node/src/index'
import { meterContext } from '../../clients/node/src/meter/meterContext'
import { type MeterStreamSettings, meterStream } from '../../clients/node/src/meterStream'
import { INPUT, OUTPUT, openOf, type StreamServer, startStreamServer } from '../support/streamServer'

let server: StreamServer
let client: TollgateClient

beforeAll(async () => {
  server = await startStreamServer({ validityMs: 60_000 })
  client = connectTollgate({ address: server.address })
})

afterAll(async () => {
  client.close()
  await server.stop()
})

const costOf = (input: number, output: number) => BigInt(input) * INPUT + BigInt(output) * OUTPUT

/** A chunk of so many letters, as OpenAI streams it. */
function chunk(letters: number) {
  return { choices: [{ index: 0, delta: { content: 'x'.repeat(letters) } }] }
}

function usageChunk(completionTokens: number) {
  return { choices: [], usage: { prompt_tokens: 1_000, completion_tokens: completionTokens } }
}

async function* generation(chunks: Iterable<object>): AsyncGenerator<object> {
  yield* chunks
}

function settingsFor(userId: string, chunks: Iterable<object>): MeterStreamSettings<object> {
  return { open: openOf(userId), format: 'openai.chat', start: () => generation(chunks) }
}

async function collect<T>(chunks: AsyncIterable<T>): Promise<T[]> {
  const read: T[] = []
  for await (const each of chunks) read.push(each)
  return read
}

it('charges what the provider counted at the end, or lists it, where that is more than the credits pay for', async () => {
  // All is delivered within the grant. The last chunk reports a long thought that was not visible.
  const userId = await server.aUser(costOf(1_000, 50))
  const metered = meterStream(
    meterContext(client),
    settingsFor(userId, [chunk(4), chunk(4), usageChunk(5_000)]),
  )

  await collect(metered)

  const { charge, stoppedBy, shortfallNanousd } = await metered.ended
  expect(stoppedBy).toBe('FINAL_REASON_CREDITS')
  expect(charge).toMatchObject({ usageSource: 'USAGE_SOURCE_PROVIDER' })
  expect(BigInt(charge?.amountNanousd ?? 0) + shortfallNanousd).toBe(costOf(1_000, 5_000))
  const { failures } = await client.listDeductionFailures({ userId })
  expect(failures).toEqual([expect.objectContaining({ amountNanousd: costOf(0, 4_950).toString() })])
  expect(await server.wrongWith(userId)).toEqual([])
})

it('passes the one chunk under whose report the credits end, and lists what it costs beyond them', async () => {
  // The first grant is of all that can be paid, and not final yet: the chunk is reported, and counts as made.
  const userId = await server.aUser(costOf(1_000, 100))
  const metered = meterStream(meterContext(client), settingsFor(userId, Array(5).fill(chunk(480))))

  expect(await collect(metered)).toHaveLength(1)

  const { charge, stoppedBy, shortfallNanousd } = await metered.ended
  expect(stoppedBy).toBe('FINAL_REASON_CREDITS')
  expect(charge?.amountNanousd).toBe(costOf(1_000, 100).toString())
  expect(shortfallNanousd).toBe(costOf(0, 20))
})

it('settles an answer that comes all at once, without a report for every chunk', async () => {
  const userId = await server.aUser(costOf(1_000, 50_000))
  let reports = 0
  const counted: TollgateClient = {
    ...client,
    streamSettle() {
      const connection = client.streamSettle()
      return {
        ...connection,
        progress(progress) {
          reports++
          connection.progress(progress)
        },
      }
    },
  }
  const metered = meterStream(meterContext(counted), settingsFor(userId, Array(50_000).fill(chunk(4))))

  expect(await collect(metered)).toHaveLength(50_000)

  const { charge } = await metered.ended
  expect(charge?.amountNanousd).toBe(costOf(1_000, 50_000).toString())
  // Two for each of its grants, and one a second.
  expect(reports).toBeLessThan(100)
})

it('charges the prompt where the first chunk of the answer could not be delivered', async () => {
  const userId = await server.aUser(costOf(1_000, 50))
  const metered = meterStream(meterContext(client), settingsFor(userId, [chunk(400)]))

  expect(await collect(metered)).toEqual([])

  const { charge, stoppedBy } = await metered.ended
  expect(stoppedBy).toBe('FINAL_REASON_CREDITS')
  expect(charge?.amountNanousd).toBe(costOf(1_000, 0).toString())
})

it('settles when the end user leaves, whether or not the next chunk is ever asked for', async () => {
  const userId = await server.aUser()
  const user = new AbortController()
  let stopped = false
  const metered = meterStream(meterContext(client), {
    ...settingsFor(userId, []),
    signal: user.signal,
    start({ signal }) {
      signal.addEventListener('abort', () => {
        stopped = true
      })
      return generation(Array.from({ length: 50 }, () => chunk(4)))
    },
  })
  const chunks = metered[Symbol.asyncIterator]()
  await chunks.next()
  await chunks.next()
  user.abort()

  const { charge, stoppedBy } = await metered.ended
  expect({ stopped, stoppedBy }).toEqual({ stopped: true, stoppedBy: 'ABORTED' })
  expect(charge).toMatchObject({ amountNanousd: costOf(1_000, 2).toString(), end: 'STREAM_END_CANCELLED' })
  expect(await chunks.next()).toEqual({ done: true, value: undefined })
  expect(await server.settlementsOf(userId)).toHaveLength(1)
})

it('ends where it is left before it began, without a hold', async () => {
  const userId = await server.aUser()
  const metered = meterStream(meterContext(client), settingsFor(userId, [chunk(4)]))
  await metered[Symbol.asyncIterator]().return?.()

  expect(await metered.ended).toEqual({ charge: undefined, shortfallNanousd: 0n, stoppedBy: 'ABORTED' })
  expect((await client.listHolds({ userId })).holds).toEqual([])
})

describe('calls no provider for an end user who left', () => {
  it('before the generation began', async () => {
    const userId = await server.aUser()
    const start = jest.fn(() => generation([chunk(4)]))
    const metered = meterStream(meterContext(client), {
      ...settingsFor(userId, []),
      start,
      signal: AbortSignal.abort(),
    })

    expect(await collect(metered)).toEqual([])

    expect(await metered.ended).toEqual({ charge: undefined, shortfallNanousd: 0n, stoppedBy: 'ABORTED' })
    expect(start).not.toHaveBeenCalled()
    expect((await client.listHolds({ userId })).holds).toEqual([])
  })

  it('while credits were held for it, and gives those back', async () => {
    const userId = await server.aUser()
    const start = jest.fn(() => generation([chunk(4)]))
    const user = new AbortController()
    const metered = meterStream(meterContext(client), {
      ...settingsFor(userId, []),
      start,
      signal: user.signal,
    })

    const read = collect(metered)
    user.abort()

    expect(await read).toEqual([])
    const { charge, stoppedBy } = await metered.ended
    expect({ amount: charge?.amountNanousd, stoppedBy }).toEqual({ amount: '0', stoppedBy: 'ABORTED' })
    expect(start).not.toHaveBeenCalled()
  })
})

describe('settles though the provider hangs', () => {
  async function* hanging() {
    yield chunk(4)
    await new Promise(() => undefined)
  }

  it('when the reader is destroyed while it waits for more', async () => {
    const userId = await server.aUser()
    const metered = meterStream(meterContext(client), { ...settingsFor(userId, []), start: () => hanging() })
    const reader = Readable.from(metered)
    await once(reader, 'data')
    await sleep(50)
    reader.destroy()

    const { charge, stoppedBy } = await metered.ended
    expect(stoppedBy).toBe('ABORTED')
    expect(charge?.amountNanousd).toBe(costOf(1_000, 1).toString())
  })

  it('when the end user leaves before it has answered', async () => {
    const userId = await server.aUser()
    const user = new AbortController()
    const metered = meterStream(meterContext(client), {
      ...settingsFor(userId, []),
      signal: user.signal,
      start() {
        setTimeout(() => user.abort(), 50)
        return new Promise(() => undefined)
      },
    })

    expect(await collect(metered)).toEqual([])

    const { charge, stoppedBy } = await metered.ended
    expect({ amount: charge?.amountNanousd, stoppedBy }).toEqual({ amount: '0', stoppedBy: 'ABORTED' })
  })
})

it('fails where a tokeniser counts nonsense, and charges what was delivered before', async () => {
  const userId = await server.aUser()
  let texts = 0
  const metered = meterStream(meterContext(client), {
    ...settingsFor(userId, [chunk(4), chunk(4), chunk(4)]),
    countTokens: () => (++texts === 3 ? Number.NaN : 2),
  })

  await expect(collect(metered)).rejects.toThrow('outputTokens as NaN')

  const { charge } = await metered.ended
  expect(charge?.amountNanousd).toBe(costOf(1_000, 4).toString())
})

it('settles the count where the usage that was read is no JSON', async () => {
  const userId = await server.aUser()
  const problems: Error[] = []
  const metered = meterStream(meterContext(client, { onProblem: (problem) => problems.push(problem) }), {
    ...settingsFor(userId, [chunk(4)]),
    read: () => ({ text: 'word', usage: { tokens: 1n }, outputTokens: 1 }),
  })

  await collect(metered)

  const { charge } = await metered.ended
  expect(charge?.amountNanousd).toBe(costOf(1_000, 1).toString())
  expect(problems).toEqual([expect.objectContaining({ message: expect.stringContaining("can't be sent") })])
})

it('says what is wrong with its settings at its end as well', async () => {
  const metered = meterStream(meterContext(client), {
    ...settingsFor('anybody', []),
    format: 'nonsense' as 'gemini',
  })

  await expect(collect(metered)).rejects.toThrow('format or read must be given')
  await expect(metered.ended).rejects.toThrow('format or read must be given')
})

it('says why no server takes its stream', async () => {
  const nowhere = connectTollgate({ address: '127.0.0.1:1' })
  const settings = settingsFor('anybody', [chunk(4)])

  await expect(
    collect(meterStream(meterContext(nowhere, { whileDown: { waitMs: 300 } }), settings)),
  ).rejects.toMatchObject({
    reason: 'UNAVAILABLE',
    message: expect.stringMatching(/nothing was started .*ECONNREFUSED/),
  })
  nowhere.close()
})

it('fails, and takes nothing else with it, where its client is closed', async () => {
  const userId = await server.aUser()
  const own = connectTollgate({ address: server.address })
  own.close()
  const metered = meterStream(meterContext(own), settingsFor(userId, [chunk(4)]))

  await expect(collect(metered)).rejects.toMatchObject({ message: 'the client is closed' })
  await expect(metered.ended).rejects.toMatchObject({ message: 'the client is closed' })
})

it('keeps a stream whose provider is silent for longer than a validity before its first word', async () => {
  const short = await startStreamServer({ validityMs: 3_000 })
  try {
    const userId = await short.aUser()
    const metered = meterStream(meterContext(short.client), {
      ...settingsFor(userId, []),
      async start() {
        await sleep(5_000)
        return generation([chunk(4), usageChunk(1)])
      },
    })

    expect(await collect(metered)).toHaveLength(2)
    const { charge, stoppedBy } = await metered.ended
    expect(stoppedBy).toBeUndefined()
    expect(charge?.amountNanousd).toBe(costOf(1_000, 1).toString())
  } finally {
    await short.stop()
  }
}, 60_000)
