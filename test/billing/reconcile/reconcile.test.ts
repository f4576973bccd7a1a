import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { CounterCleaner } from '../../../src/billing/budgets/counterCleaner'
import { reconcile } from '../../../src/billing/reconcile/reconcile'
import { NO_BUDGET_SUMS } from '../../../src/domain/reconcile/budgetSums'
import { positionToken } from '../../../src/domain/reconcile/reconcilePosition'
import { registry } from '../../../src/observability/metrics'
import { packageRoot } from '../../../src/packageRoot'
import { startTestServer, type TestServer } from '../../support/server'

// Reconcile finds changes made by hand in the tables: each case tampers with one user's books and names the expected finding.

let server: TestServer
let users = 0

beforeAll(async () => {
  server = await startTestServer()
  await server.client.putPrice({
    model: 'model',
    rateCards: [
      {
        rates: [
          { meter: 'METER_INPUT_TOKENS', priceNanousd: '1000000000', per: '1000000' },
          { meter: 'METER_OUTPUT_TOKENS', priceNanousd: '2000000000', per: '1000000' },
        ],
      },
    ],
  })
})

afterAll(() => server.stop())

/** Granted, and charged three times: four entries. */
async function aUserWithBooks(): Promise<string> {
  const userId = `books-${users++}`
  await server.client.createUser({ userId })
  await server.client.grantCredits({
    userId,
    idempotencyKey: 'start',
    pot: 'POT_CREDITS',
    amountNanousd: '1000000000',
  })
  for (const key of ['a', 'b', 'c']) await charge(userId, key)
  return userId
}

function charge(userId: string, idempotencyKey: string) {
  return server.client.chargeUsage({ userId, idempotencyKey, model: 'model', usage: { inputTokens: 100 } })
}

async function findings(userId: string): Promise<string[]> {
  const { discrepancies } = await server.client.reconcile({ userId })
  return discrepancies.map(({ kind, detail }) => `${kind}: ${detail}`)
}

test('books that nobody touched balance', async () => {
  expect(await findings(await aUserWithBooks())).toEqual([])
})

