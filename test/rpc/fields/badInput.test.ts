import { status } from '@grpc/grpc-js'
import { sql } from 'kysely'
import type { TollgateClient } from '../../../clients/node/src/connect'
import { TollgateError } from '../../../clients/node/src/errors'
import type { Database } from '../../../src/database/database'
import { methodNames, requestFields } from '../../support/requestFields'
import { startTestServer, type TestServer } from '../../support/server'

const NUL = '\0'
const FAR = { seconds: '253402300800', nanos: 0 }

const BAD_OPTIONAL_ID = [' ', 'a b', `a${NUL}`, '\ufffd', '\u200b', 'x'.repeat(129)]
const BAD_ID = ['', ...BAD_OPTIONAL_ID]
const BAD_KEY = ['', 'a b', 'é', `a${NUL}`, 'k'.repeat(129)]
const BAD_COUNT = ['-1', '1000000000001', '9223372036854775807', '-9223372036854775808']
const BAD_MONEY = ['-1', '1000000000000000001', '9223372036854775807']
const BAD_TIME = [FAR, { seconds: '0', nanos: -1 }, { seconds: '0', nanos: 1_000_000_000 }]
const BAD_ENUM = [99, -1]
const BAD_TEXT = [NUL, 'x'.repeat(1_001)]
const BAD_PAGE_SIZE = [-1, 1_001]
const BAD_PAGE_TOKEN = ['x', '{}', tokenOf([]), tokenOf([1]), tokenOf([NUL]), tokenOf(['x', NUL])]
const BAD_LABELS = [
  { '': 'v' },
  { n: NUL },
  { [NUL]: 'v' },
  { ['n'.repeat(65)]: 'v' },
  { n: 'v'.repeat(65) },
  Object.fromEntries(Array.from({ length: 17 }, (_, n) => [`n${n}`, 'v'])),
]

const BAD_UNITS = [
  { '': '1' },
  { [NUL]: '1' },
  { Page: '1' },
  { 'image/*': '1' },
  { ['u'.repeat(129)]: '1' },
  { page: '' },
  { page: '-1' },
  { page: '1.0000001' },
  { page: '1e3' },
  { page: '1000000000001' },
  { page: NUL },
  { video_token: '1.5' },
  { video_token: '1000000000000' },
  Object.fromEntries(Array.from({ length: 33 }, (_, n) => [`unit${n}`, '1'])),
]

const USAGE_COUNTS = [
  'input_tokens',
  'output_tokens',
  'cache_read_input_tokens',
  'cache_creation_input_tokens',
  'cache_creation_1h_input_tokens',
  'reasoning_output_tokens',
  'audio_input_tokens',
  'audio_cache_read_input_tokens',
  'audio_output_tokens',
  'image_input_tokens',
  'image_output_tokens',
  'web_searches',
  'requests',
  'citation_output_tokens',
  'image_cache_read_input_tokens',
]

const USAGE = {
  ...Object.fromEntries(USAGE_COUNTS.map((count) => [`usage.${count}`, BAD_COUNT])),
  'usage.units': BAD_UNITS,
}
const PROVIDER_USAGE = {
  'provider_usage.format': ['', 'no.such.format', NUL, 'x'.repeat(65)],
  'provider_usage.json': ['', '{', 'null', '"text"', 'x'.repeat(262_145)],
}
const BAD_PROFILE = {
  tier: BAD_OPTIONAL_ID,
  stripe_customer_id: BAD_OPTIONAL_ID,
  stripe_subscription_id: BAD_OPTIONAL_ID,
  trial_expires_at: BAD_TIME,
  daily_limit_nanousd: BAD_MONEY,
  overdraft_limit_nanousd: BAD_MONEY,
}
const PAGE = { page_size: BAD_PAGE_SIZE, page_token: BAD_PAGE_TOKEN }

const at = (path: string, values: BadValues): BadValues =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [path + name, value]))

type BadValues = Readonly<Record<string, readonly unknown[]>>

interface Method {
  /** A request that is fine. */
  good: object
  /** For each field, as the contract spells its path, what is wrong in it. */
  bad: BadValues
  /** Fields whose every value means something. */
  free?: readonly string[]
}

const CHARGE = { idempotencyKey: 'k', userId: 'ada', model: 'm', usage: { inputTokens: '1' } }
const CARD = {
  rates: [{ meter: 'METER_INPUT_TOKENS' as const, priceNanousd: '1000000000', per: '1000000' }],
}
const BUDGET = {
  ...{ userId: 'ada', budgetId: 'b', limitNanousd: '1', action: 'BUDGET_ACTION_ENFORCE' as const },
  window: { period: 'BUDGET_PERIOD_DAY' as const },
}
const LIST = JSON.stringify({
  data: [{ id: 'a/b', pricing: { prompt: '0.000001', completion: '0.000002' } }],
})

