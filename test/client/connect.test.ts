import dns from 'node:dns'
import { connect } from 'node:net'
import { type ServiceError, status } from '@grpc/grpc-js'
import {
  connectTollgate,
  isUndecided,
  type RetrySettings,
  type TollgateClient,
} from '../../clients/node/src/index'
import { breakableWay } from '../support/breakableNetwork'
import { entriesOf } from '../support/ledger'
import { refusal, scriptedPeer, transportError } from '../support/scriptedPeer'
import { INPUT, openOf, type StreamServer, startStreamServer } from '../support/streamServer'

/** A peer that gives these answers, in order. */
function scripted(answers: (ServiceError | object)[]) {
  return scriptedPeer(() => answers.shift() ?? {})
}

/** Charges once, of a peer that answers so; gives what came of it and what was asked. */
async function chargedAgainst(answers: (ServiceError | object)[], retry?: RetrySettings) {
  const peer = await scripted(answers)
  const client = connectTollgate({ address: peer.address, ...(retry && { retry }) })
  try {
    const outcome = await client.chargeUsage({ idempotencyKey: 'k' }).then(
      () => 'charged',
      ({ reason }) => reason as string,
    )
    return { outcome, asked: peer.asked.length }
  } finally {
    client.close()
    peer.stop()
  }
}

describe('what is asked again', () => {
  it.each([
    ['DATABASE_UNAVAILABLE', status.UNAVAILABLE],
    ['CONCURRENT_MODIFICATION', status.ABORTED],
    ['OVERLOADED', status.RESOURCE_EXHAUSTED],
    ['DEADLINE_EXCEEDED', status.DEADLINE_EXCEEDED],
  ])('%s', async (reason, code) => {
    expect(await chargedAgainst([refusal(code, reason), {}])).toEqual({ outcome: 'charged', asked: 2 })
  })

  it.each([
    ['INSUFFICIENT_CREDITS', status.FAILED_PRECONDITION],
    ['DAILY_LIMIT_REACHED', status.RESOURCE_EXHAUSTED],
    ['IDEMPOTENCY_KEY_REUSED', status.ALREADY_EXISTS],
    ['INVALID_FIELD', status.INVALID_ARGUMENT],
    ['INTERNAL', status.INTERNAL],
  ])('never %s', async (reason, code) => {
    expect(await chargedAgainst([refusal(code, reason), {}])).toEqual({ outcome: reason, asked: 1 })
  })

  it('three times at most, or as often as it is told', async () => {
    const busy = () => Array.from({ length: 10 }, () => refusal(status.UNAVAILABLE, 'SHUTTING_DOWN'))
    expect(await chargedAgainst(busy())).toEqual({ outcome: 'SHUTTING_DOWN', asked: 4 })
    expect(await chargedAgainst(busy(), { retriesMax: 0 })).toEqual({ outcome: 'SHUTTING_DOWN', asked: 1 })
  })

  it('not before the server says that it may help', async () => {
    const startedAt = performance.now()
    await chargedAgainst([refusal(status.RESOURCE_EXHAUSTED, 'OVERLOADED', 400), {}])
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(400)
  })
})

describe('a charge that failed is undecided, and to be kept,', () => {
  const asked = async (error: ServiceError) => {
    const peer = await scripted([error])
    const client = connectTollgate({ address: peer.address, retry: { retriesMax: 0 } })
    try {
      return await client.chargeUsage({ idempotencyKey: 'k' }).then(() => undefined, isUndecided)
    } finally {
      client.close()
      peer.stop()
    }
  }

  it.each([
    ['DATABASE_UNAVAILABLE', status.UNAVAILABLE],
    ['DEADLINE_EXCEEDED', status.DEADLINE_EXCEEDED],
    ['CONCURRENT_MODIFICATION', status.ABORTED],
    ['OVERLOADED', status.RESOURCE_EXHAUSTED],
    ['INTERNAL', status.INTERNAL],
    ['TOKEN_UNKNOWN', status.UNAUTHENTICATED],
    ['SCOPE_MISSING', status.PERMISSION_DENIED],
  ])('where the server says %s', async (reason, code) => {
    expect(await asked(refusal(code, reason))).toBe(true)
  })

  it.each([status.UNAVAILABLE, status.INTERNAL, status.UNKNOWN, status.CANCELLED, status.RESOURCE_EXHAUSTED])(
    'where the connection broke: %s',
    async (code) => {
      expect(await asked(transportError(code))).toBe(true)
    },
  )

  it.each([status.UNAUTHENTICATED, status.PERMISSION_DENIED, status.UNIMPLEMENTED])(
    'where a proxy refused it: %s',
    async (code) => {
      expect(await asked(transportError(code))).toBe(true)
    },
  )

  it('where the client was closed, or nobody answers', async () => {
    const client = connectTollgate({ address: '127.0.0.1:1' })
    const charge = () => client.chargeUsage({ idempotencyKey: 'k' }).then(() => undefined, isUndecided)
    expect(await charge()).toBe(true)
    client.close()
    expect(await charge()).toBe(true)
  })

  it.each([
    ['INSUFFICIENT_CREDITS', status.FAILED_PRECONDITION],
    ['MODEL_PRICE_MISSING', status.FAILED_PRECONDITION],
    ['PRICE_ANOMALY', status.FAILED_PRECONDITION],
    ['DAILY_LIMIT_REACHED', status.RESOURCE_EXHAUSTED],
    ['MESSAGE_TOO_LARGE', status.RESOURCE_EXHAUSTED],
    ['INVALID_FIELD', status.INVALID_ARGUMENT],
    ['USER_NOT_FOUND', status.NOT_FOUND],
    ['IDEMPOTENCY_KEY_REUSED', status.ALREADY_EXISTS],
    ['NOT_IMPLEMENTED', status.UNIMPLEMENTED],
  ])('never where it was refused with %s', async (reason, code) => {
    expect(await asked(refusal(code, reason))).toBe(false)
  })
})