const cases: { name: string; tamper: (userId: string) => ReturnType<typeof sql>; finds: string }[] = [
  {
    name: 'a balance',
    tamper: (id) => sql`update users set credits_nanousd = credits_nanousd + 1 where user_id = ${id}`,
    finds: 'BALANCE_DRIFT',
  },
  {
    name: 'what is held',
    tamper: (id) => sql`update users set held_nanousd = 5 where user_id = ${id}`,
    finds: 'HOLD_DRIFT',
  },
  {
    name: "the day's spend",
    tamper: (id) => sql`update users set spent_today_nanousd = 0 where user_id = ${id}`,
    finds: 'SPEND_DRIFT',
  },
  {
    name: 'an overdraft limit',
    tamper: (id) => sql`update users set overdraft_limit_nanousd = 100 where user_id = ${id}`,
    finds: 'LIMIT_DRIFT',
  },
  {
    name: 'an entry in the middle',
    tamper: (id) => sql`delete from ledger_entries where user_id = ${id} and version = 3`,
    finds: 'VERSION_GAP',
  },
  {
    name: 'the last entry',
    tamper: (id) => sql`delete from ledger_entries where user_id = ${id} and version = 4`,
    finds: 'VERSION_GAP',
  },
  {
    name: 'an amount, with its deltas',
    tamper: (id) => sql`update ledger_entries set amount_nanousd = 1, credits_delta_nanousd = -1
      where user_id = ${id} and version = 3`,
    finds: 'AMOUNT_DRIFT',
  },
  {
    name: 'who a charge is attributed to',
    tamper: (id) => sql`update ledger_entries set api_key_id = 'other' where user_id = ${id} and version = 3`,
    finds: 'CHAIN_BROKEN',
  },
  {
    name: 'a user row that was set back to an earlier version',
    tamper: (id) => sql`update users u set version = e.version, credits_nanousd = e.credits_nanousd,
        spent_today_nanousd = e.spent_today_nanousd, last_hash = e.hash
      from ledger_entries e where e.user_id = u.user_id and u.user_id = ${id} and e.version = 2`,
    finds: 'VERSION_GAP: the user is at 2, its ledger continues to 4',
  },
  {
    name: 'an idempotency key that is lost',
    tamper: (id) => sql`delete from idempotency_keys where user_id = ${id} and version = 3`,
    finds: 'KEY_DRIFT: entry 3: no idempotency key points to it',
  },
  {
    name: 'an idempotency key that points elsewhere',
    tamper: (id) => sql`update idempotency_keys set version = 9 where user_id = ${id} and version = 3`,
    finds: 'KEY_DRIFT: entry 3: no idempotency key points to it',
  },
  {
    name: 'an idempotency key too many',
    tamper: (id) => sql`insert into idempotency_keys (user_id, key_id, request_hash, version)
      values (${id}, gen_random_uuid(), '', 9)`,
    finds: 'KEY_DRIFT: 4 entries should have as many idempotency keys, there are 5',
  },
  {
    name: 'a request hash that was cut',
    tamper: (id) => sql`update idempotency_keys set request_hash = 'x' where user_id = ${id} and version = 3`,
    finds: "KEY_DRIFT: entry 3: its key's request hash is not that of its request",
  },
  {
    name: 'a request hash that was exchanged for another',
    tamper: (id) =>
      sql`update idempotency_keys set request_hash = sha256('x') where user_id = ${id} and version = 3`,
    finds:
      "CHAIN_BROKEN: entry 3: its hash is not that of its content, its key's request and the entry before it",
  },
  {
    name: 'a charge that took more than there was',
    tamper: (id) => sql`update ledger_entries set credits_nanousd = -1 where user_id = ${id} and version = 4`,
    finds: 'BELOW_FLOOR: entry 4',
  },
  {
    name: 'a charge over the daily limit that is not flagged',
    tamper: (id) =>
      sql`update ledger_entries set daily_limit_nanousd = 1 where user_id = ${id} and version = 4`,
    finds: 'OVER_DAILY_LIMIT: entry 4',
  },
  {
    name: 'a user row that is gone, with a ledger left',
    tamper: (id) => sql`delete from users where user_id = ${id}`,
    finds: 'USER_MISSING: there are ledger_entries of a user who is not there',
  },
  {
    name: 'a user row that is gone, with keys left',
    tamper: (id) => sql`delete from users where user_id = ${id}`,
    finds: 'USER_MISSING: there are idempotency_keys of a user who is not there',
  },
  {
    name: 'a deduction failure that is older than a day',
    tamper: (
      id,
    ) => sql`insert into credit_deduction_failures (user_id, key_id, idempotency_key, request_hash, model,
        provider, service_tier, occurred_at, usage, usage_source, quote_id, api_key_id, labels, reason, attempts, state, created_at)
      values (${id}, gen_random_uuid(), 'k', '', 'model', '', '', now(), '{}', 'provider', '', '', '{}',
        'INSUFFICIENT_CREDITS', 1, 'pending', now() - interval '25 hours')`,
    finds: 'FAILURE_PENDING: 1 deduction failures wait for more than a day',
  },
]

test.each(cases)('tampering is found: $name', async ({ tamper, finds }) => {
  const userId = await aUserWithBooks()
  await tamper(userId).execute(server.database.kysely)
  expect(await findings(userId)).toContainEqual(expect.stringContaining(finds))
})

test.each([
  { field: 'tier', set: sql`tier = 'free'`, finds: 'PROFILE_DRIFT: tier should be "pro", is "free"' },
  {
    field: 'suspended',
    set: sql`suspended = false`,
    finds: 'PROFILE_DRIFT: suspended should be "true", is "false"',
  },
])('a $field that is not what the last entry made it is found', async ({ set, finds }) => {
  const userId = await aUserWithBooks()
  await server.client.updateUser({ userId, idempotencyKey: 'u1', tier: 'team', suspended: true })
  await server.client.updateUser({ userId, idempotencyKey: 'u2', tier: 'pro' })
  expect(await findings(userId)).toEqual([])
  await sql`update users set ${set} where user_id = ${userId}`.execute(server.database.kysely)
  expect(await findings(userId)).toEqual([finds])
  // As docs/runbooks.md has it done.
  await server.client.updateUser({ userId, idempotencyKey: 'u3', tier: 'pro', suspended: true })
  expect(await findings(userId)).toEqual([])
})

