import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2'
import { setTimeout as sleep } from 'node:timers/promises'
import { status } from '@grpc/grpc-js'
import { startTestServer, type TestServer } from '../../support/server'

const LIST = '/tollgate.billing.v1.UserService/ListUsers'

let server: TestServer
let session: ClientHttp2Session

beforeAll(async () => {
  server = await startTestServer({ callLimits: { unfinishedBytesMax: 1_000_000 } })
})

afterAll(() => server?.stop())

beforeEach(() => {
  session = connect(`http://${server.address}`, { settings: { initialWindowSize: 0 } })
  session.on('error', () => undefined)
})

afterEach(async () => {
  await sleep(20)
  session.destroy()
})

function begin(path: string, body: Buffer): ClientHttp2Stream {
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
  })
  stream.on('error', () => undefined)
  stream.write(body)
  return stream
}

/** The first part of a message that says it is 3 MB long. */
const UNFINISHED = Buffer.concat([Buffer.from([0, 0, 0x30, 0, 0]), Buffer.alloc(400_000)])

test('the oldest unfinished requests end when all together are too large; others succeed', async () => {
  const codes = [0, 1, 2, 3].map(async () => {
    const stream = begin(LIST, UNFINISHED)
    return new Promise((resolve) => {
      stream.once('response', (headers) => resolve(Number(headers['grpc-status'])))
      setTimeout(() => resolve('unfinished'), 2_000)
    })
  })
  await expect(server.client.listUsers({})).resolves.toBeDefined()
  expect(await Promise.all(codes)).toEqual([
    status.RESOURCE_EXHAUSTED,
    status.RESOURCE_EXHAUSTED,
    'unfinished',
    'unfinished',
  ])
})

test('the oldest answers that are not read are cut when all together are too large; others succeed', async () => {
  const users = Array.from({ length: 500 }, (_, n) => `${'u'.repeat(120)}${n}`)
  for (let n = 0; n < users.length; n += 20) {
    await Promise.all(users.slice(n, n + 20).map((userId) => server.client.createUser({ userId })))
  }
  // Page size 1,000.
  const ask = Buffer.from([0, 0, 0, 0, 3, 0x10, 0xe8, 0x07])
  const streams = Array.from({ length: 12 }, () => begin(LIST, ask))
  const cut: number[] = []
  for (const [n, stream] of streams.entries()) {
    stream.end()
    stream.once('close', () => cut.push(n))
  }
  while (cut.length === 0) await sleep(20)
  const { users: listed } = await server.client.listUsers({ pageSize: 1_000 })
  expect(listed).toHaveLength(500)
  await sleep(200)
  // Each of them was cut when it had waited for longest.
  expect(cut).toEqual(cut.map((_, n) => n))
  expect(cut.length).toBeLessThan(streams.length)
  expect(streams[0]?.rstCode).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM)
})

test('an element too many is refused before it is decoded', async () => {
  const refused = server.client.batchChargeUsage({ requests: Array.from({ length: 100_000 }, () => ({})) })
  await expect(refused).rejects.toMatchObject({ reason: 'MESSAGE_TOO_LARGE' })
})
