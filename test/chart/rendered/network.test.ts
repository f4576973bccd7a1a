import {
  all,
  type KubernetesObject,
  type Labels,
  matches,
  podsOf,
  type Rendered,
  renderAll,
  serverOf,
} from '../../support/chart/rendered'

// With policies enabled, each pod has one, and it allows what the pod needs and nothing else.

interface Rule {
  ports: { port: number; protocol?: string }[]
  from?: object[]
  to?: object[]
}

interface Policy {
  podSelector: { matchLabels: Labels }
  policyTypes: string[]
  ingress?: Rule[]
  egress: Rule[]
}

const charts = renderAll()
const closed = charts
  .filter(({ values }) => values.networkPolicy.enabled)
  .flatMap((chart) =>
    podsOf(chart).map((pod) => {
      const component = pod.labels['app.kubernetes.io/component'] ?? ''
      return {
        title: `${chart.name}: ${pod.name}`,
        chart,
        component,
        policies: policiesOf(chart, pod.labels),
      }
    }),
  )

test.each(charts)('$name: there are policies only where the values ask for them', (chart) => {
  expect(policies(chart).length > 0).toBe(chart.values.networkPolicy.enabled)
})

test.each(closed)('$title has one policy, of both directions', ({ policies }) => {
  expect(policies.map(({ spec }) => spec.policyTypes)).toEqual([['Ingress', 'Egress']])
})

// The migration is a hook, so its policy must be an earlier one.
test.each(closed)('$title: the policy of a migration precedes it', ({ component, policies }) => {
  if (component !== 'migration') return
  expect(Number(policies[0]?.metadata.annotations?.['helm.sh/hook-weight'])).toBeLessThan(0)
})

test.each(closed)(
  '$title is reached by those whom the values name, and by helm test',
  ({ chart, component, policies }) => {
    const ingress = policies[0]?.spec.ingress
    if (component !== 'server') return expect(ingress).toBeUndefined()
    const { grpcFrom, metricsFrom } = chart.values.networkPolicy
    const test = all<Policy>(chart, 'NetworkPolicy').find(({ metadata }) => metadata.name.endsWith('-test'))
    const allowed = (from: object[]) =>
      from.length === 0 ? undefined : [...from, { podSelector: test?.spec.podSelector }]
    expect(ingress).toEqual([
      { ports: [{ port: 50051, protocol: 'TCP' }], from: allowed(grpcFrom) },
      { ports: [{ port: 9464, protocol: 'TCP' }], from: allowed(metricsFrom) },
    ])
  },
)

test.each(closed)('$title reaches what it needs, and nothing else', ({ chart, component, policies }) => {
  const { extraEgress, databaseTo, webTo } = chart.values.networkPolicy
  const egress = policies[0]?.spec.egress ?? []
  const own = component === 'server' ? extraEgress : []
  const known = egress.slice(0, egress.length - own.length)
  const web = component === 'server' ? webPorts(chart) : []
  expect(egress.slice(known.length)).toEqual(own)
  expect(portsOf(known)).toEqual(
    [
      '53/TCP',
      '53/UDP',
      ...(component === 'test' ? ['50051/TCP', '9464/TCP'] : [databasePort(chart), ...web]),
    ].sort(),
  )
  const peers =
    component === 'test'
      ? [[{ podSelector: serverOf(chart).spec.selector }]]
      : [databaseTo, ...(web.length > 0 ? [webTo] : [])].filter((to) => to.length > 0)
  expect(known.filter(({ to }) => to !== undefined).map(({ to }) => to)).toEqual(peers)
})

function policies(chart: Rendered): KubernetesObject<Policy>[] {
  return all<Policy>(chart, 'NetworkPolicy')
}

function policiesOf(chart: Rendered, labels: Labels): KubernetesObject<Policy>[] {
  return policies(chart).filter(({ spec }) => matches(spec.podSelector.matchLabels, labels))
}

function databasePort({ values: { database, networkPolicy } }: Rendered): string {
  return `${database.existingSecret ? networkPolicy.databasePort : portIn(database.url) || 5432}/TCP`
}

function webPorts({ values: { config, sentry, networkPolicy } }: Rendered): string[] {
  const feed = config['TOLLGATE_PRICE_FEED_URL']
  const ports = new Set<number>()
  if (feed !== undefined) ports.add(portIn(feed) || (feed.startsWith('https:') ? 443 : 80))
  if (sentry.existingSecret) ports.add(networkPolicy.sentryPort)
  return [...ports].map((port) => `${port}/TCP`)
}

function portIn(url: string): number {
  return Number(new URL(url).port)
}

function portsOf(rules: Rule[]): string[] {
  return rules.flatMap(({ ports }) => ports.map(({ port, protocol = 'TCP' }) => `${port}/${protocol}`)).sort()
}
