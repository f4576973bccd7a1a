import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js'
import { errorOfCall, type TollgateError } from '../../../clients/node/src/errors'
import { services } from '../../../src/wire/definition'
import { type AnyMethod, fuzzedRequest } from '../../support/fuzzedRequests'
import { goodRequestsOf } from '../../support/goodRequests'
import { inFlight } from '../../support/ledger'
import { Randomness } from '../../support/randomness'
import { type ServerProcess, startServerProcess } from '../../support/serverProcess'
import { type TestDatabase, testDatabase, urlOf } from '../../support/testDatabase'

// All of it: FUZZ_MESSAGES=10000 npm test -- test/rpc/server/fuzz
const MESSAGES = Number(process.env['FUZZ_MESSAGES'] ?? 40)
const SEED = process.env['FUZZ_SEED'] ?? String(Date.now())
const AT_ONCE = 32
/** So often a request is as it should be: the others meet what it leaves behind. */
const GOOD_EVERY = 10

/** A server whose memory grew with what it was sent would run out of this. */
const HEAP_MB_MAX = 200

/** Where there are enough messages to tell, what stays after a collection is looked at as well. */
const LOOKS_AT_MEMORY = MESSAGES >= 1_000
const SAMPLES_PER_METHOD = 50
const GROWTH_MB_MAX = 15

const methods = Object.values(services).flatMap((service) =>
  Object.entries(service as unknown as Record<string, AnyMethod>),
)

let database: TestDatabase
let server: ServerProcess
let client: Client
/** The smallest heap seen while each method was called, MB. */
const heapFloorsMb: number[] = []

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
  const rates = (['METER_INPUT_TOKENS', 'METER_OUTPUT_TOKENS'] as const).map((meter) => ({
    meter,
    priceNanousd: '1000000000',
    per: '1000000',
  }))
  await server.client.putPrice({ model: 'm', rateCards: [{ rates }] })
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
      const reasons = new Set<string>()
      const send = method.requestStream ? stream : unary
      const heapsMb: number[] = []
      const calls = Array.from({ length: MESSAGES }, (_, n) => async () => {
        const requests = goodRequestsOf(name, n).map((good) =>
          n % GOOD_EVERY === 0 ? method.requestSerialize(good) : fuzzedRequest(method, good, random),
        )
        const outcome = await send(requests, method)
        reasons.add(outcome?.reason ?? 'OK')
        const problem = problemOf(outcome)
        if (problem !== undefined) problems.add(problem)
        if (LOOKS_AT_MEMORY && n % Math.ceil(MESSAGES / SAMPLES_PER_METHOD) === 0)
          heapsMb.push(await heapMb())
      })
      await inFlight(AT_ONCE, calls)
      if (LOOKS_AT_MEMORY) heapFloorsMb.push(Math.min(...heapsMb))
      expect([...problems].slice(0, 5)).toEqual([])
      // Not all of them were turned away at the border.
      expect([...reasons]).not.toEqual(['INVALID_FIELD'])
    },
    30_000 + MESSAGES * 200,
  )

  test(
    'and the books are right after it',
    async () => {
      const { client } = server
      let pageToken = ''
      let entries = 0
      do {
        const page = await client.reconcile({ pageSize: 1_000, pageToken }, { timeoutMs: 60_000 })
        expect(page.discrepancies).toEqual([])
        entries += Number(page.entriesChecked)
        pageToken = page.nextPageToken
      } while (pageToken !== '')
      expect(entries).toBeGreaterThan(0)
    },
    30_000 + MESSAGES * 50,
  )

  if (LOOKS_AT_MEMORY) {
    test('and what stays in memory is what it was at first', () => {
      process.stderr.write(`smallest heaps, MB: ${heapFloorsMb.map(Math.round).join(' ')}\n`)
      const third = Math.floor(heapFloorsMb.length / 3)
      const [first, last] = [heapFloorsMb.slice(0, third), heapFloorsMb.slice(-third)]
      expect(Math.min(...last)).toBeLessThan(Math.min(...first) + GROWTH_MB_MAX)
    })
  }
})

const asBytes = (bytes: Buffer) => bytes

/** How a call ended; undefined = well. */
type Outcome = TollgateError | undefined

function unary([request = Buffer.alloc(0)]: Buffer[], { path }: AnyMethod): Promise<Outcome> {
  return new Promise((resolve) => {
    client.makeUnaryRequest(path, asBytes, asBytes, request, new Metadata(), (error) =>
      resolve(error === null ? undefined : errorOfCall(error as ServiceError)),
    )
  })
}

function stream(requests: Buffer[], { path }: AnyMethod): Promise<Outcome> {
  return new Promise((resolve) => {
    const call = client.makeBidiStreamRequest(path, asBytes, asBytes)
    call.on('error', (error) => resolve(errorOfCall(error as ServiceError)))
    call.on('end', () => resolve(undefined))
    call.resume()
    for (const request of requests) call.write(request)
    call.end()
  })
}

function problemOf(error: Outcome): string | undefined {
  if (error === undefined) return undefined
  const { code, reason, message, details } = error
  const isBug = [status.INTERNAL, status.UNKNOWN, status.DATA_LOSS, status.UNAVAILABLE].includes(code)
  const isLeak = /\n\s+at |node_modules|\.[jt]s:\d+|relation "|syntax error|kysely/i.test(message)
  if (!isBug && !isLeak && details !== undefined) return undefined
  return `${status[code]} ${reason}${details === undefined ? ' without details' : ''}: ${message.slice(0, 300)}`
}

async function heapMb(): Promise<number> {
  const text = await (await fetch(`${server.metricsUrl}/metrics`)).text()
  return Number(/^nodejs_heap_size_used_bytes\S* (\S+)$/m.exec(text)?.[1]) / 1e6
}