const methods = {
  priceQuote: {
    good: { model: 'm', usage: { inputTokens: '1' } },
    bad: {
      model: BAD_ID,
      provider: BAD_OPTIONAL_ID,
      ...USAGE,
      max_output_tokens: BAD_COUNT,
      user_id: BAD_OPTIONAL_ID,
      service_tier: BAD_OPTIONAL_ID,
      api_key_id: BAD_OPTIONAL_ID,
      labels: BAD_LABELS,
    },
  },
  chargeUsage: {
    good: CHARGE,
    bad: {
      idempotency_key: BAD_KEY,
      user_id: BAD_ID,
      model: BAD_ID,
      provider: BAD_OPTIONAL_ID,
      ...USAGE,
      ...PROVIDER_USAGE,
      usage_source: BAD_ENUM,
      quote_id: ['a b', NUL, 'é', 'x', 'x'.repeat(4_097)],
      service_tier: BAD_OPTIONAL_ID,
      geography: BAD_OPTIONAL_ID,
      speed: BAD_OPTIONAL_ID,
      api_key_id: BAD_OPTIONAL_ID,
      labels: BAD_LABELS,
      view: BAD_ENUM,
      occurred_at: [...BAD_TIME, { seconds: '0', nanos: 0 }, { seconds: '4102444800', nanos: 0 }],
      reported_cost_nanousd: ['-1', '1000000000000000001'],
      reported_cost_source: BAD_OPTIONAL_ID,
    },
  },
  reportParts: {
    good: {
      userId: 'ada',
      idempotencyKey: 'job',
      parts: [{ partId: 'a', sequence: 1, usage: { inputTokens: 1 } }],
    },
    bad: {
      user_id: BAD_ID,
      idempotency_key: BAD_KEY,
      hold_id: ['', 'hd_', `ch_${'0'.repeat(32)}`, `hd_${'0'.repeat(31)}`, NUL],
      'parts[0].part_id': BAD_ID,
      'parts[0].sequence': ['0', ...BAD_COUNT],
      ...at('parts[0].', USAGE),
      ...at('parts[0].', PROVIDER_USAGE),
      end: BAD_ENUM,
    },
    free: ['close'],
  },
  getCharge: {
    good: { userId: 'ada', idempotencyKey: 'k' },
    bad: {
      user_id: BAD_ID,
      charge_id: ['', 'ch_', `hd_${'0'.repeat(32)}`, `ch_${'0'.repeat(31)}`, NUL],
      idempotency_key: BAD_KEY,
    },
  },
  createUser: {
    good: { userId: 'bob' },
    bad: {
      user_id: BAD_ID,
      ...BAD_PROFILE,
    },
    free: ['is_trial'],
  },
  getUser: { good: { userId: 'ada' }, bad: { user_id: BAD_ID } },
  listUsers: { good: {}, bad: { user_id_prefix: BAD_OPTIONAL_ID, ...PAGE } },
  grantCredits: {
    good: { idempotencyKey: 'g', userId: 'ada', pot: 'POT_CREDITS', amountNanousd: '1' },
    bad: {
      idempotency_key: BAD_KEY,
      user_id: BAD_ID,
      pot: ['POT_UNSPECIFIED', ...BAD_ENUM],
      amount_nanousd: ['1000000000000000001', '-1000000000000000001', '-9223372036854775808'],
      reason: BAD_TEXT,
      mode: BAD_ENUM,
    },
  },
  updateUser: {
    good: { userId: 'ada', tier: 'pro' },
    bad: {
      idempotency_key: BAD_KEY.filter((key) => key !== ''),
      user_id: BAD_ID,
      ...BAD_PROFILE,
    },
    free: ['is_trial', 'suspended', 'clear_trial_expires_at'],
  },
  refundCharge: {
    good: { idempotencyKey: 'r', userId: 'ada', chargeId: `ch_${'0'.repeat(32)}` },
    bad: {
      idempotency_key: BAD_KEY,
      user_id: BAD_ID,
      charge_id: ['', 'ch_', `hd_${'0'.repeat(32)}`],
      amount_nanousd: BAD_MONEY,
      reason: BAD_TEXT,
    },
  },
  summarizeSpend: {
    good: { groupBy: [{ field: 'SPEND_FIELD_MODEL', label: '' }] },
    bad: {
      'group_by[0].field': ['SPEND_FIELD_UNSPECIFIED', ...BAD_ENUM],
      'group_by[0].label': ['only of labels', ...BAD_TEXT],
      from: BAD_TIME,
      until: BAD_TIME,
      user_id: BAD_OPTIONAL_ID,
      ...PAGE,
    },
  },
  listLedgerEntries: {
    good: { userId: 'ada' },
    bad: {
      user_id: BAD_ID,
      ...PAGE,
      'kinds[0]': ['ENTRY_KIND_UNSPECIFIED', ...BAD_ENUM],
      from: BAD_TIME,
      until: BAD_TIME,
      api_key_id: BAD_OPTIONAL_ID,
    },
  },
  listHolds: { good: {}, bad: { user_id: BAD_OPTIONAL_ID, ...PAGE } },
  settleHold: {
    good: { userId: 'ada', holdId: `hd_${'0'.repeat(32)}` },
    bad: { user_id: BAD_ID, hold_id: ['', 'hd_', `ch_${'0'.repeat(32)}`], ...USAGE },
  },
  putBudget: {
    good: { budget: BUDGET },
    bad: {
      idempotency_key: BAD_KEY.filter((key) => key !== ''),
      budget: [null],
      'budget.user_id': BAD_ID,
      'budget.budget_id': BAD_ID,
      'budget.match.api_key_ids': [Array(101).fill('k')],
      'budget.match.api_key_ids[0]': BAD_ID,
      'budget.match.labels': BAD_LABELS,
      'budget.match.models': [Array(101).fill('m')],
      'budget.match.models[0]': BAD_ID,
      'budget.match.providers': [Array(101).fill('p')],
      'budget.match.providers[0]': BAD_ID,
      'budget.group_by': [['a', 'b', 'c', 'd', 'e'].map((label) => ({ label }))],
      'budget.group_by[0].api_key': [false],
      'budget.group_by[0].model': [false],
      'budget.group_by[0].provider': [false],
      'budget.group_by[0].label': ['', NUL, 'x'.repeat(65)],
      'budget.group_by[0].by': [undefined],
      'budget.window': [null],
      'budget.window.period': ['BUDGET_PERIOD_UNSPECIFIED', ...BAD_ENUM],
      'budget.window.time_zone': ['Mars/Olympus', '+01:00', 'a b', NUL, 'x'.repeat(129)],
      'budget.window.week_starts_on': [1, -1, 8],
      'budget.window.month_starts_on': [1, -1, 32],
      'budget.limit_nanousd': BAD_MONEY,
      'budget.action': ['BUDGET_ACTION_UNSPECIFIED', ...BAD_ENUM],
      'budget.notify_at_percent': [[1, 2, 3, 4, 5, 6, 7, 8, 9]],
      'budget.notify_at_percent[0]': [0, -1, 1_001],
    },
    free: ['budget.generation'],
  },
  listBudgets: { good: { userId: 'ada' }, bad: { user_id: BAD_ID, ...PAGE } },
  deleteBudget: {
    good: { userId: 'ada', budgetId: 'b' },
    bad: {
      idempotency_key: BAD_KEY.filter((key) => key !== ''),
      user_id: BAD_ID,
      budget_id: BAD_ID,
    },
  },
  listBudgetUsage: {
    good: { userId: 'ada' },
    bad: { user_id: BAD_ID, budget_id: BAD_OPTIONAL_ID, at: BAD_TIME, ...PAGE },
  },
  putPrice: {
    good: { model: 'm', rateCards: [CARD] },
    bad: {
      model: BAD_ID,
      provider: BAD_OPTIONAL_ID,
      rate_cards: [[]],
      'rate_cards[0].above_input_tokens': BAD_COUNT,
      'rate_cards[0].service_tier': BAD_OPTIONAL_ID,
      'rate_cards[0].weekdays_utc[0]': [0, 8, -1],
      'rate_cards[0].geography': BAD_OPTIONAL_ID,
      'rate_cards[0].speed': BAD_OPTIONAL_ID,
      'rate_cards[0].daily_from_utc': ['24:00', '1:00', '12:60', 'noon', NUL],
      'rate_cards[0].daily_to_utc': ['24:00', '12'],
      'rate_cards[0].rates': [[]],
      'rate_cards[0].rates[0].meter': ['METER_UNSPECIFIED', ...BAD_ENUM],
      'rate_cards[0].rates[0].unit': ['page', 'Page', 'a b', '*', NUL, 'u'.repeat(129)],
      'rate_cards[0].rates[0].price_nanousd': BAD_MONEY,
      'rate_cards[0].rates[0].per': ['0', '1', '-1', '1000'],
      effective_from: BAD_TIME,
      markup_basis_points: [-1, 100_001],
    },
  },
  getPrice: { good: { model: 'm' }, bad: { model: BAD_ID, provider: BAD_OPTIONAL_ID, at: BAD_TIME } },
  endPrice: { good: { model: 'm' }, bad: { model: BAD_ID, provider: BAD_OPTIONAL_ID } },
  listPrices: { good: {}, bad: { model_prefix: BAD_OPTIONAL_ID, ...PAGE } },
  putAlias: { good: { alias: 'a', model: 'm' }, bad: { alias: BAD_ID, model: BAD_OPTIONAL_ID } },
  listAliases: { good: {}, bad: PAGE },
  importPrices: {
    good: { format: 'openrouter', json: LIST },
    bad: {
      format: ['', 'csv', 'OpenRouter', NUL],
      json: ['', '{', 'null', '[]', '"text"', '{"data":[]}', `${LIST}${NUL}`],
    },
    free: ['as_operator'],
  },
  listPriceChanges: {
    good: {},
    bad: { state: BAD_ENUM, ...PAGE, page_token: [...BAD_PAGE_TOKEN, tokenOf(['a', 'b'])] },
  },
  decidePriceChange: { good: { changeId: 'pc_0' }, bad: { change_id: BAD_ID }, free: ['approve'] },
  listDeductionFailures: { good: {}, bad: { state: BAD_ENUM, user_id: BAD_OPTIONAL_ID, ...PAGE } },
  retryDeductionFailure: {
    good: { userId: 'ada', failureId: `fl_${'0'.repeat(32)}` },
    bad: {
      user_id: BAD_ID,
      failure_id: ['', 'fl_', `ch_${'0'.repeat(32)}`],
      ...USAGE,
      ...PROVIDER_USAGE,
    },
  },
  writeOffDeductionFailure: {
    good: { userId: 'ada', failureId: `fl_${'0'.repeat(32)}`, note: 'a gift' },
    bad: {
      user_id: BAD_ID,
      failure_id: ['', 'fl_', `ch_${'0'.repeat(32)}`],
      note: ['', '  ', ...BAD_TEXT],
    },
  },
  reconcile: {
    good: {},
    bad: { user_id: BAD_OPTIONAL_ID, ...PAGE, page_token: [...BAD_PAGE_TOKEN, tokenOf(['a', 'b'])] },
    free: ['from_checkpoints'],
  },
  listLedgerHeads: { good: {}, bad: { user_id_prefix: BAD_OPTIONAL_ID, ...PAGE } },
  reconcileHeads: {
    good: { heads: [{ userId: 'ada', hash: Buffer.alloc(32) }] },
    bad: {
      heads: [Array.from({ length: 1_001 }, () => ({ userId: 'ada', hash: Buffer.alloc(32) }))],
      'heads[0].user_id': BAD_ID,
      'heads[0].version': ['-1'],
      'heads[0].hash': [Buffer.alloc(0), Buffer.alloc(31), Buffer.alloc(33)],
    },
    free: ['heads[0].at'],
  },
} satisfies Partial<Record<keyof TollgateClient, Method>>

