import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cardOf } from '../support/priceBooks'
import { startTestServer, type TestServer } from '../support/server'

const TOKENS = (['admin', 'gateway'] as const).map((scope) => ({
  name: scope,
  hash: createHash('sha256').update(`${scope}-token`).digest(),
  scopes: [scope],
}))

// Every step is a process of its own; on a loaded machine each takes seconds.
jest.setTimeout(120_000)

let folder: string
let server: TestServer

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'prices-test-'))
  server = await startTestServer({ tokens: TOKENS })
})

afterAll(async () => {
  await server?.stop()
  rmSync(folder, { recursive: true, force: true })
})

interface Outcome {
  code: number | null
  stdout: string
  stderr: string
}

/** The program in a process of its own, against the test's server. */
function tollgate(
  args: readonly string[],
  { environment = {}, input = '' }: { environment?: Record<string, string>; input?: string } = {},
): Promise<Outcome> {
  const child = spawn(process.execPath, [join(__dirname, '../support/fromSource.js'), 'src/main', ...args], {
    env: {
      PATH: process.env['PATH'],
      TOLLGATE_GRPC_PORT: server.address.split(':')[1],
      TOLLGATE_TOKEN: 'admin-token',
      ...environment,
    },
  })
  const said = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk) => {
    said.stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    said.stderr += chunk
  })
  child.stdin.end(input)
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, ...said })))
}

async function succeeding(
  args: readonly string[],
  options?: Parameters<typeof tollgate>[1],
): Promise<string> {
  const { code, stdout, stderr } = await tollgate(args, options)
  if (code !== 0) throw new Error(`exit code ${code}: ${stderr}`)
  return stdout
}

function fileOf(name: string, contents: unknown): string {
  const path = join(folder, name)
  writeFileSync(path, typeof contents === 'string' ? contents : JSON.stringify(contents))
  return path
}

function listOf(usd: Record<string, [prompt: string, completion: string]>): string {
  const data = Object.entries(usd).map(([id, [prompt, completion]]) => ({
    id,
    pricing: { prompt, completion },
  }))
  return JSON.stringify({ data })
}

test('a price is put, shown, listed and ended, exact to the nano-dollar', async () => {
  const rates = ['--input', '0.001000001', '--output', '15', '--rate', 'web_searches=0.01']
  const put = await succeeding(['prices', 'put', 'mine', '--provider', 'acme', ...rates, '--markup', '250'])
  expect(put).toMatch(/^mine at acme: operator, pr_[0-9a-f]{32}$/m)
  const shown = await succeeding(['prices', 'show', 'mine', '--provider', 'acme'])
  expect(shown).toMatch(/markup 2\.5 %/)
  expect(shown).toMatch(/^ *input tokens +\$0\.001000001$/m)
  expect(shown).toMatch(/^ *output tokens +\$15\.00$/m)
  expect(shown).toMatch(/^ *web searches +\$0\.01 each$/m)
  const listed = await succeeding(['prices', 'list', 'mi'])
  expect(listed).toMatch(/mine +acme +operator +\$0\.001000001 +\$15\.00/)
  expect(await succeeding(['prices', 'end', 'mine', '--provider', 'acme'])).toMatch(/^Ended pr_/)
  const gone = await tollgate(['prices', 'show', 'mine', '--provider', 'acme'])
  expect(gone).toMatchObject({ code: 1, stdout: '' })
  expect(gone.stderr).toMatch(/^tollgate: mine has no price at .* \(PRICE_NOT_FOUND\)\n$/)
})

test('what `show --json` prints can be put again, cards, times and all', async () => {
  await server.billing.prices.putPrice({
    model: 'tiered',
    provider: '',
    rateCards: [
      { aboveInputTokens: 200_000n, ...cardOf({ INPUT_TOKENS: 6 }) },
      { serviceTier: 'flex', daily: { fromMinute: 23 * 60, toMinute: 90 }, ...cardOf({ INPUT_TOKENS: 1 }) },
      cardOf({ INPUT_TOKENS: 3 }),
    ],
  })
  expect(await succeeding(['prices', 'show', 'tiered'])).toMatch(
    /above 200,000 input +flex, 23:00 to 01:30 UTC +otherwise\n *input tokens +\$6\.00 +\$1\.00 +\$3\.00/,
  )
  const json = await succeeding(['prices', 'show', 'tiered', '--json'])
  expect(JSON.parse(json).price).toMatchObject({
    model: 'tiered',
    source: 'PRICE_SOURCE_OPERATOR',
    effectiveFrom: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
  })
  const cards = fileOf('tiered.json', json)
  const again = JSON.parse(await succeeding(['prices', 'put', 'copied', '--cards', cards, '--json']))
  expect(again.price.rateCards).toEqual(JSON.parse(json).price.rateCards)
})