test.each([
  'a balance',
  'what is held',
  "the day's spend",
  'an overdraft limit',
  'a user row that was set back to an earlier version',
])('the remedy in docs/runbooks.md repairs %s, and the user is charged as before', async (name) => {
  const [, statement = ''] =
    /```sql\n([\s\S]*?)```/.exec(readFileSync(join(packageRoot, 'docs/runbooks.md'), 'utf8')) ?? []
  const userId = await aUserWithBooks()
  await cases
    .find((each) => each.name === name)
    ?.tamper(userId)
    .execute(server.database.kysely)
  expect(await findings(userId)).not.toEqual([])
  await sql.raw(statement.replaceAll("'ada'", `'${userId}'`)).execute(server.database.kysely)
  expect(await findings(userId)).toEqual([])
  await charge(userId, 'd')
  expect(await findings(userId)).toEqual([])
})

describe('budgets', () => {
  async function aUserWithBudgets(): Promise<string> {
    const userId = await aUserWithBooks()
    for (const apiKeyId of ['key-1', 'key-2']) await chargeBy(userId, apiKeyId)
    return userId
  }

  async function chargeBy(userId: string, apiKeyId: string): Promise<void> {
    await server.client.putBudget({
      budget: {
        ...{
          userId,
          budgetId: 'each-key',
          action: 'BUDGET_ACTION_ENFORCE',
          limitNanousd: '1000000000000000',
        },
        groupBy: [{ apiKey: true }],
        window: { period: 'BUDGET_PERIOD_MONTH' },
      },
    })
    await server.client.chargeUsage({
      ...{ userId, idempotencyKey: `by-${apiKeyId}`, model: 'model', apiKeyId },
      usage: { inputTokens: 1_000 },
    })
  }

  test.each<{ name: string; tamper: (userId: string) => ReturnType<typeof sql>; finds: RegExp }>([
    {
      name: 'a counter that counts too little',
      tamper: (id) =>
        sql`update budget_counters set spent_nanousd = 1 where user_id = ${id} and group_values like '%key-1%'`,
      finds: /each-key.*key-1.*should be \d+ spent.*, is 1 spent/,
    },
    {
      name: 'two counters that cancel each other out',
      tamper: (id) => sql`update budget_counters set
        spent_nanousd = spent_nanousd + case when group_values like '%key-1%' then 5 else -5 end where user_id = ${id}`,
      finds: /key-2/,
    },
    {
      name: 'a counter that is missing',
      tamper: (id) => sql`delete from budget_counters where user_id = ${id} and group_values like '%key-2%'`,
      finds: /key-2.* is missing/,
    },
    {
      name: 'a counter that nothing moved',
      tamper: (id) => sql`insert into budget_counters select user_id, budget_id, generation, window_from,
        gen_random_uuid(), '["key-9"]', 7, 0, 0, kept_until from budget_counters where user_id = ${id} limit 1`,
      finds: /key-9.*should be 0 spent.*, is 7 spent/,
    },
    {
      name: 'a counter that holds what no stream holds',
      tamper: (id) =>
        sql`update budget_counters set held_nanousd = 5 where user_id = ${id} and group_values like '%key-1%'`,
      finds: /0 held by its open streams, is \d+ spent and 5 held/,
    },
    {
      name: 'a limit that nobody put',
      tamper: (id) =>
        sql`update budgets set definition = jsonb_set(definition, '{limit}', '"1"') where user_id = ${id}`,
      finds: /budgets are not those/,
    },
    {
      name: 'a budget that is missing',
      tamper: (id) => sql`delete from budgets where user_id = ${id}`,
      finds: /budgets are not those/,
    },
    {
      name: 'a user whose budgets seem unchanged',
      tamper: (id) => sql`update users set budgets_version = 1 where user_id = ${id}`,
      finds: /changed 2 times, its row says 1/,
    },
  ])('tampering is found: $name', async ({ tamper, finds }) => {
    const userId = await aUserWithBudgets()
    expect(await findings(userId)).toEqual([])
    await tamper(userId).execute(server.database.kysely)
    const found = await findings(userId)
    expect(found.every((finding) => finding.startsWith('BUDGET_DRIFT: '))).toBe(true)
    expect(found.join('\n')).toMatch(finds)
  })

  test('the remedy in docs/runbooks.md sets counters to what their entries say', async () => {
    const page = readFileSync(join(packageRoot, 'docs/runbooks.md'), 'utf8')
    const section = page.slice(page.indexOf("### Setting a budget's counters"))
    const [, statement = ''] = /```sql\n([\s\S]*?)```/.exec(section) ?? []
    const userId = await aUserWithBudgets()
    await sql`update budget_counters set spent_nanousd = 1 where user_id = ${userId}`.execute(
      server.database.kysely,
    )
    expect(await findings(userId)).not.toEqual([])
    await sql.raw(statement.replaceAll("'ada'", `'${userId}'`)).execute(server.database.kysely)
    expect(await findings(userId)).toEqual([])
  })

  test('counters that ended or that nobody counts in are removed, and the books still balance', async () => {
    const userId = await aUserWithBudgets()
    const { kysely } = server.database
    const rows = async () =>
      (await sql`select 1 from budget_counters where user_id = ${userId}`.execute(kysely)).rows.length
    await sql`update budget_counters set kept_until = now() - interval '1 s'
      where user_id = ${userId} and group_values like '%key-1%'`.execute(kysely)
    const cleaner = new CounterCleaner(server.database)
    await cleaner.clean()
    expect(await rows()).toBe(1)
    expect(await findings(userId)).toEqual([])
    // What a stream holds stays until it ends.
    const stream = server.client.streamSettle()
    stream.open({ userId, idempotencyKey: 'held', model: 'model', apiKeyId: 'key-9', inputTokens: '10' })
    await stream.events[Symbol.asyncIterator]().next()
    await sql`update budget_counters set kept_until = now() - interval '1 s' where user_id = ${userId}`.execute(
      kysely,
    )
    await server.client.deleteBudget({ userId, budgetId: 'each-key' })
    await cleaner.clean()
    expect(await rows()).toBe(1)
    expect(await findings(userId)).toEqual([])
    stream.close({ sequence: 1, usage: {} })
    stream.end()
    while ((await server.client.listHolds({ userId })).holds.length > 0) await sleep(20)
    await cleaner.clean()
    expect(await rows()).toBe(0)
    expect(await findings(userId)).toEqual([])
    await chargeBy(userId, 'key-3')
    expect(await rows()).toBe(1)
    expect(await findings(userId)).toEqual([])
  })
})

