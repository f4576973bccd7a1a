import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type Settings,
} from 'node:http2'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { gzipSync } from 'node:zlib'
import { status } from '@grpc/grpc-js'
import { hashOfToken } from '../../../src/rpc/server/auth'
import { startTestServer, type TestServer } from '../../support/server'

// A client without a token gets answers, and takes next to no memory.

const CHARGE = '/tollgate.billing.v1.BillingService/ChargeUsage'
const STREAM = '/tollgate.billing.v1.BillingService/StreamSettle'
const CHECK = '/grpc.health.v1.Health/Check'
const WATCH = '/grpc.health.v1.Health/Watch'
const REFLECT = '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo'
const REFLECT_ALPHA = '/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo'

const STRANGER_STREAMS = 100

let server: TestServer
let sessions: ClientHttp2Session[]

beforeAll(async () => {
  server = await startTestServer({
    tokens: [{ name: 'somebody', hash: hashOfToken('token'), scopes: ['gateway'] }],
  })
})

afterAll(() => server?.stop())

beforeEach(() => {
  sessions = []
})

afterEach(async () => {
  // Within a callback of HTTP/2, Node 20 may loop without end.
  await sleep(20)
  for (const session of sessions) session.destroy()
})

function aConnection(initialWindowSize = 65_535): ClientHttp2Session {
  const session = connect(`http://${server.address}`, { settings: { initialWindowSize } })
  session.on('error', () => undefined)
  sessions.push(session)
  return session
}

/** A call whose client sends `body`, and neither ends it nor goes away. */
function begin(session: ClientHttp2Session, path: string, body?: Buffer, headers = {}): ClientHttp2Stream {
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...headers,
  })
  stream.on('error', () => undefined)
  if (body !== undefined) stream.write(body)
  return stream
}

/** The status in the first headers; undefined where they are those of an answer, or nothing comes. */
function refusalOf(stream: ClientHttp2Stream, withinMs = 1_000): Promise<number | undefined> {
  return new Promise((resolve) => {
    stream.once('response', (headers) => {
      const code = headers['grpc-status']
      resolve(code === undefined ? undefined : Number(code))
    })
    setTimeout(() => resolve(undefined), withinMs).unref()
  })
}

function framed(message: Buffer, isPacked = false): Buffer {
  const head = Buffer.alloc(5)
  head.writeUInt8(isPacked ? 1 : 0)
  head.writeUInt32BE(message.length, 1)
  return Buffer.concat([head, message])
}

/** A message whose first field is a text. */
function named(name: string): Buffer {
  const { length } = name
  const bytes = length < 128 ? [length] : [(length & 127) | 128, length >> 7]
  return Buffer.concat([Buffer.from([0x0a, ...bytes]), Buffer.from(name)])
}

test.each([
  [CHARGE, status.UNAUTHENTICATED],
  [STREAM, status.UNAUTHENTICATED],
  ['/nowhere/Nothing', status.UNIMPLEMENTED],
])('%s is refused and reset, although its client never ends it', async (path, code) => {
  const stream = begin(aConnection(), path)
  const gone = new Promise((resolve) => stream.once('close', () => resolve(stream.rstCode)))
  expect(await refusalOf(stream)).toBe(code)
  expect(await Promise.race([gone, sleep(2_000, 'still open')])).toBe(constants.NGHTTP2_NO_ERROR)
})

describe.each([CHECK, WATCH, REFLECT, REFLECT_ALPHA])('%s', (path) => {
  test('refuses messages longer than any name', async () => {
    const session = aConnection()
    const long = named('x'.repeat(5_000))
    expect(await refusalOf(begin(session, path, framed(long)))).toBe(status.RESOURCE_EXHAUSTED)
    const packed = begin(session, path, framed(gzipSync(long), true), { 'grpc-encoding': 'gzip' })
    expect(await refusalOf(packed)).toBe(status.RESOURCE_EXHAUSTED)
  })
})

