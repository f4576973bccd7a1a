import { spawnSync } from 'node:child_process'
import { basename, dirname, join } from 'node:path'
import { root } from '../../prepare.mjs'
import { broken, named, podsOf, serverOf } from './find.mjs'

/** What secrets hold, as far as the chart knows. */
const STAND_INS = {
  DATABASE_URL: 'postgres://tollgate:secret@postgres/tollgate',
  SENTRY_DSN: 'https://key@sentry.example/1',
}

/** Every pod of ours gets variables that `src/config/config.ts` knows and takes, and each that it can't do without. */
export function environment({ objects, values }) {
  const theirs = new Set(values.extraEnv.map(({ name }) => name))
  const ours = podsOf(objects).filter(({ spec }) => spec.containers[0].command === undefined)
  const environments = ours.map(({ spec }) => variablesOf(spec.containers[0], objects, theirs))
  const problems = judge(environments)
  return [
    ...ours.flatMap(({ name, spec }, index) =>
      [...problems[index], ...secretProblems(spec.containers[0], environments[index])].map(
        (problem) => `${name}: ${problem}`,
      ),
    ),
    ...placeProblems(serverOf(objects).spec, objects),
  ]
}

function variablesOf({ env = [], envFrom = [] }, objects, theirs) {
  const maps = envFrom.map(({ configMapRef }) => named(objects, 'ConfigMap', configMapRef.name)?.data ?? {})
  const own = env
    .filter(({ name }) => !theirs.has(name))
    .map(({ name, value, valueFrom }) => [name, valueFrom?.secretKeyRef ? STAND_INS[name] : value])
  return Object.assign({}, ...maps, Object.fromEntries(own))
}

const judgements = new Map()

/** By the sources themselves, in a process that can read them; once for the same environments. */
function judge(environments) {
  const input = JSON.stringify(environments)
  if (!judgements.has(input)) judgements.set(input, judged(input))
  return judgements.get(input)
}

function judged(input) {
  const script = join('scripts', 'check', 'chart', 'judgeEnvironment.cjs')
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join('test', 'support', 'fromSource.js'), script],
    {
      cwd: root,
      encoding: 'utf8',
      input,
    },
  )
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout)
}

function secretProblems({ env = [] }, variables) {
  const open = env.filter(({ name, valueFrom }) => name in STAND_INS && !valueFrom?.secretKeyRef)
  return broken({
    // There is no Postgres in the image.
    'DATABASE_URL is not set': variables.DATABASE_URL,
    [`${open.map(({ name }) => name)} can be read by whoever reads the pod`]: open.length === 0,
  })
}

/** Files are where they are mounted, and ports where they are looked for. */
function placeProblems(spec, objects) {
  const {
    containers: [container],
    volumes,
  } = spec.template.spec
  const variables = variablesOf(container, objects, new Set())
  const isMounted = (path) =>
    container.volumeMounts.some(({ name, mountPath }) => {
      const items = volumes.find((volume) => volume.name === name)?.secret?.items
      return mountPath === dirname(path) && (!items || items.some((item) => item.path === basename(path)))
    })
  const files = Object.entries(variables).filter(([name, path]) => name.endsWith('_FILE') && !isMounted(path))
  const portOf = (name) => String(container.ports.find((port) => port.name === name)?.containerPort)
  return broken({
    [`${files.map(([name]) => name)} is not mounted`]: files.length === 0,
    'its data is on no volume': container.volumeMounts.some(
      ({ mountPath }) => mountPath === variables.TOLLGATE_DATA_DIR,
    ),
    'gRPC is served at another port': variables.TOLLGATE_GRPC_PORT === portOf('grpc'),
    'metrics are served at another port': variables.TOLLGATE_METRICS_PORT === portOf('metrics'),
    'nobody can connect': [variables.TOLLGATE_GRPC_HOST, variables.TOLLGATE_METRICS_HOST].every(
      (host) => host === '0.0.0.0',
    ),
    'the server migrates, with an account that may not': variables.TOLLGATE_MIGRATE === 'off',
  })
}
