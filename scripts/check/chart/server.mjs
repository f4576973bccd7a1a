import { all, broken, serverOf } from './find.mjs'

/** What of a pod's time to end is left when the server has drained: it says goodbye to Sentry, Postgres and its log. */
const AFTER_DRAIN_S = 10

/** It is asked where it answers, drains within the time it has, and leaves no money behind when it goes. */
export function server({ objects, values }) {
  const workload = serverOf(objects)
  const { spec } = workload.spec.template
  return [
    ...probes(spec.containers[0]),
    ...drain(spec, objects),
    ...spool(workload, values),
    ...rollout(workload, values),
    ...scaling(workload, objects),
  ]
}

function probes({ ports, startupProbe, livenessProbe, readinessProbe }) {
  const asked = [startupProbe, livenessProbe, readinessProbe].map((probe) => probe?.httpGet ?? {})
  const paths = asked.map(({ path }) => path)
  const names = ports.map(({ name }) => name)
  return broken({
    [`probes ask for ${paths}`]: paths.join() === '/healthz,/healthz,/readyz',
    'a probe asks at what is no port': asked.every(({ port }) => names.includes(port)),
    // The server takes 2 s to say that it isn't.
    'the readiness probe gives up before it is answered': readinessProbe?.timeoutSeconds > 2,
  })
}

function drain({ terminationGracePeriodSeconds: graceS, containers: [{ lifecycle }] }, objects) {
  const data = all(objects, 'ConfigMap').find((map) => map.data?.TOLLGATE_DRAIN_GRACE_SECONDS)?.data
  const [, pauseMs] = /, (\d+)\)$/.exec(lifecycle?.preStop?.exec?.command.at(-1) ?? '') ?? []
  const drainS = Number(pauseMs) / 1_000 + Number(data?.TOLLGATE_DRAIN_GRACE_SECONDS)
  return broken({
    'nothing tells how long it pauses and drains': Number.isFinite(drainS),
    [`it pauses and drains for ${drainS} s of ${graceS}`]: !(drainS > graceS - AFTER_DRAIN_S),
  })
}

function spool({ kind, spec }, { deferral }) {
  const kept = spec.persistentVolumeClaimRetentionPolicy
  const claims = spec.volumeClaimTemplates ?? []
  const volume = spec.template.spec.volumes.find(({ name }) => name === 'data')
  return broken({
    'what is deferred needs a StatefulSet': kind === (deferral.enabled ? 'StatefulSet' : 'Deployment'),
    'no claim for what is deferred': claims.length === (deferral.enabled && deferral.persistent ? 1 : 0),
    'the data has two volumes or none': (claims.length === 1) !== (volume !== undefined),
    'volumes of the spool are not retained':
      claims.length === 0 || (kept?.whenDeleted === 'Retain' && kept.whenScaled === 'Retain'),
  })
}

/** Who balances by itself must hear of a new replica before the last one that it knows goes. */
function rollout({ spec }, { minReadySeconds }) {
  return broken({ 'replicas follow too fast on each other': spec.minReadySeconds === minReadySeconds })
}

function scaling({ kind, metadata, spec }, objects) {
  return all(objects, 'HorizontalPodAutoscaler').flatMap(({ spec: { scaleTargetRef: target } }) =>
    broken({
      'the autoscaler scales something else': target.kind === kind && target.name === metadata.name,
      'the autoscaler and the chart both set the replicas': spec.replicas === undefined,
      'the autoscaler leaves volumes with charges behind': spec.volumeClaimTemplates === undefined,
    }),
  )
}
