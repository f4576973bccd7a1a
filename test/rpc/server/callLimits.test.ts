import { setTimeout as sleep } from 'node:timers/promises'
import { status } from '@grpc/grpc-js'
import type { TollgateClient } from '../../../clients/node/src/connect'
import type { TollgateError } from '../../../clients/node/src/errors'
import { BillingError } from '../../../src/domain/errors'
import { type CountCall, hashOfToken, limitCallsPerToken, type Token } from '../../../src/rpc/server/auth'
import { startTestServer, type TestServer } from '../../support/server'

const [ONE, OTHER] = ['one', 'other'].map(
  (name): Token => ({ name, hash: hashOfToken(name), scopes: ['admin'] }),
) as [Token, Token]

describe('a limit of 10 calls a second for each token', () => {
  let nowMs: number
  let countCall: CountCall

  beforeEach(() => {
    nowMs = 1_000
    countCall = limitCallsPerToken(10, () => nowMs)
  })

  function takenBy(token: Token, attempts: number): number {
    let taken = 0
    for (let attempt = 0; attempt < attempts; attempt++) {
      try {
        countCall(token)
        taken += 1
      } catch (error) {
        expect(error).toBeInstanceOf(BillingError)
      }
    }
    return taken
  }

  test('allows a second of them at once, then as many as time brings', () => {
    expect(takenBy(ONE, 15)).toBe(10)
    nowMs += 250
    expect(takenBy(ONE, 15)).toBe(2)
    nowMs += 60_000
    expect(takenBy(ONE, 15)).toBe(10)
  })

  test('counts each token apart', () => {
    expect(takenBy(ONE, 15)).toBe(10)
    expect(takenBy(OTHER, 15)).toBe(10)
  })

  test('says when the next call may come', () => {
    takenBy(ONE, 10)
    nowMs += 40
    expect(() => countCall(ONE)).toThrow(expect.objectContaining({ reason: 'OVERLOADED', retryAfterMs: 60 }))
  })
})

describe('a server with limits', () => {
  let server: TestServer
  let client: TollgateClient

  beforeAll(async () => {
    server = await startTestServer({
      tokens: [ONE, OTHER],
      callLimits: { tokenCallsPerSecondMax: 1 / 3_600, messageBytesMax: 20_000, metadataBytesMax: 2_000 },
    })
    client = server.connect('other')
  })

  afterAll(() => server?.stop())

  async function refusalOf(call: Promise<unknown>): Promise<TollgateError> {
    return call.then(
      () => {
        throw new Error('the call was not refused')
      },
      (error: TollgateError) => error,
    )
  }

  test('refuses calls above the rate of a token, of any method, streams included', async () => {
    const one = server.connect('one')
    const calls = await Promise.allSettled([
      ...Array.from({ length: 10 }, () => one.listUsers({})),
      ...Array.from({ length: 10 }, () => one.listPrices({})),
    ])
    const refused = calls.filter((call) => call.status === 'rejected')
    expect(refused).toHaveLength(19)
    expect(refused.map(({ reason }) => [reason.code, reason.reason, reason.retryAfterMs > 0])).toEqual(
      refused.map(() => [status.RESOURCE_EXHAUSTED, 'OVERLOADED', true]),
    )
    const stream = one.streamSettle().events[Symbol.asyncIterator]().next()
    await expect(stream).rejects.toMatchObject({ reason: 'OVERLOADED' })
  })

  test('refuses a message that is too large, with details', async () => {
    const error = await refusalOf(client.chargeUsage({ model: 'x'.repeat(20_001) }))
    expect(error).toMatchObject({ code: status.RESOURCE_EXHAUSTED, reason: 'MESSAGE_TOO_LARGE' })
  })

  test('refuses metadata that is too large, with details', async () => {
    const error = await refusalOf(server.connect('x'.repeat(2_000)).listUsers({}))
    expect(error).toMatchObject({ code: status.RESOURCE_EXHAUSTED, reason: 'MESSAGE_TOO_LARGE' })
  })

  test('refuses far too much metadata before it keeps it', async () => {
    const error = await refusalOf(server.connect('x'.repeat(200_000)).listUsers({}))
    expect(error.code).not.toBe(status.OK)
    expect((await refusalOf(server.connect('unknown').listUsers({}))).reason).toBe('TOKEN_UNKNOWN')
  })
})

test('calls beyond the limit of a connection wait for their turn', async () => {
  const server = await startTestServer({ callLimits: { connectionCallsMax: 2 } })
  try {
    const streams = [server.client.streamSettle(), server.client.streamSettle()]
    await server.client.listUsers({}, { timeoutMs: 300 }).then(
      () => undefined,
      () => undefined,
    )
    const waiting = server.client.listUsers({}, { timeoutMs: 300 })
    await expect(waiting).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED })
    const [first] = streams
    first?.cancel()
    await expect(server.client.listUsers({})).resolves.toBeDefined()
    await expect(server.connect().listUsers({})).resolves.toBeDefined()
  } finally {
    await server.stop()
  }
})

test('a call that takes the place of a cancelled one gets its turn', async () => {
  const server = await startTestServer({ callLimits: { connectionCallsMax: 2 } })
  try {
    await server.client.listUsers({})
    const ends: unknown[] = []
    const open = () => {
      const stream = server.client.streamSettle()
      stream.events[Symbol.asyncIterator]()
        .next()
        .catch((error: TollgateError) => ends.push(error.code))
      return stream
    }
    const streams = Array.from({ length: 150 }, open)
    await sleep(100)
    for (let n = 0; n < 100; n++) {
      streams.shift()?.cancel()
      streams.push(open())
      await sleep(2)
    }
    await sleep(100)
    expect(ends).toEqual(Array(100).fill(status.CANCELLED))
    for (const stream of streams) stream.cancel()
    await expect(server.client.listUsers({})).resolves.toBeDefined()
  } finally {
    await server.stop()
  }
})