/** A stream, or made of another one's requests. */
const OTHERS = ['batchChargeUsage', 'streamSettle']

let server: TestServer

beforeAll(async () => {
  server = await startTestServer()
  await server.client.createUser({ userId: 'ada' })
  await server.client.grantCredits({
    userId: 'ada',
    idempotencyKey: 'first',
    pot: 'POT_CREDITS',
    amountNanousd: '1000',
  })
  await server.client.putPrice({ model: 'm', rateCards: [CARD] })
})

afterAll(() => server?.stop())

test('every method is tested here', () => {
  expect([...Object.keys(methods), ...OTHERS].sort()).toEqual(methodNames())
})

describe.each(Object.entries<Method>(methods))('%s', (name, { good, bad, free = [] }) => {
  test('every field of the request is tested here', () => {
    const tested = [...Object.keys(bad), ...free].map((path) => path.replaceAll(/\[\d+\]/g, ''))
    expect([...new Set(tested)].sort()).toEqual(expect.arrayContaining(requestFields(name)))
  })

  const cases = Object.entries(bad).flatMap(([path, values]) => values.map((value) => [path, value] as const))

  test.each(cases)('%s = %j is refused by its name, and changes nothing', async (path, value) => {
    const before = await contentsOf(server.database)
    expect(await refusalOf(name, withField(good, path, value))).toEqual({
      code: status.INVALID_ARGUMENT,
      fields: [path],
    })
    expect(await contentsOf(server.database)).toEqual(before)
  })
})

