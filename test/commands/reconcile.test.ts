import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { operatorOf, SCOPE_TOKENS } from '../support/program'
import { startTestServer, type TestServer } from '../support/server'

// Every step is a process of its own; on a loaded machine each takes seconds.
jest.setTimeout(180_000)

let folder: string
let server: TestServer
const { tollgate, succeeding } = operatorOf(() => server)

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'reconcile-test-'))
  server = await startTestServer({ tokens: SCOPE_TOKENS })
  for (const userId of ['ada', 'bob,"the-builder"', 'eve']) {
    await server.connect('admin-token').createUser({ userId })
    await grant(userId, 'g1')
  }
})

afterAll(async () => {
  await server?.stop()
  rmSync(folder, { recursive: true, force: true })
})

function grant(userId: string, idempotencyKey: string) {
  const request = { userId, idempotencyKey, pot: 'POT_CREDITS', amountNanousd: '1000000000' } as const
  return server.connect('admin-token').grantCredits(request)
}

function parsed(output: string): unknown[] {
  return output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}

function fileOf(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

test('correct books: exit code 0, in words and as JSON', async () => {
  const { code, stderr } = await tollgate(['reconcile'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '3 users, 3 entries: nothing is wrong.\n' })
  expect(parsed(await succeeding(['reconcile', '--json', '--user', 'ada', '--from-checkpoints']))).toEqual([
    { usersChecked: '1', entriesChecked: '1', discrepancies: 0 },
  ])
})

test('heads are exported as a table, JSON lines and CSV, and today’s ledgers continue from them', async () => {
  expect(await succeeding(['ledger', 'heads', '--prefix', 'ad'])).toMatch(/^ada +1 +[0-9a-f]{64} +20\S+Z$/m)
  const json = fileOf('heads.jsonl', await succeeding(['ledger', 'heads', '--all', '--json']))
  const csv = fileOf('heads.csv', await succeeding(['ledger', 'heads', '--csv']))
  await grant('ada', 'g2')
  for (const file of [json, csv]) {
    const { code, stderr } = await tollgate(['reconcile', '--heads', file])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '3 heads, 3 users, 4 entries: nothing is wrong.\n' })
  }
})

test('a completely rewritten ledger is found only by its exported head: exit code 1', async () => {
  const heads = fileOf('heads2.jsonl', await succeeding(['ledger', 'heads', '--all', '--json']))
  // The database's owner could do this: the user is created again, and granted another amount.
  for (const table of ['users', 'ledger_entries', 'idempotency_keys'])
    await sql`delete from ${sql.table(table)} where user_id = 'eve'`.execute(server.database.kysely)
  await server.connect('admin-token').createUser({ userId: 'eve' })
  await grant('eve', 'another')
  expect((await tollgate(['reconcile'])).code).toBe(0)
  const { code, stdout } = await tollgate(['reconcile', '--heads', heads])
  expect(code).toBe(1)
  expect(stdout).toMatch(/^eve +HEAD_CHANGED +entry 1 had another hash$/m)
  const { stdout: json, code: jsonCode } = await tollgate(['reconcile', '--heads', heads, '--json'])
  expect(jsonCode).toBe(1)
  expect(parsed(json)).toEqual([
    { userId: 'eve', kind: 'HEAD_CHANGED', detail: 'entry 1 had another hash' },
    { usersChecked: '3', entriesChecked: '4', headsChecked: '3', discrepancies: 1 },
  ])
})

test('a head whose user was deleted or set back is found', async () => {
  const hash = Buffer.alloc(32).toString('base64')
  const heads = fileOf('odd.jsonl', `{"userId":"nobody","version":"3","hash":"${hash}"}\nada,9,${hash},\n`)
  const { stdout } = await tollgate(['reconcile', '--heads', heads])
  expect(stdout).toMatch(/^nobody +HEAD_CHANGED +the user was at 3, and is gone$/m)
  expect(stdout).toMatch(/^ada +HEAD_CHANGED +the user was at 9, and is at 2$/m)
})

test('drift: exit code 1', async () => {
  await sql`update users set credits_nanousd = 5 where user_id = 'ada'`.execute(server.database.kysely)
  const { code, stdout, stderr } = await tollgate(['reconcile', '--user', 'ada'])
  expect(code).toBe(1)
  expect(stdout).toMatch(/^ada +BALANCE_DRIFT +credits should be 2000000000 nano-USD, is 5$/m)
  expect(stderr).toBe('1 user, 2 entries: 1 thing to look into.\n')
})

test.each([
  [
    'a file that is no list of heads',
    () => fileOf('wrong.txt', 'hello\n'),
    /wrong\.txt, line 1: is not a head/,
  ],
  ['a file that is not there', () => join(folder, 'missing'), /missing can't be read/],
])('%s is reported: exit code 2', async (_name, file, says) => {
  const { code, stderr } = await tollgate(['reconcile', '--heads', file()])
  expect(code).toBe(2)
  expect(stderr).toMatch(says)
})

test('stopped by Ctrl-C, it reports its progress', async () => {
  // Nobody reads a table that is locked: the run waits in its first page.
  const lock = await server.database.kysely.startTransaction().execute()
  try {
    await sql`lock table users in access exclusive mode`.execute(lock)
    const { code, stdout, stderr } = await tollgate(['reconcile', '--json'], {}, (child) => {
      void whenItWaits().then(() => child.kill('SIGINT'))
    })
    expect({ code, stderr }).toEqual({ code: 130, stderr: '' })
    expect(parsed(stdout)).toEqual([
      { usersChecked: '0', entriesChecked: '0', discrepancies: 0, stopped: true },
    ])
  } finally {
    await lock.rollback().execute()
  }
})

async function whenItWaits(): Promise<void> {
  for (;;) {
    const { rows } =
      await sql`select from pg_locks where not granted and relation = 'users'::regclass`.execute(
        server.database.kysely,
      )
    if (rows.length > 0) return
    await sleep(20)
  }
}
