import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { givenUser, inFlight, startLedger } from '../support/ledger'
import { aGrant } from '../support/postings'
import { type ServerProcess, startServerProcess } from '../support/serverProcess'
import { type TestDatabase, testDatabase, urlOf } from '../support/testDatabase'

// Two servers prove the books of one database, one at a time. The one at work is killed.

const USERS = 6
const ENTRIES_PER_USER = 500
const ENTRIES = USERS * ENTRIES_PER_USER
/** Entries that the job reads before it records its position: about a second's worth. */
const CHUNK = 500
const LOOK_SECONDS = 2
const PATIENCE_MS = 60_000

let database: TestDatabase
let servers: ServerProcess[] = []

beforeAll(async () => {
  database = await testDatabase()
  const ledger = await startLedger(database.connection)
  const userIds = Array.from({ length: USERS }, (_, n) => `user-${n}`)
  for (const userId of userIds) await givenUser(database, userId)
  await inFlight(
    200,
    userIds.flatMap((userId) =>
      Array.from({ length: ENTRIES_PER_USER }, (_, n) => () => ledger.post(aGrant(userId, `grant-${n}`, 1n))),
    ),
  )
  await ledger.drain()
})

afterAll(async () => {
  for (const server of servers) await server.kill()
  await database.drop()
})

function start(): Promise<ServerProcess> {
  return startServerProcess({
    DATABASE_URL: urlOf(database.connection),
    // The job checks this often whether a run is due.
    TOLLGATE_RECONCILE_INTERVAL_SECONDS: String(LOOK_SECONDS),
    TOLLGATE_RECONCILE_ENTRIES_PER_SECOND_MAX: String(CHUNK),
  })
}

async function metricOf({ metricsUrl }: ServerProcess, series: string): Promise<number> {
  const page = await (await fetch(`${metricsUrl}/metrics`)).text()
  const line = page.split('\n').find((each) => each.startsWith(`${series} `))
  if (line === undefined) throw new Error(`there is no ${series}`)
  return Number(line.slice(series.length + 1))
}

const entriesProvedBy = (server: ServerProcess) => metricOf(server, 'tollgate_reconcile_entries_total')
const runsFinishedBy = (server: ServerProcess) =>
  metricOf(server, 'tollgate_reconcile_runs_total{outcome="finished"}')

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const endsAt = performance.now() + PATIENCE_MS
  while (!(await isSo())) {
    if (performance.now() > endsAt) throw new Error('it did not happen in time')
    await sleep(50)
  }
}

async function checkpointedEntries(): Promise<bigint> {
  const { rows } = await sql<{ entries: bigint }>`
    select coalesce(sum(version), 0)::int8 as entries from ledger_checkpoints`.execute(database.kysely)
  return rows[0]?.entries ?? 0n
}

test('one server proves at a time; if it is killed, the other continues from there after its lease has expired', async () => {
  servers = await Promise.all([start(), start()])
  const proved = () => Promise.all(servers.map(entriesProvedBy))
  await until(async () => (await proved()).some((entries) => entries > 0))
  const [left, right] = servers as [ServerProcess, ServerProcess]
  const [holder, other] = (await entriesProvedBy(left)) > 0 ? [left, right] : [right, left]

  let before = 0
  await until(async () => {
    before = await entriesProvedBy(holder)
    expect(await entriesProvedBy(other)).toBe(0)
    return before >= 4 * CHUNK
  })
  await holder.kill()
  servers = [other]
  // It has checked several times, but the lease of the killed server is still valid.
  await sleep(2.5 * LOOK_SECONDS * 1_000)
  expect(await entriesProvedBy(other)).toBe(0)
  expect(await runsFinishedBy(other)).toBe(0)

  // The same as two minutes later.
  const { numAffectedRows } =
    await sql`update reconcile_lease set expires_at = clock_timestamp() where finished_at is null`.execute(
      database.kysely,
    )
  expect(numAffectedRows).toBe(1n)
  await until(async () => (await runsFinishedBy(other)) > 0)
  const after = await entriesProvedBy(other)
  // A chunk whose owner was killed before it recorded it is proved twice, and the owner may have finished one more.
  expect(after).toBeGreaterThanOrEqual(ENTRIES - before - 2 * CHUNK)
  expect(after).toBeLessThanOrEqual(ENTRIES - before + 2 * CHUNK)
  expect(await checkpointedEntries()).toBe(BigInt(ENTRIES))
  expect(await metricOf(other, 'tollgate_reconcile_runs_total{outcome="failed"}')).toBe(0)
}, 120_000)
