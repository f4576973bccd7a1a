import { openDatabase } from '../src/database/database'
import { migrateToLatest } from '../src/database/migrate'
import { loadCatalog } from '../src/pricing/catalog/loadCatalog'
import { FLOOR_TABLES } from './floorSql'
import { type BenchDatabase, type BenchPostgres, query } from './postgres'
import { USER_ID_SQL } from './users'

/** The credits that every user starts with; no load can spend them all. */
const OPENING_NANOUSD = 10n ** 15n

/** Makes a database with the schema, the catalog, users with credits and the floor's tables. Each run copies it. */
export async function createFixture(postgres: BenchPostgres, userCount: number): Promise<BenchDatabase> {
  const fixture = await postgres.createDatabase()
  const database = openDatabase(fixture.connection, { poolSizeMax: 2, onIdleError: () => undefined })
  try {
    await migrateToLatest(database)
    await loadCatalog(database)
  } finally {
    await database.close()
  }
  for (const statement of [
    usersSql(userCount),
    ...FLOOR_TABLES,
    floorUsersSql(userCount),
    'vacuum analyze',
  ]) {
    await query(fixture.connection, statement)
  }
  return fixture
}

/** Users before their first entry; their hash is that of their id (`domain/ledger/entryHash.ts`). */
export function usersSql(userCount: number, version = 0): string {
  return `
    insert into users (user_id, credits_nanousd, spent_on, created_at, last_entry_at, last_hash, version)
    select user_id, ${OPENING_NANOUSD}, current_date, now(), now(),
      sha256(convert_to(E'tollgate user\\n' || user_id, 'utf8')), ${version}
    from (select ${USER_ID_SQL} as user_id from generate_series(1, ${userCount}) n) ids`
}

function floorUsersSql(userCount: number): string {
  return `
    insert into bench_users (user_id, balance, version)
    select ${USER_ID_SQL}, ${OPENING_NANOUSD}, 0 from generate_series(1, ${userCount}) n`
}

/** Finds users whose balance, version or keys differ from their entries. */
export const WRONG_USERS_SQL = `
  with entries as (
    select user_id, count(*) as count, min(version) as first, max(version) as last,
      sum(allowance_delta_nanousd + credits_delta_nanousd) as delta, sum(held_delta_nanousd) as held
    from ledger_entries group by user_id),
  keys as (
    select user_id, count(*) as count, count(distinct version) as versions from idempotency_keys group by user_id)
  select coalesce(u.user_id, e.user_id, k.user_id) as user_id
  from users u
  full join entries e on e.user_id = u.user_id
  full join keys k on k.user_id = coalesce(u.user_id, e.user_id)
  where (u.version, u.version, u.version, u.version) is distinct from
      (coalesce(e.count, 0), coalesce(e.last, 0), coalesce(k.count, 0), coalesce(k.versions, 0))
    or coalesce(e.first, 1) <> 1
    or u.allowance_nanousd + u.credits_nanousd is distinct from ${OPENING_NANOUSD} + coalesce(e.delta, 0)
    or u.held_nanousd is distinct from coalesce(e.held, 0)`
