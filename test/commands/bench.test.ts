import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { migrateToLatest } from '../../src/database/migrate'
import { packageRoot } from '../../src/packageRoot'
import { OwnPostgres } from '../support/faults/ownPostgres'
import { runProgram } from '../support/program'
import { emptyDatabase, urlOf } from '../support/testDatabase'

// It is compiled first, and measures for a while.
jest.setTimeout(240_000)

/** A durable one: that of the other tests has fsync off. */
let postgres: OwnPostgres
let url: string

beforeAll(async () => {
  execFileSync(process.execPath, ['scripts/build.mjs', '--no-install'], { cwd: packageRoot, stdio: 'ignore' })
  postgres = await OwnPostgres.create()
  url = urlOf(postgres.connection)
})

afterAll(() => postgres?.remove())

const SHORT = ['--only', 'single', '--users', '10', '--duration', '1', '--rounds', '1']

async function databases(): Promise<unknown[]> {
  const rows = await postgres.query("select datname from pg_database where datname like 'tollgate_bench%'")
  return rows.map(({ datname }) => datname)
}

test('measures, prints JSON alone, and leaves nothing behind', async () => {
  const { code, stdout, stderr } = await runProgram(['bench', ...SHORT, '--database-url', url, '--json'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const { rows, settings } = JSON.parse(stdout)
  expect(settings).toEqual({ users: 10, durationSeconds: 1, rounds: 1 })
  for (const row of rows) expect(row).toMatchObject({ group: 'single', value: expect.any(Number) })
  expect(rows.length).toBeGreaterThan(0)
  expect(await databases()).toEqual([])
})

test('reconciles ledgers that it fills, and reports the rate, the memory and the effect on charges', async () => {
  const little = [
    '--only',
    'reconcile',
    '--reconcile-entries',
    '10000',
    '--users',
    '10',
    '--duration',
    '1',
    '--rounds',
    '1',
  ]
  const { code, stdout, stderr } = await runProgram(['bench', ...little, '--database-url', url, '--json'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const { rows } = JSON.parse(stdout)
  expect(rows).toEqual([
    expect.objectContaining({ unit: '/s', value: expect.any(Number), target: { atLeast: 0.8 } }),
    expect.objectContaining({ unit: '/s', value: expect.any(Number), target: { atLeast: 0.8 } }),
    expect.objectContaining({ unit: 'MiB', value: expect.any(Number), target: { atMost: 1.5 } }),
    expect.objectContaining({ unit: '/s', value: expect.any(Number), target: { atLeast: 0.9 } }),
  ])
  expect(rows.every(({ ratio }: { ratio: number }) => ratio > 0)).toBe(true)
  expect(await databases()).toEqual([])
})

test.each([['bench', '--only', 'single'], ['demo']])('%s reports that it cannot make a folder', (...args) => {
  // Compiled: what compiles the sources needs a folder itself.
  const { status, stderr } = spawnSync(process.execPath, ['dist/src/main.js', ...args], {
    cwd: packageRoot,
    env: { TMPDIR: '/nowhere', TOLLGATE_GRPC_PORT: '1' },
    encoding: 'utf8',
  })
  expect(stderr).toContain('A Postgres of its own needs a folder in /nowhere, where none can be made')
  expect(stderr).not.toContain('    at ')
  expect(status).toBe(2)
})

test('when it is stopped, it drops its databases', async () => {
  const args = [
    join(__dirname, '../support/fromSource.js'),
    'src/main',
    'bench',
    '--only',
    'single',
    '--database-url',
    url,
  ]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (chunk) => {
    said += chunk
  })
  const ended = new Promise((resolve) => child.once('close', resolve))
  while ((await databases()).length < 2 && child.exitCode === null) await sleep(50)
  child.kill('SIGTERM')
  expect(await ended).toBe(130)
  expect(said).toBe('tollgate bench: stopped by SIGTERM\n')
  expect(await databases()).toEqual([])
})

test.each([
  ['a database with a ledger that has entries', /The database \w+ has a ledger/],
  ['an account that may make no databases', /account \w+ may not create databases/],
])('refuses %s', async (what, complaint) => {
  await migrateToLatest({ connection: postgres.connection })
  await postgres.query(
    what.includes('ledger')
      ? `insert into ledger_entries (user_id, version, kind, key_id, idempotency_key, created_at, allowance_delta_nanousd,
          credits_delta_nanousd, held_delta_nanousd, spent_today_delta_nanousd, allowance_nanousd, credits_nanousd, held_nanousd,
          spent_today_nanousd, daily_limit_nanousd, overdraft_limit_nanousd, hash)
        values ('ada', 1, 'grant', '00000000-0000-0000-0000-000000000000', 'k', now(), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '')`
      : 'create role humble login',
  )
  const account = what.includes('account') ? 'humble' : 'postgres'
  const { code, stdout, stderr } = await runProgram([
    'bench',
    ...SHORT,
    '--database-url',
    url.replace('user=postgres', `user=${account}`),
  ])
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(complaint)
  expect(await databases()).toEqual([])
})

test('refuses a server whose commits are not durable, invalid options, and an unreachable server', async () => {
  const lax = await emptyDatabase()
  const refused = async (...args: string[]) => {
    const { code, stderr } = await runProgram(['bench', ...args])
    expect(code).toBe(2)
    expect(stderr).not.toContain('    at ')
    return stderr
  }
  expect(await refused('--database-url', urlOf(lax.connection))).toMatch(
    /fsync .*off, so its commits are not durable/,
  )
  await lax.drop()
  expect(await refused('--users', '3')).toMatch(/--users must be a whole number from 10/)
  expect(await refused('--only', 'everything')).toMatch(/--only knows engine, hot/)
  expect(await refused('--database-url', 'postgres://127.0.0.1:1/none')).toMatch(
    /does not answer \(.*ECONNREFUSED/,
  )
})
