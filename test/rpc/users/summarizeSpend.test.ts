import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import type { LedgerEntry } from '../../../src/domain/ledger/entry'
import { publicIdOf } from '../../../src/domain/ledger/ids'
import type { SpendGroup__Output } from '../../../src/wire/generated/tollgate/billing/v1/SpendGroup'
import type { SummarizeSpendRequest } from '../../../src/wire/generated/tollgate/billing/v1/SummarizeSpendRequest'
import { entriesOf } from '../../support/ledger'
import { cardOf } from '../../support/priceBooks'
import { operatorOf } from '../../support/program'
import { startTestServer, type TestServer } from '../../support/server'

jest.setTimeout(120_000)

let server: TestServer
const { tollgate, succeeding, lines } = operatorOf(() => server)

const USERS = ['ada', 'bob', '=cmd']
const MODELS = ['large', 'small']
const DAYS = ['2026-01-30', '2026-01-31', '2026-02-01']

/** By the wire's names, as whole nano-dollars; computed from the entries, one by one. */
interface Sums {
  calls: bigint
  charged: bigint
  adjusted: bigint
  refunded: bigint
}

beforeAll(async () => {
  server = await startTestServer()
  for (const [index, model] of MODELS.entries()) {
    const rateCards = [cardOf({ INPUT_TOKENS: 3 + index, OUTPUT_TOKENS: 15 })]
    await server.billing.prices.putPrice({ model, provider: '', rateCards })
  }
  for (const userId of USERS) await givenSpender(userId)
  await spreadOverDays()
})

afterAll(() => server?.stop())

/** Charges, a settled stream, refunds of both, and an adjustment. */
async function givenSpender(userId: string): Promise<void> {
  const { client } = server
  await client.createUser({ userId })
  const grant = { userId, pot: 'POT_CREDITS', idempotencyKey: 'g', amountNanousd: '5000000000' } as const
  await client.grantCredits(grant)
  await client.grantCredits({ ...grant, pot: 'POT_ALLOWANCE', idempotencyKey: 'a', amountNanousd: '100007' })
  for (let index = 0; index < 7; index++) {
    await client.chargeUsage({
      idempotencyKey: `c${index}`,
      userId,
      model: MODELS[index % 2] as string,
      usage: { inputTokens: 1_003 + index, outputTokens: 17 * index },
      usageSource: 'USAGE_SOURCE_PROVIDER',
      apiKeyId: index % 3 === 0 ? '' : `key-${index % 3}`,
      labels: index % 2 === 0 ? { team: 'search, "EU"' } : { env: 'prod' },
    })
  }
  const stream = client.streamSettle()
  const labels = { team: 'streams' }
  stream.open({ idempotencyKey: 's', userId, model: 'large', inputTokens: 10, apiKeyId: 'key-s', labels })
  for await (const { grant } of stream.events) {
    if (grant === null || grant === undefined) continue
    stream.close({
      sequence: 1,
      usage: { inputTokens: 999, outputTokens: 1 },
      usageSource: 'USAGE_SOURCE_PROVIDER',
      end: 'STREAM_END_COMPLETED',
    })
  }
  const entries = await entriesOf(server.database, userId)
  const settlement = entries.find(({ kind }) => kind === 'settlement') as LedgerEntry
  const charge = entries.find(({ idempotencyKey }) => idempotencyKey === 'c3') as LedgerEntry
  const refund = { userId, idempotencyKey: 'r1', chargeId: publicIdOf('ch', charge.keyId) }
  await client.refundCharge({ ...refund, amountNanousd: '1001' })
  const streamId = publicIdOf('ch', settlement.holdKeyId as string)
  await client.refundCharge({ ...refund, idempotencyKey: 'r2', chargeId: streamId, amountNanousd: '13' })
  await givenAdjustment(settlement, 777n)
}

/** As the ledger would write it. */
async function givenAdjustment(of: LedgerEntry, amountNanousd: bigint): Promise<void> {
  const { kysely } = server.database
  const ofUser = kysely.selectFrom('ledger_entries').where('user_id', '=', of.userId)
  const row = await ofUser.selectAll().where('version', '=', of.version).executeTakeFirstOrThrow()
  const { last } = await ofUser.select((the) => the.fn.max('version').as('last')).executeTakeFirstOrThrow()
  await kysely
    .insertInto('ledger_entries')
    .values({
      ...row,
      ...{
        kind: 'adjustment',
        profile: null,
        serving: null,
        counter_moves: null,
        version: BigInt(last) + 1n,
        key_id: randomUUID(),
      },
      ...{ labels: JSON.stringify(row.labels), usage_parts: JSON.stringify(row.usage_parts) },
      ...{ allowance_delta_nanousd: 0n, credits_delta_nanousd: -amountNanousd, held_delta_nanousd: 0n },
    })
    .execute()
}

