import { connect } from 'node:net'
import { Server, ServerCredentials, type ServiceError, status, type UntypedHandleCall } from '@grpc/grpc-js'
import { connectTollgate, type RetrySettings, type TollgateClient } from '../../src/client'
import { statusOfWireError } from '../../src/rpc/errors'
import { services } from '../../src/wire/definition'
import { breakableWay } from '../support/breakableNetwork'
import { entriesOf } from '../support/ledger'
import { openOf, type StreamServer, startStreamServer } from '../support/streamServer'

const BILLING = services['tollgate.billing.v1.BillingService']

/** A peer that answers as the test says: the only way to be refused by overload as often as one likes. */
async function scripted(answers: (ServiceError | object)[]) {
  const asked: { method: string; keys: string[] }[] = []
  const answer = (method: string, keysOf: (request: never) => string[]): UntypedHandleCall =>
    ((call: { request: never }, reply: (error: unknown, answer?: object) => void) => {
      asked.push({ method, keys: keysOf(call.request) })
      const next = answers.shift() ?? {}
      if ('code' in next) reply(next)
      else reply(null, next)
    }) as unknown as UntypedHandleCall
  const server = new Server()
  const unused = answer('unused', () => [])
  server.addService(BILLING as never, {
    ChargeUsage: answer('ChargeUsage', ({ idempotencyKey }: { idempotencyKey: string }) => [idempotencyKey]),
    BatchChargeUsage: answer('BatchChargeUsage', ({ requests }: { requests: { idempotencyKey: string }[] }) =>
      requests.map(({ idempotencyKey }) => idempotencyKey),
    ),
    PriceQuote: unused,
    GetCharge: unused,
    StreamSettle: unused,
  })
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  )
  return { address: `127.0.0.1:${port}`, asked, stop: () => server.forceShutdown() }
}

function refusal(code: status, reason: string, retryAfterMs?: number): ServiceError {
  const details = {
    reason,
    domain: 'tollgate',
    metadata: {},
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  }
  return statusOfWireError({ code, message: reason, details }) as ServiceError
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

  it('charges each key once, though the connection breaks under the calls', async () => {
    const userId = await server.aUser()
    let breaks = 0
    const breaking = setInterval(() => {
      way.break()
      way.mend()
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
