import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { reconcile } from '../../../src/billing/reconcile/reconcile'
import { writeCheckpoints } from '../../../src/database/reconcile/checkpoints'
import { packageRoot } from '../../../src/packageRoot'
import { aGrant, USD } from '../../support/postings'
import { startTestServer, type TestServer } from '../../support/server'
import { TestStream } from '../../support/streamClients'

// Changes each column of the books, one row at a time, and expects Reconcile to report it. What it cannot see is listed in
// docs/reconciliation.md, and nothing else is.

/** A price's rates count where calls were rated by them; its other columns choose prices for new calls. */
const TABLES = [
  ...['users', 'ledger_entries', 'idempotency_keys', 'holds', 'ledger_checkpoints', 'model_prices'],
  ...['budgets', 'budget_counters', 'budget_totals'],
]
/** Of a column, rows of this many kinds or states. */
const ROWS_MAX = 6

let server: TestServer
const streams: TestStream[] = []

beforeAll(async () => {
  server = await startTestServer({
    fill: async ({ kysely }) => {
      await sql.raw(readFileSync(join(packageRoot, 'test/fixtures/before/rows.sql'), 'utf8')).execute(kysely)
      // Overdue since it was written, which would be reported without any change.
      await sql`update holds set expires_at = clock_timestamp() + interval '1 day' where state <> 'settled'`.execute(
        kysely,
      )
    },
    prices: { lowValueGlobs: ['cheap-*'] },
    streams: { sweepIntervalMs: 3_600_000 },
  })
  // What the older release did not write yet: who asked for it.
  await server.billing.ledger.post(aGrant('ada', 'this-release', 1n))
  await givenBudgets()
})

/** A user with budgets, counters that have spent and that hold, and a checkpoint. */
async function givenBudgets(): Promise<void> {
  const { client, billing, database } = server
  const userId = 'budgeted'
  await client.createUser({ userId })
  await client.grantCredits({ userId, idempotencyKey: 'g', pot: 'POT_CREDITS', amountNanousd: Number(USD) })
  const window = { period: 'BUDGET_PERIOD_DAY' } as const
  for (const budgetId of ['each-key', 'deleted'])
    await client.putBudget({
      budget: {
        ...{ userId, budgetId, window, action: 'BUDGET_ACTION_ENFORCE', limitNanousd: Number(USD) },
        groupBy: [{ apiKey: true }],
      },
    })
  const call = { userId, model: 'test-model', apiKeyId: 'key-1' }
  await client.chargeUsage({ ...call, idempotencyKey: 'c', usage: { inputTokens: 1_000, outputTokens: 100 } })
  await client.deleteBudget({ userId, budgetId: 'deleted' })
  streams.push(new TestStream(client, { ...call, idempotencyKey: 's', inputTokens: 1_000 }))
  // Less than a first stretch.
  await client.putBudget({
    budget: {
      ...{ userId, budgetId: 'tight', window, action: 'BUDGET_ACTION_ENFORCE', limitNanousd: 1_500_000 },
      match: { apiKeyIds: ['key-2'] },
    },
  })
  streams.push(
    new TestStream(client, { ...call, apiKeyId: 'key-2', idempotencyKey: 's-2', inputTokens: 1_000 }),
  )
  for (const stream of streams) await stream.granted()
  const { proved } = await reconcile(billing, { userId, pageSize: 1, pageToken: '' })
  await writeCheckpoints(database, proved)
}

afterAll(async () => {
  for (const stream of streams) stream.cancel()
  await server.stop()
})

async function findings(userId = ''): Promise<string[]> {
  const found = new Set<string>()
  for (const fromCheckpoints of [false, true]) {
    const request = { userId, pageSize: 1_000, pageToken: '', fromCheckpoints }
    for (const { kind, detail } of (await reconcile(server.billing, request)).discrepancies)
      if (kind !== 'FAILURE_PENDING') found.add(`${kind}: ${detail}`)
  }
  return [...found]
}

interface Column {
  name: string
  type: string
}

async function columnsOf(table: string): Promise<Column[]> {
  const { rows } = await sql<Column>`
    select attname as name, format_type(atttypid, null) as type from pg_attribute
    where attrelid = ${table}::regclass and attnum > 0 and not attisdropped order by attnum`.execute(
    server.database.kysely,
  )
  return rows
}

