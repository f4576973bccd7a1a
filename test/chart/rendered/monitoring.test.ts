import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { chart as chartFolder } from '../../support/chart/cases'
import { all, type Labels, matches, renderAll } from '../../support/chart/rendered'

// Prometheus finds the servers once and gets all rules; Grafana gets the dashboards.

const charts = renderAll()

test.each(charts)(
  '$name: a ServiceMonitor, rules and dashboards exist where the values ask for them',
  (chart) => {
    const { serviceMonitor, prometheusRule, dashboards } = chart.values
    expect(all(chart, 'ServiceMonitor')).toHaveLength(serviceMonitor.enabled ? 1 : 0)
    expect(all(chart, 'PrometheusRule')).toHaveLength(prometheusRule.enabled ? 1 : 0)
    expect(all(chart, 'ConfigMap').filter(isDashboards)).toHaveLength(dashboards.enabled ? 1 : 0)
  },
)

interface Monitor {
  selector: { matchLabels: Labels }
  endpoints: { port: string; path: string }[]
}

test.each(charts)('$name: the ServiceMonitor selects the one service that has metrics', (chart) => {
  for (const { spec } of all<Monitor>(chart, 'ServiceMonitor')) {
    const selected = all<{ ports: { name: string }[] }>(chart, 'Service').filter(({ metadata }) =>
      matches(spec.selector.matchLabels, metadata.labels),
    )
    expect(selected).toHaveLength(1)
    expect(selected[0]?.spec.ports.map(({ name }) => name)).toContain('metrics')
    expect(spec.endpoints).toMatchObject([{ port: 'metrics', path: '/metrics' }])
  }
})

test.each(charts)(
  "$name: the rules are those of alerts.yaml, with the operator's runbooks and labels",
  (chart) => {
    const { runbooksUrl, labels } = chart.values.prometheusRule
    const alerts = readFileSync(join(chartFolder, 'files', 'alerts.yaml'), 'utf8')
    const expected = parse(
      alerts.replaceAll(': docs/runbooks.md#', `: ${runbooksUrl || 'docs/runbooks.md'}#`),
    )
    for (const { spec, metadata } of all(chart, 'PrometheusRule')) {
      expect(spec).toEqual(expected)
      expect(metadata.labels).toMatchObject(labels)
    }
  },
)

test('every alert names its own runbook', () => {
  const { groups } = parse(readFileSync(join(chartFolder, 'files', 'alerts.yaml'), 'utf8')) as {
    groups: { rules: { alert?: string; annotations?: Labels }[] }[]
  }
  for (const { alert, annotations } of groups.flatMap(({ rules }) => rules)) {
    if (alert !== undefined)
      expect(annotations?.['runbook_url']).toBe(`docs/runbooks.md#${alert.toLowerCase()}`)
  }
})

test.each(charts)(
  "$name: the dashboards are those of the chart, with the labels that Grafana's sidecar needs",
  (chart) => {
    const folder = join(chartFolder, 'dashboards')
    for (const { data, metadata } of all(chart, 'ConfigMap').filter(isDashboards)) {
      expect(Object.keys(data).sort()).toEqual(readdirSync(folder).sort())
      for (const [file, text] of Object.entries(data)) {
        expect(JSON.parse(text)).toEqual(JSON.parse(readFileSync(join(folder, file), 'utf8')))
      }
      expect(metadata.labels).toMatchObject(chart.values.dashboards.labels ?? {})
    }
  },
)

function isDashboards({ metadata }: { metadata: { name: string } }): boolean {
  return metadata.name.endsWith('-dashboards')
}
