import { createHash } from 'node:crypto'
import { all, broken, podsOf } from './find.mjs'

const isHook = ({ metadata }) => (metadata.annotations?.['helm.sh/hook'] ?? '').includes('pre-install')
const weightOf = ({ metadata }) => Number(metadata.annotations?.['helm.sh/hook-weight'] ?? 0)

/** The migration finds its secret, and a token that is made is shown to whoever installs, and to nobody else. */
export function secrets({ objects, notes }) {
  return [...migration(objects), ...generatedToken(objects, notes)]
}

/** It comes before the release: what it stands on must come before it, as a hook too. */
function migration(objects) {
  const [job] = all(objects, 'Job')
  if (job === undefined) return []
  const { serviceAccountName, containers } = job.spec.template.spec
  const needed = containers[0].env.map(({ valueFrom }) => valueFrom?.secretKeyRef?.name)
  const late = all(objects, 'Secret')
    .filter(({ metadata }) => needed.includes(metadata.name))
    .filter((secret) => !isHook(secret) || weightOf(secret) >= weightOf(job))
  const hooks = all(objects, 'Secret').filter(isHook)
  const forgotten = hooks.filter(
    ({ metadata }) => !metadata.annotations['helm.sh/hook'].includes('pre-rollback'),
  )
  return broken({
    'the migration is no hook': isHook(job),
    'the migration needs what is not there yet':
      serviceAccountName === undefined && containers[0].envFrom === undefined,
    [`${forgotten.map(({ metadata }) => `Secret ${metadata.name}`)} is not rolled back`]:
      forgotten.length === 0,
    [`${late.map(({ metadata }) => `Secret ${metadata.name}`)} comes after the migration`]: late.length === 0,
  })
}

/** Servers get its hash; itself it is in a secret that can be deleted, and no upgrade takes away what nobody has read yet. */
function generatedToken(objects, notes) {
  const made = all(objects, 'Secret').find(({ metadata }) => metadata.name.endsWith('-generated-token'))
  const { name } = made?.metadata ?? {}
  const tokens = all(objects, 'Secret').find(({ metadata }) => metadata.name.endsWith('-tokens'))
  if (made === undefined) return []
  const mounted = podsOf(objects).some(({ spec }) => JSON.stringify(spec).includes(name))
  const { token } = made.stringData
  const hash = createHash('sha256').update(token).digest('hex')
  return broken({
    'the generated token is one that the servers do not know':
      tokens?.stringData?.tokens === `generated ${hash} admin\n`,
    'the generated token can be guessed': /^tg_[A-Za-z0-9]{43}$/.test(token),
    'the generated token is where a server can read it': !mounted,
    'the generated token goes before it was read':
      made.metadata.annotations?.['helm.sh/resource-policy'] === 'keep',
    'the tokens go with the release': tokens?.metadata.annotations?.['helm.sh/resource-policy'] === 'keep',
    'nobody is told where the generated token is':
      notes.includes(`get secret ${name}`) && notes.includes(`delete secret ${name}`),
    'the notes show the generated token': !notes.includes(token),
  })
}
