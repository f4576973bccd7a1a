import { connect } from 'node:http2'
import { gzipSync } from 'node:zlib'
import { Metadata, type ServiceError } from '@grpc/grpc-js'
import { errorOfCall } from '../../../clients/node/src/errors'
import { startTestServer, type TestServer } from '../../support/server'

const CHARGE = '/tollgate.billing.v1.BillingService/ChargeUsage'

let server: TestServer

beforeAll(async () => {
  server = await startTestServer({ callLimits: { messageBytesMax: 50_000 } })
})

afterAll(() => server?.stop())

/** A call made by hand: how it ended, and the reason in its ErrorInfo. */
function call(
  path: string,
  {
    body = frame(Buffer.alloc(0)),
    headers = {},
    ends = true,
  }: { body?: Buffer; headers?: Record<string, string>; ends?: boolean } = {},
): Promise<{ code: number; reason: string; message: string }> {
  const session = connect(`http://${server.address}`)
  session.on('error', () => undefined)
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    })
    const seen: Record<string, unknown> = {}
    stream.on('response', (answered) => Object.assign(seen, answered))
    stream.on('trailers', (answered) => Object.assign(seen, answered))
    stream.on('error', reject)
    stream.on('end', () => stream.close())
    stream.on('close', () => {
      session.close()
      const metadata = Metadata.fromHttp2Headers(seen as Record<string, string>)
      const code = Number(seen['grpc-status'])
      const details = decodeURI(String(seen['grpc-message']))
      const { reason, message } = errorOfCall({ code, details, metadata } as ServiceError)
      resolve({ code, reason, message })
    })
    stream.resume()
    stream.write(body)
    if (ends) stream.end()
  })
}

function frame(message: Buffer, { compressed = false, length = message.length } = {}): Buffer {
  const head = Buffer.alloc(5)
  head.writeUInt8(compressed ? 1 : 0)
  head.writeUInt32BE(length, 1)
  return Buffer.concat([head, message])
}

const GZIP = { 'grpc-encoding': 'gzip' }
const BOMB = gzipSync(Buffer.alloc(10_000_000))

test.each([
  ['a method that is not there', '/tollgate.billing.v1.BillingService/Nothing', {}, 12, 'NOT_IMPLEMENTED'],
  ['a service that is not there', '/x.y.Z/Nothing', {}, 12, 'NOT_IMPLEMENTED'],
  ['a path that is none', `/${'%ff\\"'.repeat(400)}`, {}, 12, 'NOT_IMPLEMENTED'],
  ['a message too large', CHARGE, { body: frame(Buffer.alloc(60_000)) }, 8, 'MESSAGE_TOO_LARGE'],
  [
    'a length beyond reason',
    CHARGE,
    { body: frame(Buffer.alloc(9), { length: 2 ** 32 - 1 }) },
    8,
    'MESSAGE_TOO_LARGE',
  ],
  ['a zip bomb', CHARGE, { body: frame(BOMB, { compressed: true }), headers: GZIP }, 8, 'MESSAGE_TOO_LARGE'],
  [
    'what can not be unzipped',
    CHARGE,
    { body: frame(Buffer.from('not gzip'), { compressed: true }), headers: GZIP },
    3,
    'INVALID_FIELD',
  ],
  [
    'an encoding nobody knows',
    CHARGE,
    { body: frame(Buffer.alloc(9), { compressed: true }), headers: { 'grpc-encoding': 'zstd' } },
    12,
    'NOT_IMPLEMENTED',
  ],
  ['no message at all', CHARGE, { body: Buffer.alloc(0) }, 12, 'NOT_IMPLEMENTED'],
  ['a deadline that is none', CHARGE, { headers: { 'grpc-timeout': 'soon' } }, 3, 'INVALID_FIELD'],
  ['a message of another type', CHARGE, { body: frame(Buffer.from([255, 255])) }, 3, 'INVALID_FIELD'],
])('%s is refused with an ErrorInfo', async (_what, path, request, code, reason) => {
  expect(await call(path, request)).toMatchObject({ code, reason })
})

test('a deadline that passes while the call runs is told with an ErrorInfo', async () => {
  // A message that never comes whole.
  const answer = await call(CHARGE, {
    body: frame(Buffer.alloc(1)).subarray(0, 5),
    headers: { 'grpc-timeout': '1m' },
    ends: false,
  })
  expect([answer.code, answer.reason]).toEqual([4, 'DEADLINE_EXCEEDED'])
})
