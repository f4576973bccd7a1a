import { type ClientHttp2Stream, connect } from 'node:http2'
import { status } from '@grpc/grpc-js'
import { registry } from '../../../src/observability/metrics'
import { hashOfToken } from '../../../src/rpc/server/auth'
import { startTestServer, type TestServer } from '../../support/server'

const TOKEN = { name: 'read', hash: hashOfToken('read-token'), scopes: ['read' as const] }
const CHARGE = '/tollgate.billing.v1.BillingService/ChargeUsage'
const STREAM = '/tollgate.billing.v1.BillingService/StreamSettle'
const LIST = '/tollgate.billing.v1.UserService/ListUsers'

let server: TestServer

beforeAll(async () => {
  server = await startTestServer({ tokens: [TOKEN] })
})

afterAll(() => server?.stop())

/** A call that sends its metadata, and of its message what it is given; the message never ends. */
async function begun(path: string, { token = '', body = Buffer.alloc(0) } = {}) {
  const session = connect(`http://${server.address}`)
  session.on('error', () => undefined)
  const stream: ClientHttp2Stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...(token !== '' && { authorization: `Bearer ${token}` }),
  })
  stream.on('error', () => undefined)
  if (body.length > 0) stream.write(body)
  const code = await new Promise<number>((resolve) => {
    stream.once('response', (headers) => resolve(Number(headers['grpc-status'])))
    setTimeout(() => resolve(-1), 1_000).unref()
  })
  session.destroy()
  return code
}

/** Of a message that says it is 3 MB long, the first part. */
const HALF_A_MESSAGE = Buffer.concat([Buffer.from([0, 0, 0x30, 0, 0]), Buffer.alloc(1_000_000)])

test.each([
  [CHARGE, '', status.UNAUTHENTICATED],
  [CHARGE, 'stranger', status.UNAUTHENTICATED],
  [CHARGE, 'read-token', status.PERMISSION_DENIED],
  [STREAM, 'read-token', status.PERMISSION_DENIED],
  [LIST, '', status.UNAUTHENTICATED],
])('%s with the token "%s" is refused before its message has come', async (path, token, code) => {
  expect(await begun(path, { token })).toBe(code)
  expect(await begun(path, { token, body: HALF_A_MESSAGE })).toBe(code)
})

test('one that is let in is waited for', async () => {
  expect(await begun(LIST, { token: 'read-token', body: HALF_A_MESSAGE })).toBe(-1)
})

test('a refused call counts as started and as handled', async () => {
  const before = await counts()
  await begun(CHARGE)
  const after = await counts()
  expect(after.started - before.started).toBe(1)
  expect(after.unauthenticated - before.unauthenticated).toBe(1)
})

async function counts() {
  const countOf = async (name: string, labels: object) => {
    const metric = await registry.getSingleMetric(name)?.get()
    const found = metric?.values.find((value) =>
      Object.entries({ ...labels, grpc_method: 'ChargeUsage' }).every(
        ([label, text]) => value.labels[label] === text,
      ),
    )
    return found?.value ?? 0
  }
  return {
    started: await countOf('grpc_server_started_total', {}),
    unauthenticated: await countOf('grpc_server_handled_total', { grpc_code: 'Unauthenticated' }),
  }
}