test('a request that must say which of two, and says neither', async () => {
  const { usage: _usage, ...unmeasured } = CHARGE
  expect(await refusalOf('chargeUsage', unmeasured)).toMatchObject({ fields: ['measured'] })
  expect(await refusalOf('getCharge', { userId: 'ada' })).toMatchObject({ fields: ['by'] })
})

test('a time span that ends before it begins', async () => {
  const request = { userId: 'ada', from: { seconds: '2' }, until: { seconds: '1' } }
  expect(await refusalOf('listLedgerEntries', request)).toMatchObject({ fields: ['until'] })
})

test('in a batch each bad request gets what it would have got alone, and the good one is charged', async () => {
  const cases = Object.entries<readonly unknown[]>(methods.chargeUsage.bad).flatMap(([path, values]) =>
    values.map((value) => ({ path, request: withField(CHARGE, path, value) })),
  )
  const { results } = await server.client.batchChargeUsage({
    requests: [...cases.map(({ request }) => request), { ...CHARGE, idempotencyKey: 'good' }],
  })
  expect(results.at(-1)?.response?.charge?.status).toBe('CHARGE_STATUS_DEDUCTED')
  expect(results.slice(0, -1).map(({ error }) => [error?.code, error?.metadata['field']])).toEqual(
    cases.map(({ path }) => [status.INVALID_ARGUMENT, path]),
  )
})

