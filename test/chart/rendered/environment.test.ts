import { basename, dirname } from 'node:path'
import type { IPodSpec } from 'kubernetes-models/v1/PodSpec'
import { configProblems } from '../../../src/config/config'
import { variableNames } from '../../../src/config/environment'
import {
  all,
  containerOf,
  podsOf,
  type Rendered,
  renderAll,
  serverContainer,
  serverOf,
} from '../../support/chart/rendered'

// Every pod of ours gets variables that the configuration knows and accepts, and all that it requires.

/** What the chart knows only by the name of a secret. */
const FROM_SECRETS: Record<string, string> = {
  DATABASE_URL: 'postgres://tollgate:secret@postgres/tollgate',
  SENTRY_DSN: 'https://key@sentry.example/1',
}

const charts = renderAll()
const pods = charts.flatMap((chart) =>
  podsOf(chart)
    .filter(({ spec }) => containerOf(spec).command === undefined)
    .map(({ name, spec }) => ({ title: `${chart.name}: ${name}`, chart, container: containerOf(spec) })),
)

test.each(pods)(
  '$title: the configuration knows each variable, and accepts its value',
  ({ chart, container }) => {
    const environment = variablesOf(container, chart)
    expect(Object.keys(environment).filter((name) => !variableNames.includes(name))).toEqual([])
    // Whether a file is mounted is another test's question: here, any file that can be read will do.
    const withFiles = Object.entries(environment).map(([name, value]) => [
      name,
      name.endsWith('_FILE') ? __filename : value,
    ])
    expect(configProblems(Object.fromEntries(withFiles))).toEqual([])
  },
)

test.each(pods)('$title: what is secret comes from a secret', ({ chart, container }) => {
  // The image has no Postgres of its own.
  expect(variablesOf(container, chart)).toHaveProperty('DATABASE_URL')
  const open = container.env?.filter(
    ({ name, valueFrom }) => name in FROM_SECRETS && !valueFrom?.secretKeyRef,
  )
  expect(open).toEqual([])
})

test.each(charts)(
  '$name: files and data are where they are mounted, and ports where they are declared',
  (chart) => {
    const { volumes = [] } = serverOf(chart).spec.template.spec
    const { ports = [], volumeMounts = [], ...container } = serverContainer(chart)
    const settings = variablesOf(container, chart)
    const isMounted = (path: string) =>
      volumeMounts.some(({ name, mountPath }) => {
        const items = volumes.find((volume) => volume.name === name)?.secret?.items
        return mountPath === dirname(path) && (items?.some((item) => item.path === basename(path)) ?? true)
      })
    const files = Object.entries(settings).filter(([name]) => name.endsWith('_FILE'))
    const portOf = (name: string) => String(ports.find((port) => port.name === name)?.containerPort)
    expect(files.filter(([, path]) => !isMounted(path))).toEqual([])
    expect(volumeMounts.map(({ mountPath }) => mountPath)).toContain(settings['TOLLGATE_DATA_DIR'])
    expect(settings).toMatchObject({
      TOLLGATE_GRPC_HOST: '0.0.0.0',
      TOLLGATE_GRPC_PORT: portOf('grpc'),
      TOLLGATE_METRICS_HOST: '0.0.0.0',
      TOLLGATE_METRICS_PORT: portOf('metrics'),
      // The account of the servers may not change the schema.
      TOLLGATE_MIGRATE: 'off',
    })
  },
)

function variablesOf(
  { env = [], envFrom = [] }: Pick<IPodSpec['containers'][number], 'env' | 'envFrom'>,
  chart: Rendered,
): Record<string, string> {
  const added = new Set(chart.values.extraEnv.map(({ name }) => name))
  const maps = envFrom.map(({ configMapRef }) =>
    all(chart, 'ConfigMap').find((map) => map.metadata.name === configMapRef?.name),
  )
  const own = env
    .filter(({ name }) => !added.has(name))
    .map(({ name, value, valueFrom }) => [name, valueFrom?.secretKeyRef ? FROM_SECRETS[name] : value])
  return Object.assign({}, ...maps.map((map) => map?.data), Object.fromEntries(own))
}