describe('holds', () => {
  async function aUserWithAHold(): Promise<string> {
    const userId = await aUserWithBooks()
    const stream = server.client.streamSettle()
    stream.open({
      userId,
      idempotencyKey: 'stream',
      model: 'model',
      inputTokens: '10',
      maxOutputTokens: '100',
    })
    await stream.events[Symbol.asyncIterator]().next()
    stream.cancel()
    return userId
  }

  test.each<{ name: string; tamper: (userId: string) => ReturnType<typeof sql>; finds: string }>([
    {
      name: 'that is gone',
      tamper: (id) => sql`delete from holds where user_id = ${id}`,
      finds: 'HOLD_ORPHANED: entry 5: it opened a hold that is not there',
    },
    {
      name: 'that nobody opened',
      tamper: (id) => sql`update holds set key_id = gen_random_uuid() where user_id = ${id}`,
      finds: 'HOLD_ORPHANED: no entry opened hd_',
    },
    {
      name: 'that expired long ago',
      tamper: (id) => sql`update holds set expires_at = now() - interval '2 hours' where user_id = ${id}`,
      finds: 'HOLD_OVERDUE: hd_',
    },
    {
      name: 'whose key stands for another request',
      tamper: (id) =>
        sql`update idempotency_keys set request_hash = sha256('x') where user_id = ${id} and version = 5`,
      finds: "KEY_DRIFT: entry 5: its key's request hash is not that of its request",
    },
    {
      name: 'that reserves something else',
      tamper: (id) => sql`update holds set held_nanousd = held_nanousd + 1 where user_id = ${id}`,
      finds: 'HOLD_DRIFT: held by the open streams',
    },
  ])('one $name is found', async ({ tamper, finds }) => {
    const userId = await aUserWithAHold()
    expect(await findings(userId)).toEqual([])
    await tamper(userId).execute(server.database.kysely)
    expect(await findings(userId)).toContainEqual(expect.stringContaining(finds))
    // Not for the other tests, which go over everybody, and not for the sweeper.
    await sql`delete from holds where user_id = ${userId}`.execute(server.database.kysely)
  })
})

