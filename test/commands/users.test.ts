import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { registry } from '../../src/observability/metrics'
import { cardOf } from '../support/priceBooks'
import { operatorOf, SCOPE_TOKENS } from '../support/program'
import { startTestServer, type TestServer } from '../support/server'

// Every step is a process of its own; on a loaded machine each takes seconds.
jest.setTimeout(180_000)

let folder: string
let server: TestServer
const { tollgate, succeeding, lines } = operatorOf(() => server)

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'users-test-'))
  server = await startTestServer({ tokens: SCOPE_TOKENS })
  await server.billing.prices.putPrice({
    model: 'gpt',
    provider: '',
    rateCards: [cardOf({ INPUT_TOKENS: 3, OUTPUT_TOKENS: 15 })],
    markupBasisPoints: 1_000,
  })
})

afterAll(async () => {
  await server?.stop()
  rmSync(folder, { recursive: true, force: true })
})

test('a user is created, granted credits and charged, as the ledger and the receipt show', async () => {
  const made = await succeeding(['users', 'create', 'ada', '--tier', 'pro', '--daily-limit', '50'])
  expect(made).toMatch(/^user: +ada$/m)
  expect(made).toMatch(/^spent today: +\$0\.00 of \$50\.00$/m)
  expect(await succeeding(['grant', 'ada', '5.000000001', '--reason', 'invoice 7', '--key', 'g1'])).toBe(
    'ada has $0.00 of allowance and $5.000000001 of credits, $5.000000001 available.\n',
  )
  expect(await succeeding(['grant', 'ada', '5.000000001', '--reason', 'invoice 7', '--key', 'g1'])).toMatch(
    /^It had been done before\. ada has .* \$5\.000000001 available/,
  )
  await succeeding(['grant', 'ada', '1', '--pot', 'allowance', '--set', '--key', 'g2'])
  await succeeding(['grant', 'ada', '-0.5', '--key', 'g3'])

  const call = ['charge', 'ada', 'gpt', '--input', '1', '--output', '2', '--api-key', 'k1', '--key', 'c1']
  const receipt = await succeeding([...call, '--label', 'team=search', '--label', 'env=a=b'])
  // 1 × $3 and 2 × $15 for a million, and a tenth on it.
  expect(receipt).toMatch(/^ *output tokens +2 +\$15\.00 +\$0\.00003 +\$0\.000033$/m)
  expect(receipt).toMatch(/^amount: +\$0\.0000363$/m)
  expect(receipt).toMatch(/^paid by: +\$0\.0000363 of allowance, \$0\.00 of credits$/m)
  expect(receipt).toMatch(/^markup: +10 % on \$0\.000033$/m)
  expect(receipt).toMatch(/^labels: +(team=search env=a=b|env=a=b team=search)$/m)
  const [, chargeId = ''] = /^charge: +(ch_[0-9a-f]{32})$/m.exec(receipt) ?? []
  for (const name of [chargeId, 'c1']) expect(await succeeding(['receipt', 'ada', name])).toBe(receipt)

  const listed = await succeeding(['ledger', 'ada'])
  expect(listed.split('\n')[1]).toMatch(
    new RegExp(`^ *\\d+ +\\S+Z +charge +-\\$0\\.0000363 +\\$5\\.499963701 +${chargeId} +gpt +admin$`),
  )
  expect(listed).toMatch(/grant +\+\$5\.000000001 .*invoice 7 +admin$/m)
  expect(await lines(['ledger', 'list', 'ada', '--kind', 'grant'])).toMatchObject([
    { creditsDeltaNanousd: '-500000000', creditsDeltaUsd: '-0.50' },
    { allowanceDeltaNanousd: '1000000000', kind: 'ENTRY_KIND_GRANT' },
    { creditsDeltaNanousd: '5000000001', creditsDeltaUsd: '5.000000001', reason: 'invoice 7' },
  ])
  expect(await lines(['ledger', 'ada', '--api-key', 'k1'])).toMatchObject([
    { charge: { chargeId, amountNanousd: '36300', amountUsd: '0.0000363' } },
  ])
  expect(await lines(['ledger', 'ada', '--until', '2020-01-01'])).toEqual([])
  const json = JSON.parse(await succeeding(['users', 'get', 'ada', '--json']))
  expect(json).toMatchObject({ userId: 'ada', balance: { availableNanousd: '5499963701' } })
})

test('lists stop at their limit and say so, and continue with --all', async () => {
  for (const userId of ['list-1', 'list-2', 'list-3'])
    await server.connect('admin-token').createUser({ userId })
  const some = await tollgate(['users', 'list', 'list-', '--limit', '2'])
  expect(some.code).toBe(0)
  expect(some.stdout).toMatch(/^user .*\nlist-1 .*\nlist-2 [^\n]*\n$/)
  expect(some.stderr).toBe('There are more: raise --limit, or use --all.\n')
  const ids = (await lines(['users', 'list', 'list-', '--all'])).map(({ userId }) => userId)
  expect(ids).toEqual(['list-1', 'list-2', 'list-3'])
  expect(await tollgate(['users', 'list', 'nobody'])).toEqual({
    code: 0,
    stdout: '',
    stderr: 'There are no such users.\n',
  })
})

