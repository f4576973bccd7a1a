import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { checkSession, openDatabase, SessionRefused } from '../../src/database/database'
import { type BreakableNetwork, breakableNetwork } from '../support/breakableNetwork'
import { type TestDatabase, testDatabase } from '../support/testDatabase'

// Statements are prepared by name and sessions have settings of their own. A pooler that gives each transaction another session, or
// drops the settings, is refused at the start.

let database: TestDatabase
let network: BreakableNetwork

beforeAll(async () => {
  database = await testDatabase()
  network = await breakableNetwork(database.connection)
})

afterAll(async () => {
  network.close()
  await database.drop()
})

async function checking(connectionString: string): Promise<void> {
  const opened = openDatabase({ connectionString }, { poolSizeMax: 1, onIdleError: () => undefined })
  try {
    await checkSession(opened)
  } finally {
    await opened.close()
  }
}

const urlAt = (port: number, options = '') =>
  `postgres://postgres@127.0.0.1:${port}/${database.connection.database}${options}`

test('a session with its options is fine, one that lost them is refused', async () => {
  await checking(urlAt(network.port))
  await expect(checking(urlAt(network.port, '?options=-c%20jit%3Doff'))).rejects.toThrow(SessionRefused)
})

const PGBOUNCER = 'pgbouncer'
/** Of Debian's package; without it, the test above stands for both. */
const isInstalled = spawnSync(PGBOUNCER, ['--version']).status === 0

const IGNORED =
  'ignore_startup_parameters = options, extra_float_digits, statement_timeout, lock_timeout, idle_in_transaction_session_timeout'

for (const setting of isInstalled ? ['', IGNORED] : []) {
  test(`PgBouncer in transaction mode is refused [${setting}]`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pooler-'))
    chmodSync(folder, 0o755)
    const port = await freePort()
    const file = join(folder, 'pgbouncer.ini')
    writeFileSync(
      file,
      `[databases]
* = host=127.0.0.1 port=${network.port} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
${setting}
`,
    )
    const isRoot = process.getuid?.() === 0
    const pooler = spawn(PGBOUNCER, [...(isRoot ? ['-u', 'nobody'] : []), file], { stdio: 'ignore' })
    try {
      await expect(eventually(() => checking(urlAt(port)), pooler)).rejects.toThrow(SessionRefused)
    } finally {
      pooler.kill('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    }
  })
}

/** Until the pooler listens. */
async function eventually(check: () => Promise<void>, pooler: ChildProcess): Promise<void> {
  for (;;) {
    try {
      return await check()
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ECONNREFUSED' || pooler.exitCode !== null) throw error
      await sleep(50)
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}