test('a batch of more than 1,000 is refused whole', async () => {
  expect(await refusalOf('batchChargeUsage', { requests: Array(1_001).fill(CHARGE) })).toMatchObject({
    fields: ['requests'],
  })
})

test.each(['getUser', 'grantCredits', 'chargeUsage', 'getCharge', 'listLedgerEntries'] as const)(
  '%s of a user that is not there is NOT_FOUND',
  async (name) => {
    const request = { ...methods[name].good, userId: 'nobody' }
    expect(await refusalOf(name, request)).toMatchObject({ code: status.NOT_FOUND })
  },
)

async function refusalOf(name: string, request: object) {
  const call = server.client[name as 'getUser'] as (request: object) => Promise<unknown>
  try {
    await call(request)
  } catch (error) {
    if (!(error instanceof TollgateError)) throw error
    return { code: error.code, fields: error.fieldViolations.map(({ field }) => field) }
  }
  throw new Error('it was not refused')
}

/** `good` with one field set, by its path in the contract. The other side of a oneof goes; half a time of day is none. */
function withField(good: object, path: string, value: unknown): object {
  const changed = structuredClone(good) as Message
  if (path.includes('provider_usage')) {
    const [part] = (changed['parts'] as Message[] | undefined) ?? []
    const measured = part ?? changed
    delete measured['usage']
    measured['providerUsage'] = { format: 'openai.chat', json: '{"usage":{"prompt_tokens":1}}' }
  }
  if (path === 'hold_id' && good === methods.reportParts.good) delete changed['idempotencyKey']
  if (path === 'charge_id' && good === methods.getCharge.good) delete changed['idempotencyKey']
  if (path.includes('daily_'))
    changed['rateCards'] = [{ dailyFromUtc: '01:00', dailyToUtc: '02:00', ...CARD }]
  setAt(
    changed,
    path
      .split(/[.[\]]+/)
      .filter(Boolean)
      .map(camelCase),
    value,
  )
  return changed
}

type Message = Record<string, unknown>

function setAt(target: Message, [key = '', ...rest]: string[], value: unknown): void {
  if (rest.length === 0) {
    target[key] = value
    return
  }
  target[key] ??= /^\d+$/.test(rest[0] ?? '') ? [] : {}
  setAt(target[key] as Message, rest, value)
}

function camelCase(name: string): string {
  return name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

function tokenOf(key: unknown): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url')
}

/** A number that changes when anything in the database does. */
async function contentsOf({ kysely }: Database): Promise<unknown> {
  const tables = await kysely.introspection.getTables()
  const sums = tables.map(
    ({ name }) =>
      sql`select ${name}::text, count(*), sum(hashtextextended(t::text, 0)) from ${sql.table(name)} t`,
  )
  return (await sql`${sql.join(sums, sql` union all `)}`.execute(kysely)).rows
}
