import { ENTRY_COLUMNS } from '../src/database/ledger/columns'
import { migrateToLatest } from '../src/database/migrate'
import type { Bench } from './bench'
import { usersSql } from './fixture'
import { type BenchDatabase, query } from './postgres'
import { USER_ID_SQL } from './users'

export interface LargeLedger {
  database: BenchDatabase
  userCount: number
  entryCount: number
  bytesPerEntry: number
}

const USER_COUNT = 1_000_000
const ENTRIES_PER_USER = 10
const USERS_AT_ONCE = 100_000

/**
 * A ledger with a past, made by SQL: charges like those of the load, but of 0, so that balances hold. Their hashes are not
 * chained, which only Reconcile would notice.
 */
export async function createLargeLedger({ postgres, progress }: Bench): Promise<LargeLedger> {
  const database = await postgres.createDatabase()
  const { connection } = database
  progress.show('large ledger: users')
  await migrateToLatest({ connection })
  await query(connection, usersSql(USER_COUNT, ENTRIES_PER_USER))
  for (let first = 1; first <= USER_COUNT; first += USERS_AT_ONCE) {
    const last = first + USERS_AT_ONCE - 1
    progress.show(`large ledger: entries of users ${first} to ${last} of ${USER_COUNT}`)
    await query(connection, entriesSql(first, last))
    await query(connection, keysSql(first, last))
  }
  progress.show('large ledger: vacuum and checkpoint')
  await query(connection, 'vacuum analyze')
  await query(connection, 'checkpoint').catch(() => undefined)
  const entryCount = USER_COUNT * ENTRIES_PER_USER
  return {
    database,
    userCount: USER_COUNT,
    entryCount,
    bytesPerEntry: (await sizeOf(connection)) / entryCount,
  }
}

async function sizeOf(connection: BenchDatabase['connection']): Promise<number> {
  const [row] = await query<{ bytes: string }>(
    connection,
    "select (pg_total_relation_size('ledger_entries') + pg_total_relation_size('idempotency_keys'))::text as bytes",
  )
  return Number(row?.bytes)
}

const PAST = { user_id: USER_ID_SQL, key: `lpad(n::text, 12, '0') || lpad(version::text, 8, '0')` }
const KEY_ID = `md5(${PAST.user_id} || ${PAST.key})::uuid`

/** The columns of a charge; all others are null. */
const CHARGE: Record<string, string> = {
  user_id: PAST.user_id,
  version: 'version',
  kind: "'charge'",
  key_id: KEY_ID,
  idempotency_key: PAST.key,
  created_at: "now() - interval '1 day'",
  allowance_delta_nanousd: '0',
  credits_delta_nanousd: '0',
  held_delta_nanousd: '0',
  spent_today_delta_nanousd: '0',
  allowance_nanousd: '0',
  credits_nanousd: '1000000000000000',
  held_nanousd: '0',
  spent_today_nanousd: '0',
  daily_limit_nanousd: '0',
  overdraft_limit_nanousd: '0',
  charge_key_id: KEY_ID,
  model: "'gpt-4o'",
  priced_model: "'gpt-4o'",
  provider: "'openai'",
  priced_provider: "'openai'",
  price_id: "'price-1'",
  price_source: "'catalog'",
  markup_basis_points: '0',
  service_tier: "''",
  occurred_at: "now() - interval '1 day'",
  quote_expired: 'false',
  api_key_id: "'key-1'",
  labels: `'{"team":"search"}'`,
  usage_source: "'provider'",
  input_tokens: '1200',
  output_tokens: '350',
  cost_nanousd: '0',
  amount_nanousd: '0',
  trial: 'false',
  forgone_nanousd: '0',
  shortfall_nanousd: '0',
  over_daily_limit: 'false',
  hash: `sha256(convert_to(${PAST.key}, 'utf8'))`,
}

function pastOf(first: number, last: number): string {
  return `generate_series(${first}, ${last}) n, generate_series(1, ${ENTRIES_PER_USER}) version`
}

function entriesSql(first: number, last: number): string {
  const columns = ENTRY_COLUMNS.filter(({ name }) => name in CHARGE)
  return `
    insert into ledger_entries (${columns.map(({ name }) => name).join(', ')})
    select ${columns.map(({ name, type }) => `(${CHARGE[name]})::${type}`).join(', ')}
    from ${pastOf(first, last)}`
}

function keysSql(first: number, last: number): string {
  return `
    insert into idempotency_keys (user_id, key_id, request_hash, version)
    select ${PAST.user_id}, ${KEY_ID}, sha256(convert_to(${PAST.key}, 'utf8')), version from ${pastOf(first, last)}`
}
