import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { parse } from 'yaml'
import { DISCREPANCY_KINDS, DRIFT_KINDS } from '../../src/domain/reconcile/reconcile'
import { type ExportedMetric, metricsOn } from '../support/exportedMetrics'
import { parseQuery } from '../support/promql'
import { startServerProcess } from '../support/serverProcess'
import { testDatabase, urlOf } from '../support/testDatabase'

// From the tables to the alert: what a server shows that found drift is the input of a case in which promtool says that it fires.

const root = join(__dirname, '../..')

interface Rules {
  groups: { rules: { alert?: string; expr: string }[] }[]
}
interface Cases {
  tests: { input_series: { series: string; values: string }[] }[]
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}

test('what a server shows whose first run found drift is what makes the alert fire', async () => {
  const shown = await pageOfAServerWithDrift()
  const rules = (parse(read('helm/tollgate/files/alerts.yaml')) as Rules).groups.flatMap(
    (group) => group.rules,
  )
  const expr = rules.find(({ alert }) => alert === 'TollgateLedgerDrift')?.expr ?? ''
  const asked = new Set(parseQuery(expr).selectors.map(({ name }) => name))
  const [wanted] = (parse(read('test/alerts/drift.yaml')) as Cases).tests
  const series = (wanted?.input_series ?? []).map((each) => {
    const [, name = '', kind = ''] = /^(\w+)\{.*kind="(\w+)"\}$/.exec(each.series) ?? []
    return { name, kind, value: Number(each.values.split('x')[0]) }
  })
  expect(new Set(series.map(({ name }) => name))).toEqual(asked)
  for (const { name, kind, value } of series) {
    expect({ name, kind, value: shownValueOf(shown, { name, kind }) }).toEqual({ name, kind, value })
  }
}, 60_000)

test.each(['docs/runbooks.md', 'docs/reconciliation.md'])(
  '%s has each kind of discrepancy, and no other',
  (file) => {
    const kinds = [...read(file).matchAll(/^\|((?: `[A-Z_]+`,?)+) \|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([A-Z_]+)`/g)].map(([, kind]) => kind),
    )
    const wanted: readonly string[] = file === 'docs/runbooks.md' ? DRIFT_KINDS : DISCREPANCY_KINDS
    expect(kinds.sort()).toEqual([...wanted].sort())
  },
)

test('the contract names each kind of discrepancy', () => {
  const [, comment = ''] =
    /message Discrepancy \{\n {2}string user_id = 1;\n((?: {2}\/\/.*\n)+)/.exec(
      read('proto/tollgate/billing/v1/admin_services.proto'),
    ) ?? []
  expect(comment.match(/[A-Z]+(?:_[A-Z]+)+/g)?.sort()).toEqual([...DISCREPANCY_KINDS].sort())
})

function shownValueOf(shown: Map<string, ExportedMetric>, { name, kind }: { name: string; kind: string }) {
  return shown.get(name)?.series.find(({ labels }) => labels['kind'] === kind)?.value
}

/** Credits out of nowhere, and a failure that nobody attended to. */
async function pageOfAServerWithDrift(): Promise<Map<string, ExportedMetric>> {
  const database = await testDatabase()
  await sql`insert into users (user_id, credits_nanousd, spent_on, created_at, last_entry_at, last_hash)
    values ('ada', 5, current_date, now(), now(), sha256(convert_to(E'tollgate user\\nada', 'utf8')))`.execute(
    database.kysely,
  )
  await sql`insert into credit_deduction_failures (user_id, key_id, idempotency_key, request_hash, model,
      provider, service_tier, occurred_at, usage, usage_source, quote_id, api_key_id, labels, reason, attempts, state, created_at)
    values ('ada', gen_random_uuid(), 'k', '', 'model', '', '', now(), '{}', 'provider', '', '', '{}',
      'INSUFFICIENT_CREDITS', 1, 'pending', now() - interval '25 hours')`.execute(database.kysely)
  const server = await startServerProcess({ DATABASE_URL: urlOf(database.connection) })
  try {
    for (;;) {
      const shown = metricsOn(await (await fetch(`${server.metricsUrl}/metrics`)).text())
      if (shown.get('tollgate_reconcile_last_run_timestamp_seconds')?.series[0]?.value !== 0) return shown
      await sleep(100)
    }
  } finally {
    await server.stop()
    await database.drop()
  }
}