test('who is gone is found between the others, wherever a page ends', async () => {
  const userId = await aUserWithBooks()
  await aUserWithBooks()
  await sql`delete from users where user_id = ${userId}`.execute(server.database.kysely)
  for (const pageSize of [1, 2, 1_000]) {
    const { discrepancies } = await allPages(pageSize)
    const missing = discrepancies.filter(
      (each) => each.userId === userId && each.detail.includes('ledger_entries'),
    )
    expect(missing.map(({ kind }) => kind)).toEqual(['USER_MISSING'])
  }
})

async function allPages(pageSize: number) {
  const discrepancies: { userId: string; kind: string; detail: string }[] = []
  let pageToken = ''
  do {
    const page = await server.client.reconcile({ pageSize, pageToken })
    discrepancies.push(...page.discrepancies)
    pageToken = page.nextPageToken
  } while (pageToken !== '')
  return { discrepancies }
}

test('a long ledger is walked over several pages, and what is wrong in each of them is found once', async () => {
  const userId = await aUserWithBooks()
  for (let n = 0; n < 40; n++) await charge(userId, `long-${n}`)
  await sql`update ledger_entries set api_key_id = 'other' where user_id = ${userId} and version in (5, 25, 44)`.execute(
    server.database.kysely,
  )
  const pages: { entries: number; users: number; found: string[] }[] = []
  let pageToken = ''
  do {
    const page = await reconcile(server.billing, { userId, pageSize: 1, pageToken, entriesMax: 10 })
    pages.push({
      entries: page.entriesChecked,
      users: page.usersChecked,
      found: page.discrepancies.map(({ kind, detail }) => `${kind} ${detail.slice(0, 8)}`),
    })
    pageToken = page.nextPageToken
  } while (pageToken !== '')
  expect(pages).toEqual([
    { entries: 10, users: 0, found: ['CHAIN_BROKEN entry 5:'] },
    { entries: 10, users: 0, found: [] },
    { entries: 10, users: 0, found: ['CHAIN_BROKEN entry 25'] },
    { entries: 10, users: 0, found: [] },
    { entries: 4, users: 1, found: ['CHAIN_BROKEN entry 44'] },
  ])
})