async function spreadOverDays(): Promise<void> {
  await sql`update ledger_entries set created_at = (array[${sql.join(DAYS)}])[1 + version % 3]::timestamptz + interval '23:59:59.999'`.execute(
    server.database.kysely,
  )
}

type Spent = LedgerEntry & { model: string; apiKeyId: string; labels: Readonly<Record<string, string>> }

/** Entries that moved money, each with what it was for. */
async function spentEntries(userIds = USERS): Promise<Spent[]> {
  const all = (await Promise.all(userIds.map((userId) => entriesOf(server.database, userId)))).flat()
  return all
    .filter(({ kind }) => !['grant', 'hold', 'release', 'profile'].includes(kind))
    .map((entry) => {
      const { charge } =
        entry.kind !== 'refund'
          ? entry
          : (all.find(
              ({ userId, kind, keyId, holdKeyId }) =>
                userId === entry.userId &&
                ((kind === 'charge' && keyId === entry.chargeKeyId) ||
                  (kind === 'settlement' && holdKeyId === entry.chargeKeyId)),
            ) as LedgerEntry)
      if (charge === undefined) throw new Error('it is for nothing')
      const { priced, reported } = charge
      return { ...entry, model: priced.model, apiKeyId: reported.apiKeyId, labels: reported.labels }
    })
}

function sumsBy(entries: readonly Spent[], keyOf: (entry: Spent) => string[]): Map<string, Sums> {
  const groups = new Map<string, Sums>()
  for (const entry of entries) {
    const key = JSON.stringify(keyOf(entry))
    const sums = groups.get(key) ?? { calls: 0n, charged: 0n, adjusted: 0n, refunded: 0n }
    const paid = -(entry.allowanceDeltaNanousd + entry.creditsDeltaNanousd)
    if (entry.kind === 'refund') sums.refunded -= paid
    else if (entry.kind === 'adjustment') sums.adjusted += paid
    else {
      sums.calls += 1n
      sums.charged += paid
    }
    groups.set(key, sums)
  }
  return groups
}

async function everyGroup(request: SummarizeSpendRequest, pageSize = 2): Promise<SpendGroup__Output[]> {
  const groups: SpendGroup__Output[] = []
  let pageToken = ''
  do {
    const page = await server.client.summarizeSpend({ ...request, pageSize, pageToken })
    expect(page.groups.length).toBeLessThanOrEqual(pageSize)
    groups.push(...page.groups)
    pageToken = page.nextPageToken
  } while (pageToken !== '')
  return groups
}

function sumsOf(groups: readonly SpendGroup__Output[]): Map<string, Sums> {
  return new Map(
    groups.map((group) => {
      const { values, calls, chargedNanousd, adjustedNanousd, refundedNanousd } = group
      const sums = {
        calls: BigInt(calls),
        charged: BigInt(chargedNanousd),
        adjusted: BigInt(adjustedNanousd),
        refunded: BigInt(refundedNanousd),
      }
      const spent = sums.charged + sums.adjusted - sums.refunded
      expect(BigInt(group.spentNanousd)).toBe(spent)
      expect(BigInt(group.fromAllowanceNanousd) + BigInt(group.fromCreditsNanousd)).toBe(spent)
      return [JSON.stringify(values), sums]
    }),
  )
}

test.each<[string, SummarizeSpendRequest['groupBy'], (entry: Spent) => string[]]>([
  ['nothing', [], () => []],
  ['model', [{ field: 'SPEND_FIELD_MODEL' }], ({ model }) => [model]],
  ['user', [{ field: 'SPEND_FIELD_USER' }], ({ userId }) => [userId]],
  ['key', [{ field: 'SPEND_FIELD_API_KEY' }], ({ apiKeyId }) => [apiKeyId]],
  [
    'two labels',
    [
      { field: 'SPEND_FIELD_LABEL', label: 'team' },
      { field: 'SPEND_FIELD_LABEL', label: 'env' },
    ],
    ({ labels }) => [labels['team'] ?? '', labels['env'] ?? ''],
  ],
  [
    'day, user, model and key',
    [
      { field: 'SPEND_FIELD_DAY' },
      { field: 'SPEND_FIELD_USER' },
      { field: 'SPEND_FIELD_MODEL' },
      { field: 'SPEND_FIELD_API_KEY' },
    ],
    ({ createdAt, userId, model, apiKeyId }) => [
      createdAt.toISOString().slice(0, 10),
      userId,
      model,
      apiKeyId,
    ],
  ],
])('sums by %s are those of the entries', async (_what, groupBy = [], keyOf) => {
  const groups = sumsOf(await everyGroup({ groupBy }))
  const entries = await spentEntries()
  expect(entries).toHaveLength(USERS.length * 11)
  expect(groups).toEqual(sumsBy(entries, keyOf))
  expect([...groups.keys()]).toEqual([...groups.keys()].sort())
})

