// The chart, with the real helm: lints and renders it in every case, holds what comes out against the schemas of Kubernetes
// and rules of its own, and has it refuse what it should.
import { createRequire } from 'node:module'
import { CASES, REFUSED } from './chart/cases.mjs'
import { lint, render } from './chart/render.mjs'
import { problemsOf } from './chart/rules.mjs'

const require = createRequire(import.meta.url)

for (const each of CASES) {
  try {
    lint(each)
    const rendered = render(each)
    for (const problem of [...rendered.objects.flatMap(schemaProblems), ...problemsOf(rendered)])
      complain(`${each.name}: ${problem}`)
  } catch (error) {
    complain(`${each.name}: ${error.stack}`)
  }
}
for (const [values, says, release] of REFUSED) {
  const refusal = refusalOf({ values, release })
  if (refusal === undefined) complain(`${release ?? JSON.stringify(values)} should be refused`)
  else if (!refusal.includes(says))
    complain(`${JSON.stringify(values)} is refused without "${says}": ${refusal}`)
}

function schemaProblems(object) {
  const api = object.apiVersion.includes('.coreos.com')
    ? '@kubernetes-models/prometheus-operator'
    : 'kubernetes-models'
  try {
    const Model = require(`${api}/${object.apiVersion}/${object.kind}`)[object.kind]
    new Model(object).validate()
    return []
  } catch (error) {
    return [`${object.kind} ${object.metadata?.name}: ${error.message}`]
  }
}

function refusalOf(refused) {
  try {
    render(refused)
    return undefined
  } catch (error) {
    return error.message
  }
}

function complain(text) {
  process.stdout.write(`${text}\n`)
  process.exitCode = 1
}