test('a ledger that is wrong from end to end is told in short', async () => {
  const userId = await aUserWithBooks()
  for (let n = 0; n < 110; n++) await charge(userId, `wrong-${n}`)
  await sql`update ledger_entries set api_key_id = 'other' where user_id = ${userId}`.execute(
    server.database.kysely,
  )
  const found = await findings(userId)
  expect(found).toHaveLength(101)
  expect(found.at(-1)).toMatch(/and \d+ more in this user's books/)
})

test('one lost entry is one gap, not one for each that follows', async () => {
  const userId = await aUserWithBooks()
  for (let n = 0; n < 20; n++) await charge(userId, `more-${n}`)
  await sql`delete from ledger_entries where user_id = ${userId} and version = 3`.execute(
    server.database.kysely,
  )
  expect((await findings(userId)).filter((finding) => finding.startsWith('VERSION_GAP'))).toHaveLength(1)
  expect((await findings(userId)).length).toBeLessThan(8)
})

describe('a quote says what the charge would', () => {
  async function quoteAndCharge(userId: string): Promise<[boolean, string]> {
    const call = { model: 'model', usage: { inputTokens: 1_000_000, outputTokens: 100 } }
    const { affordable, affordableOutputTokens } = await server.client.priceQuote({ ...call, userId })
    const charged = await server.client.chargeUsage({ ...call, userId, idempotencyKey: 'the-call' }).then(
      () => true,
      () => false,
    )
    expect(affordable).toBe(charged)
    return [affordable, affordableOutputTokens]
  }

  test.each([
    { name: 'credits', user: {}, credits: '2000000000', expected: [true, '100'] },
    { name: 'no credits', user: {}, credits: '0', expected: [false, '0'] },
    {
      name: 'a daily limit below the cost',
      user: { dailyLimitNanousd: '1000000100' },
      credits: '9000000000',
      expected: [false, '0'],
    },
    {
      name: 'a daily limit for a part',
      user: { dailyLimitNanousd: '1000020000' },
      credits: '9000000000',
      expected: [false, '10'],
    },
    { name: 'a trial that has not the room', user: { isTrial: true }, credits: '0', expected: [false, '0'] },
  ])('with $name', async ({ user, credits, expected }) => {
    const userId = `quoted-${users++}`
    await server.client.createUser({ userId, ...user })
    if (credits !== '0') {
      await server.client.grantCredits({
        userId,
        idempotencyKey: 'start',
        pot: 'POT_CREDITS',
        amountNanousd: credits,
      })
    }
    expect(await quoteAndCharge(userId)).toEqual(expected)
  })

  test('in a trial, which pays with nothing', async () => {
    const userId = `quoted-${users++}`
    await server.client.createUser({ userId, isTrial: true })
    const call = { model: 'model', usage: { inputTokens: 1_000, outputTokens: 100 } }
    expect(await server.client.priceQuote({ ...call, userId })).toMatchObject({
      affordable: true,
      affordableOutputTokens: '100',
    })
    expect(await server.client.chargeUsage({ ...call, userId, idempotencyKey: 'k' })).toMatchObject({
      charge: { trial: true },
    })
  })
})

test('what is found is counted', async () => {
  const userId = await aUserWithBooks()
  const before = await countedDrift()
  await sql`update users set credits_nanousd = credits_nanousd + 1 where user_id = ${userId}`.execute(
    server.database.kysely,
  )
  await findings(userId)
  expect(await countedDrift()).toBe(before + 1)
})

test('what a made-up page token makes of a ledger is told to its maker, and raises no alert', async () => {
  const userId = await aUserWithBooks()
  const before = await countedDrift()
  const walked = positionToken({
    afterUserId: '',
    within: {
      walk: {
        ...{ userId, version: 1n, allowanceNanousd: 7n, creditsNanousd: 7n, heldNanousd: 7n, spentOn: '' },
        ...{ spentTodayNanousd: 0n, trialSpentNanousd: 0n, trialSpentTodayNanousd: 0n, trialRequests: 0n },
        ...{ hash: Buffer.alloc(32), flawed: false, discrepancies: [], budgets: NO_BUDGET_SUMS },
      },
    },
  })
  const { discrepancies } = await server.client.reconcile({ userId, pageToken: walked })
  expect(discrepancies.map(({ kind }) => kind)).toContain('BALANCE_DRIFT')
  expect(await countedDrift()).toBe(before)
})

async function countedDrift(): Promise<number> {
  const page = await registry.getSingleMetricAsString('tollgate_reconcile_discrepancies_total')
  return Number(/kind="BALANCE_DRIFT"\} (\d+)/.exec(page)?.[1])
}
