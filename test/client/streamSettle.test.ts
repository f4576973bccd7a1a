import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Server, ServerCredentials, type ServerDuplexStream, status } from '@grpc/grpc-js'
import { connectTollgate } from '../../clients/node/src/index'
import { services } from '../../src/wire/definition'
import type { StreamSettleRequest__Output } from '../../src/wire/generated/tollgate/billing/v1/StreamSettleRequest'

type Call = ServerDuplexStream<StreamSettleRequest__Output, object>

/** A server that reads nothing until it is told to. */
async function aServerThatWaits() {
  const heard: StreamSettleRequest__Output[] = []
  const server = new Server()
  let onCall: (call: Call) => void = () => undefined
  const called = new Promise<Call>((resolve) => {
    onCall = resolve
  })
  server.addService(services['tollgate.billing.v1.BillingService'], {
    StreamSettle: (call: Call) => onCall(call),
  })
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    )
  })
  return {
    address: `127.0.0.1:${port}`,
    heard,
    called,
    async read() {
      const call = await called
      call.on('data', (request: StreamSettleRequest__Output) => heard.push(request))
      await once(call, 'end')
      call.end()
    },
    stop: () => server.forceShutdown(),
  }
}

/** More than the windows of a connection take. */
const REPORTS = 20_000

test.each([
  ['a half-close', false],
  ['a close without usage', true],
])('%s does not overtake the report that waits for a server that does not read', async (_, closes) => {
  const server = await aServerThatWaits()
  const client = connectTollgate({ address: server.address })
  try {
    const stream = client.streamSettle()
    stream.open({ idempotencyKey: 'k', userId: 'u', model: 'm' })
    await server.called
    for (let sequence = 1; sequence <= REPORTS; sequence++) {
      stream.progress({ sequence, usage: { outputTokens: sequence } })
    }
    if (closes) stream.close({ sequence: REPORTS + 1, end: 'STREAM_END_COMPLETED' })
    stream.end()
    await server.read()
    const reports = server.heard.flatMap(({ progress }) => (progress ? [progress] : []))
    // It merged what waited, and kept the last.
    expect(reports.length).toBeLessThan(REPORTS)
    expect(reports.at(-1)).toMatchObject({ sequence: String(REPORTS) })
    expect(server.heard.at(-1)?.event).toBe(closes ? 'close' : 'progress')
  } finally {
    client.close()
    server.stop()
  }
})

test('a call that failed before anything iterated its events throws the failure', async () => {
  const client = connectTollgate({ address: '127.0.0.1:1' })
  try {
    const stream = client.streamSettle()
    stream.open({ idempotencyKey: 'k', userId: 'u', model: 'm' })
    await sleep(500)
    await expect(stream.events[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: status.UNAVAILABLE,
    })
  } finally {
    client.close()
  }
})
