import { sql } from 'kysely'
import { reconcile } from '../../../src/billing/reconcile/reconcile'
import { ReconcileJob, type ReconcileJobSettings } from '../../../src/billing/reconcile/reconcileJob'
import { finishLease, renewLease, takeLease } from '../../../src/database/reconcile/lease'
import { registry } from '../../../src/observability/metrics'
import { startTestServer, type TestServer } from '../../support/server'

let server: TestServer

const SETTINGS: ReconcileJobSettings = {
  intervalMs: 3_600_000,
  fromStartIntervalMs: 7 * 86_400_000,
  entriesPerSecondMax: 100_000,
}
const TERMS = { validityMs: 60_000, intervalMs: 3_600_000, fromStartIntervalMs: 7 * 86_400_000 }

beforeAll(async () => {
  server = await startTestServer()
  await server.client.putPrice({
    model: 'model',
    rateCards: [{ rates: [{ meter: 'METER_INPUT_TOKENS', priceNanousd: '1000000000', per: '1000000' }] }],
  })
  for (const userId of ['ada', 'bob', 'eve']) {
    await server.client.createUser({ userId })
    await server.client.grantCredits({
      userId,
      idempotencyKey: 'g',
      pot: 'POT_CREDITS',
      amountNanousd: '1000000000',
    })
    for (const key of ['a', 'b', 'c']) await charge(userId, key)
  }
})

afterAll(() => server.stop())

beforeEach(() => sql`delete from reconcile_lease`.execute(server.database.kysely))

function charge(userId: string, idempotencyKey: string) {
  return server.client.chargeUsage({ userId, idempotencyKey, model: 'model', usage: { inputTokens: 100 } })
}

function job(settings: Partial<ReconcileJobSettings> = {}): ReconcileJob {
  return new ReconcileJob(server.billing, { ...SETTINGS, ...settings })
}

async function checkpointsOf(userId: string): Promise<bigint[]> {
  const rows = await server.database.kysely
    .selectFrom('ledger_checkpoints')
    .select('version')
    .where('user_id', '=', userId)
    .execute()
  return rows.map(({ version }) => version)
}

async function metric(name: string): Promise<number> {
  return Number(/ ([\d.]+)$/m.exec(await registry.getSingleMetricAsString(name))?.[1])
}

