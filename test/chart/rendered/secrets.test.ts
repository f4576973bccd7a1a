import { createHash } from 'node:crypto'
import type { IPodSpec } from 'kubernetes-models/v1/PodSpec'
import { all, containerOf, type KubernetesObject, podsOf, renderAll } from '../../support/chart/rendered'

// The migration finds its secret, and a generated token is shown to the person who installs and to nobody else.

const charts = renderAll()
const migrating = charts.filter((chart) => all(chart, 'Job').some(isHook))
const generating = charts.flatMap((chart) => {
  const token = all(chart, 'Secret').find(({ metadata }) => metadata.name.endsWith('-generated-token'))
  return token === undefined ? [] : [{ ...chart, token }]
})

test('cases have a migration, and generate a token', () => {
  expect(
    charts.filter((chart) => all(chart, 'Job').some(({ metadata }) => metadata.name.endsWith('-migrate'))),
  ).toEqual(migrating)
  expect(generating.map(({ name }) => name)).toContain('trying-it-out.yaml')
})

test.each(migrating)('$name: the migration needs nothing that is created after it', (chart) => {
  const job = all<{ template: { spec: IPodSpec } }>(chart, 'Job').find(isHook)
  if (job === undefined) throw new Error('no migration')
  const { serviceAccountName } = job.spec.template.spec
  const { env = [], envFrom } = containerOf(job.spec.template.spec)
  const needed = env.map(({ valueFrom }) => valueFrom?.secretKeyRef?.name)
  expect({ serviceAccountName, envFrom }).toEqual({})
  for (const secret of all(chart, 'Secret').filter(({ metadata }) => needed.includes(metadata.name))) {
    expect(isHook(secret)).toBe(true)
    expect(weightOf(secret)).toBeLessThan(weightOf(job))
  }
})

// Otherwise a rollback would leave the secret of the revision that is rolled back.
test.each(charts)('$name: a secret that is a hook is a hook of rollbacks as well', (chart) => {
  for (const secret of all(chart, 'Secret').filter(isHook)) expect(hooksOf(secret)).toContain('pre-rollback')
})

test.each(generating)(
  '$name: servers know the hash of the generated token, and have no access to it',
  (chart) => {
    const token = chart.token.stringData?.['token'] ?? ''
    const tokens = all(chart, 'Secret').find(({ metadata }) => metadata.name.endsWith('-tokens'))
    const hash = createHash('sha256').update(token).digest('hex')
    expect(token).toMatch(/^tg_[A-Za-z0-9]{43}$/)
    expect(tokens?.stringData).toEqual({ tokens: `generated ${hash} admin\n` })
    expect(JSON.stringify(podsOf(chart))).not.toContain(chart.token.metadata.name)
    for (const secret of [chart.token, tokens]) {
      expect(secret?.metadata.annotations).toMatchObject({ 'helm.sh/resource-policy': 'keep' })
    }
  },
)

test.each(generating)(
  '$name: the notes say how to read and delete the token, and do not show it',
  ({ notes, token }) => {
    expect(notes).toContain(`get secret ${token.metadata.name}`)
    expect(notes).toContain(`delete secret ${token.metadata.name}`)
    expect(notes).not.toContain(token.stringData?.['token'])
  },
)

function isHook(object: KubernetesObject): boolean {
  return hooksOf(object).includes('pre-install')
}

function hooksOf({ metadata }: KubernetesObject): string[] {
  return metadata.annotations?.['helm.sh/hook']?.split(',') ?? []
}

function weightOf({ metadata }: KubernetesObject): number {
  return Number(metadata.annotations?.['helm.sh/hook-weight'] ?? 0)
}
