import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js'
import { errorOfCall, type TollgateError } from '../../src/client/errors'
import { services } from '../../src/wire/definition'
import { type AnyMethod, fuzzedRequest } from '../support/fuzzedRequests'
import { inFlight } from '../support/ledger'
import { Randomness } from '../support/randomness'
import { type ServerProcess, startServerProcess } from '../support/serverProcess'
import { type TestDatabase, testDatabase, urlOf } from '../support/testDatabase'

// All of it: FUZZ_MESSAGES=10000 npm test -- test/rpc/fuzz
const MESSAGES = Number(process.env['FUZZ_MESSAGES'] ?? 40)
const SEED = process.env['FUZZ_SEED'] ?? String(Date.now())
const AT_ONCE = 32
const STREAM_MESSAGES_MAX = 5

/** A server whose memory grew with what it was sent would run out of this. */
const HEAP_MB_MAX = 200

const methods = Object.values(services).flatMap((service) =>
  Object.entries(service as unknown as Record<string, AnyMethod>),
)

let database: TestDatabase
let server: ServerProcess
let client: Client

beforeAll(async () => {
  database = await testDatabase()
  server = await startServerProcess({
    DATABASE_URL: urlOf(database.connection),
    NODE_OPTIONS: `--max-old-space-size=${HEAP_MB_MAX}`,
    TOLLGATE_STREAM_VALIDITY_SECONDS: '2',
    TOLLGATE_STREAM_RECORD_SECONDS: '1',
  })
  client = new Client(server.address, credentials.createInsecure())
  await server.client.createUser({ userId: 'ada' })
  const amountNanousd = '1000000000000'
  await server.client.grantCredits({ userId: 'ada', idempotencyKey: 'g', pot: 'POT_CREDITS', amountNanousd })
}, 60_000)

afterAll(async () => {
  client?.close()
  const exitCode = await server?.stop()
  await database?.drop()
  expect(exitCode).toBe(0)
})

describe(`fuzzed with FUZZ_SEED=${SEED}`, () => {
  test.each(methods)(
    `%s answers ${MESSAGES} messages properly`,
    async (name, method) => {
      const random = new Randomness(`${SEED}/${name}`)
      const problems = new Set<string>()
      const send = method.requestStream ? stream : unary
      const calls = Array.from({ length: MESSAGES }, () => async () => {
        const problem = problemOf(await send(method, random))
        if (problem !== undefined) problems.add(problem)
      })
      await inFlight(AT_ONCE, calls)
      expect([...problems].slice(0, 5)).toEqual([])
    },
    30_000 + MESSAGES * 50,
  )

  test('and the books are right after it', async () => {
    const { entriesChecked, discrepancies } = await server.client.reconcile({ pageSize: 1_000 })
    expect(Number(entriesChecked)).toBeGreaterThan(0)
    expect(discrepancies).toEqual([])
    if (MESSAGES > 1_000) process.stderr.write(`${await memory()}\n`)
  })
})

const asBytes = (bytes: Buffer) => bytes

/** How the call ended; undefined = well. */
function unary(method: AnyMethod, random: Randomness): Promise<TollgateError | undefined> {
  const request = fuzzedRequest(method, random)
  return new Promise((resolve) => {
    client.makeUnaryRequest(method.path, asBytes, asBytes, request, new Metadata(), (error) =>
      resolve(error === null ? undefined : errorOfCall(error as ServiceError)),
    )
  })
}

function stream(method: AnyMethod, random: Randomness): Promise<TollgateError | undefined> {
  return new Promise((resolve) => {
    const call = client.makeBidiStreamRequest(method.path, asBytes, asBytes)
    call.on('error', (error) => resolve(errorOfCall(error as ServiceError)))
    call.on('end', () => resolve(undefined))
    call.resume()
    for (let n = random.below(STREAM_MESSAGES_MAX); n >= 0; n--) call.write(fuzzedRequest(method, random))
    call.end()
  })
}

function problemOf(error: TollgateError | undefined): string | undefined {
  if (error === undefined) return undefined
  const { code, reason, message, details } = error
  const isBug = [status.INTERNAL, status.UNKNOWN, status.DATA_LOSS, status.UNAVAILABLE].includes(code)
  const isLeak = /\n\s+at |node_modules|\.[jt]s:\d+|relation "|syntax error|kysely/i.test(message)
  if (!isBug && !isLeak && details !== undefined) return undefined
  return `${status[code]} ${reason}${details === undefined ? ' without details' : ''}: ${message.slice(0, 300)}`
}

async function memory(): Promise<string> {
  const text = await (await fetch(`${server.metricsUrl}/metrics`)).text()
  return text
    .split('\n')
    .filter((line) => /^(process_resident_memory_bytes|nodejs_heap_size_used_bytes)/.test(line))
    .join(', ')
}