describe('a run', () => {
  test('proves everybody, leaves checkpoints, and says so on /metrics; it is due again after the interval', async () => {
    expect(await job().runIfDue()).toBe('finished')
    expect(await checkpointsOf('ada')).toEqual([4n])
    expect(await metric('tollgate_reconcile_last_run_users')).toBe(3)
    expect(await metric('tollgate_reconcile_last_run_entries')).toBe(12)
    expect(await metric('tollgate_reconcile_last_run_timestamp_seconds')).toBeGreaterThan(1.7e9)
    expect(await job().runIfDue()).toBeUndefined()
    expect(await job({ intervalMs: 0 }).runIfDue()).toBe('finished')
  })

  test('the next one walks what is new since the checkpoints, and the last of what was there', async () => {
    await job().runIfDue()
    await charge('ada', `new-${Date.now()}`)
    const [before = 0n] = await checkpointsOf('ada')
    expect(await job({ intervalMs: 0 }).runIfDue()).toBe('finished')
    expect(await metric('tollgate_reconcile_last_run_entries')).toBe(1)
    expect(await checkpointsOf('ada')).toEqual([before + 1n])
  })

  test('from time to time it begins at the first entries again', async () => {
    await job().runIfDue()
    expect(await job({ intervalMs: 0, fromStartIntervalMs: 0 }).runIfDue()).toBe('finished')
    expect(await metric('tollgate_reconcile_last_run_entries')).toBeGreaterThanOrEqual(12)
  })

  test('books that are wrong get no checkpoint, and are counted', async () => {
    await sql`update users set credits_nanousd = credits_nanousd + 1 where user_id = 'bob'`.execute(
      server.database.kysely,
    )
    await sql`delete from ledger_checkpoints where user_id = 'bob'`.execute(server.database.kysely)
    await job().runIfDue()
    expect(await checkpointsOf('bob')).toEqual([])
    expect(await registry.getSingleMetricAsString('tollgate_reconcile_last_run_findings')).toContain(
      '{kind="BALANCE_DRIFT"} 1',
    )
    await sql`update users set credits_nanousd = credits_nanousd - 1 where user_id = 'bob'`.execute(
      server.database.kysely,
    )
  })

  test('books that are right leave a checkpoint, though a failure of theirs waits', async () => {
    await sql`delete from ledger_checkpoints where user_id = 'bob'`.execute(server.database.kysely)
    await sql`insert into credit_deduction_failures (user_id, key_id, idempotency_key, request_hash, model,
        provider, service_tier, occurred_at, usage, usage_source, quote_id, api_key_id, labels, reason, attempts, state, created_at)
      values ('bob', gen_random_uuid(), 'k', '', 'model', '', '', now(), '{}', 'provider', '', '', '{}',
        'INSUFFICIENT_CREDITS', 1, 'pending', now() - interval '25 hours')`.execute(server.database.kysely)
    await job().runIfDue()
    expect(await registry.getSingleMetricAsString('tollgate_reconcile_last_run_findings')).toContain(
      '{kind="FAILURE_PENDING"} 1',
    )
    expect(await checkpointsOf('bob')).toEqual([4n])
    await sql`delete from credit_deduction_failures`.execute(server.database.kysely)
  })

  test('begins anew where it was left at a position of another release', async () => {
    await takeLease(server.database, 'the-first', { ...TERMS, validityMs: 0 })
    await sql`update reconcile_lease set position = 'what?'`.execute(server.database.kysely)
    expect(await job().runIfDue()).toBe('finished')
    expect(await metric('tollgate_reconcile_last_run_users')).toBe(3)
  })

  test('continues where another replica stopped', async () => {
    const lease = await takeLease(server.database, 'the-first', { ...TERMS, validityMs: 0 })
    const first = await reconcile(server.billing, { userId: '', pageSize: 2, pageToken: '' })
    await sql`update reconcile_lease set position = ${first.nextPageToken}`.execute(server.database.kysely)
    expect(lease?.position).toBe('')
    expect(await job().runIfDue()).toBe('finished')
    expect(await metric('tollgate_reconcile_last_run_users')).toBe(1)
  })
})

describe('from a checkpoint', () => {
  const found = async () =>
    (
      await reconcile(server.billing, { userId: 'eve', pageSize: 1, pageToken: '', fromCheckpoints: true })
    ).discrepancies.map(({ kind, detail }) => `${kind}: ${detail}`)

  test('an entry that was exchanged since is found', async () => {
    await job().runIfDue()
    expect(await found()).toEqual([])
    await sql`update ledger_checkpoints set hash = sha256('x') where user_id = 'eve'`.execute(
      server.database.kysely,
    )
    expect(await found()).toContainEqual(
      'CHAIN_BROKEN: entry 4 is not the one that was there when it was last proved',
    )
    await sql`delete from ledger_checkpoints where user_id = 'eve'`.execute(server.database.kysely)
  })

  test('of a time before the trial of the day was in it, none is started from', async () => {
    await job({ fromStartIntervalMs: 0 }).runIfDue()
    await sql`update ledger_checkpoints set trial_spent_today_nanousd = null`.execute(server.database.kysely)
    expect(await job({ intervalMs: 0 }).runIfDue()).toBe('finished')
    expect(await metric('tollgate_reconcile_last_run_entries')).toBeGreaterThanOrEqual(12)
    expect(await job({ intervalMs: 0 }).runIfDue()).toBe('finished')
    expect(await metric('tollgate_reconcile_last_run_entries')).toBe(0)
  })

  test('a ledger that is shorter now is found', async () => {
    await job({ fromStartIntervalMs: 0 }).runIfDue()
    await sql`update ledger_checkpoints set version = 9 where user_id = 'eve'`.execute(server.database.kysely)
    expect(await found()).toContainEqual(
      'VERSION_GAP: its ledger had come to 9 when it was last proved, and ends before it',
    )
    await sql`delete from ledger_checkpoints where user_id = 'eve'`.execute(server.database.kysely)
  })
})

