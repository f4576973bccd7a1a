import { type ClientHttp2Session, connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { status } from '@grpc/grpc-js'
import { frame, grpcMessage, PREFACE, SETTINGS, windowUpdate } from '../../../bench/http2/frames'
import { hashOfToken } from '../../../src/rpc/server/auth'
import { serverCredentials, watchTlsFiles } from '../../../src/rpc/server/serverCredentials'
import { aCertificate } from '../../support/certificates'
import { SecretFolder } from '../../support/secretFolder'
import { startTestServer, type TestServer } from '../../support/server'

const STRANGERS_MAX = 4
const TRUSTED_MAX = 2
const TOKEN = { name: 'somebody', hash: hashOfToken('token'), scopes: ['admin' as const] }

let server: TestServer
let sockets: Socket[] = []

beforeEach(() => {
  sockets = []
})

afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  await sleep(20)
})

/** A connection that sends the given bytes. */
async function aSocket(...bytes: Buffer[]): Promise<Socket> {
  const [host, port] = server.address.split(':')
  const socket = connect(Number(port), host)
  sockets.push(socket)
  socket.on('error', () => undefined)
  socket.resume()
  await new Promise((resolve) => socket.once('connect', resolve))
  socket.write(Buffer.concat(bytes))
  // The order in which the server accepts connections is that in which they were made.
  await sleep(10)
  return socket
}

const HELLO = Buffer.concat([PREFACE, frame(SETTINGS, 0, Buffer.alloc(0))])

function isClosed(socket: Socket, withinMs: number): Promise<boolean> {
  if (socket.closed) return Promise.resolve(true)
  const closed = new Promise<boolean>((resolve) => socket.once('close', () => resolve(true)))
  return Promise.race([closed, sleep(withinMs, false)])
}

function aSession(): ClientHttp2Session {
  const session = connectHttp2(`http://${server.address}`)
  session.on('error', () => undefined)
  return session
}

/** The status of a call of ListUsers with a token. */
function statusOf(session: ClientHttp2Session, message = Buffer.alloc(0)): Promise<number> {
  const stream = session.request({
    ':method': 'POST',
    ':path': '/tollgate.billing.v1.UserService/ListUsers',
    'content-type': 'application/grpc',
    te: 'trailers',
    authorization: 'Bearer token',
  })
  stream.resume()
  stream.end(grpcMessage(message))
  return new Promise((resolve) => {
    const take = (headers: IncomingHttpHeaders) => {
      if (headers['grpc-status'] !== undefined) resolve(Number(headers['grpc-status']))
    }
    stream.on('response', take).on('trailers', take)
    stream.on('error', () => undefined).on('close', () => resolve(-1))
  })
}

describe('a server', () => {
  beforeAll(async () => {
    server = await startTestServer({
      tokens: [TOKEN],
      callLimits: { strangersMax: STRANGERS_MAX, trustedMax: TRUSTED_MAX },
    })
  })

  afterAll(() => server?.stop())

  test.each([
    ['that say nothing', Buffer.alloc(0)],
    ['that say hello', HELLO],
  ])('ends the oldest of too many strangers %s, and no one else', async (_what, bytes) => {
    const client = server.connect('token')
    await client.listUsers({})
    const strangers: Socket[] = []
    while (strangers.length < STRANGERS_MAX) strangers.push(await aSocket(bytes))
    const [oldest, second] = strangers as [Socket, Socket]
    expect(await isClosed(oldest, 200)).toBe(false)
    await aSocket(bytes)
    expect(await isClosed(oldest, 2_000)).toBe(true)
    expect(await isClosed(second, 100)).toBe(false)
    await client.listUsers({})
    client.close()
  })

  test('refuses calls on more connections than may show a token', async () => {
    const [first, second, third] = [aSession(), aSession(), aSession()]
    expect(await statusOf(first)).toBe(status.OK)
    expect(await statusOf(second)).toBe(status.OK)
    expect(await statusOf(third)).toBe(status.RESOURCE_EXHAUSTED)
    first.destroy()
    await sleep(100)
    expect(await statusOf(third)).toBe(status.OK)
    for (const session of [second, third]) session.destroy()
    await sleep(100)
  })

  test('ends a connection that floods it with frames', async () => {
    const updates = Buffer.alloc(13 * 10_000, windowUpdate(0, 1))
    const socket = await aSocket(HELLO)
    const flood = async () => {
      while (!socket.destroyed) {
        socket.write(updates)
        await sleep(20)
      }
    }
    void flood()
    expect(await isClosed(socket, 5_000)).toBe(true)
  })

  test('keeps a connection that sends as many bytes in calls', async () => {
    const session = aSession()
    const untilMs = performance.now() + 2_500
    let sent = 0
    while (performance.now() < untilMs) {
      // Malformed, which costs nothing more.
      expect(await statusOf(session, Buffer.alloc(1_000_000, 1))).toBe(status.INVALID_ARGUMENT)
      sent += 1_000_000
    }
    expect(sent).toBeGreaterThan(5_000_000)
    expect(session.destroyed).toBe(false)
    session.destroy()
  })
})

test('a server with TLS ends the oldest of too many handshakes', async () => {
  const { certificate, key } = await aCertificate('server')
  const secret = new SecretFolder({ 'tls.crt': certificate, 'tls.key': key })
  const files = watchTlsFiles({
    certFile: secret.path('tls.crt'),
    keyFile: secret.path('tls.key'),
    clientCaFile: undefined,
  })
  server = await startTestServer({
    credentials: serverCredentials(files),
    callLimits: { strangersMax: STRANGERS_MAX },
  })
  try {
    const strangers: Socket[] = []
    while (strangers.length < STRANGERS_MAX) strangers.push(await aSocket(Buffer.from([0x16, 3, 1])))
    const [oldest, second] = strangers as [Socket, Socket]
    expect(await isClosed(oldest, 200)).toBe(false)
    await aSocket()
    expect(await isClosed(oldest, 2_000)).toBe(true)
    expect(await isClosed(second, 100)).toBe(false)
  } finally {
    await server.stop()
    files.close()
    secret.remove()
  }
})
