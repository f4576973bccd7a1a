import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { TollgateClient } from '../../clients/node/src/connect'
import { type BreakableNetwork, breakableNetwork } from '../support/breakableNetwork'
import { type ServerProcess, startServerProcess } from '../support/serverProcess'
import { spoolDir } from '../support/spools'
import { type TestDatabase, testDatabase } from '../support/testDatabase'

// Real servers whose database becomes unreachable, and which are killed while charges wait on their disk.

const CHARGES = 60
const USER_IDS = ['ada', 'bob', 'carol']
const START_NANOUSD = 10_000_000_000n
/** gpt-4o-mini: $0.15 for a million tokens. */
const INPUT_NANOUSD = 150n

let dir: string
let removeDir: () => void
let database: TestDatabase
let network: BreakableNetwork
let server: ServerProcess | undefined
let child: ChildProcess | undefined

beforeEach(async () => {
  ;({ dir, remove: removeDir } = spoolDir())
  database = await testDatabase()
  network = await breakableNetwork(database.connection)
})

afterEach(async () => {
  child?.kill('SIGKILL')
  await server?.kill()
  server = undefined
  network.close()
  await database.drop()
  removeDir()
})

function environment(): Record<string, string> {
  const { host = '', port = 5432, user = '', database: name = '' } = network.connection
  return {
    DATABASE_URL: `postgres://${user}@${host}:${port}/${name}`,
    TOLLGATE_DEFERRAL: 'on',
    TOLLGATE_DATA_DIR: dirname(dir),
    TOLLGATE_DRAIN_GRACE_SECONDS: '10',
  }
}

function charge(client: TollgateClient, n: number) {
  return client.chargeUsage({
    userId: USER_IDS[n % USER_IDS.length] ?? '',
    idempotencyKey: `call-${n}`,
    ...{ model: 'gpt-4o-mini', provider: 'openai', usage: { inputTokens: 1_000 + n } },
  })
}

async function startFunded(): Promise<ServerProcess> {
  server = await startServerProcess(environment())
  for (const userId of USER_IDS) {
    await server.client.createUser({ userId })
    const grant = { userId, idempotencyKey: 'start', pot: 'POT_CREDITS' as const }
    await server.client.grantCredits({ ...grant, amountNanousd: String(START_NANOUSD) })
  }
  // From here on, its price is cached.
  await charge(server.client, 0)
  return server
}

/** While the database is unreachable. */
async function deferAll({ client }: ServerProcess): Promise<void> {
  for (let n = 1; n < CHARGES; n++) {
    expect((await charge(client, n)).charge?.status).toBe('CHARGE_STATUS_DEFERRED')
  }
}

async function expectAllOnce(client: TollgateClient): Promise<void> {
  for (let n = 0; n < CHARGES; n++) {
    const { charge: receipt, replayed } = await charge(client, n)
    expect(receipt).toMatchObject({
      status: 'CHARGE_STATUS_DEDUCTED',
      amountNanousd: String(BigInt(1_000 + n) * INPUT_NANOUSD),
    })
    expect(replayed).toBe(true)
  }
  const { discrepancies, entriesChecked } = await client.reconcile({ pageSize: 100 })
  expect(discrepancies).toEqual([])
  expect(entriesChecked).toBe(String(USER_IDS.length + CHARGES))
  for (const [index, userId] of USER_IDS.entries()) {
    let dueNanousd = 0n
    for (let n = index; n < CHARGES; n += USER_IDS.length) dueNanousd += BigInt(1_000 + n) * INPUT_NANOUSD
    const { user } = await client.getUser({ userId })
    expect(user?.balance?.creditsNanousd).toBe(String(START_NANOUSD - dueNanousd))
  }
}

async function metricOf({ metricsUrl }: ServerProcess, name: string): Promise<number> {
  const text = await (await fetch(`${metricsUrl}/metrics`)).text()
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1])
}

async function untilEmpty(running: ServerProcess): Promise<void> {
  while ((await metricOf(running, 'tollgate_spool_entries')) > 0)
    await new Promise((resolve) => setTimeout(resolve, 50))
}

async function readyOf({ metricsUrl }: ServerProcess): Promise<number> {
  return (await fetch(`${metricsUrl}/readyz`)).status
}

