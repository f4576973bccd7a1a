import { type ChildProcess, spawn } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import type { ConnectionSettings } from '../../../src/database/database'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../../src/database/embedded/start'

let folder: string
let running: EmbeddedPostgres[] = []
let children: ChildProcess[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'embedded-test-'))
  // As anybody's folder is, so that root's Postgres can run under another account.
  chmodSync(folder, 0o755)
})

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL')
  for (const postgres of running) await postgres.stop()
  running = []
  children = []
  rmSync(folder, { recursive: true, force: true })
})

async function start(dataDir = join(folder, 'data')): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres({ dataDir })
  running.push(postgres)
  return postgres
}

/** Another process that runs the server of the data folder, until it is killed. */
async function startElsewhere(dataDir = join(folder, 'data')): Promise<ChildProcess> {
  const fromSource = join(__dirname, '../../support/fromSource.js')
  const child = spawn(process.execPath, [fromSource, 'test/support/embeddedElsewhere', dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once('data', () => resolve())
    child.once('exit', (code) => reject(new Error(`the other process ended with ${code}`)))
  })
  return child
}

async function query(connection: ConnectionSettings, text: string): Promise<unknown[]> {
  const client = new Client(connection)
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

/** Connects as another account: the kernel tells Postgres whose process it was at that moment. */
function as<T>(uid: number, connect: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return connect()
  process.seteuid?.(uid)
  try {
    return connect()
  } finally {
    process.seteuid?.(0)
  }
}

async function eventually<T>(attempt: () => Promise<T>): Promise<T> {
  const deadlineMs = performance.now() + 10_000
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (performance.now() > deadlineMs) throw error
      await sleep(20)
    }
  }
}

function postmasterPid(dataDir = join(folder, 'data')): number {
  return Number(readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0])
}

test('is durable, keeps its data across a clean stop, and leaves no process behind', async () => {
  const first = await start()
  await query(first.connection, 'create table kept as select 7 as number')
  expect(
    await query(
      first.connection,
      `select current_setting('fsync') || current_setting('synchronous_commit') as s`,
    ),
  ).toEqual([{ s: 'onon' }])
  await first.stop()
  expect(existsSync(join(folder, 'data', 'postgres', 'postmaster.pid'))).toBe(false)
  expect(existsSync(first.connection.host ?? '')).toBe(false)
  const second = await start()
  expect(await query(second.connection, 'select number from kept')).toEqual([{ number: 7 }])
})

test('listens on a socket that only its own account and root can reach, and on no port', async () => {
  const { connection } = await start()
  expect(Buffer.byteLength(`${connection.host}/.s.PGSQL.5432`)).toBeLessThanOrEqual(107)
  expect(await query(connection, `select current_setting('listen_addresses') as addresses`)).toEqual([
    { addresses: '' },
  ])
})

test('root alone may connect to a server that root lends another account', async () => {
  const { connection } = await start()
  const { uid } = statSync(join(folder, 'data/postgres'))
  const isLent = process.getuid?.() === 0 && uid !== 0
  const connecting = as(uid, () => query(connection, 'select 1 as one'))
  if (isLent) await expect(connecting).rejects.toThrow(/peer authentication failed/i)
  else expect(await connecting).toEqual([{ one: 1 }])
  expect(await query(connection, 'select 1 as one')).toEqual([{ one: 1 }])
})

test('a killed server restarts by itself with all commits', async () => {
  const { connection } = await start()
  await query(connection, 'create table kept as select 7 as number')
  for (let kill = 1; kill <= 2; kill++) {
    process.kill(postmasterPid(), 'SIGKILL')
    expect(await eventually(() => query(connection, 'select number from kept'))).toEqual([{ number: 7 }])
  }
})

test('stop works while the server is down', async () => {
  const postgres = await start()
  process.kill(postmasterPid(), 'SIGKILL')
  await postgres.stop()
  expect(existsSync(join(folder, 'data', 'postgres', 'PG_VERSION'))).toBe(true)
})