test('a list ends when its reader stops', async () => {
  const client = server.connect('admin-token')
  const ids = Array.from({ length: 6_000 }, (_, at) => `many-${at}`)
  while (ids.length > 0) await Promise.all(ids.splice(0, 100).map((userId) => client.createUser({ userId })))
  const pages = async () => {
    const name = /^grpc_server_handled_total\{.*grpc_method="ListUsers",grpc_code="OK"\} (\d+)$/m
    return Number(name.exec(await registry.metrics())?.[1])
  }
  const before = await pages()
  const args = ['users', 'list', 'many-', '--all', '--json']
  const { code, stderr } = await tollgate(args, {}, ({ stdout }) =>
    stdout?.once('data', () => stdout.destroy()),
  )

  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect((await pages()) - before).toBeLessThan(6)
})

test('deduction failures are listed', async () => {
  await succeeding(['users', 'create', 'poor'])
  const refused = await tollgate(['charge', 'poor', 'gpt', '--input', '100', '--key', 'f1'])
  expect(refused).toMatchObject({ code: 1, stdout: '' })
  // 100 × $3 for a million, and a tenth on it: not nothing.
  expect(refused.stderr).toMatch(/^tollgate: .*needs ~\$0\.0003, available ~\$0\.00;.*INSUFFICIENT_CREDITS/)
  expect(refused.stderr).toMatch(/`tollgate grant` adds credits, and /m)
  expect(await succeeding(['failures', 'list', '--user', 'poor'])).toMatch(
    /^fl_[0-9a-f]{32} +poor +gpt +\$0\.00033 +INSUFFICIENT_CREDITS +1 +pending/m,
  )
  expect(await lines(['failures', 'list', '--user', 'poor', '--state', 'resolved'])).toEqual([])
})

test('a charge is refunded in part and in full, and never more', async () => {
  await succeeding(['users', 'create', 'back'])
  await succeeding(['grant', 'back', '1'])
  const receipt = await succeeding(['charge', 'back', 'gpt', '--output', '1000', '--key', 'c'])
  const [, chargeId = ''] = /^charge: +(\S+)$/m.exec(receipt) ?? []
  const part = ['refund', 'back', chargeId, '--amount', '0.0000001', '--reason', 'late', '--key', 'r1']
  expect(await succeeding(part)).toBe(
    'back got back $0.00 of allowance and $0.0000001 of credits, and has $0.9835001 available.\n',
  )
  expect(await succeeding(part)).toMatch(/^It had been given back before\. back got back/)
  expect(await succeeding(['refund', 'back', chargeId])).toMatch(/ \$0\.0164999 of credits, and has \$1\.00 /)
  expect(await succeeding(['receipt', 'back', 'c'])).toMatch(/^refunded: +\$0\.0165$/m)
  expect(await tollgate(['refund', 'back', chargeId, '--amount', '0.000001'])).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/REFUND_EXCEEDS_CHARGE/),
  })
})

test('facts and limits of a user are changed, and only those that are named', async () => {
  await succeeding(['users', 'create', 'eve', '--tier', 'free', '--trial-until', '2099-01-01'])
  const paid = await succeeding(['users', 'update', 'eve', '--no-trial', '--daily-limit', '2.5', '--json'])
  expect(JSON.parse(paid)).toMatchObject({ tier: 'free', isTrial: false, balance: { dailyLimitUsd: '2.50' } })
  expect(await succeeding(['users', 'update', 'eve', '--suspend'])).toMatch(/^standing: +suspended$/m)
  expect((await tollgate(['charge', 'eve', 'gpt', '--input', '1'])).stderr).toMatch(
    /USER_SUSPENDED.*users update --resume/,
  )
  expect(await succeeding(['users', 'update', 'eve', '--resume'])).not.toMatch(/standing/)
  expect((await tollgate(['users', 'update', 'eve'])).code).toBe(2)
  expect((await tollgate(['users', 'update', 'eve', '--suspend', '--resume'])).code).toBe(2)
})

test('open streams are listed and ended', async () => {
  await succeeding(['users', 'create', 'streamer'])
  await succeeding(['grant', 'streamer', '1'])
  const stream = server.connect('admin-token').streamSettle()
  stream.open({ idempotencyKey: 's1', userId: 'streamer', model: 'gpt', inputTokens: 10 })
  const [hold] = await heldBy('streamer')
  expect(await succeeding(['holds', 'list'])).toMatch(new RegExp(`^streamer +${hold?.['holdId']} +gpt `, 'm'))
  expect(await succeeding(['holds', 'settle', 'streamer', String(hold?.['holdId'])])).toMatch(
    /^status: +deducted$/m,
  )
  expect(await lines(['holds', 'list', '--user', 'streamer'])).toEqual([])
  stream.cancel()
})

/** Once the stream is open. */
async function heldBy(userId: string): Promise<Record<string, unknown>[]> {
  for (;;) {
    const held = await lines(['holds', 'list', '--user', userId])
    if (held.length > 0) return held
  }
}

