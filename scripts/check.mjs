// `npm run check`: every check of the code that doesn't run the service. Prints a line for each step, the output of a step
// that fails, and a summary.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { install, root } from './prepare.mjs'

const bin = (...path) => join('node_modules', ...path)

const sources = ['src', 'clients/node/src', 'bench'].filter((folder) => existsSync(join(root, folder)))

/** Arguments for Node. Each program prints what it found, and fails if it found anything. */
const steps = {
  types: [bin('typescript', 'bin', 'tsc'), '--noEmit'],
  lint: [bin('@biomejs', 'biome', 'bin', 'biome'), 'check', '--error-on-warnings'],
  lintworks: ['scripts/check/lintWorks.mjs'],
  boundaries: [
    bin('dependency-cruiser', 'bin', 'dependency-cruise.mjs'),
    ...['--config', '.dependency-cruiser.cjs', ...sources, '--output-type', 'err-long'],
  ],
  english: ['scripts/check/english.mjs'],
  deadcode: [bin('knip', 'bin', 'knip.js'), '--no-config-hints'],
  'proto-lint': [bin('@bufbuild', 'buf', 'bin', 'buf'), 'lint'],
  'proto-compatible': [
    bin('@bufbuild', 'buf', 'bin', 'buf'),
    'breaking',
    '--against',
    'proto/baseline.binpb',
  ],
  generated: ['scripts/check/generated.mjs'],
  migrations: ['scripts/check/migrations.mjs'],
  tables: ['scripts/tables.mjs', '--check'],
  guards: ['scripts/guards.mjs', '--check'],
  metrics: ['scripts/check/metrics.mjs'],
  alerts: ['scripts/check/alerts.mjs'],
  chart: [bin('jest', 'bin', 'jest.js'), 'test/chart/rendered'],
}

const AT_ONCE = 2
const HELP = `npm run check -- [steps …] [--json]

Checks the code without running the service; without steps, everything. Exits 0 if all steps passed, 1 if one failed,
2 if the arguments are wrong. --json prints the results on stdout, and progress on stderr.

steps: ${Object.keys(steps).join(' ')}
`

const args = process.argv.slice(2)
if (args.includes('--help') || args.includes('-h')) finish(0, HELP)
const isJson = args.includes('--json')
const picked = args.filter((arg) => arg !== '--json')
const unknown = picked.filter((name) => !(name in steps))
if (unknown.length > 0) finish(2, `there is no step ${unknown.join(', ')}\n\n${HELP}`)

install()
const progress = isJson ? process.stderr : process.stdout
const results = await runAll(picked)
const failed = results.filter(({ ok }) => !ok).length
progress.write(`check: ${results.length - failed} passed, ${failed} failed\n`)
if (isJson) process.stdout.write(`${JSON.stringify({ steps: results }, undefined, 2)}\n`)
process.exit(failed === 0 ? 0 : 1)

async function runAll(picked) {
  const waiting = Object.keys(steps).filter((name) => picked.length === 0 || picked.includes(name))
  const results = []
  const worker = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const { ok, output, seconds } = await runStep(steps[name])
      results.push({ name, ok, seconds, ...(!ok && { output }) })
      progress.write(`${ok ? 'ok    ' : 'FAILED'} ${name.padEnd(17)} ${seconds.toFixed(1)} s\n`)
      if (!ok) progress.write(`${output.trimEnd().replace(/^/gm, '    ')}\n`)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return results
}

function runStep(args) {
  const startedMs = performance.now()
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    const gather = (chunk) => {
      output += chunk
    }
    child.stdout.on('data', gather)
    child.stderr.on('data', gather)
    child.on('error', (error) => gather(error.message))
    child.on('close', (code) => {
      const seconds = Math.round((performance.now() - startedMs) / 100) / 10
      resolve({ ok: code === 0, output, seconds })
    })
  })
}

function finish(code, text) {
  process[code === 0 ? 'stdout' : 'stderr'].write(text)
  process.exit(code)
}
