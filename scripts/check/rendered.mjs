// What must hold in rendered objects of the chart, beyond what a schema can say.

/** One line for each thing that is wrong. `isKnown` tells of a secret's name whether it exists already. */
export function problemsOf(objects, isKnown) {
  const server = objects.find(({ kind }) => kind === 'StatefulSet' || kind === 'Deployment')
  if (server === undefined) return ['there is no StatefulSet and no Deployment']
  const pods = podsOf(objects)
  return [
    ...pods.flatMap((pod) => podProblems(pod, objects, isKnown)),
    ...probeProblems(server.spec.template.spec),
    ...selectorProblems(objects, server),
    ...drainProblems(objects, server.spec.template.spec),
    ...spoolProblems(server),
    ...hookProblems(objects),
  ]
}

const isHook = ({ metadata }) => (metadata.annotations?.['helm.sh/hook'] ?? '').includes('pre-install')
const weightOf = ({ metadata }) => Number(metadata.annotations?.['helm.sh/hook-weight'] ?? 0)

function podsOf(objects) {
  return objects.flatMap((object) => {
    const spec = object.kind === 'Pod' ? object.spec : object.spec?.template?.spec
    return spec?.containers ? [{ name: `${object.kind} ${object.metadata.name}`, spec }] : []
  })
}

function podProblems({ name, spec }, objects, isKnown) {
  const problems = []
  const need = (holds, what) => holds || problems.push(`${name}: ${what}`)
  need(spec.securityContext?.runAsNonRoot && spec.securityContext.runAsUser > 0, 'may run as root')
  need(spec.automountServiceAccountToken === false, 'mounts a service account token')
  need(spec.enableServiceLinks === false, 'gets variables of services')
  for (const { securityContext: own, env = [], envFrom = [], volumeMounts = [] } of spec.containers) {
    need(own?.readOnlyRootFilesystem, 'can write to its root')
    need(own?.allowPrivilegeEscalation === false, 'may gain privileges')
    need(own?.capabilities?.drop?.includes('ALL'), 'has capabilities')
    for (const { configMapRef } of envFrom)
      need(has(objects, 'ConfigMap', configMapRef.name), `no ConfigMap ${configMapRef.name}`)
    for (const { valueFrom } of env) checkSecret(valueFrom?.secretKeyRef?.name)
    need(
      new Set(volumeMounts.map(({ name: mount }) => mount)).size === volumeMounts.length,
      'a volume mounted twice',
    )
  }
  for (const { secret } of spec.volumes ?? []) checkSecret(secret?.secretName)
  const account = spec.serviceAccountName
  need(account === undefined || has(objects, 'ServiceAccount', account), `no ServiceAccount ${account}`)
  return problems

  function checkSecret(secret) {
    need(secret === undefined || isKnown(secret) || has(objects, 'Secret', secret), `no Secret ${secret}`)
  }
}

function has(objects, kind, name) {
  return objects.some((object) => object.kind === kind && object.metadata.name === name)
}

function probeProblems({ containers: [{ ports, startupProbe, livenessProbe, readinessProbe }] }) {
  const paths = [startupProbe, livenessProbe, readinessProbe].map((probe) => probe?.httpGet.path)
  const asked = [startupProbe, livenessProbe, readinessProbe].map((probe) => probe?.httpGet.port)
  const named = ports.map(({ name }) => name)
  return [
    ...(paths.join() === '/healthz,/healthz,/readyz' ? [] : [`probes ask for ${paths}`]),
    ...asked
      .filter((port) => !named.includes(port))
      .map((port) => `a probe asks at ${port}, which is no port`),
  ]
}

/** Services, budgets and policies mean the server's pods and no others; the monitor one service. */
function selectorProblems(objects, server) {
  const selectors = objects.flatMap(({ kind, spec }) => {
    if (kind === 'Service') return [[kind, spec.selector]]
    if (kind === 'NetworkPolicy') return [[kind, spec.podSelector.matchLabels]]
    return ['PodDisruptionBudget', 'StatefulSet', 'Deployment'].includes(kind)
      ? [[kind, spec.selector.matchLabels]]
      : []
  })
  const matches = (wanted, { labels = {} }) =>
    Object.entries(wanted).every(([key, value]) => labels[key] === value)
  const others = objects.filter(({ kind }) => kind === 'Job' || kind === 'Pod')
  const problems = selectors
    .filter(([, wanted]) => !matches(wanted, server.spec.template.metadata))
    .map(([kind]) => `${kind} selects no pod of the server`)
  for (const other of others) {
    const metadata = other.kind === 'Pod' ? other.metadata : other.spec.template.metadata
    if (selectors.some(([, wanted]) => matches(wanted, metadata)))
      problems.push(`${other.metadata.name} is taken for a server`)
  }
  for (const { spec } of objects.filter(({ kind }) => kind === 'ServiceMonitor')) {
    const services = objects.filter(
      ({ kind, metadata }) => kind === 'Service' && matches(spec.selector.matchLabels, metadata),
    )
    if (services.length !== 1) problems.push(`the ServiceMonitor selects ${services.length} services`)
    if (!services[0]?.spec.ports.some(({ name }) => name === spec.endpoints[0].port))
      problems.push('the ServiceMonitor asks at no port')
  }
  return problems
}

function drainProblems(objects, { terminationGracePeriodSeconds, containers: [{ lifecycle }] }) {
  const data = objects.find(
    (object) => object.kind === 'ConfigMap' && object.data.TOLLGATE_DRAIN_GRACE_SECONDS,
  )?.data
  const [, pauseMs] = /, (\d+)\)$/.exec(lifecycle?.preStop.exec.command.at(-1) ?? '') ?? []
  const drainS = Number(pauseMs) / 1_000 + Number(data?.TOLLGATE_DRAIN_GRACE_SECONDS)
  return drainS < terminationGracePeriodSeconds
    ? []
    : [`drains for ${drainS} s of ${terminationGracePeriodSeconds}`]
}

function spoolProblems({ kind, spec }) {
  const kept = spec.persistentVolumeClaimRetentionPolicy
  if (kind === 'Deployment') return spec.volumeClaimTemplates ? ['a Deployment has no volume claims'] : []
  if (spec.volumeClaimTemplates === undefined) return []
  return kept?.whenDeleted === 'Retain' && kept.whenScaled === 'Retain'
    ? []
    : ['volumes of the spool are not retained']
}

/** The migration comes before the release: what it stands on must come before it, as a hook too. */
function hookProblems(objects) {
  const job = objects.find(({ kind }) => kind === 'Job')
  if (job === undefined) return []
  if (!isHook(job)) return ['the migration is no hook']
  const { serviceAccountName, containers } = job.spec.template.spec
  const secrets = containers[0].env.map(({ valueFrom }) => valueFrom.secretKeyRef.name)
  return [
    ...(serviceAccountName === undefined && containers[0].envFrom === undefined
      ? []
      : ['the migration needs what is not there yet']),
    ...objects
      .filter(({ kind, metadata }) => kind === 'Secret' && secrets.includes(metadata.name))
      .filter((secret) => !isHook(secret) || weightOf(secret) >= weightOf(job))
      .map(({ metadata }) => `Secret ${metadata.name} comes after the migration`),
  ]
}
