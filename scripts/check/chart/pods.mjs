import { broken, named, podsOf, serverOf } from './find.mjs'

/** Every pod of the chart has as few rights as it can do with, and finds what it refers to. */
export function pods({ objects, values, isKnown }) {
  return podsOf(objects).flatMap(({ name, spec }) =>
    [
      ...rights(spec),
      ...spec.containers.flatMap((container) => [...containerRights(container), ...mounts(container, spec)]),
      ...references(spec, objects, isKnown),
      ...claims(spec, serverOf(objects)),
      ...account(spec, objects, values),
    ].map((problem) => `${name}: ${problem}`),
  )
}

function rights({ securityContext = {}, automountServiceAccountToken, enableServiceLinks }) {
  return broken({
    'may run as root': securityContext.runAsNonRoot && securityContext.runAsUser > 0,
    'any system call is allowed': securityContext.seccompProfile?.type === 'RuntimeDefault',
    'mounts a service account token': automountServiceAccountToken === false,
    'gets variables of services': enableServiceLinks === false,
  })
}

function containerRights({ securityContext = {} }) {
  return broken({
    'can write to its root': securityContext.readOnlyRootFilesystem,
    'may gain privileges': securityContext.allowPrivilegeEscalation === false,
    'has capabilities': securityContext.capabilities?.drop?.includes('ALL'),
  })
}

function mounts({ volumeMounts = [] }, { volumes = [] }) {
  const names = volumeMounts.map(({ name }) => name)
  const secret = volumes.filter((volume) => volume.secret).map(({ name }) => name)
  return broken({
    'a volume mounted twice': new Set(names).size === names.length,
    // What is mounted by subPath is never renewed.
    'a secret that is not read again': !volumeMounts.some(
      ({ name, subPath }) => subPath && secret.includes(name),
    ),
    'a secret that can be written': volumeMounts.every(
      ({ name, readOnly }) => readOnly || !secret.includes(name),
    ),
  })
}

function references({ containers, volumes = [] }, objects, isKnown) {
  const maps = containers.flatMap(({ envFrom = [] }) => envFrom.map(({ configMapRef }) => configMapRef.name))
  const secrets = [
    ...containers.flatMap(({ env = [] }) => env.map(({ valueFrom }) => valueFrom?.secretKeyRef?.name)),
    ...volumes.map(({ secret }) => secret?.secretName),
  ]
  return [
    ...maps.filter((map) => !named(objects, 'ConfigMap', map)).map((map) => `no ConfigMap ${map}`),
    ...secrets
      .filter((secret) => secret !== undefined && !isKnown(secret) && !named(objects, 'Secret', secret))
      .map((secret) => `no Secret ${secret}`),
  ]
}

/** A claim is one that a replica leaves behind, and is mounted where the replica had it. */
function claims({ volumes = [], containers: [{ volumeMounts = [] }] }, { metadata, spec }) {
  const replicas = spec.volumeClaimTemplates ?? []
  const placeOf = (mounts, volume) => mounts.find(({ name }) => name === volume)?.mountPath
  return volumes
    .filter(({ persistentVolumeClaim }) => persistentVolumeClaim !== undefined)
    .flatMap(({ name, persistentVolumeClaim: { claimName } }) => {
      const of = replicas.find(
        (claim) => claimName.replace(/\d+$/, '') === `${claim.metadata.name}-${metadata.name}-`,
      )
      if (of === undefined) return [`no replica has a claim ${claimName}`]
      const place = placeOf(spec.template.spec.containers[0].volumeMounts, of.metadata.name)
      return broken({ [`a replica has ${claimName} at ${place}`]: placeOf(volumeMounts, name) === place })
    })
}

function account({ serviceAccountName: name }, objects, { serviceAccount }) {
  const is =
    name === undefined || name === serviceAccount.existingName || named(objects, 'ServiceAccount', name)
  return is ? [] : [`no ServiceAccount ${name}`]
}
