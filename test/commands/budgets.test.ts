import { cardOf } from '../support/priceBooks'
import { operatorOf, SCOPE_TOKENS } from '../support/program'
import { startTestServer, type TestServer } from '../support/server'

// Every step is a process of its own; on a loaded machine each takes seconds.
jest.setTimeout(180_000)

let server: TestServer
const { tollgate, succeeding, lines } = operatorOf(() => server)

beforeAll(async () => {
  server = await startTestServer({ tokens: SCOPE_TOKENS })
  await server.billing.prices.putPrice({
    model: 'gpt',
    provider: '',
    rateCards: [cardOf({ INPUT_TOKENS: 1, OUTPUT_TOKENS: 1 })],
  })
  const admin = server.connect('admin-token')
  await admin.createUser({ userId: 'acme' })
  await admin.grantCredits({
    userId: 'acme',
    idempotencyKey: 'credits',
    pot: 'POT_CREDITS',
    amountNanousd: 100_000_000_000,
  })
})

afterAll(() => server?.stop())

let calls = 0

/** Costs $1 for each million tokens. */
function charge(inputTokens: number, apiKeyId: string, labels: Record<string, string> = {}) {
  return server.connect('gateway-token').chargeUsage({
    userId: 'acme',
    idempotencyKey: `call-${++calls}`,
    model: 'gpt',
    usage: { inputTokens },
    apiKeyId,
    labels,
  })
}

test('budgets are put, listed, used and deleted', async () => {
  const put = ['budgets', 'put', 'acme']
  expect(
    await succeeding([
      ...put,
      'research',
      '--limit',
      '5',
      '--window',
      'month',
      '--label',
      'team=research',
      '--notify',
      '50,100',
    ]),
  ).toBe('research of acme: $5.00 a month in UTC, of team=research; enforced\n')
  expect(
    await succeeding([
      ...put,
      'keys',
      '--limit',
      '2',
      '--window',
      'week',
      '--week-starts',
      'sunday',
      '--time-zone',
      'Europe/Berlin',
      '--by',
      'api-key,label:team',
      '--warn',
    ]),
  ).toBe(
    'keys of acme: $2.00 a week from Sunday in Europe/Berlin for each API key, label team, of every call; only reported\n',
  )
  await charge(4_000_000, 'key-1', { team: 'research' })
  await charge(1_000_000, 'key-2')
  await expect(charge(2_000_000, 'key-2', { team: 'research' })).rejects.toMatchObject({
    reason: 'BUDGET_REACHED',
  })

  const listed = await succeeding(['budgets', 'list', 'acme'])
  expect(listed).toMatch(
    /^keys +\$2\.00 +week from Sunday in Europe\/Berlin +API key, label team +every call +only reported$/m,
  )
  expect(listed).toMatch(/^research +\$5\.00 +month in UTC +team=research +enforced +50, 100$/m)
  expect(await lines(['budgets', 'list', 'acme', '--json'])).toMatchObject([
    { budgetId: 'keys', limitNanousd: '2000000000', limitUsd: '2.00', window: { weekStartsOn: 7 } },
    { budgetId: 'research', match: { labels: { team: 'research' } } },
  ])

  const usage = await succeeding(['budgets', 'usage', 'acme'])
  expect(usage).toMatch(/^keys +key-1, research +\$4\.00 +\$0\.00 +\$2\.00 +200 % /m)
  expect(usage).toMatch(/^keys +key-2, \(none\) +\$1\.00 +\$0\.00 +\$2\.00 +50 % /m)
  expect(usage).toMatch(/^research +\$4\.00 +\$0\.00 +\$5\.00 +80 % +\S+Z +\S+Z$/m)
  expect(await lines(['budgets', 'usage', 'acme', '--budget', 'research', '--json'])).toMatchObject([
    { budgetId: 'research', spentNanousd: '4000000000', spentUsd: '4.00' },
  ])
  const before = ['budgets', 'usage', 'acme', '--at', '2020-01-01']
  expect(await lines([...before, '--budget', 'research'])).toMatchObject([{ spentNanousd: '0' }])
  expect(await lines([...before, '--budget', 'keys'])).toEqual([])

  const spent = await succeeding(['spend', '--by', 'budget', '--user', 'acme'])
  expect(spent).toMatch(/^keys +2 +\$5\.00 /m)
  expect(spent).toMatch(/^research +1 +\$4\.00 /m)
  expect(spent).not.toContain('total')
  const rows = await lines(['spend', '--by', 'budget,api-key', '--user', 'acme'])
  expect(rows.map((row) => [row['budget'], row['api-key'], row['spentUsd']])).toEqual([
    ['keys', 'key-1', '4.00'],
    ['keys', 'key-2', '1.00'],
    ['research', 'key-1', '4.00'],
  ])

  // Another limit keeps the counters; another grouping starts them again.
  const raised = await tollgate([
    ...put,
    'research',
    '--limit',
    '9',
    '--window',
    'month',
    '--label',
    'team=research',
  ])
  expect(raised.stderr).not.toContain('start again')
  expect(await succeeding(['budgets', 'usage', 'acme', '--budget', 'research'])).toContain('$4.00')
  const grouped = await tollgate([
    ...put,
    'research',
    '--limit',
    '9',
    '--window',
    'month',
    '--label',
    'team=research',
    '--by',
    'model',
  ])
  expect(grouped.stderr).toContain('Its counters start again at zero.\n')

  expect(await succeeding(['budgets', 'delete', 'acme', 'research'])).toBe('Deleted research of acme.\n')
  expect((await lines(['budgets', 'list', 'acme'])).map(({ budgetId }) => budgetId)).toEqual(['keys'])
  expect(await succeeding(['ledger', 'acme', '--kind', 'budget'])).toMatch(/^ *\d+ +\S+Z +budget .* admin$/m)
})

test.each([
  [['acme', 'b', '--window', 'day'], /--limit/],
  [['acme', 'b', '--limit', '1'], /--window/],
  [['acme', 'b', '--limit', '1', '--window', 'year'], /hour, day, week, month, lifetime/],
  [
    ['acme', 'b', '--limit', '1', '--window', 'day', '--by', 'team'],
    /api-key, model, provider and label:NAME/,
  ],
  [['acme', 'b', '--limit', '1', '--window', 'week', '--week-starts', 'noday'], /Monday, Tuesday/],
  [
    ['acme', 'b', '--limit', '1', '--window', 'day', '--time-zone', 'Mars'],
    /budget\.window\.time_zone must be a time zone/,
  ],
  [
    ['acme', 'b', '--limit', '1', '--window', 'day', '--month-starts', '3'],
    /budget\.window\.month_starts_on/,
  ],
])('put %j is refused', async (args, complaint) => {
  const { code, stderr } = await tollgate(['budgets', 'put', ...args])
  expect(code).not.toBe(0)
  expect(stderr).toMatch(complaint)
})
