import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ExportedMetric, exportedPage, metricsOn } from '../support/exportedMetrics'
import { parseQuery, problemsOf } from '../support/promql'

interface Panel {
  id: number
  type: string
  title?: string
  description?: string
  datasource?: { uid: string }
  fieldConfig?: { defaults: { unit?: string } }
  gridPos: { x: number; y: number; w: number; h: number }
  targets?: { refId: string; expr: string; legendFormat?: string; datasource?: { uid: string } }[]
}

interface Dashboard {
  uid: string
  title: string
  panels: Panel[]
  templating: {
    list: { name: string; type: string; query: string | { query: string }; datasource?: { uid: string } }[]
  }
}

const FOLDER = join(__dirname, '../../helm/tollgate/dashboards')
/** Grafana puts them in. */
const VARIABLES: Record<string, string> = {
  $__rate_interval: '5m',
  $__interval: '1m',
  $__range: '6h',
  $namespace: '.*',
  $job: '.*',
}
const DATA_SOURCE = '$' + '{datasource}'

const dashboards = readdirSync(FOLDER).map((file): [string, Dashboard] => [
  file,
  JSON.parse(readFileSync(join(FOLDER, file), 'utf8')),
])

let exported: Map<string, ExportedMetric>

beforeAll(async () => {
  exported = metricsOn(await exportedPage())
}, 60_000)

function withVariables(expr: string): string {
  return expr.replaceAll(/\$\w+/g, (name) => VARIABLES[name] ?? name)
}

function problemsOfQuery(expr: string): string[] {
  try {
    return problemsOf(parseQuery(withVariables(expr)), exported)
  } catch (error) {
    return [(error as Error).message]
  }
}

test('there is one for money, health, prices and streams, each found by a name of its own', () => {
  expect(dashboards.map(([file]) => file).sort()).toEqual([
    'tollgate-health.json',
    'tollgate-money.json',
    'tollgate-prices.json',
    'tollgate-streams.json',
  ])
  for (const [file, { uid }] of dashboards) expect(`${uid}.json`).toBe(file)
  expect(new Set(dashboards.map(([, { title }]) => title)).size).toBe(dashboards.length)
})

describe.each(dashboards)('%s', (_file, { panels, templating }) => {
  const shown = panels.filter(({ type }) => type !== 'row')

  test('asks only for metrics, labels and values that there are', () => {
    const wrong = shown.flatMap(({ title, targets = [] }) =>
      targets.flatMap(({ expr }) => problemsOfQuery(expr).map((problem) => `${title}: ${problem} (${expr})`)),
    )
    expect(wrong).toEqual([])
    expect(shown.flatMap(({ targets = [] }) => targets).length).toBeGreaterThanOrEqual(shown.length)
  })

  test('says of each panel what it shows, in which unit', () => {
    const silent = shown.filter(
      ({ title, description, fieldConfig }) => !title || !description || !fieldConfig?.defaults.unit,
    )
    expect(silent.map(({ id, title }) => `${id} ${title}`)).toEqual([])
  })

  test('every panel asks something, tells its lines apart, and stands by itself', () => {
    for (const { title, type, targets = [] } of shown) {
      expect([title, targets.length]).not.toEqual([title, 0])
      if (type === 'stat') continue
      expect([title, targets.filter(({ legendFormat }) => !legendFormat)]).toEqual([title, []])
    }
    const places = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, n) => `${x + (n % w)}/${y + Math.floor(n / w)}`),
    )
    expect(new Set(places).size).toBe(places.length)
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
  })

  test('reads from the data source that is chosen, and installations that are chosen', () => {
    const variables = templating.list.map(({ name, type }) => [name, type])
    expect(variables).toEqual([
      ['datasource', 'datasource'],
      ['namespace', 'query'],
      ['job', 'query'],
    ])
    const sources = [...shown, ...shown.flatMap(({ targets = [] }) => targets), ...templating.list.slice(1)]
    for (const { datasource } of sources) expect(datasource?.uid).toBe(DATA_SOURCE)
    for (const { targets = [] } of shown) {
      for (const { expr } of targets) {
        for (const { name, matchers } of parseQuery(withVariables(expr)).selectors)
          expect([name, matchers.slice(0, 2).map(({ label }) => label)]).toEqual([name, ['namespace', 'job']])
      }
    }
    const asked = templating.list
      .slice(1)
      .map(({ query }) => (typeof query === 'string' ? query : query.query))
    for (const query of asked)
      expect(exported.has(/^label_values\((\w+), \w+\)$/.exec(query)?.[1] ?? '')).toBe(true)
  })
})

test.each([
  ['sum(tollgate_unheard_of)', 'there is no tollgate_unheard_of'],
  [
    'tollgate_price_lookups_total{source="defualt"}',
    'no series of tollgate_price_lookups_total has source = defualt',
  ],
  [
    'tollgate_price_lookups_total{sauce="default"}',
    'no series of tollgate_price_lookups_total has sauce = default',
  ],
  ['sum by (model) (tollgate_price_lookups_total)', 'nothing in it has model'],
  ['sum(', 'not PromQL at 4: sum('],
])('a mistake is noticed: %s', (expr, problem) => {
  expect(problemsOfQuery(expr)).toEqual([problem])
})
