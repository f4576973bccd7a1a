import type { IPodSpec } from 'kubernetes-models/v1/PodSpec'
import {
  containerOf,
  has,
  type Pod,
  podsOf,
  type Rendered,
  renderAll,
  serverOf,
} from '../../support/chart/rendered'

// Every pod of the chart has as few rights as possible, and everything it refers to exists.

const pods = renderAll().flatMap((rendered) =>
  podsOf(rendered).map((pod) => ({ title: `${rendered.name}: ${pod.name}`, rendered, ...pod })),
)

test.each(pods)('$title has as few rights as possible', ({ spec }) => {
  expect(spec).toMatchObject({
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
  })
  expect(spec.securityContext?.runAsUser).toBeGreaterThan(0)
  for (const { securityContext } of spec.containers) {
    expect(securityContext).toMatchObject({
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    })
  }
})

// Kubernetes never renews a secret that is mounted by subPath.
test.each(pods)('$title mounts each volume once, and secrets read-only and renewable', ({ spec }) => {
  const secrets = (spec.volumes ?? []).filter(({ secret }) => secret !== undefined).map(({ name }) => name)
  for (const { volumeMounts = [] } of spec.containers) {
    expect(volumeMounts).toHaveLength(new Set(volumeMounts.map(({ name }) => name)).size)
    const ofSecrets = volumeMounts.filter(({ name }) => secrets.includes(name))
    expect(ofSecrets.filter(({ readOnly, subPath }) => !readOnly || subPath !== undefined)).toEqual([])
  }
})

test.each(pods)('$title refers to nothing that is missing', ({ spec, rendered }) => {
  expect(missing(spec, rendered)).toEqual([])
})

test.each(pods)('$title mounts only claims that a replica leaves behind, in the same place', (pod) => {
  expect(strayClaims(pod, pod.rendered)).toEqual([])
})

function missing({ serviceAccountName, containers, volumes = [] }: IPodSpec, rendered: Rendered): string[] {
  const { serviceAccount } = rendered.values
  const maps = containers.flatMap(({ envFrom = [] }) => envFrom.map((from) => from.configMapRef?.name ?? ''))
  const secrets = [
    ...containers.flatMap(({ env = [] }) => env.map(({ valueFrom }) => valueFrom?.secretKeyRef?.name)),
    ...volumes.map(({ secret }) => secret?.secretName),
  ].filter((name) => name !== undefined)
  const isAccountKnown =
    serviceAccountName === undefined ||
    serviceAccountName === serviceAccount.existingName ||
    has(rendered, 'ServiceAccount', serviceAccountName)
  return [
    ...maps.filter((name) => !has(rendered, 'ConfigMap', name)).map((name) => `ConfigMap ${name}`),
    ...secrets
      .filter((name) => !isExisting(name, rendered) && !has(rendered, 'Secret', name))
      .map((name) => `Secret ${name}`),
    ...(isAccountKnown ? [] : [`ServiceAccount ${serviceAccountName}`]),
  ]
}

/** Whether the values say that the operator has made this secret. */
function isExisting(secret: string, { values }: Rendered): boolean {
  return Object.values(values).some(
    (value) => (value as { existingSecret?: string } | null)?.existingSecret === secret,
  )
}

function strayClaims({ spec }: Pod, rendered: Rendered): string[] {
  const server = serverOf(rendered)
  const mountPath = (pod: IPodSpec, volume: string) =>
    containerOf(pod).volumeMounts?.find(({ name }) => name === volume)?.mountPath
  return (spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim }) => {
    if (persistentVolumeClaim === undefined) return []
    const { claimName } = persistentVolumeClaim
    const template = server.spec.volumeClaimTemplates?.find(
      (claim) => claimName.replace(/\d+$/, '') === `${claim.metadata.name}-${server.metadata.name}-`,
    )
    if (template === undefined) return [`no replica has a claim ${claimName}`]
    const place = mountPath(server.spec.template.spec, template.metadata.name)
    return mountPath(spec, name) === place ? [] : [`a replica has ${claimName} at ${place}`]
  })
}
