import { spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { status } from '@grpc/grpc-js'
import { packageRoot } from '../../src/packageRoot'
import { STATUS_BY_REASON } from '../../src/rpc/server/errors'
import { runPage } from '../support/pages'
import { emptyDatabase, urlOf } from '../support/testDatabase'

const PAGE = 'docs/gateway.md'

test('the commands of the page print what it shows', async () => {
  const database = await emptyDatabase()
  try {
    const run = await runPage(PAGE, { DATABASE_URL: urlOf(database.connection), TOLLGATE_DATA_DIR: 'data' })
    expect(run.problem).toBeUndefined()
    if (run.leftOut.length > 0)
      process.stderr.write(`not run here, for want of:\n${run.leftOut.join('\n')}\n`)
    else expect(run.ran).toBe(4)
  } finally {
    await database.drop()
  }
}, 240_000)

test('npm start in a checkout serves, with its own Postgres', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'npm-start-'))
  // If this is root, Postgres runs under another account.
  chmodSync(folder, 0o755)
  const child = spawn('npm', ['start', '--silent'], {
    cwd: packageRoot,
    env: {
      ...{ PATH: process.env['PATH'], HOME: folder, TOLLGATE_DATA_DIR: join(folder, 'data') },
      ...{ TOLLGATE_GRPC_PORT: '0', TOLLGATE_METRICS_PORT: '0', TOLLGATE_LOG_LEVEL: 'fatal' },
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  let said = ''
  try {
    for await (const chunk of child.stdout) {
      said += chunk
      if (said.includes('\n')) break
    }
  } finally {
    child.kill('SIGTERM')
    await ended
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  }
  expect(said).toMatch(/^tollgate ready grpc=127\.0\.0\.1:\d+ metrics=\S+\n$/)
  expect(await ended).toBe(0)
}, 120_000)

/** Reasons that only operators and their tools meet. */
const OF_OPERATORS = [
  'ALIAS_CYCLE',
  'ALREADY_DECIDED',
  'BUDGET_NOT_FOUND',
  'CHANGE_NOT_FOUND',
  'CHARGE_NOT_FOUND',
  'FAILURE_NOT_FOUND',
  'HOLD_NOT_FOUND',
  'MESSAGE_TOO_LARGE',
  'NOT_IMPLEMENTED',
  'PRICE_NOT_FOUND',
  'REFUND_EXCEEDS_CHARGE',
  'SUMMARY_TOO_LARGE',
  'TOO_MANY_BUDGETS',
  'USER_EXISTS',
]

test('every reason that a gateway can meet is on the page, under its status', () => {
  const text = readFileSync(resolve(packageRoot, PAGE), 'utf8')
  const shown = [...text.matchAll(/^\| (`.*?`) \| (`.*?`) \|/gm)].flatMap(([, statuses = '', reasons = '']) =>
    namesIn(reasons).map((reason) => ({ reason, statuses: namesIn(statuses) })),
  )
  const expected = Object.keys(STATUS_BY_REASON).filter((reason) => !OF_OPERATORS.includes(reason))
  expect(shown.map(({ reason }) => reason).sort()).toEqual(expected.sort())
  for (const { reason, statuses } of shown) {
    expect([reason, statuses]).toEqual([
      reason,
      expect.arrayContaining([status[STATUS_BY_REASON[reason as keyof typeof STATUS_BY_REASON]]]),
    ])
  }
})

function namesIn(cell: string): string[] {
  return [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name)
}
