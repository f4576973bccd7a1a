import { connect as connectHttp2 } from 'node:http2'
import { connect } from 'node:net'
import { services } from '../../../src/wire/definition'
import { inFlight } from '../../support/ledger'
import { Randomness } from '../../support/randomness'
import { type ServerProcess, startServerProcess } from '../../support/serverProcess'
import { type TestDatabase, testDatabase, urlOf } from '../../support/testDatabase'

// What no gRPC client would send: bytes that are no HTTP/2, frames of it at random, streams that are reset as soon as they
// are opened, and messages that are framed wrongly. All of it: FUZZ_MESSAGES=10000 npm test -- test/rpc/server/rawFrames

const CONNECTIONS = Number(process.env['FUZZ_MESSAGES'] ?? 100)
const SEED = process.env['FUZZ_SEED'] ?? String(Date.now())
const AT_ONCE = 16
const HEAP_MB_MAX = 200
const SETTLED_WITHIN_MS = 200

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
const FRAME_TYPES = 12
const PATHS = [
  ...Object.values(services).flatMap((service) =>
    Object.values(service as unknown as Record<string, { path: string }>).map(({ path }) => path),
  ),
  // Whom anybody may ask.
  ...['Check', 'Watch', 'List'].map((method) => `/grpc.health.v1.Health/${method}`),
  ...['v1', 'v1alpha'].map((version) => `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`),
]

let database: TestDatabase
let server: ServerProcess

beforeAll(async () => {
  database = await testDatabase()
  server = await startServerProcess({
    DATABASE_URL: urlOf(database.connection),
    NODE_OPTIONS: `--max-old-space-size=${HEAP_MB_MAX}`,
  })
}, 60_000)

afterAll(async () => {
  const exitCode = await server?.stop()
  await database?.drop()
  expect(exitCode).toBe(0)
})

/** Still there, still answers, and no answer showed where in the code something went wrong. */
async function expectWell(answers: readonly string[]): Promise<void> {
  expect(answers.filter((answer) => /\n\s+at |node_modules|\.[jt]s:\d+/.test(answer))).toEqual([])
  expect(await server.client.listUsers({})).toBeDefined()
}

const cases: [string, (random: Randomness) => Buffer[]][] = [
  ['bytes that are no HTTP/2', (random) => [random.bytes(random.below(2_000))]],
  ['a preface and bytes', (random) => [PREFACE, random.bytes(random.below(2_000))]],
  ['frames at random', (random) => [PREFACE, settings(), ...several(random, 30, () => anyFrame(random))]],
  [
    'a flood of pings',
    (random) => [PREFACE, settings(), ...several(random, 2_000, () => frame(6, 0, 0, Buffer.alloc(8)))],
  ],
  [
    'a flood of settings',
    (random) => [
      PREFACE,
      settings(),
      ...several(random, 2_000, () => frame(4, 0, 0, randomSettings(random))),
    ],
  ],
  [
    'headers that never end',
    (random) => [
      PREFACE,
      settings(),
      frame(1, 0, 1, random.bytes(50)),
      ...several(random, 500, () => continued(random)),
    ],
  ],
]

test.each(cases)(
  `%s, on ${CONNECTIONS} connections (FUZZ_SEED=${SEED})`,
  async (name, make) => {
    const random = new Randomness(`${SEED}/${name}`)
    const connections = Array.from({ length: CONNECTIONS }, () => () => sent(make(random)))
    await expectWell(await inFlight(AT_ONCE, connections))
  },
  30_000 + CONNECTIONS * 50,
)

test(
  `streams that are reset at once, on ${CONNECTIONS} connections`,
  async () => {
    const random = new Randomness(`${SEED}/reset`)
    await inFlight(
      AT_ONCE,
      Array.from({ length: CONNECTIONS }, () => () => resets(random.oneOf(PATHS))),
    )
    await expectWell([])
  },
  30_000 + CONNECTIONS * 50,
)

test(
  `${CONNECTIONS} bodies that are no gRPC (FUZZ_SEED=${SEED})`,
  async () => {
    const random = new Randomness(`${SEED}/bodies`)
    const answers = await inFlight(
      AT_ONCE,
      Array.from({ length: CONNECTIONS }, () => () => answerTo(random.oneOf(PATHS), anyBody(random))),
    )
    await expectWell(answers)
  },
  30_000 + CONNECTIONS * 50,
)

/** What came back until the server hung up, or had the time to. */
function sent(parts: Buffer[]): Promise<string> {
  const [host = '', port = ''] = server.address.split(':')
  return new Promise((resolve) => {
    let answer = ''
    const socket = connect(Number(port), host, () => socket.write(Buffer.concat(parts)))
    socket.setTimeout(SETTLED_WITHIN_MS, () => socket.destroy())
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1')
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(answer))
  })
}

function resets(path: string): Promise<void> {
  const session = connectHttp2(`http://${server.address}`)
  return new Promise((resolve) => {
    session.on('error', () => undefined)
    session.on('close', resolve)
    for (let n = 0; n < 50; n++) {
      const stream = session.request(headersOf(path))
      stream.on('error', () => undefined)
      stream.close(8)
    }
    session.close()
  })
}

function answerTo(path: string, body: Buffer): Promise<string> {
  const session = connectHttp2(`http://${server.address}`)
  return new Promise((resolve) => {
    const seen: unknown[] = []
    const timer = setTimeout(() => session.destroy(), SETTLED_WITHIN_MS)
    session.on('error', () => undefined)
    session.on('close', () => {
      clearTimeout(timer)
      resolve(JSON.stringify(seen))
    })
    const stream = session.request(headersOf(path))
    stream.on('response', (headers) => seen.push(headers))
    stream.on('trailers', (headers) => seen.push(headers))
    stream.on('data', (chunk: Buffer) => seen.push(chunk.toString('latin1')))
    stream.on('error', () => undefined)
    stream.on('end', () => session.close())
    stream.end(body)
  })
}

function headersOf(path: string): Record<string, string> {
  return { ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' }
}

/** Of gRPC: a flag, a length, a message; here and there none of them is right. */
function anyBody(random: Randomness): Buffer {
  const parts = several(random, 5, () => {
    const message = random.bytes(random.below(100))
    const head = Buffer.alloc(5)
    head.writeUInt8(random.once(3) ? random.below(256) : 0)
    head.writeUInt32BE(random.once(3) ? random.below(2 ** 32) : message.length, 1)
    return Buffer.concat([head, message])
  })
  return Buffer.concat(parts)
}

function anyFrame(random: Randomness): Buffer {
  const stream = random.once(3) ? 0 : random.below(9)
  return frame(random.below(FRAME_TYPES), random.below(256), stream, random.bytes(random.below(64)))
}

function continued(random: Randomness): Buffer {
  return frame(9, 0, 1, random.bytes(random.below(500)))
}

function settings(): Buffer {
  return frame(4, 0, 0, Buffer.alloc(0))
}

function randomSettings(random: Randomness): Buffer {
  const setting = Buffer.alloc(6)
  setting.writeUInt16BE(1 + random.below(6))
  setting.writeUInt32BE(random.below(2 ** 31), 2)
  return setting
}

function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

function several<T>(random: Randomness, atMost: number, make: () => T): T[] {
  return Array.from({ length: 1 + random.below(atMost) }, make)
}