test('a time and a user narrow it: from is inclusive, until exclusive', async () => {
  const [first, second] = ['2026-01-30T23:59:59.999Z', '2026-01-31T23:59:59.999Z'].map((at) => new Date(at))
  const inTime = (entry: LedgerEntry) =>
    entry.createdAt >= (first as Date) && entry.createdAt < (second as Date)
  const wire = (at = new Date()) => ({ seconds: Math.floor(at.getTime() / 1_000), nanos: 999_000_000 })
  const request = { from: wire(first), until: wire(second), userId: 'bob' }
  const expected = (await spentEntries(['bob'])).filter(inTime)
  expect(expected.length).toBeGreaterThan(0)
  expect(sumsOf(await everyGroup(request))).toEqual(sumsBy(expected, () => []))
})

test('where there is nothing, the sum of everything is zero and there are no groups', async () => {
  const request = { until: { seconds: 1 } }
  const [all] = await everyGroup(request)
  expect(all).toMatchObject({ values: [], calls: '0', spentNanousd: '0' })
  expect(await everyGroup({ ...request, groupBy: [{ field: 'SPEND_FIELD_DAY' }] })).toEqual([])
})

test.each<[string, SummarizeSpendRequest, RegExp]>([
  ['an unknown field', { groupBy: [{}] }, /^group_by\[0\]\.field must be one of/],
  [
    'a label without a name',
    { groupBy: [{ field: 'SPEND_FIELD_LABEL' }] },
    /^group_by\[0\]\.label must be set/,
  ],
  [
    'a name without a label',
    { groupBy: [{ field: 'SPEND_FIELD_DAY', label: 'x' }] },
    /^group_by\[0\]\.label/,
  ],
  ['one twice', { groupBy: [{ field: 'SPEND_FIELD_DAY' }, { field: 'SPEND_FIELD_DAY' }] }, /^group_by\[1\]/],
  ['too many', { groupBy: Array.from({ length: 5 }, () => ({})) }, /^group_by must be at most 4/],
  ['no time', { from: { seconds: 2 }, until: { seconds: 2 } }, /^until must be after from/],
  ['a strange token', { pageToken: 'WyIxIiwieCJd' }, /^page_token/],
])('%s is refused', async (_what, request, message) => {
  await expect(server.client.summarizeSpend(request)).rejects.toMatchObject({
    reason: 'INVALID_FIELD',
    message: expect.stringMatching(message),
  })
})

test('what takes too long is refused and says what to do', async () => {
  const hasty = await startTestServer({ limits: { summaryMsMax: 1 } })
  try {
    await givenManyEntries(hasty)
    const refused = hasty.client.summarizeSpend({ groupBy: [{ field: 'SPEND_FIELD_USER' }] })
    await expect(refused).rejects.toMatchObject({
      reason: 'SUMMARY_TOO_LARGE',
      code: 8,
      message: expect.stringMatching(/shorter time or a single user/),
    })
    // The connection goes back without that limit.
    expect((await hasty.client.listUsers({})).users).toEqual([])
  } finally {
    await hasty.stop()
  }
})

