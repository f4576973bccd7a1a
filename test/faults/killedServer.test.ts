import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TollgateClient } from '../../clients/node/src/connect'
import { TollgateError } from '../../clients/node/src/errors'
import { inFlight } from '../support/ledger'
import { type ServerProcess, startServerProcess } from '../support/serverProcess'
import { testDatabase, urlOf } from '../support/testDatabase'

// The server is killed under load and restarted on the same data, and receives everything again.

const IN_FLIGHT = 32
const CHARGES_A_ROUND = 300
/** How many charges are answered before the kill: early, in the middle, near the end. */
const KILLED_AFTER = [30, 150, 260]
const START_NANOUSD = 10_000_000_000n
const USER_IDS = ['hot', 'user-1', 'user-2', 'user-3', 'user-4', 'user-5']
/** gpt-4o-mini: $0.15 for a million tokens. */
const INPUT_NANOUSD = 150n

interface Call {
  userId: string
  idempotencyKey: string
  inputTokens: number
}

type Answer = Awaited<ReturnType<TollgateClient['chargeUsage']>>

let server: ServerProcess | undefined

afterEach(() => server?.kill())

test('with the embedded Postgres, which is killed too, nothing is lost and nothing is charged twice', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'killed-test-'))
  // Readable like any other folder, because root's Postgres runs under another account.
  chmodSync(dataDir, 0o755)
  try {
    await killAndResendThrice({ TOLLGATE_DATA_DIR: dataDir })
  } finally {
    await server?.kill()
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  }
}, 120_000)

test('with an external Postgres, which keeps running, nothing is lost and nothing is charged twice', async () => {
  const database = await testDatabase()
  try {
    await killAndResendThrice({ DATABASE_URL: urlOf(database.connection) })
  } finally {
    await server?.kill()
    await database.drop()
  }
}, 120_000)

async function killAndResendThrice(environment: Record<string, string>): Promise<void> {
  server = await startServerProcess(environment)
  for (const userId of USER_IDS) await fund(server.client, userId)

  const calls: Call[] = []
  const acknowledged = new Map<string, Answer>()
  for (const [round, killedAfter] of KILLED_AFTER.entries()) {
    const load = callsOfRound(round)
    calls.push(...load)
    const answered = await sendUntilKilled(server, load, killedAfter)
    expect(answered.size).toBeGreaterThanOrEqual(killedAfter)
    expect(answered.size).toBeLessThan(load.length)
    for (const [key, answer] of answered) acknowledged.set(key, answer)

    server = await startServerProcess(environment)
    const { client } = server
    const answers = await inFlight(
      IN_FLIGHT,
      calls.map((call) => () => charge(client, call)),
    )
    expectSameReceipts(calls, answers, acknowledged)
    for (const [n, { idempotencyKey }] of calls.entries()) {
      const answer = answers[n]
      if (answer !== undefined) acknowledged.set(idempotencyKey, answer)
    }
    await expectBooksOf(client, calls)
  }
  await server.kill()
}

async function fund(client: TollgateClient, userId: string): Promise<void> {
  await client.createUser({ userId })
  await client.grantCredits({
    userId,
    idempotencyKey: 'start',
    pot: 'POT_CREDITS',
    amountNanousd: String(START_NANOUSD),
  })
}

/** One user makes half of the calls. */
function callsOfRound(round: number): Call[] {
  return Array.from({ length: CHARGES_A_ROUND }, (_, n) => ({
    userId: n % 2 === 0 ? 'hot' : `user-${1 + (n % 5)}`,
    idempotencyKey: `round-${round}-call-${n}`,
    inputTokens: 1_000 + ((round * CHARGES_A_ROUND + n) % 613),
  }))
}

function costOf({ inputTokens }: Call): bigint {
  return BigInt(inputTokens) * INPUT_NANOUSD
}

function charge(client: TollgateClient, { inputTokens, ...call }: Call): Promise<Answer> {
  return client.chargeUsage({ ...call, model: 'gpt-4o-mini', provider: 'openai', usage: { inputTokens } })
}

/** The answers before the server was killed, which happens while other calls are in flight. */
async function sendUntilKilled(
  { client, kill }: ServerProcess,
  calls: readonly Call[],
  killedAfter: number,
): Promise<Map<string, Answer>> {
  const answered = new Map<string, Answer>()
  let killed: Promise<void> | undefined
  await inFlight(
    IN_FLIGHT,
    calls.map((call) => async () => {
      if (killed !== undefined) return
      try {
        answered.set(call.idempotencyKey, await charge(client, call))
      } catch (error) {
        // The outcome of these is unknown.
        if (!(error instanceof TollgateError) || killed === undefined) throw error
      }
      if (answered.size >= killedAfter) killed ??= kill()
    }),
  )
  await killed
  return answered
}

function expectSameReceipts(
  calls: readonly Call[],
  answers: readonly Answer[],
  acknowledged: ReadonlyMap<string, Answer>,
): void {
  expect(answers).toHaveLength(calls.length)
  for (const [n, call] of calls.entries()) {
    const before = acknowledged.get(call.idempotencyKey)
    expect(answers[n]?.charge?.amountNanousd).toBe(String(costOf(call)))
    if (before === undefined) continue
    expect(answers[n]).toEqual({ charge: before.charge, replayed: true })
  }
}

async function expectBooksOf(client: TollgateClient, calls: readonly Call[]): Promise<void> {
  for (const userId of USER_IDS) {
    const theirs = calls.filter((call) => call.userId === userId)
    const { user } = await client.getUser({ userId })
    const dueNanousd = theirs.reduce((sum, call) => sum + costOf(call), 0n)
    expect(user?.balance?.creditsNanousd).toBe(String(START_NANOUSD - dueNanousd))
    expect(await ledgerKeysOf(client, userId)).toEqual(
      ['start', ...theirs.map(({ idempotencyKey }) => idempotencyKey)].sort(),
    )
  }
  const { discrepancies, usersChecked, entriesChecked } = await client.reconcile({ pageSize: 100 })
  expect(discrepancies).toEqual([])
  expect(usersChecked).toBe(String(USER_IDS.length))
  expect(entriesChecked).toBe(String(USER_IDS.length + calls.length))
}

/** The key of every entry, sorted; repeated keys are repeated here. */
async function ledgerKeysOf(client: TollgateClient, userId: string): Promise<string[]> {
  const keys: string[] = []
  let pageToken = ''
  do {
    const page = await client.listLedgerEntries({ userId, pageSize: 500, pageToken })
    keys.push(...page.entries.map(({ idempotencyKey }) => idempotencyKey))
    pageToken = page.nextPageToken
  } while (pageToken !== '')
  return keys.sort()
}
