// Checks the alert rules with promtool: their syntax, and cases where each of them fires and where it doesn't.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../prepare.mjs'
import { promtool } from './promtool.mjs'

const RULES = join('helm', 'tollgate', 'files', 'alerts.yaml')
const CASES = join('test', 'alerts')

try {
  const program = promtool()
  const cases = readdirSync(join(root, CASES)).map((file) => join(CASES, file))
  run(program, 'check', 'rules', RULES)
  run(program, 'test', 'rules', ...cases)
} catch (error) {
  process.stdout.write(`${error.message}\n`)
  process.exitCode = 1
}

function run(program, ...args) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd: root, encoding: 'utf8' })
  if (error) throw error
  if (status === 0) return
  process.stdout.write(`promtool ${args.join(' ')}\n${stdout}${stderr}`)
  process.exitCode = 1
}