test('a missing key is generated; if there is no answer, the suggested retry command has the key', async () => {
  await succeeding(['users', 'create', 'keyed'])
  const granted = await tollgate(['grant', 'keyed', '1'])
  expect(granted).toMatchObject({ code: 0, stderr: expect.stringMatching(/^key: cli-[0-9a-f-]{36}\n$/) })

  // Takes the call and never answers it.
  const silent = createServer((socket) => socket.on('error', () => undefined).destroy()).listen(
    0,
    '127.0.0.1',
  )
  await new Promise((resolve) => silent.once('listening', resolve))
  const { port } = silent.address() as { port: number }
  const args = ['grant', 'keyed', '1', '--reason', "ada's", '--address', `127.0.0.1:${port}`]
  const lost = await tollgate([...args, '--token', 'admin-token'])
  silent.close()
  expect(lost).toMatchObject({ code: 2, stdout: '' })
  const [, key] = /^key: (\S+)$/m.exec(lost.stderr) ?? []
  expect(lost.stderr).toContain('It may or may not have taken effect.')
  expect(lost.stderr).toContain(
    `  tollgate grant keyed 1 --reason 'ada'\\''s' --address 127.0.0.1:${port} --key ${key}\n`,
  )
  expect(lost.stderr).not.toContain('admin-token')

  const negative = ['grant', 'keyed', '--key', 'k', '--address', '127.0.0.1:1', '--', '-1']
  expect((await tollgate(negative)).stderr).toContain(
    '  tollgate grant keyed --address 127.0.0.1:1 --key k -- -1\n',
  )
})

test('an invalid number of lines and two formats at once are refused', async () => {
  expect(await tollgate(['users', 'list', '--limit', '0'])).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining('It must be 1 at least.'),
  })
  expect(await tollgate(['spend', '--csv', '--json'])).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining('either --csv or --json'),
  })
})

test('spend --csv writes its header after the server has answered, even if nothing was spent', async () => {
  expect(await tollgate(['spend', '--csv', '--address', '127.0.0.1:1'])).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining('no server answers'),
  })
  expect(await succeeding(['spend', '--csv', '--month', '2020-01'])).toMatch(
    /^model,calls,input_tokens,.*_usd\n$/,
  )
})

test('the token may come from a file', async () => {
  const file = join(folder, 'token')
  writeFileSync(file, 'read-token\n')
  const environment = { TOLLGATE_TOKEN: '', TOLLGATE_TOKEN_FILE: file }
  expect((await tollgate(['users', 'list'], environment)).code).toBe(0)
  expect(await tollgate(['users', 'create', 'eve'], environment)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/: admin \(SCOPE_MISSING\)\. Use a token that has it/),
  })
})

test('wrong usage exits with 2 and names the mistake; a refusal exits with 1', async () => {
  const wrong: [string[], RegExp][] = [
    [
      ['grant', 'ada', '1.0000000001'],
      /argument 'usd'.*US dollars.*nine decimals at most\.\n`tollgate grant --help` says/,
    ],
    [['grant', 'ada', '0'], /a grant of 0 changes nothing; with --set/],
    [['charge', 'ada', 'gpt'], /say what the call used: --input, --output or --unit/],
    [['charge', 'ada', 'gpt', '--input', '-3'], /option '--input <tokens>'.*whole number/],
    [['grant', 'ada', '1e3'], /argument 'usd'/],
    [['grant', 'ada'], /missing required argument 'usd'/],
    [['users', 'create', 'x', '--daily-limit', 'much'], /option '--daily-limit <usd>'.*US dollars/],
    [['charge', 'ada', 'gpt', '--label', 'search'], /option '--label <name=value>'.*NAME=VALUE/],
    [['ledger', 'ada', '--kind', 'gift'], /option '--kind <kinds>'.*charge, grant/],
    [['failures', 'list', '--state', 'old'], /--state.*pending, resolved/],
    [['users', 'list', '--token-file', 'missing'], /missing can't be read/],
  ]
  const refused: [string[], RegExp][] = [
    [['users', 'get', 'nobody'], /USER_NOT_FOUND.*tollgate users list/],
    [['users', 'create', 'ada'], /USER_EXISTS/],
    [['grant', 'ada', '1', '--reason', 'other', '--key', 'g1'], /IDEMPOTENCY_KEY_REUSED.*another --key/],
    [['receipt', 'ada', 'never'], /CHARGE_NOT_FOUND.*tollgate ledger/],
    [['ledger', 'nobody'], /USER_NOT_FOUND/],
    [['holds', 'settle', 'ada', 'hd_0'], /hold_id must be hd_/],
  ]
  const cases = [
    ...wrong.map((each) => [2, ...each] as const),
    ...refused.map((each) => [1, ...each] as const),
  ]
  for (const [code, args, expected] of cases) {
    const said = await tollgate(args)
    expect({ args, ...said }).toEqual({ args, code, stdout: '', stderr: expect.stringMatching(expected) })
    expect(said.stderr).not.toContain('    at ')
  }
})
