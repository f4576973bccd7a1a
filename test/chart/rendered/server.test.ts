import {
  all,
  type Labels,
  matches,
  podsOf,
  renderAll,
  serverContainer,
  serverOf,
  settingsOf,
} from '../../support/chart/rendered'

// The server is probed where it answers, drains within its time, is the only target of its services, and keeps its spool.

const charts = renderAll()
/** Seconds left after draining, in which the server flushes Sentry, its pool and its log. */
const AFTER_DRAIN_S = 10

test.each(charts)('$name: the probes ask paths and ports that are served', (chart) => {
  const { ports = [], startupProbe, livenessProbe, readinessProbe } = serverContainer(chart)
  const asked = [startupProbe, livenessProbe, readinessProbe].map((probe) => probe?.httpGet)
  expect(asked.map((http) => http?.path)).toEqual(['/healthz', '/healthz', '/readyz'])
  for (const http of asked) expect(ports.map(({ name }) => name)).toContain(http?.port)
  // A server that is not ready may take 2 s to answer.
  expect(readinessProbe?.timeoutSeconds).toBeGreaterThan(2)
})

test.each(charts)('$name: the server pauses and drains within its grace period', (chart) => {
  const command = serverContainer(chart).lifecycle?.preStop?.exec?.command?.at(-1) ?? ''
  const pauseS = Number(/, (\d+)\)$/.exec(command)?.[1]) / 1_000
  const drainS = pauseS + Number(settingsOf(chart)['TOLLGATE_DRAIN_GRACE_SECONDS'])
  const graceS = serverOf(chart).spec.template.spec.terminationGracePeriodSeconds ?? 0
  expect(drainS).toBeLessThanOrEqual(graceS - AFTER_DRAIN_S)
})

test.each(charts)('$name: deferred charges are on one volume that outlives its pod', (chart) => {
  const { kind, spec } = serverOf(chart)
  const { enabled, persistent } = chart.values.deferral
  const claims = spec.volumeClaimTemplates ?? []
  const volumes = spec.template.spec.volumes?.filter(({ name }) => name === 'data') ?? []
  expect(kind).toBe(enabled ? 'StatefulSet' : 'Deployment')
  expect(claims).toHaveLength(enabled && persistent ? 1 : 0)
  expect(claims.length + volumes.length).toBe(1)
  if (claims.length > 0) {
    expect(spec.persistentVolumeClaimRetentionPolicy).toEqual({ whenDeleted: 'Retain', whenScaled: 'Retain' })
  }
})

// A client that balances by itself must discover a new replica before the last one it knows ends.
test.each(charts)('$name: a rollout waits between replicas', (chart) => {
  expect(serverOf(chart).spec.minReadySeconds).toBe(chart.values.minReadySeconds)
})

test.each(charts)(
  '$name: an autoscaler scales the server, which sets no replicas and has no volumes',
  (chart) => {
    const { kind, metadata, spec } = serverOf(chart)
    for (const { spec: scaler } of all<{ scaleTargetRef: object }>(chart, 'HorizontalPodAutoscaler')) {
      expect(scaler.scaleTargetRef).toMatchObject({ kind, name: metadata.name })
      expect(spec.replicas).toBeUndefined()
      expect(spec.volumeClaimTemplates).toBeUndefined()
    }
  },
)

interface Service {
  selector: Labels
  clusterIP?: string
  ports: { name: string; port: number; targetPort: string }[]
}

test.each(charts)(
  '$name: services, budget and workload select the pods of the server and no others',
  (chart) => {
    const selectors = [
      ...all<Service>(chart, 'Service').map(({ spec }) => spec.selector),
      ...['PodDisruptionBudget', 'StatefulSet', 'Deployment']
        .flatMap((kind) => all<{ selector: { matchLabels: Labels } }>(chart, kind))
        .map(({ spec }) => spec.selector.matchLabels),
    ]
    const { labels } = serverOf(chart).spec.template.metadata
    const others = podsOf(chart).filter(
      ({ name }) => name !== `${serverOf(chart).kind} ${serverOf(chart).metadata.name}`,
    )
    for (const selector of selectors) {
      expect(labels).toMatchObject(selector)
      expect(others.filter((other) => matches(selector, other.labels))).toEqual([])
    }
  },
)

test.each(charts)('$name: services lead to ports of the server, and metrics stay in the cluster', (chart) => {
  const services = all<Service>(chart, 'Service')
  const ports = serverContainer(chart).ports?.map(({ name }) => name)
  const headless = services.filter(({ spec }) => spec.clusterIP === 'None')
  expect(headless).toHaveLength(1)
  if (serverOf(chart).kind === 'StatefulSet') {
    expect(serverOf(chart).spec.serviceName).toBe(headless[0]?.metadata.name)
  }
  for (const { spec } of services) {
    for (const { targetPort } of spec.ports) expect(ports).toContain(targetPort)
    if (spec.clusterIP !== 'None') expect(spec.ports.map(({ name }) => name)).not.toContain('metrics')
  }
})

test.each(charts)(
  '$name: helm test asks where a service answers, with the security that the server has',
  (chart) => {
    const pod = podsOf(chart).find(({ labels }) => labels['app.kubernetes.io/component'] === 'test')
    const [, readyUrl, address, security] = pod?.spec.containers[0]?.args ?? []
    const addresses = (port: string) =>
      all<Service>(chart, 'Service').flatMap(({ metadata, spec }) =>
        spec.ports.filter(({ name }) => name === port).map((each) => `${metadata.name}:${each.port}`),
      )
    const settings = settingsOf(chart)
    const tls = settings['TOLLGATE_TLS_CLIENT_CA_FILE'] === undefined ? 'tls' : 'mutual'
    expect(addresses('metrics').map((metrics) => `http://${metrics}/readyz`)).toContain(readyUrl)
    expect(addresses('grpc')).toContain(address)
    expect(security).toBe(settings['TOLLGATE_TLS_CERT_FILE'] === undefined ? 'plain' : tls)
  },
)
