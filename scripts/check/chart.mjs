// The chart, with the real helm: lints and renders it as it is and with each of its examples, holds what comes out against
// the schemas of Kubernetes, and has it refuse what it should.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { parse, parseAllDocuments } from 'yaml'
import { root } from '../prepare.mjs'
import { helm } from './helm.mjs'
import { problemsOf } from './rendered.mjs'

const require = createRequire(import.meta.url)
const chart = join('helm', 'tollgate')
const examples = readdirSync(join(root, chart, 'examples')).map((file) => join(chart, 'examples', file))

/** What is refused, and a part of what it says. */
const REFUSED = [
  [['tokens.existingSecret='], 'who may call?'],
  [['database.existingSecret='], 'set database.existingSecret, or database.url'],
  [['nonsense=1'], 'nonsense'],
  [['database.nonsense=1'], 'nonsense'],
  [['config.TOLLGATE_DEFERRAL=off'], 'TOLLGATE_DEFERRAL'],
  [['config.PATH=x'], 'PATH'],
  [['autoscaling.enabled=true'], 'set deferral.enabled=false'],
  [['tls.clientCaKey=ca.crt'], 'needs tls.existingSecret'],
  [['preStopSeconds=30'], 'at least 11 s more than preStopSeconds'],
  [['deferral.size=lots'], 'size'],
]

const program = helm()
for (const example of [undefined, ...examples]) {
  const values = example === undefined ? [] : ['--values', example]
  must(run('lint', '--strict', chart, ...values))
  const rendered = must(run('template', 'tollgate', chart, ...values))
  if (rendered === undefined) continue
  const objects = parseAllDocuments(rendered)
    .map((document) => document.toJS())
    .filter((object) => object !== null)
  const isKnown = knownSecrets(example)
  for (const problem of [...objects.flatMap(schemaProblems), ...problemsOf(objects, isKnown)])
    complain(`${example ?? 'values.yaml'}: ${problem}`)
}
for (const [sets, says] of REFUSED) {
  const { status, output } = run(
    'template',
    'tollgate',
    chart,
    ...sets.flatMap((set) => ['--set-string', set]).map(typed),
  )
  if (status === 0) complain(`${sets} should be refused`)
  else if (!output.includes(says)) complain(`${sets} is refused without saying "${says}":\n${output}`)
}

/** Secrets that the values say exist. */
function knownSecrets(example) {
  const texts = ['values.yaml', ...(example ? [join('examples', example.split(/[\\/]/).at(-1))] : [])]
  const names = texts.flatMap((file) =>
    Object.values(parse(readFileSync(join(root, chart, file), 'utf8'))).map((value) => value?.existingSecret),
  )
  return (name) => names.includes(name)
}

function schemaProblems(object) {
  const name = `${object.kind} ${object.metadata?.name}`
  const api = object.apiVersion.includes('.coreos.com')
    ? '@kubernetes-models/prometheus-operator'
    : 'kubernetes-models'
  try {
    const Model = require(`${api}/${object.apiVersion}/${object.kind}`)[object.kind]
    new Model(object).validate()
    return []
  } catch (error) {
    return [`${name}: ${error.message}`]
  }
}

/** Booleans and numbers must not become text. */
function typed(argument, index, all) {
  const value = argument === '--set-string' ? all[index + 1] : ''
  return /=(true|false|\d+)$/.test(value) ? '--set' : argument
}

function run(...args) {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: root, encoding: 'utf8' })
  return { status, stdout, output: `helm ${args.join(' ')}\n${stdout}${stderr}` }
}

function must({ status, stdout, output }) {
  if (status === 0) return stdout
  complain(output)
  return undefined
}

function complain(text) {
  process.stdout.write(`${text}\n`)
  process.exitCode = 1
}
