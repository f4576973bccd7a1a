import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { packageRoot } from '../../../src/packageRoot'
import type { KubernetesObject } from './rendered'

export const chart = join(packageRoot, 'helm', 'tollgate')

export interface ChartCase {
  name: string
  /** Default: `tollgate`. */
  release?: string
  values: object
  /** Objects that an operator applies by hand. */
  beside?: KubernetesObject[]
}

const read = (...path: string[]) => parse(readFileSync(join(chart, ...path), 'utf8')) ?? {}
const shown = readFileSync(join(packageRoot, 'docs', 'operator.md'), 'utf8').matchAll(
  /^```yaml\n([\s\S]*?)^```$/gm,
)
const examples = readdirSync(join(chart, 'examples')).map((file) => ({
  name: file,
  values: read('examples', file),
}))

/** Between them they take every branch of every template. */
export const CASES: readonly ChartCase[] = [
  { name: 'values.yaml', values: {} },
  ...examples,
  {
    name: 'everything on',
    release: 'billing',
    values: {
      image: { tag: '1.2.3' },
      imagePullSecrets: [{ name: 'registry' }],
      tls: { existingSecret: 'tollgate-tls' },
      sentry: { existingSecret: 'sentry' },
      deferral: { storageClassName: 'fast' },
      config: { TOLLGATE_PRICE_FEED_URL: 'https://prices.example:8443/models' },
      extraEnv: [{ name: 'NODE_EXTRA_CA_CERTS', value: '/etc/ours/ca.crt' }],
      extraVolumes: [{ name: 'ours', configMap: { name: 'ours' } }],
      extraVolumeMounts: [{ name: 'ours', mountPath: '/etc/ours' }],
      service: { type: 'LoadBalancer', grpcPort: 443, annotations: { zone: 'a' } },
      serviceAccount: { annotations: { role: 'billing' } },
      networkPolicy: {
        enabled: true,
        databaseTo: [{ ipBlock: { cidr: '10.0.0.5/32' } }],
        databasePort: 6432,
        webTo: [{ ipBlock: { cidr: '10.0.0.6/32' } }],
        sentryPort: 9000,
        extraEgress: [{ ports: [{ port: 4317 }] }],
      },
      serviceMonitor: { enabled: true, labels: { release: 'prometheus' } },
      prometheusRule: {
        enabled: true,
        labels: { release: 'prometheus' },
        runbooksUrl: 'https://wiki.example/runbooks',
      },
      dashboards: { enabled: true, labels: { grafana_dashboard: '1' } },
      commonLabels: { team: 'billing' },
      podLabels: { mesh: 'on' },
      podAnnotations: { 'mesh.example/inject': 'true' },
      nodeSelector: { disk: 'ssd' },
      tolerations: [{ key: 'billing', operator: 'Exists' }],
      affinity: { nodeAffinity: {} },
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: 'zone',
          whenUnsatisfiable: 'DoNotSchedule',
          labelSelector: { matchLabels: { mesh: 'on' } },
        },
      ],
    },
  },
  {
    name: 'secrets in the values',
    values: {
      database: { existingSecret: '', url: 'postgres://tollgate:change-me@postgres:5433/tollgate' },
      tokens: { existingSecret: '', file: `gateway ${'a1'.repeat(32)} gateway\n` },
      networkPolicy: { enabled: true },
      config: { TOLLGATE_PRICE_FEED_URL: 'http://prices.example/models' },
    },
  },
  {
    name: 'almost everything off',
    values: {
      database: { existingSecret: '', url: 'postgres://tollgate:change-me@postgres/tollgate' },
      migration: { enabled: false },
      podDisruptionBudget: { enabled: false },
      serviceAccount: { existingName: 'ours' },
      networkPolicy: { enabled: true },
      dashboards: { enabled: true, labels: null },
    },
  },
  { name: 'docs/operator.md', values: {}, beside: [...shown].map(([, text]) => parse(text ?? '')) },
  // YAML reads this name as a boolean unless it is quoted.
  { name: 'a release called true', release: 'true', values: {} },
  { name: 'the longest drain', values: { terminationGracePeriodSeconds: 3600, preStopSeconds: 0 } },
]

/** Values that helm must refuse, a part of its message, and the name of the release where that is the reason. */
export const REFUSED: readonly [values: object, message: string, release?: string][] = [
  [{ tokens: { existingSecret: '' } }, 'no tokens are configured'],
  [{ database: { existingSecret: '' } }, 'set database.existingSecret, or database.url'],
  [{ database: { existingSecret: '', url: 'mysql://a/b' } }, 'url'],
  [{ nonsense: 1 }, 'nonsense'],
  [{ database: { nonsense: 1 } }, 'nonsense'],
  [{ config: { TOLLGATE_DEFERRAL: 'off' } }, 'TOLLGATE_DEFERRAL'],
  [{ config: { PATH: 'x' } }, 'PATH'],
  [{ config: { TOLLGATE_LANES: 2 } }, 'TOLLGATE_LANES'],
  [{ autoscaling: { enabled: true } }, 'set deferral.enabled=false'],
  [
    { deferral: { enabled: false }, autoscaling: { enabled: true, minReplicas: 7 } },
    'autoscaling.minReplicas must not be greater than autoscaling.maxReplicas',
  ],
  [{ tls: { clientCaKey: 'ca.crt' } }, 'needs tls.existingSecret'],
  [{ preStopSeconds: 30 }, 'at least 11 s more than preStopSeconds'],
  [{ terminationGracePeriodSeconds: 3601 }, 'terminationGracePeriodSeconds'],
  [{ podDisruptionBudget: { maxUnavailable: 0 } }, 'maxUnavailable'],
  [{ podDisruptionBudget: { maxUnavailable: 'all' } }, 'maxUnavailable'],
  [{ prometheusRule: { runbooksUrl: 'wiki' } }, 'runbooksUrl'],
  [{ deferral: { size: 'lots' } }, 'size'],
  [{ minReadySeconds: -1 }, 'minReadySeconds'],
  [{}, 'must start with a letter', '2026'],
  [{}, 'have no dots', 'billing.prod'],
]