test('a list is imported: summary, reasons, changes, and a decision on a held-back change', async () => {
  const path = fileOf('list.json', listOf({ 'a/one': ['0.000002', '0.000004'], 'a/bad': ['-1', '-1'] }))
  const first = await tollgate(['prices', 'import', path])
  expect(first.stdout).toMatch(/^read 2: 1 changed, 0 unchanged, 0 held back, 1 rejected\n/)
  expect(first.stdout).toContain('  a/bad has no price of its own')
  expect(first.stderr).toMatch(/^importing 1 kB of openrouter/)
  expect(await succeeding(['prices', 'import', path])).toMatch(/^read 2: 0 changed, 1 unchanged/)

  const moved = listOf({ 'a/one': ['0.00002', '0.000004'] })
  const held = await succeeding(['prices', 'import', '-', '--json'], { input: moved })
  expect(JSON.parse(held)).toMatchObject({ read: '1', changed: '0', heldBack: '1', rejected: '0' })
  const changes = await succeeding(['prices', 'changes', '--state', 'held-back'])
  expect(changes).toMatch(/held back +a\/one +openrouter +stored +input tokens \$2\.00 → \$20\.00/)
  const [changeId = ''] = /pc_[0-9a-f]+/.exec(changes) ?? []
  expect(await succeeding(['prices', 'approve', changeId])).toMatch(
    new RegExp(`^${changeId} is applied: a/one`),
  )
  expect(await succeeding(['prices', 'show', 'a/one', '--provider', 'openrouter'])).toContain('$20.00')
  const again = await tollgate(['prices', 'reject', changeId])
  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('ALREADY_DECIDED') })
})

test('a rejected change leaves the old price', async () => {
  const importing = (prompt: string) =>
    succeeding(['prices', 'import', '-'], { input: listOf({ 'a/two': [prompt, '0.000004'] }) })
  await importing('0.000002')
  await importing('0.00002')
  const [change = ''] = linesOf(await succeeding(['prices', 'changes', '--json', '--state', 'held-back']))
  const rejected = JSON.parse(await succeeding(['prices', 'reject', JSON.parse(change).changeId, '--json']))
  expect(rejected.change.state).toBe('PRICE_CHANGE_STATE_REJECTED')
  expect(await succeeding(['prices', 'show', 'a/two', '--provider', 'openrouter'])).toContain('$2.00')
})

test('a list can be imported as operator prices', async () => {
  const input = listOf({ 'a/own': ['0.000002', '0.000004'] })
  await succeeding(['prices', 'import', '-', '--as-operator'], { input })
  expect(await succeeding(['prices', 'list', '--source', 'operator', '--provider', 'openrouter'])).toMatch(
    /a\/own/,
  )
})

function linesOf(text: string): string[] {
  return text.trim().split('\n')
}

test('a long output reaches a pipe completely', async () => {
  const models = Object.fromEntries(
    Array.from({ length: 1_500 }, (_, n) => [`long/m${n}`, ['0.000002', '0.000004'] as [string, string]]),
  )
  await succeeding(['prices', 'import', '-'], { input: listOf(models) })
  const prices = linesOf(await succeeding(['prices', 'list', 'long/', '--json', '--all']))
  expect(prices).toHaveLength(1_500)
  for (const price of prices) expect(JSON.parse(price).model).toMatch(/^long\/m/)
  const some = await tollgate(['prices', 'list', 'long/', '--json', '--limit', '7'])
  expect([linesOf(some.stdout).length, some.stderr]).toEqual([
    7,
    'There are more: raise --limit, or use --all.\n',
  ])
})

