import { CASES, chart, REFUSED } from '../../support/chart/cases'
import { helm } from '../../support/chart/helm'
import { type KubernetesObject, render } from '../../support/chart/rendered'

test.each(CASES)('$name: passes helm lint, and every object the schema of its kind', (chartCase) => {
  helm(['lint', '--strict', chart], chartCase.values)
  expect(render(chartCase).objects.flatMap(schemaErrors)).toEqual([])
})

test.each(REFUSED.map(([values, message, release = 'tollgate']) => ({ values, message, release })))(
  '$release with $values is refused with "$message"',
  ({ values, message, release }) => {
    expect(() => render({ name: message, values, release })).toThrow(message)
  },
)

function schemaErrors(object: KubernetesObject): string[] {
  const schemas = object.apiVersion.includes('.coreos.com')
    ? '@kubernetes-models/prometheus-operator'
    : 'kubernetes-models'
  const Model = require(`${schemas}/${object.apiVersion}/${object.kind}`)[object.kind]
  try {
    new Model(object).validate()
    return []
  } catch (error) {
    return [`${object.kind} ${object.metadata.name}: ${(error as Error).message}`]
  }
}