it.each([
  ['a bigint', 5_000n, 'inputTokens is a bigint'],
  ['NaN', Number.NaN, 'inputTokens is NaN'],
  ['a fraction', 12.5, 'inputTokens is 12.5'],
  ['more than a number holds', 2 ** 53, 'inputTokens is 9007199254740992'],
])('refuses %s, which would be sent as nothing, or as less', async (_name, inputTokens, problem) => {
  const peer = await scripted([])
  const client = connectTollgate({ address: peer.address })
  const usage = { inputTokens: inputTokens as number }

  await expect(client.chargeUsage({ idempotencyKey: 'k', usage })).rejects.toMatchObject({
    code: status.INVALID_ARGUMENT,
    message: expect.stringContaining(problem),
  })

  expect(peer.asked).toEqual([])
  client.close()
  peer.stop()
})

it('charges what it was asked to, whatever its caller makes of the request for the next call', async () => {
  const peer = await scriptedPeer(async (method) => {
    await new Promise((resolve) => setTimeout(resolve, 50))
    return method === 'ChargeUsage' ? {} : { results: Array(16).fill({ response: {} }) }
  })
  const client = connectTollgate({ address: peer.address })
  const request = { idempotencyKey: '', usage: { inputTokens: 1 } }
  const keys = Array.from({ length: 20 }, (_, index) => `k${index}`)

  await Promise.all(
    keys.map((key) => {
      request.idempotencyKey = key
      return client.chargeUsage(request)
    }),
  )

  expect(peer.asked.flatMap((each) => each.keys)).toEqual(keys)
  client.close()
  peer.stop()
})

it('waits for no answer longer than it may, however many wait before it', async () => {
  const peer = await scriptedPeer(() => undefined)
  const client = connectTollgate({ address: peer.address })
  const startedAt = performance.now()

  try {
    // Eight batches, where four calls run at once.
    const outcomes = await Promise.all(
      Array.from({ length: 2_048 }, (_, index) =>
        client.chargeUsage({ idempotencyKey: `k${index}` }, { timeoutMs: 500 }).catch(({ reason }) => reason),
      ),
    )
    expect(new Set(outcomes)).toEqual(new Set(['DEADLINE_EXCEEDED']))
    expect(performance.now() - startedAt).toBeLessThan(950)
  } finally {
    client.close()
    peer.stop()
  }
})

it('is still answered what is on its way when it is closed', async () => {
  const peer = await scriptedPeer(
    () => new Promise((resolve) => setTimeout(resolve, 300, { replayed: true })),
  )
  const client = connectTollgate({ address: peer.address })
  const charged = client.chargeUsage({ idempotencyKey: 'k' })
  while (peer.asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 10))
  client.close()

  await expect(charged).resolves.toMatchObject({ replayed: true })
  peer.stop()
})

it('gives up on what waits to be asked again when it is closed', async () => {
  const peer = await scripted([refusal(status.UNAVAILABLE, 'SHUTTING_DOWN', 200)])
  const client = connectTollgate({ address: peer.address })
  const charged = client.chargeUsage({ idempotencyKey: 'k' })
  while (peer.asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 10))
  await new Promise((resolve) => setTimeout(resolve, 50))
  client.close()

  await expect(charged).rejects.toThrow('the client is closed')
  peer.stop()
})

it('sends charges together while others run, and each gets its own answer', async () => {
  const ended = (requests: number) => ({
    results: Array.from({ length: requests }, (_, index) =>
      index === 0
        ? {
            error: {
              code: status.FAILED_PRECONDITION,
              reason: 'INSUFFICIENT_CREDITS',
              message: 'no',
              metadata: {},
            },
          }
        : { response: { replayed: index === 1 } },
    ),
  })
  const peer = await scripted([{}, {}, {}, {}, ended(6)])
  const client = connectTollgate({ address: peer.address })

  const answers = await Promise.allSettled(
    Array.from({ length: 10 }, (_, index) => client.chargeUsage({ idempotencyKey: `k${index}` })),
  )

  expect(peer.asked.slice(0, 4).map(({ method }) => method)).toEqual(Array(4).fill('ChargeUsage'))
  expect(peer.asked.slice(4)).toEqual([
    { method: 'BatchChargeUsage', keys: ['k4', 'k5', 'k6', 'k7', 'k8', 'k9'] },
  ])
  expect(answers.map((answer) => answer.status)).toEqual([
    ...Array(4).fill('fulfilled'),
    'rejected',
    ...Array(5).fill('fulfilled'),
  ])
  expect(answers[4]).toMatchObject({ reason: { reason: 'INSUFFICIENT_CREDITS' } })
  expect(answers[5]).toMatchObject({ value: { replayed: true } })
  client.close()
  peer.stop()
})