test('--check names every rejection, without a server', async () => {
  const bad = Object.fromEntries(
    Array.from({ length: 150 }, (_, n) => [`a/bad-${n}`, ['-1', '-1'] as [string, string]]),
  )
  const path = fileOf('bad.json', listOf({ 'a/one': ['0.000002', '0.000004'], ...bad }))
  const imported = await succeeding(['prices', 'import', path])
  expect(imported).toContain('… and 140 more; --check lists them all')
  const checked = await succeeding(['prices', 'import', path, '--check'], {
    environment: { TOLLGATE_GRPC_PORT: '1' },
  })
  expect(checked).toMatch(/^read 151: 1 prices, 150 rejected\n/)
  expect(checked.match(/a\/bad-/g)).toHaveLength(150)
  const page = fileOf('page.html', '<!doctype html>')
  expect(await tollgate(['prices', 'import', page, '--check'])).toMatchObject({ code: 1 })
})

test.each([[], ['--json'], ['--check'], ['--check', '--json']])(
  'a list of which every entry is rejected fails %p',
  async (...options) => {
    const path = fileOf('useless.json', listOf({ 'a/bad': ['-1', '-1'], 'a/worse': ['x', 'y'] }))
    const imported = await tollgate(['prices', 'import', path, ...options])
    expect(imported).toMatchObject({ code: 1, stderr: expect.stringContaining('so no price was imported') })
    expect(imported.stdout).toContain('a/bad ')
  },
)

test('text from lists can’t move the cursor of a terminal', async () => {
  const input = listOf({ '\u001b[2Ja/evil': ['0.000002', '0.000004'], 'a/fine': ['0.000002', '0.000004'] })
  const output = await succeeding(['prices', 'import', '-'], { input })
  expect(output).toContain('[2Ja/evil has a name that no call could give')
  expect(output).not.toContain('\u001b')
})

test('aliases are put, listed and removed; a cycle is refused', async () => {
  await succeeding(['aliases', 'put', 'nick', 'mine'])
  expect(await succeeding(['aliases', 'list'])).toMatch(/^ *nick +mine$/m)
  expect(JSON.parse(await succeeding(['aliases', 'list', '--json']))).toEqual({
    alias: 'nick',
    model: 'mine',
  })
  const cycle = await tollgate(['aliases', 'put', 'mine', 'nick'])
  expect(cycle).toMatchObject({ code: 1, stderr: expect.stringContaining('ALIAS_CYCLE') })
  await succeeding(['aliases', 'remove', 'nick'])
  expect(await tollgate(['aliases', 'list'])).toMatchObject({ stdout: '', stderr: 'There are no aliases.\n' })
})

test('a quote states the exact cost of a call, and what the user can pay', async () => {
  const admin = server.connect('admin-token')
  await admin.createUser({ userId: 'ada' })
  await admin.grantCredits({
    userId: 'ada',
    idempotencyKey: 'g',
    pot: 'POT_CREDITS',
    amountNanousd: '1000000',
  })
  await server.billing.prices.putPrice({
    model: 'quoted',
    provider: '',
    rateCards: [cardOf({ INPUT_TOKENS: 3, OUTPUT_TOKENS: 15 })],
    markupBasisPoints: 333,
  })
  const args = ['quote', 'quoted', '--input', '1', '--output', '7', '--max-output', '1000', '--user', 'ada']
  const text = await succeeding(args)
  expect(text).toMatch(/^ *input tokens +1 +\$3\.00 +\$0\.000003 +\$0\.0000030999$/m)
  expect(text).toMatch(/^cost: \$0\.000111596, markup of 3\.33 % included$/m)
  expect(text).toMatch(/^with 1000 output tokens: \$0\.0155026$/m)
  expect(text).toMatch(/^ada has \$0\.001, which pays 64 output tokens of it$/m)
  expect(text).toMatch(/^quote: qt_/m)
  expect(JSON.parse(await succeeding([...args, '--json']))).toMatchObject({
    costNanousd: '111596',
    affordable: false,
  })
})

