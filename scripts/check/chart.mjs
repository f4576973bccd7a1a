// Lints and renders the chart with helm: as it is, and with each of its example values files.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../prepare.mjs'
import { helm } from './helm.mjs'

const chart = join('helm', 'tollgate')
const examplesDir = join(root, chart, 'examples')
const examples = existsSync(examplesDir)
  ? readdirSync(examplesDir).filter((file) => file.endsWith('.yaml'))
  : []
const valuesOf = [[], ...examples.map((file) => ['--values', join(examplesDir, file)])]

const program = helm()
for (const values of valuesOf) {
  run('lint', '--strict', chart, ...values)
  run('template', 'tollgate', chart, ...values)
}

function run(...args) {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: root, encoding: 'utf8' })
  if (status === 0) return
  process.stdout.write(`helm ${args.join(' ')}\n${stdout}${stderr}`)
  process.exitCode = 1
}