it('finds the replicas that took the place of all that it knew', async () => {
  let host = '127.0.0.1'
  const names = jest.spyOn(dns.promises, 'lookup')
  names.mockImplementation((async () => [{ address: host, family: 4 }]) as never)
  const before = await scripted([])
  const [, port] = before.address.split(':')
  const client = connectTollgate({
    address: `dns:///tollgate.test:${port}`,
    retry: { retriesMax: 10 },
  })
  await client.chargeUsage({ idempotencyKey: 'before' })

  const after = await scriptedPeer(() => ({}), `127.0.0.2:${port}`)
  host = '127.0.0.2'
  before.stop()
  const answer = await client
    .chargeUsage({ idempotencyKey: 'after' }, { timeoutMs: 8_000 })
    .catch((error) => error)
  client.close()
  after.stop()
  names.mockRestore()

  expect(answer).not.toBeInstanceOf(Error)
  expect(after.asked.map(({ keys }) => keys)).toEqual([['after']])
})

describe('against a server', () => {
  let server: StreamServer
  let client: TollgateClient
  let way: Awaited<ReturnType<typeof breakableWay>>

  beforeAll(async () => {
    server = await startStreamServer()
    way = await breakableWay(() => connect(Number(server.address.split(':')[1]), '127.0.0.1'))
    client = connectTollgate({ address: `127.0.0.1:${way.port}`, retry: { retriesMax: 10 } })
  })

  afterAll(async () => {
    client.close()
    way.close()
    await server.stop()
  })

  it('charges all that came together, though together they are too large', async () => {
    const userId = await server.aUser()
    // A provider's whole answer, with its usage in it: 100 are 6 MB, of which the server takes 4.
    const json = JSON.stringify({
      choices: [{ message: { content: 'x'.repeat(60_000) } }],
      usage: { prompt_tokens: 1, completion_tokens: 1 },
    })
    const providerUsage = { format: 'openai.chat', json }
    const { model = '' } = openOf(userId)

    await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        client.chargeUsage({ idempotencyKey: `call-${index}`, userId, model, providerUsage }),
      ),
    )

    const charges = (await entriesOf(server.database, userId)).filter(({ kind }) => kind === 'charge')
    expect(charges).toHaveLength(100)
  })

  it('refuses alone what can not be sent, and charges those that came with it', async () => {
    const userId = await server.aUser()
    const { model = '' } = openOf(userId)
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        client
          .chargeUsage({
            ...{ idempotencyKey: `call-${index}`, userId, model },
            usage: { inputTokens: index === 7 ? Number.NaN : 1 },
          })
          .then(
            () => 'charged',
            ({ reason }) => reason as string,
          ),
      ),
    )

    expect(outcomes).toEqual(
      Array.from({ length: 20 }, (_, index) => (index === 7 ? 'INVALID_ARGUMENT' : 'charged')),
    )
  })

  it('asks again over a new connection where the old one is forgotten on its way', async () => {
    const userId = await server.aUser()
    const own = connectTollgate({ address: `127.0.0.1:${way.port}` })
    await own.listHolds({ userId })
    way.forget()
    const { model = '' } = openOf(userId)

    const { charge } = await own.chargeUsage({
      idempotencyKey: 'k',
      userId,
      model,
      usage: { inputTokens: 1 },
    })

    expect(charge?.amountNanousd).toBe(String(INPUT))
    own.close()
  }, 60_000)

  it('charges each key once, though the connection breaks under the calls', async () => {
    const userId = await server.aUser()
    let breaks = 0
    const breaking = setInterval(() => {
      way.break()
      way.restore()
      if (++breaks === 8) clearInterval(breaking)
    }, 50)
    const keys = Array.from({ length: 300 }, (_, index) => `call-${index}`)
    const { model } = openOf(userId)
    await Promise.all(
      keys.map((idempotencyKey) =>
        client.chargeUsage({ idempotencyKey, userId, model: model ?? '', usage: { inputTokens: 1 } }),
      ),
    )

    const charges = (await entriesOf(server.database, userId)).filter(({ kind }) => kind === 'charge')
    expect(charges.map(({ idempotencyKey }) => idempotencyKey).sort()).toEqual(keys.sort())
    expect(await server.wrongWith(userId)).toEqual([])
  })
})

it.each(['', 'foo bar', 'http://127.0.0.1:50051', 'HTTPS://tollgate'])(
  'reports at the start that %j can never be reached',
  (address) => {
    expect(() => connectTollgate({ address })).toThrow('address must be host:port')
  },
)
