import { type ClientHttp2Session, connect } from 'node:http2'
import { setTimeout as sleep } from 'node:timers/promises'
import { connectTollgate } from '../../../clients/node/src/connect'
import { services } from '../../../src/wire/definition'
import type { StreamSettleRequest } from '../../../src/wire/generated/tollgate/billing/v1/StreamSettleRequest'
import { USD } from '../../support/postings'
import { cuttableProxy, TestStream } from '../../support/streamClients'
import { INPUT, OUTPUT, openOf, type StreamServer, startStreamServer } from '../../support/streamServer'

// What ends a connection without its client's will: its age, a peer that answers no ping or reads nothing.

const started: StreamServer[] = []

afterEach(async () => {
  for (const server of started.splice(0)) await server.stop()
})

async function aServer(...settings: Parameters<typeof startStreamServer>): Promise<StreamServer> {
  const server = await startStreamServer(...settings)
  started.push(server)
  return server
}

async function untilDetached({ database }: StreamServer, userId: string): Promise<bigint> {
  for (;;) {
    const hold = await database.kysely
      .selectFrom('holds')
      .selectAll()
      .where('user_id', '=', userId)
      .executeTakeFirst()
    if (hold?.state === 'settled') throw new Error('the hold was settled')
    if (hold?.state === 'detached') return BigInt(hold.sequence)
    await sleep(20)
  }
}

test('a connection of the greatest age is told to go; its streams have the grace, and are resumed on the next', async () => {
  const server = await aServer(
    { validityMs: 60_000, recordIntervalMs: 60_000 },
    { connections: { ageMaxMs: 1_000, ageGraceMs: 2_000 } },
  )
  const userId = await server.aUser()
  const old = connectTollgate({ address: server.address })
  try {
    const closing = await new TestStream(old, openOf(userId)).granted()
    const staying = await new TestStream(old, { ...openOf(userId), idempotencyKey: 'staying' }).granted()
    await untilGoaway(server)
    // In the grace it is served as before.
    staying.progress(1, 20, 1_000)
    closing.close({ inputTokens: 1_000, outputTokens: 5 })
    expect((await closing.settled()).charge?.amountNanousd).toBe(`${1_000n * INPUT + 5n * OUTPUT}`)
    expect(await staying.ended).toBeDefined()
    const hold = () =>
      server.database.kysely
        .selectFrom('holds')
        .select(['state', 'sequence'])
        .where('idempotency_key', '=', 'staying')
        .executeTakeFirstOrThrow()
    while ((await hold()).state === 'open') await sleep(20)
    expect((await hold()).state).toBe('detached')

    // The same client, on a connection that it makes anew.
    const resumed = await new TestStream(old, { ...openOf(userId), idempotencyKey: 'staying' }).granted()
    expect(resumed.grant.acknowledgedSequence).toBe('1')
    resumed.close()
    expect((await resumed.settled()).charge?.amountNanousd).toBe(`${1_000n * INPUT + 20n * OUTPUT}`)
  } finally {
    old.close()
  }
  expect(await server.wrongWith(userId)).toEqual([])
})

/** A connection made now is told to go no sooner than those before it; give or take the tenth that ages differ by. */
async function untilGoaway({ address }: StreamServer): Promise<void> {
  const session: ClientHttp2Session = connect(`http://${address}`)
  await new Promise<void>((resolve) => session.once('goaway', () => resolve()))
  session.destroy()
  await sleep(300)
}

test('a client that answers no ping is cut; what it reported is kept, and the stream resumed', async () => {
  const server = await aServer(
    { validityMs: 60_000, recordIntervalMs: 60_000 },
    { connections: { keepaliveTimeMs: 300, keepaliveTimeoutMs: 300 } },
  )
  const userId = await server.aUser()
  const proxy = await cuttableProxy(server.rpc.port)
  const far = connectTollgate({ address: proxy.address })
  try {
    const stream = await new TestStream(far, openOf(userId)).granted()
    stream.progress(1, 20, 1_000)
    // Longer than a ping and its timeout: a connection that answers stays open.
    await sleep(900)
    stream.progress(2, 30, 1_000)
    await sleep(100)
    proxy.goDead()
    expect(await untilDetached(server, userId)).toBe(2n)
    const resumed = await server.open(userId).granted()
    resumed.close()
    expect((await resumed.settled()).charge?.amountNanousd).toBe(`${1_000n * INPUT + 30n * OUTPUT}`)
  } finally {
    proxy.cut()
    far.close()
  }
  expect(await server.wrongWith(userId)).toEqual([])
})

test('a client that never reads is cut after one validity; nobody else waits for it, and its stream is resumed', async () => {
  // Progress is recorded, and so acknowledged, far more often than the client has room for answers.
  const server = await aServer({
    validityMs: 1_000,
    recordIntervalMs: 20,
    sweepIntervalMs: 60_000,
    messagesPerSecondMax: 10_000,
  })
  const userId = await server.aUser(1_000n * USD)
  const deaf = deafClient(server.address)
  try {
    deaf.send({ open: openOf(userId) })
    for (let sequence = 1; sequence <= 20_000; sequence++) {
      deaf.send({ progress: { sequence, usage: { inputTokens: 1_000, outputTokens: 100 * sequence } } })
    }
    const otherId = await server.aUser()
    const other = await server.open(otherId).granted()
    other.close({ outputTokens: 1 })
    await other.settled()

    const sequence = await untilDetached(server, userId)
    expect(sequence).toBeGreaterThan(16n)
    // It was held back, not read to its end and forgotten.
    expect(sequence).toBeLessThan(20_000n)
    const resumed = await server.open(userId).granted()
    expect(resumed.grant.acknowledgedSequence).toBe(`${sequence}`)
    resumed.close({ inputTokens: 1_000, outputTokens: 95 })
    await resumed.settled()
  } finally {
    deaf.close()
  }
  expect(await server.wrongWith(userId)).toEqual([])
})

/** HTTP/2 without grpc-js, which reads whatever comes. It takes what fits into its small window, and no more. */
function deafClient(address: string) {
  const { path, requestSerialize } = services['tollgate.billing.v1.BillingService'].StreamSettle
  const session = connect(`http://${address}`, { settings: { initialWindowSize: 64 } })
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
  })
  session.on('error', () => undefined)
  stream.on('error', () => undefined)
  return {
    send(request: StreamSettleRequest): void {
      const message = requestSerialize(request)
      const prefix = Buffer.alloc(5)
      prefix.writeUInt32BE(message.length, 1)
      stream.write(Buffer.concat([prefix, message]))
    },
    close: () => session.destroy(),
  }
}