describe.each([
  [WATCH, 1_000],
  [REFLECT, 16],
])('%s', (path, processCallsMax) => {
  test(`is called ${processCallsMax} times at once; one more call ends the oldest`, async () => {
    const perConnection = Math.min(STRANGER_STREAMS, processCallsMax)
    const streams: ClientHttp2Stream[] = []
    while (streams.length < processCallsMax) {
      const session = aConnection()
      await new Promise((resolve) => session.once('remoteSettings', resolve))
      for (let n = 0; n < perConnection; n++) streams.push(begin(session, path, framed(Buffer.alloc(0))))
      await sleep(50)
    }
    const [oldest] = streams
    const ended = new Promise((resolve) => oldest?.once('close', () => resolve(oldest.rstCode)))
    expect(await Promise.race([ended, sleep(300, 'open')])).toBe('open')
    begin(aConnection(), path, framed(Buffer.alloc(0)))
    expect(await Promise.race([ended, sleep(2_000, 'open')])).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM)
  })
})

test('a connection without a token has 100 streams, and all of its streams once it has shown one', async () => {
  const session = aConnection()
  const settings = await new Promise<Settings>((resolve) => session.once('remoteSettings', resolve))
  expect(settings.maxConcurrentStreams).toBe(STRANGER_STREAMS)
  const raised = new Promise<Settings>((resolve) => session.once('remoteSettings', resolve))
  begin(session, CHARGE, framed(Buffer.alloc(0)), { authorization: 'Bearer token' })
  expect((await raised).maxConcurrentStreams).toBeGreaterThan(10_000)
})

test('a connection with a token has 100 calls at once of the methods that need none', async () => {
  const session = aConnection()
  const raised = new Promise((resolve) =>
    session.on('remoteSettings', (settings) => settings.maxConcurrentStreams > 1_000 && resolve(settings)),
  )
  begin(session, CHARGE, framed(Buffer.alloc(0)), { authorization: 'Bearer token' })
  await raised
  for (let n = 0; n < 100; n++) begin(session, WATCH, framed(Buffer.alloc(0)))
  expect(await refusalOf(begin(session, WATCH))).toBe(status.RESOURCE_EXHAUSTED)
  expect(await refusalOf(begin(aConnection(), CHECK), 200)).toBeUndefined()
})

test('methods that need a token accept longer messages', async () => {
  const client = server.connect('token')
  const charge = client.chargeUsage({ userId: 'x'.repeat(100_000), idempotencyKey: 'k' })
  await expect(charge).rejects.toMatchObject({ reason: 'INVALID_FIELD' })
})

test('reflection reads no more questions while its answers are not read', async () => {
  const session = aConnection(0)
  const stream = begin(session, REFLECT)
  let bytes = 0
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length
  })
  const question = framed(Buffer.concat([named('x'.repeat(4_000)), Buffer.from([0x3a, 0])]))
  const questions = Buffer.concat(Array.from({ length: 200 }, () => question))
  const taken = new Promise((resolve) => stream.write(questions, () => resolve('taken')))
  expect(await Promise.race([taken, sleep(1_000, 'not taken')])).toBe('not taken')
  session.settings({ initialWindowSize: 65_535 })
  expect(await taken).toBe('taken')
  // Each answer repeats its question twice.
  while (bytes < 200 * 8_000) await sleep(20)
})

test('names of unknown services are not kept', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const watched = async (from: number, to: number) => {
    let session = aConnection()
    for (let n = from; n < to; n++) {
      // After a thousand that were cancelled, HTTP/2 takes it for an attack.
      if (n % 500 === 0) session = aConnection()
      const stream = begin(session, WATCH, framed(named(`${n}`.padEnd(4_000, 'x'))))
      stream.end()
      await new Promise((resolve) => stream.once('data', resolve))
      stream.close(constants.NGHTTP2_CANCEL)
    }
    await sleep(200)
    collect()
    return process.memoryUsage().heapUsed
  }
  const before = await watched(0, 500)
  const after = await watched(500, 3_500)
  expect((after - before) / 1e6).toBeLessThan(6)
})
