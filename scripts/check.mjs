// `npm run check`: everything that can be said about the code without running the service. One line for each step, the
// output of those that fail, and a summary. Arguments pick steps by name.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { install, root } from './prepare.mjs'

const bin = (...path) => join('node_modules', ...path)

const sources = ['src', 'clients/node/src', 'bench'].filter((folder) => existsSync(join(root, folder)))

/** Programs run with this Node; scripts of ours say on their own what they found. */
const steps = {
  types: [bin('typescript', 'bin', 'tsc'), '--noEmit'],
  lint: [bin('@biomejs', 'biome', 'bin', 'biome'), 'check', '--error-on-warnings'],
  lintworks: ['scripts/check/lintWorks.mjs'],
  boundaries: [
    bin('dependency-cruiser', 'bin', 'dependency-cruise.mjs'),
    ...['--config', '.dependency-cruiser.cjs', ...sources, '--output-type', 'err-long'],
  ],
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

install()
const { passed, failed } = await runAll(process.argv.slice(2))
process.stdout.write(`check: ${passed} passed, ${failed} failed\n`)
process.exit(failed === 0 ? 0 : 1)

async function runAll(picked) {
  const waiting = Object.keys(steps).filter((name) => picked.length === 0 || picked.includes(name))
  const results = { passed: 0, failed: 0 }
  const worker = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const { ok, output, ms } = await runStep(steps[name])
      results[ok ? 'passed' : 'failed'] += 1
      process.stdout.write(`${ok ? 'ok    ' : 'FAILED'} ${name.padEnd(17)} ${(ms / 1_000).toFixed(1)} s\n`)
      if (!ok) process.stdout.write(`${output.trimEnd().replace(/^/gm, '    ')}\n`)
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
    child.on('close', (code) => resolve({ ok: code === 0, output, ms: performance.now() - startedMs }))
  })
}