/** Another value of the column's type, as an expression over the row. */
function changed({ name, type }: Column): string {
  // Beyond the last, so that it is nobody else's.
  if (name === 'version') return `${name} + 1000`
  switch (type) {
    case 'numeric':
    case 'bigint':
    case 'integer':
    case 'date':
      return `${name} + 1`
    case 'boolean':
      return `not ${name}`
    case 'timestamp with time zone':
      return `${name} + interval '1 second'`
    case 'bytea':
      return `set_byte(${name}, 0, get_byte(${name}, 0) # 1)`
    case 'uuid':
      return `md5(${name}::text)::uuid`
    case 'jsonb':
      if (name === 'rate_cards') return `jsonb_set(${name}, '{0,rates,0,price_nanousd}', '"7"')`
      if (name === 'definition') return `jsonb_set(${name}, '{limit}', '"7"')`
      if (name === 'usage_parts') return `${name} || '{"webSearches": "9"}'`
      return `${name} || '{"inputTokens": "7", "model": "other", "outputTokens": "9", "team": "other"}'`
    default:
      if (name === 'state') return `case ${name} when 'settled' then 'detached' else 'settled' end`
      if (name === 'kind') return `case ${name} when 'charge' then 'grant' else 'charge' end`
      return `${name} || 'x'`
  }
}

/** Whether Reconcile reports the change of one row. The row is put back afterwards. */
async function isReported(table: string, column: Column, ctid: string): Promise<boolean> {
  const { kysely } = server.database
  const name = sql.ref(column.name)
  // A row whose user was changed is somebody's whom only a look at everything finds.
  const isOfUser = table !== 'model_prices' && column.name !== 'user_id'
  const userId = isOfUser ? sql`user_id` : sql`''`
  const { rows } = await sql<{ before: string; ctid: string; user_id: string }>`
    with before as (select ${name}::text as value from ${sql.table(table)} where ctid = ${ctid}::tid)
    update ${sql.table(table)} set ${name} = ${sql.raw(changed(column))} where ctid = ${ctid}::tid
    returning (select value from before) as before, ctid::text as ctid, ${userId} as user_id`.execute(kysely)
  const [row] = rows
  if (row === undefined) throw new Error(`no row of ${table} was changed`)
  const found = await findings(row.user_id)
  const value = sql`${row.before}::${sql.raw(column.type)}`
  await sql`update ${sql.table(table)} set ${name} = ${value} where ctid = ${row.ctid}::tid`.execute(kysely)
  return found.length > 0
}

/** Rows that have a value in the column, of as many kinds as there are. */
async function rowsWith(table: string, { name }: Column): Promise<string[]> {
  const kinds: Record<string, string> = {
    users: 'user_id',
    model_prices: 'model',
    ledger_entries: 'kind',
    holds:
      'state || settled_by_expiry || (amended_version is null) || (counters is null) || (final_budget_id is null)',
  }
  const kind = kinds[table] ?? "''::text"
  const { rows } = await sql<{ ctid: string }>`
    select distinct on (${sql.raw(kind)}) ctid::text as ctid from ${sql.table(table)}
    where ${sql.ref(name)} is not null ${table === 'users' ? sql`and version > 3` : sql``}
      ${name === 'rate_cards' || name === 'price_id' ? sql`and model = 'test-model'` : sql``}
      ${table === 'model_prices' ? sql`and model in ('test-model', 'gone-model', 'rich-model')` : sql``}
      ${name === 'labels' || name === 'profile' ? sql`and ${sql.ref(name)}::text <> '{}'` : sql``}
    order by ${sql.raw(kind)}, ctid limit ${ROWS_MAX}`.execute(server.database.kysely)
  return rows.map(({ ctid }) => ctid)
}

/** `table.column` for each line of the list in the documentation. */
function documented(): Set<string> {
  const page = readFileSync(join(packageRoot, 'docs/reconciliation.md'), 'utf8')
  const section = page.slice(page.indexOf('## What it does not compare'))
  return new Set([...section.matchAll(/`(\w+\.\w+)`/g)].map(([, name = '']) => name))
}

test('nothing is reported where nothing was changed', async () => {
  expect(await findings()).toEqual([])
})

test.each(TABLES)(
  'each change of a column of %s is reported, or is documented as one that is not',
  async (table) => {
    const unseen = new Set<string>()
    let changes = 0
    for (const column of await columnsOf(table)) {
      for (const ctid of await rowsWith(table, column)) {
        changes += 1
        const at = (await isReported(table, column, ctid)) ? undefined : `${table}.${column.name}`
        if (at !== undefined) unseen.add(at)
      }
    }
    expect(changes).toBeGreaterThan(2)
    expect([...unseen].sort()).toEqual(
      [...documented()].filter((name) => name.startsWith(`${table}.`)).sort(),
    )
  },
  120_000,
)