test('wrong usage exits with 2 and says why', async () => {
  const wrong = [
    ['prices', 'show'],
    ['prices', 'put', 'm'],
    ['prices', 'put', 'm', '--input', '0.0000000001'],
    ['prices', 'put', 'm', '--rate', 'GOLD=1'],
    ['prices', 'put', 'm', '--cards', 'missing.json'],
    ['prices', 'put', 'm', '--input', '1', '--from', 'soon'],
    ['prices', 'import', 'missing.json'],
    ['prices', 'unheard-of'],
  ]
  const outcomes = await Promise.all(wrong.map(async (args) => ({ args, ...(await tollgate(args)) })))
  for (const { args, code, stdout, stderr } of outcomes) {
    expect({ args, code, stdout }).toEqual({ args, code: 2, stdout: '' })
    expect(stderr).toMatch(/^(error|tollgate): \S/m)
    expect(stderr).not.toContain('    at ')
  }
}, 60_000)

test('a refusal by the server exits with 1 and says why, without a stack trace', async () => {
  const refusals: [args: string[], environment: Record<string, string>, expected: RegExp][] = [
    [['prices', 'put', 'm', '--input', '100001'], {}, /PRICE_ANOMALY/],
    [['prices', 'approve', 'pc_0'], {}, /CHANGE_NOT_FOUND/],
    [
      ['prices', 'import', fileOf('empty.json', {}), '--format', 'openrouter'],
      {},
      /json has no "data" array/,
    ],
    [['quote', 'unpriced'], {}, /MODEL_PRICE_MISSING/],
    [['prices', 'list'], { TOLLGATE_TOKEN: '' }, /TOKEN_\w+.*--token or TOLLGATE_TOKEN/],
    [['prices', 'list'], { TOLLGATE_TOKEN: 'gateway-token' }, /SCOPE_MISSING/],
  ]
  const outcomes = refusals.map(async ([args, environment, expected]) => ({
    args,
    expected,
    ...(await tollgate(args, { environment })),
  }))
  for (const { args, expected, ...said } of await Promise.all(outcomes)) {
    expect({ args, ...said }).toEqual({ args, code: 1, stdout: '', stderr: expect.stringMatching(expected) })
    expect(said.stderr).not.toContain('    at ')
  }
}, 60_000)

test('without a server it exits with 2 and says what to do', async () => {
  const { code, stderr } = await tollgate(['prices', 'list', '--address', '127.0.0.1:1'])
  expect(code).toBe(2)
  expect(stderr).toMatch(
    /^tollgate: no server answers at 127\.0\.0\.1:1 \(connect ECONNREFUSED 127\.0\.0\.1:1\)\. .*tollgate serve.*--address/,
  )
  expect(stderr).not.toContain('    at ')
})

test('help has examples', async () => {
  const commands = [['prices'], ['prices', 'put'], ['prices', 'import'], ['aliases'], ['quote']]
  const helps = await Promise.all(commands.map((command) => succeeding([...command, '--help'])))
  for (const help of helps) expect(help).toMatch(/Examples?:\n +\$ /)
}, 60_000)

test('named units are put, shown, quoted and charged', async () => {
  const put = await tollgate([
    ...[
      'prices',
      'put',
      'painter',
      '--input',
      '5',
      '--unit',
      'image/hd=0.08',
      '--unit',
      'character=15/1000000',
    ],
  ])
  expect(put).toMatchObject({ code: 0, stderr: '' })
  expect(put.stdout).toMatch(/image\/hd\s.*\$0\.08 each/)
  expect(put.stdout).toMatch(/character\s.*\$15\.00 per 1000000/)
  const quote = await tollgate(['quote', 'painter', '--unit', 'image/hd=2', '--unit', 'character=1500.5'])
  expect(quote.code).toBe(0)
  expect(quote.stdout).toMatch(/image\/hd\s.*2.*\$0\.16/)
  expect(quote.stdout).toMatch(/character\s.*1500\.5.*\$0\.0225075/)
  for (const unit of ['image/hd', 'image/hd=', 'image/hd=1.0000001', 'image/hd=-1', '=2']) {
    expect(await tollgate(['quote', 'painter', '--unit', unit])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('It must be NAME=COUNT'),
    })
  }
  expect(await tollgate(['quote', 'painter', '--unit', 'image=1'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('no rate for the unit image'),
  })
})