describe('where entries take long to be added up', () => {
  let slow: TestServer
  const operator = operatorOf(() => slow)

  beforeEach(async () => {
    slow = await startTestServer()
  })

  afterEach(() => slow?.stop())

  test('two are added up at once, and gateways have the other connections', async () => {
    await givenEntriesThatTake(1)
    const summaries = [slow.client.summarizeSpend({}), slow.client.summarizeSpend({})]
    await untilAdding(2)
    const others = await Promise.allSettled(Array.from({ length: 10 }, () => slow.client.summarizeSpend({})))
    for (const other of others)
      expect(other).toMatchObject({
        status: 'rejected',
        reason: { code: 8, reason: 'OVERLOADED', retryAfterMs: 1_000 },
      })
    await Promise.all(summaries)
    await expect(slow.client.summarizeSpend({})).resolves.toBeDefined()
  })

  test('the command line waits, and asks no second time beside the one that runs', async () => {
    await givenEntriesThatTake(6)
    const said = operator.tollgate(['spend', '--by', 'day'])
    await untilAdding(1)
    const outcome = said.then(({ code, stderr }) => ({ code, stderr }))
    let most = 0
    while (most < 2 && (await Promise.race([outcome, sleep(50, undefined)])) === undefined)
      most = Math.max(most, await adding())
    expect(most).toBe(1)
    expect(await outcome).toEqual({ code: 0, stderr: 'Nothing was spent.\n' })
  })

  /** Each of the two times that they are read. */
  async function givenEntriesThatTake(seconds: number): Promise<void> {
    const { kysely } = slow.database
    await sql`alter table ledger_entries rename to entries_read_fast`.execute(kysely)
    await sql`create view ledger_entries as
      select * from entries_read_fast where (select pg_sleep(${sql.lit(seconds)})::text) = ''`.execute(kysely)
  }

  async function adding(): Promise<number> {
    const { rows } = await sql<{ count: bigint }>`select count(*) from pg_stat_activity
      where datname = current_database() and state = 'active' and query like '%as from_allowance%' and pid <> pg_backend_pid()`.execute(
      slow.database.kysely,
    )
    return Number(rows[0]?.count)
  }

  async function untilAdding(count: number): Promise<void> {
    while ((await adding()) < count) await sleep(20)
  }
})

async function givenManyEntries({ database: { kysely } }: TestServer): Promise<void> {
  await sql`insert into ledger_entries (user_id, version, kind, key_id, idempotency_key, created_at, allowance_delta_nanousd,
      credits_delta_nanousd, held_delta_nanousd, spent_today_delta_nanousd, allowance_nanousd, credits_nanousd, held_nanousd,
      spent_today_nanousd, daily_limit_nanousd, overdraft_limit_nanousd, hash)
    select 'u' || n % 50, n, 'charge', gen_random_uuid(), n::text, now() - interval '1 s', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ''
    from generate_series(1, 20000) as n`.execute(kysely)
}

describe('tollgate spend', () => {
  test('the table has a total, the CSV and the JSON lines have exact amounts', async () => {
    const [all] = await everyGroup({})
    const usd = (nanousd = '0') => {
      const text = nanousd.padStart(10, '0')
      return `${text.slice(0, -9)}.${text.slice(-9).replace(/0{1,7}$/, '')}`
    }
    const table = await succeeding(['spend', '--by', 'user,label:team'])
    expect(table).toMatch(/^user +label:team +calls +charged +adjusted +refunded +spent/)
    expect(table).toMatch(/^ada +\(none\) +3 /m)
    expect(table).toMatch(
      new RegExp(`\ntotal +24 +\\$${usd(all?.chargedNanousd)} .* \\$${usd(all?.spentNanousd)} `),
    )
    const csv = (await succeeding(['spend', '--by', 'user,label:team', '--csv'])).trim().split('\n')
    expect(csv[0]).toBe(
      'user,label:team,calls,input_tokens,output_tokens,charged_usd,adjusted_usd,refunded_usd,spent_usd,' +
        'from_allowance_usd,from_credits_usd,forgone_usd',
    )
    expect(csv[2]).toMatch(/^'=cmd,"search, ""EU""",4,\d+,\d+,0\.\d+,0\.00,0\.00,/)
    const objects = await lines(['spend', '--by', 'model,day'])
    expect(objects[0]).toMatchObject({ model: 'large', day: '2026-01-30', spentUsd: expect.any(String) })
    const sum = objects.reduce((total, each) => total + BigInt(String(each['spentNanousd'])), 0n)
    expect(sum.toString()).toBe(all?.spentNanousd)
    // Postings of January are those up to its last millisecond.
    const january = await lines(['spend', '--by', 'day', '--month', '2026-01'])
    expect(january.map(({ day }) => day)).toEqual(['2026-01-30', '2026-01-31'])
  })

  test('a wrong usage exits with 2', async () => {
    for (const [args, expected] of [
      [['--by', 'colour'], /--by <fields>.*There are user, model/],
      [['--month', '2026-13'], /--month.*2026-11/],
      [['--month', '2026-01', '--from', '2026-01-05'], /either with --month/],
    ] as const) {
      const said = await tollgate(['spend', ...args])
      expect(said).toEqual({ code: 2, stdout: '', stderr: expect.stringMatching(expected) })
    }
  })
})
