import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { type ExportedMetric, exportedPage, metricsOn } from '../support/exportedMetrics'
import { parseQuery, problemsOf } from '../support/promql'

// What promtool can't say of the rules; `npm run check` runs it over them and their cases.

interface Rule {
  alert?: string
  record?: string
  expr: string
  labels?: Record<string, string>
  annotations?: Record<string, string>
}

interface RuleTests {
  tests: { alert_rule_test: { alertname: string; exp_alerts: unknown[] }[] }[]
}

const root = join(__dirname, '../..')
const CASES = join(root, 'test/alerts')

const { groups } = parse(read('helm/tollgate/files/alerts.yaml')) as { groups: { rules: Rule[] }[] }
const rules = groups.flatMap((group) => group.rules)
const alerts = rules.flatMap((rule) => (rule.alert === undefined ? [] : [{ ...rule, alert: rule.alert }]))
const names = alerts.map(({ alert }) => alert)

let exported: Map<string, ExportedMetric>

beforeAll(async () => {
  exported = metricsOn(await exportedPage())
  // Prometheus' own, of each target.
  exported.set('up', { name: 'up', type: 'gauge', series: [{ name: 'up', labels: {}, value: 1 }] })
}, 60_000)

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}

test('they ask only for metrics, labels and values that there are', () => {
  const recorded = new Map(
    rules.flatMap(({ record, expr }) => (record ? [[record, parseQuery(expr).groupings]] : [])),
  )
  const wrong = rules.flatMap(({ alert, record, expr }) =>
    problemsOf(parseQuery(expr), exported, recorded).map((problem) => `${alert ?? record}: ${problem}`),
  )
  expect(wrong).toEqual([])
  expect(names.length).toBeGreaterThan(20)
})

test('each says how bad it is, what it is, and where to read on', () => {
  for (const { alert, labels, annotations } of alerts) {
    expect({ alert, labels, annotations }).toEqual({
      alert,
      labels: { severity: expect.stringMatching(/^(critical|warning)$/) },
      annotations: {
        summary: expect.stringMatching(/\.$/),
        description: expect.stringMatching(/\.$/),
        runbook_url: `docs/runbooks.md#${alert.toLowerCase()}`,
      },
    })
  }
})

test('docs/runbooks.md has a section of each name, and no other; each says what it means and what to do', () => {
  const [, ...sections] = read('docs/runbooks.md').split(/^## /m)
  expect(sections.map((section) => section.split('\n')[0]).sort()).toEqual(names.toSorted())
  for (const section of sections) {
    expect(section.match(/^\*\*(Means|Look|Do):\*\*/gm)).toEqual(['**Means:**', '**Look:**', '**Do:**'])
  }
})

test('each has a case in which it fires, and one in which it does not', () => {
  const cases = readdirSync(CASES).flatMap((file) =>
    (parse(readFileSync(join(CASES, file), 'utf8')) as RuleTests).tests.flatMap(
      (each) => each.alert_rule_test,
    ),
  )
  const fires = cases.filter(({ exp_alerts }) => exp_alerts.length > 0)
  const quiet = cases.filter(({ exp_alerts }) => exp_alerts.length === 0)
  for (const some of [fires, quiet])
    expect([...new Set(some.map(({ alertname }) => alertname))].sort()).toEqual(names.toSorted())
})
