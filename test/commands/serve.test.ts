import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

let folder: string
let children: ChildProcess[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'serve-test-'))
  chmodSync(folder, 0o755)
})

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL')
  children = []
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})

interface Run {
  child: ChildProcess
  stdout(): string
  stderr(): string
  /** Exit code. */
  ended: Promise<number | null>
}

/** The command line in a process of its own. */
function tollgate(args: string[], environment: Record<string, string> = {}): Run {
  const child = spawn(process.execPath, [join(__dirname, '../support/fromSource.js'), 'src/main', ...args], {
    env: {
      PATH: process.env['PATH'],
      TOLLGATE_DATA_DIR: join(folder, 'data'),
      TOLLGATE_GRPC_PORT: '0',
      TOLLGATE_METRICS_PORT: '0',
      ...environment,
    },
  })
  children.push(child)
  const said = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk) => {
    said.stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    said.stderr += chunk
  })
  return {
    child,
    stdout: () => said.stdout,
    stderr: () => said.stderr,
    ended: new Promise((resolve) => child.once('exit', resolve)),
  }
}

async function untilReady(run: Run): Promise<{ metricsUrl: string }> {
  const deadlineMs = performance.now() + 15_000
  for (;;) {
    const match = /^tollgate ready grpc=\S+ metrics=(http:\/\/\S+)\/metrics$/m.exec(run.stdout())
    if (match?.[1] !== undefined) return { metricsUrl: match[1] }
    if (performance.now() > deadlineMs) throw new Error(`not ready: ${run.stderr()}`)
    await sleep(20)
  }
}

test('serves with the embedded Postgres until SIGTERM, drains, and exits with 0', async () => {
  const run = tollgate(['serve'])
  const { metricsUrl } = await untilReady(run)
  expect(run.stdout().trim().split('\n')).toHaveLength(1)
  expect((await fetch(`${metricsUrl}/readyz`)).status).toBe(200)
  expect(await (await fetch(`${metricsUrl}/metrics`)).text()).toContain('tollgate_build_info{')
  run.child.kill('SIGTERM')
  expect(await run.ended).toBe(0)
  expect(existsSync(join(folder, 'data', 'postgres', 'postmaster.pid'))).toBe(false)
})

test('a Ctrl-C that arrives twice, from the terminal and from npm, counts once', async () => {
  const run = tollgate(['serve'])
  await untilReady(run)
  run.child.kill('SIGINT')
  run.child.kill('SIGINT')
  expect(await run.ended).toBe(0)
})

test('starts again after it was killed', async () => {
  const first = tollgate(['serve'])
  await untilReady(first)
  first.child.kill('SIGKILL')
  const second = tollgate(['serve'])
  await untilReady(second)
  second.child.kill('SIGTERM')
  expect(await second.ended).toBe(0)
})

test('a bad configuration exits with 2, lists every mistake and shows no stack trace', async () => {
  const run = tollgate(['serve'], { TOLLGATE_GRPC_PORT: 'x', TOLLGATE_LANES: '0' })
  expect(await run.ended).toBe(2)
  expect(run.stderr()).toMatch(/TOLLGATE_GRPC_PORT must be.*\n.*TOLLGATE_LANES must be/)
  expect(run.stderr()).not.toContain('    at ')
})

test('an unreachable database exits with 2 and says what to do', async () => {
  const run = tollgate(['serve'], { DATABASE_URL: 'postgres://user:secret@127.0.0.1:1/none' })
  expect(await run.ended).toBe(2)
  expect(run.stderr()).toMatch(/does not answer.*ECONNREFUSED.*Check DATABASE_URL/)
  expect(run.stderr()).not.toMatch(/ {4}at |secret/)
})

test.each(['TOLLGATE_METRICS_PORT', 'TOLLGATE_GRPC_PORT'])(
  'a %s in use ends it with 2, and the embedded Postgres with it',
  async (variable) => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const { port } = taken.address() as { port: number }
    const run = tollgate(['serve'], { [variable]: String(port) })
    expect(await run.ended).toBe(2)
    expect(run.stderr()).toMatch(new RegExp(`is in use.*${variable}`))
    // One that is said to a person, or a line of the log; no library speaks for itself.
    for (const line of run.stderr().trim().split('\n')) expect(line).toMatch(/^(tollgate: |{)/)
    expect(existsSync(join(folder, 'data', 'postgres', 'postmaster.pid'))).toBe(false)
    taken.close()
  },
)

test('migrate brings the schema up to date and says what it applied', async () => {
  const pending = tollgate(['migrate', '--pending'])
  expect(await pending.ended).toBe(0)
  const first = tollgate(['migrate'])
  expect(await first.ended).toBe(0)
  expect(first.stdout()).toBe(pending.stdout())
  expect(first.stdout()).toMatch(/^0001_users\n/)
  const second = tollgate(['migrate'])
  expect(await second.ended).toBe(0)
  expect(second.stdout()).toBe('already up to date\n')
})

test('help shows examples, and the version is that of the package', async () => {
  const help = tollgate(['--help'])
  expect(await help.ended).toBe(0)
  expect(help.stdout()).toMatch(/Examples:\n {2}\$ tollgate serve/)
  const version = tollgate(['--version'])
  expect(await version.ended).toBe(0)
  expect(version.stdout()).toMatch(/^\d+\.\d+\.\d+\n$/)
})
