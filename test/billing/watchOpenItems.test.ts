import { sql } from 'kysely'
import { OpenItemsWatch } from '../../src/billing/watchOpenItems'
import { readOpenItems } from '../../src/database/openItems'
import type { LedgerEngine } from '../../src/ledger/engine'
import { registry } from '../../src/observability/metrics'
import { givenUser, outcomeOf, startLedger } from '../support/ledger'
import { aCharge, aGrant, anOpen, aSettlement } from '../support/postings'
import { type TestDatabase, testDatabase } from '../support/testDatabase'

let database: TestDatabase
let ledger: LedgerEngine

beforeAll(async () => {
  database = await testDatabase()
  ledger = await startLedger(database.connection)
  await givenUser(database, 'ada')
  await ledger.post(aGrant('ada', 'start', 100n))
})

afterAll(async () => {
  await ledger.drain()
  await database.drop()
})

test('of a database where nothing waits, everything is zero', async () => {
  expect(await readOpenItems(database)).toEqual({
    holds: 0,
    heldNanousd: 0n,
    oldestHoldAgeMs: 0,
    oldestHoldOverdueMs: 0,
    pendingFailures: 0,
    pendingFailuresNanousd: 0n,
    heldBackPriceChanges: 0,
    readAt: expect.any(Date),
  })
})

test('what waits is counted, and what is done is not', async () => {
  const opens = ['old', 'overdue', 'settled'].map((key) =>
    anOpen('ada', key, { minimumNanousd: 1n, wantNanousd: 10n }),
  )
  for (const open of opens) await ledger.post(open)
  const [old, overdue, settled] = opens as [(typeof opens)[0], (typeof opens)[0], (typeof opens)[0]]
  await ledger.post(aSettlement(settled, 1, { amountNanousd: 0n }))
  await moveHold(old.keyId, { openedAgoSeconds: 600, expiresInSeconds: 60 })
  await moveHold(overdue.keyId, { openedAgoSeconds: 500, expiresInSeconds: -300 })
  await moveHold(settled.keyId, { openedAgoSeconds: 9_000, expiresInSeconds: -9_000 })
  await outcomeOf(ledger.post(aCharge('ada', 'too-much', 500n)))
  await outcomeOf(ledger.post(aCharge('ada', 'collected', 90n)))
  await ledger.post(aGrant('ada', 'more', 90n))
  await ledger.post(aCharge('ada', 'collected', 90n))
  await aPriceChange('waits', 'held-back')
  await aPriceChange('decided', 'rejected')

  const found = await readOpenItems(database)
  expect(found).toMatchObject({
    holds: 2,
    heldNanousd: 20n,
    pendingFailures: 1,
    pendingFailuresNanousd: 500n,
    heldBackPriceChanges: 1,
  })
  expect(found.oldestHoldAgeMs).toBeGreaterThanOrEqual(600_000)
  expect(found.oldestHoldAgeMs).toBeLessThan(9_000_000)
  expect(found.oldestHoldOverdueMs).toBeGreaterThanOrEqual(300_000)
  expect(found.oldestHoldOverdueMs).toBeLessThan(9_000_000)

  const watch = new OpenItemsWatch(database)
  await watch.start()
  await watch.stop()
  const page = await registry.metrics()
  expect(page).toMatch(/^tollgate_open_holds 2$/m)
  expect(page).toMatch(/^tollgate_held_nanousd 20$/m)
  expect(page).toMatch(/^tollgate_deduction_failures_pending 1$/m)
  expect(page).toMatch(/^tollgate_deduction_failures_pending_nanousd 500$/m)
  expect(page).toMatch(/^tollgate_price_changes_waiting 1$/m)
  expect(page).toContain(`\ntollgate_oldest_hold_age_seconds 60`)
  expect(page).toContain(`\ntollgate_oldest_hold_overdue_seconds 30`)
})

test('while the database is unreachable, what was read last stays, and so does when that was', async () => {
  const readAt = async () =>
    (await registry.getSingleMetricAsString('tollgate_open_items_read_timestamp_seconds')).split('\n').at(-1)
  const before = await readAt()
  const away = await testDatabase()
  await away.drop()
  await new OpenItemsWatch(away).look()
  expect(await readAt()).toBe(before)
  expect(await registry.getSingleMetricAsString('tollgate_open_holds')).toContain('tollgate_open_holds 2')
})

async function moveHold(
  keyId: string,
  { openedAgoSeconds, expiresInSeconds }: { openedAgoSeconds: number; expiresInSeconds: number },
): Promise<void> {
  await sql`
    update holds set opened_at = now() - make_interval(secs => ${openedAgoSeconds}),
      expires_at = now() + make_interval(secs => ${expiresInSeconds})
    where key_id = ${keyId}`.execute(database.kysely)
}

async function aPriceChange(changeId: string, state: string): Promise<void> {
  await sql`
    insert into price_changes (change_id, model, provider, source, after_price, state, seen_at)
    values (${changeId}, 'gpt-5', 'openai', 'live', '{}', ${state}, now())`.execute(database.kysely)
}