/** The command line, in a process of its own. */
async function tollgate(args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const started = spawn(
    process.execPath,
    [join(__dirname, '../support/fromSource.js'), 'src/main', ...args],
    {
      env: { PATH: process.env['PATH'], TOLLGATE_LOG_LEVEL: 'fatal', ...environment() },
    },
  )
  child = started
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    started[name].on('data', (chunk) => {
      said[name] += chunk
    })
  }
  const code = await new Promise<number | null>((resolve) => started.once('close', resolve))
  return { code, ...said }
}

test('a server that was killed with charges on its disk deducts them once after the next start', async () => {
  const first = await startFunded()
  network.break()
  await deferAll(first)
  // Ready as long as it can defer.
  expect(await readyOf(first)).toBe(200)
  expect(await metricOf(first, 'tollgate_spool_entries')).toBe(CHARGES - 1)
  expect(await metricOf(first, 'tollgate_spool_bytes')).toBeGreaterThan(CHARGES * 500)
  await first.kill()
  network.restore()
  server = await startServerProcess(environment())
  await untilEmpty(server)
  await expectAllOnce(server.client)
}, 60_000)

test('a server that is stopped empties its spool within the grace', async () => {
  const first = await startFunded()
  network.break()
  await deferAll(first)
  setTimeout(() => network.restore(), 1_000)
  expect(await first.stop()).toBe(0)
  server = await startServerProcess({ ...environment(), TOLLGATE_DEFERRAL: 'off' })
  await expectAllOnce(server.client)
}, 60_000)

test('a server whose database does not answer stops before it would be killed, and leaves its spool to the next', async () => {
  const first = await startFunded()
  network.break()
  await deferAll(first)
  network.fallSilent()
  const toldAtMs = performance.now()
  expect(await first.stop()).toBe(0)
  // The chart and docker-compose.yaml give it 10 s beyond its grace, which is 10 s here.
  expect(performance.now() - toldAtMs).toBeLessThan(19_000)
  network.restore()
  server = await startServerProcess(environment())
  await untilEmpty(server)
  await expectAllOnce(server.client)
}, 120_000)

test('without deferral, a server is not ready while its database is unreachable', async () => {
  server = await startServerProcess({ ...environment(), TOLLGATE_DEFERRAL: 'off' })
  expect(await readyOf(server)).toBe(200)
  network.break()
  expect(await readyOf(server)).toBe(503)
}, 60_000)

test('the command line lists and drains an orphaned spool, repeatedly', async () => {
  const first = await startFunded()
  network.break()
  await deferAll(first)
  const listed = await tollgate(['spool', 'list', '--dir', dir, '--json'])
  expect(listed.code).toBe(0)
  const lines = listed.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines).toHaveLength(CHARGES - 1)
  expect(lines[0]).toMatchObject({
    userId: 'bob',
    idempotencyKey: 'call-1',
    amountNanousd: String(1_001n * INPUT_NANOUSD),
  })
  expect((await tollgate(['spool', 'list', '--dir', dir])).stdout).toMatch(
    /accepted +user +charge +key.*call-59/s,
  )

  // The server holds the spool, so another process is refused with the reason.
  const inUse = await tollgate(['spool', 'drain', '--dir', dir])
  expect(inUse).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/belongs to a process that runs \(process \d+ on /),
  })
  await first.kill()
  expect((await tollgate(['spool', 'drain', '--dir', dir])).code).toBe(2)
  network.restore()
  const copy = `${dir}-copy`
  cpSync(dir, copy, { recursive: true })
  expect(await tollgate(['spool', 'drain', '--dir', dir])).toMatchObject({
    code: 0,
    stdout: `${CHARGES - 1} deducted, 0 were already, 0 are deduction failures now, 0 left\n`,
  })
  const again = await tollgate(['spool', 'drain', '--dir', copy, '--json'])
  expect(JSON.parse(again.stdout)).toEqual({ deducted: 0, dropped: CHARGES - 1, failed: 0, left: 0 })
  expect((await tollgate(['spool', 'list', '--dir', dir])).stdout).toBe('nothing waits\n')
  expect((await tollgate(['spool', 'list', '--dir', `${dir}-none`])).code).toBe(2)
  server = await startServerProcess(environment())
  await expectAllOnce(server.client)
}, 90_000)