test('stop works while the server restarts', async () => {
  const { stop } = await start()
  const pid = postmasterPid()
  process.kill(pid, 'SIGKILL')
  await eventually(async () => expect([pid, 0]).not.toContain(postmasterPid()))
  expect(await Promise.race([stop().then(() => 'stopped'), sleep(5_000, 'hangs')])).toBe('stopped')
})

test('a second start in the same folder shares the server, and takes it over when the first stops', async () => {
  const first = await start()
  const second = await start()
  expect(second.connection).toEqual(first.connection)
  await second.stop()
  await query(first.connection, 'create table kept as select 7 as number')
  const third = await start()
  await first.stop()
  expect(await eventually(() => query(third.connection, 'select number from kept'))).toEqual([{ number: 7 }])
})

test('shares the server of another process, and takes it over when that process is killed', async () => {
  const child = await startElsewhere()
  const { connection } = await start()
  await query(connection, 'create table kept as select 7 as number')
  child.kill('SIGKILL')
  expect(await eventually(() => query(connection, 'select number from kept'))).toEqual([{ number: 7 }])
})

test('starts after the process that ran the server was killed', async () => {
  const child = await startElsewhere()
  const pid = postmasterPid()
  child.kill('SIGKILL')
  const { connection } = await start()
  expect(postmasterPid()).not.toBe(pid)
  expect(await query(connection, 'select 1 as one')).toEqual([{ one: 1 }])
})

test('stops an orphaned server and starts its own', async () => {
  const child = await startElsewhere()
  const attendant = join(folder, 'data', 'postgres.attendant')
  const [, host = ''] = readFileSync(attendant, 'utf8').split('\n')
  const orphan = { host, port: 5432, user: 'postgres', database: 'tollgate' }
  await query(orphan, 'create table kept as select 7 as number')
  const pid = postmasterPid()
  // What it looks like where the server outlived its process: its parent does nothing, and is not the one in the file.
  child.kill('SIGSTOP')
  writeFileSync(attendant, `1\n${host}\n`)
  const { connection } = await start()
  expect(postmasterPid()).not.toBe(pid)
  expect(await query(connection, 'select number from kept')).toEqual([{ number: 7 }])
})

test('a postmaster.pid that names another program does not prevent a start', async () => {
  const first = await start()
  const pidFile = join(folder, 'data', 'postgres', 'postmaster.pid')
  const lines = readFileSync(pidFile, 'utf8').split('\n')
  await first.stop()
  writeFileSync(pidFile, [process.ppid, ...lines.slice(1)].join('\n'))
  const { connection } = await start()
  expect(await query(connection, 'select 1 as one')).toEqual([{ one: 1 }])
})

test('an interrupted first start leaves nothing half finished', async () => {
  const dataDir = join(folder, 'data')
  mkdirSync(join(dataDir, 'postgres.new', 'base'), { recursive: true })
  const { connection } = await start(dataDir)
  expect(await query(connection, 'select 1 as one')).toEqual([{ one: 1 }])
})

test('a long path of the data folder works', async () => {
  const { connection } = await start(join(folder, 'long'.repeat(40)))
  expect(await query(connection, 'select 1 as one')).toEqual([{ one: 1 }])
})

test('a data folder below an inaccessible one works', async () => {
  const closed = join(folder, 'closed')
  mkdirSync(closed, { mode: 0o700 })
  const { connection } = await start(join(closed, 'data'))
  expect(await query(connection, 'select 1 as one')).toEqual([{ one: 1 }])
})

test('says what to do about a folder of another Postgres version', async () => {
  await (await start()).stop()
  writeFileSync(join(folder, 'data', 'postgres', 'PG_VERSION'), '9\n')
  await expect(start()).rejects.toThrow(/was made by Postgres 9, and this is 18/)
})

test('says what to do about a data folder that can not be made', async () => {
  writeFileSync(join(folder, 'file'), '')
  await expect(start(join(folder, 'file', 'data'))).rejects.toThrow(/Set TOLLGATE_DATA_DIR/)
})
