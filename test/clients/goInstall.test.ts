import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { givenUser } from '../support/ledger'
import { aGrant, USD } from '../support/postings'
import { cardOf } from '../support/priceBooks'
import { startTestServer, type TestServer } from '../support/server'

// The Go client as its README installs it, in an empty folder. `.ci/run` says where there is a Go.

const CLIENT = join(__dirname, '../../clients/go')
const hasGo = process.env['TOLLGATE_TEST_GO_DRIVER'] !== undefined

jest.setTimeout(180_000)

let server: TestServer
let folder: string

beforeAll(async () => {
  if (!hasGo) return
  server = await startTestServer()
  await givenUser(server.database, 'ada')
  await server.billing.ledger.post(aGrant('ada', 'order', USD))
  await server.billing.prices.putPrice({
    model: 'gpt-4o',
    provider: '',
    rateCards: [cardOf({ INPUT_TOKENS: 1, OUTPUT_TOKENS: 10 })],
  })
})

afterAll(() => server?.stop())

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-go-'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

function go(args: readonly string[], environment: Record<string, string> = {}): string {
  return execFileSync('go', args, { cwd: folder, env: { ...process.env, ...environment }, encoding: 'utf8' })
}

/** The Go of the README: a program, and a function that is to stand beside it. */
function writeReadme(): void {
  const readme = readFileSync(join(CLIENT, 'README.md'), 'utf8')
  const [program = '', stream = ''] = [...readme.matchAll(/^```go\n(.*?)^```$/gms)].map(
    ([, code = '']) => code,
  )
  writeFileSync(join(folder, 'main.go'), program)
  const imports =
    '"context"\n"iter"\n\ntollgate "tollgate.internal/client"\n"tollgate.internal/client/billingpb"'
  writeFileSync(
    join(folder, 'stream.go'),
    `package main\n\nimport (\n${imports}\n)\n\nvar _ = answer\n\n${stream}`,
  )
}
// Where there is no Go, these are reported as skipped.
;(hasGo ? describe : describe.skip)('the Go client, in an empty folder', () => {
  test('is installed by a replace, and its first charge is charged once', async () => {
    writeReadme()
    go(['mod', 'init', 'example.com/gateway'])
    go(['mod', 'edit', '-replace', `tollgate.internal/client@v0.1.0=${CLIENT}`])
    go(['get', 'tollgate.internal/client@v0.1.0'])
    go(['mod', 'tidy'])
    go(['build', '-o', 'gateway', '.'])
    const environment = { TOLLGATE_ADDRESS: server.address, TOLLGATE_STORE_DIR: join(folder, 'store') }
    const { stdout } = await promisify(execFile)(join(folder, 'gateway'), { env: environment })
    expect(stdout).toBe('4200000\n')
    const { entries } = await server.client.listLedgerEntries({ userId: 'ada' })
    expect(entries.filter(({ charge }) => charge !== null)).toHaveLength(1)
  })

  test('is installed from the module zip that npm run build:go-client writes', () => {
    const proxy = join(folder, 'proxy')
    // A version of its own: what one run fetched must not be what the next one finds.
    const version = `v0.1.0-test.${Date.now()}`
    execFileSync('go', ['run', './internal/modulezip', version, proxy], { cwd: CLIENT })
    const environment = {
      GONOSUMDB: 'tollgate.internal',
      GOPROXY: `file://${proxy},${go(['env', 'GOPROXY']).trim()}`,
    }
    writeReadme()
    go(['mod', 'init', 'example.com/gateway'], environment)
    go(['get', `tollgate.internal/client@${version}`], environment)
    go(['mod', 'tidy'], environment)
    go(['build', '.'], environment)
  })
})
