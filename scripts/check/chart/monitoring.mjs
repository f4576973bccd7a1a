import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { parse } from 'yaml'
import { chart } from './cases.mjs'
import { all, broken, matches } from './find.mjs'

const ALERTS = parse(readFileSync(join(chart, 'files', 'alerts.yaml'), 'utf8'))
const DASHBOARDS = Object.fromEntries(
  readdirSync(join(chart, 'dashboards')).map((file) => [
    file,
    JSON.parse(readFileSync(join(chart, 'dashboards', file), 'utf8')),
  ]),
)

/** Prometheus finds the servers once, and gets the rules whole; Grafana its dashboards. */
export function monitoring({ objects, values }) {
  return [
    ...all(objects, 'ServiceMonitor').flatMap((monitor) => monitorProblems(monitor, objects)),
    ...all(objects, 'PrometheusRule').flatMap((rule) => ruleProblems(rule, values)),
    ...dashboardProblems(objects, values),
    ...broken({
      'the ServiceMonitor is missing or unasked for': has(objects, 'ServiceMonitor', values.serviceMonitor),
      'the PrometheusRule is missing or unasked for': has(objects, 'PrometheusRule', values.prometheusRule),
    }),
  ]
}

const has = (objects, kind, { enabled }) => all(objects, kind).length === (enabled ? 1 : 0)

function monitorProblems({ spec }, objects) {
  const services = all(objects, 'Service').filter(({ metadata }) =>
    matches(spec.selector.matchLabels, metadata.labels),
  )
  const [{ port, path }] = spec.endpoints
  return broken({
    [`the ServiceMonitor selects ${services.length} services`]: services.length === 1,
    'the ServiceMonitor asks where there are no metrics':
      path === '/metrics' && services[0]?.spec.ports.some(({ name }) => name === port && name === 'metrics'),
  })
}

function ruleProblems({ spec, metadata }, { prometheusRule: { runbooksUrl, labels } }) {
  const url = runbooksUrl || 'docs/runbooks.md'
  const alerts = spec.groups.flatMap(({ rules }) => rules).filter(({ alert }) => alert !== undefined)
  const astray = alerts.filter(
    ({ alert, annotations }) => annotations.runbook_url !== `${url}#${alert.toLowerCase()}`,
  )
  const plain = JSON.parse(JSON.stringify(spec).replaceAll(`"${url}#`, '"docs/runbooks.md#'))
  return broken({
    [`runbooks of ${astray.map(({ alert }) => alert)} are elsewhere`]: astray.length === 0,
    'the rules are not those of files/alerts.yaml': isDeepStrictEqual(plain, ALERTS),
    'the PrometheusRule lacks its labels': matches(labels, metadata.labels),
  })
}

function dashboardProblems(objects, { dashboards }) {
  const map = all(objects, 'ConfigMap').find(({ metadata }) => metadata.name.endsWith('-dashboards'))
  if (!dashboards.enabled) return map === undefined ? [] : ['there are dashboards that nobody asked for']
  const present = Object.fromEntries(
    Object.entries(map?.data ?? {}).map(([file, text]) => [file, JSON.parse(text)]),
  )
  return broken({
    'the dashboards are not those of the chart': isDeepStrictEqual(present, DASHBOARDS),
    "Grafana's sidecar does not find the dashboards": matches(dashboards.labels ?? {}, map?.metadata.labels),
  })
}