describe('the lease', () => {
  test('of ten that try at once, one wins', async () => {
    const tries = Array.from({ length: 10 }, (_, n) => takeLease(server.database, `replica-${n}`, TERMS))
    expect((await Promise.all(tries)).filter((lease) => lease !== undefined)).toHaveLength(1)
  })

  test('two jobs at once: one runs, the other finds nothing to do', async () => {
    const ends = await Promise.all([job().runIfDue(), job().runIfDue()])
    expect(ends.sort()).toEqual(['finished', undefined])
  })

  test('one that ran out is another’s, and its old owner can neither keep nor finish it', async () => {
    const old = await takeLease(server.database, 'old', { ...TERMS, validityMs: 0 })
    if (old === undefined) throw new Error('nobody had it')
    expect(await renewLease(server.database, old, { position: 'x', validityMs: 60_000 })).toBe(false)
    expect(await takeLease(server.database, 'new', TERMS)).toMatchObject({ owner: 'new', fromStart: true })
    expect(await renewLease(server.database, old, { position: 'x', validityMs: 60_000 })).toBe(false)
    expect(await finishLease(server.database, old)).toBe(false)
    expect(await renewLease(server.database, { owner: 'new' }, { position: '', validityMs: 60_000 })).toBe(
      true,
    )
  })

  test('a run that lost it stops after the chunk that it is at', async () => {
    const before = await metric('tollgate_reconcile_entries_total')
    // A chunk is no more than a second's entries.
    expect(await job({ leaseValidityMs: 0, entriesPerSecondMax: 4 }).runIfDue()).toBe('lost')
    expect((await metric('tollgate_reconcile_entries_total')) - before).toBe(4)
  })
})

describe('when the books were last proved', () => {
  const provedAtMs = async () => (await metric('tollgate_reconcile_proved_timestamp_seconds')) * 1_000

  /** Of a job that looks once, and has nothing to do. */
  async function shownByAnother(): Promise<number> {
    const another = job()
    another.start()
    await another.stop()
    return provedAtMs()
  }

  test('is shown by every replica, also by those that ran nothing, and while the next run is under way', async () => {
    await job().runIfDue()
    await sql`update reconcile_lease set last_finished_at = '2026-01-02T03:04:05Z'`.execute(
      server.database.kysely,
    )
    expect(await shownByAnother()).toBe(Date.parse('2026-01-02T03:04:05Z'))
    await takeLease(server.database, 'the-next', { ...TERMS, intervalMs: 0 })
    expect(await shownByAnother()).toBe(Date.parse('2026-01-02T03:04:05Z'))
  })

  test('is when the first run began, as long as that is not at its end', async () => {
    await takeLease(server.database, 'the-first', TERMS)
    await sql`update reconcile_lease set started_at = '2026-01-02T03:04:05Z'`.execute(server.database.kysely)
    expect(await shownByAnother()).toBe(Date.parse('2026-01-02T03:04:05Z'))
  })

  test('is told by a run that comes to its end', async () => {
    await job().runIfDue()
    const { rows } = await sql<{ at: Date }>`select last_finished_at as at from reconcile_lease`.execute(
      server.database.kysely,
    )
    expect(rows).toEqual([{ at: expect.any(Date) }])
    expect(await shownByAnother()).toBeCloseTo(rows[0]?.at.getTime() ?? 0, -1)
  })
})
