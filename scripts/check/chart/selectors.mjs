import { all, broken, matches, podsOf, serverOf } from './find.mjs'

/** Services, the budget and the workload mean the server's pods and no others; ports are where something listens. */
export function selectors({ objects }) {
  const workload = serverOf(objects)
  const labels = workload.spec.template.metadata.labels
  const wanted = objects.flatMap(({ kind, spec }) => {
    if (kind === 'Service') return [[kind, spec.selector]]
    const has = ['PodDisruptionBudget', 'StatefulSet', 'Deployment'].includes(kind)
    return has ? [[kind, spec.selector.matchLabels]] : []
  })
  const others = podsOf(objects.filter((object) => object !== workload))
  return [
    ...wanted
      .filter(([, selector]) => !matches(selector, labels))
      .map(([kind]) => `${kind} selects no pod of the server`),
    ...others
      .filter((other) => wanted.some(([, selector]) => matches(selector, other.labels)))
      .map(({ name }) => `${name} is taken for a server`),
    ...services(objects, workload),
    ...helmTest(objects),
  ]
}

function services(objects, workload) {
  const names = workload.spec.template.spec.containers[0].ports.map(({ name }) => name)
  const headless = all(objects, 'Service').filter(({ spec }) => spec.clusterIP === 'None')
  return [
    ...broken({
      'the pods have no names of their own': headless.length === 1,
      'the StatefulSet is of another service':
        workload.kind !== 'StatefulSet' || workload.spec.serviceName === headless[0]?.metadata.name,
    }),
    ...all(objects, 'Service').flatMap(({ metadata, spec }) =>
      broken({
        [`Service ${metadata.name} leads to no port`]: spec.ports.every(({ targetPort }) =>
          names.includes(targetPort),
        ),
        'metrics can be had from outside the cluster':
          spec.clusterIP === 'None' || spec.ports.every(({ name }) => name !== 'metrics'),
      }),
    ),
  ]
}

/** It asks where a service answers, and in the way that the server speaks. */
function helmTest(objects) {
  const pod = all(objects, 'Pod').find(({ metadata }) => metadata.annotations?.['helm.sh/hook'] === 'test')
  const [, readyUrl = '', address, security] = pod?.spec.containers[0].args ?? []
  const served = all(objects, 'Service').flatMap(({ metadata, spec }) =>
    spec.ports.map(({ name, port }) => [`${metadata.name}:${port}`, name]),
  )
  const ports = new Map(served)
  const [, metricsAt, path] = /^http:\/\/([^/]*)(.*)$/.exec(readyUrl) ?? []
  const { data } = all(objects, 'ConfigMap').find((map) => map.data.TOLLGATE_GRPC_PORT) ?? {}
  const tls = data?.TOLLGATE_TLS_CERT_FILE ? (data.TOLLGATE_TLS_CLIENT_CA_FILE ? 'mutual' : 'tls') : 'plain'
  return broken({
    'helm test asks nobody whether it is ready': ports.get(metricsAt) === 'metrics' && path === '/readyz',
    'helm test asks for gRPC where there is none': ports.get(address) === 'grpc',
    [`helm test speaks ${security} to a server that speaks ${tls}`]: security === tls,
  })
}
