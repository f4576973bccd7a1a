// `npm run test:faults`: the scenarios of test/faults/scenarios in full size, and a table of what they came to.
import { spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cpus, release, tmpdir, totalmem, type } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { install, root } from './prepare.mjs'

const FOLDER = 'test/faults/scenarios/'
const USAGE = `npm run test:faults -- [scenarios …] [options]

  scenarios        parts of the file names in test/faults/scenarios; all of them without any
  --bounded        as many faults as in \`npm test\`, instead of all
  --seed <seed>    choices of an earlier run
  --json <file>    the figures, for programs
`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    bounded: { type: 'boolean', default: false },
    seed: { type: 'string' },
    json: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
if (values.help) {
  process.stdout.write(USAGE)
  process.exit(0)
}

install()
const dir = mkdtempSync(join(tmpdir(), 'tg-figures-'))
const path = join(dir, 'figures')
const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js')
const patterns = positionals.length > 0 ? positionals.map((name) => `${FOLDER}.*${name}`) : [FOLDER]
const { status } = spawnSync(process.execPath, [jest, '-w', '2', ...patterns], {
  cwd: root,
  stdio: 'inherit',
  env: {
    ...process.env,
    FAULTS_SIZE: values.bounded ? 'bounded' : 'full',
    FAULTS_FIGURES: path,
    FAULTS_SEED: values.seed ?? String(randomInt(1_000_000_000)),
  },
})
const lines = existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : []
const scenarios = lines.map((line) => JSON.parse(line))
rmSync(dir, { recursive: true, force: true })
process.stdout.write(`${table(scenarios)}\n${machine()}\n`)
if (values.json !== undefined) {
  const figures = { at: new Date().toISOString(), machine: machine(), passed: status === 0, scenarios }
  writeFileSync(values.json, `${JSON.stringify(figures, undefined, 2)}\n`)
}
process.exit(status ?? 1)

function table(rows) {
  const Table = createRequire(import.meta.url)('cli-table3')
  const shown = new Table({
    head: ['scenario', 'operations', 'deferred', 'faults', 'undone', 'lost', 'twice', 'drift', 's'],
    style: { head: [], border: [], compact: true },
  })
  for (const { scenario, operations, deferred, faults, undone, lost, twice, driftNanousd, seconds } of rows) {
    const struck = Object.entries(faults).map(([name, times]) => `${times} ${name}`)
    shown.push([
      scenario,
      operations,
      deferred,
      struck.join('\n'),
      undone,
      lost,
      twice,
      driftNanousd,
      seconds,
    ])
  }
  return shown.toString()
}

function machine() {
  const gib = Math.round(totalmem() / 2 ** 30)
  return `${new Date().toISOString().slice(0, 10)}, ${type()} ${release()}, ${cpus().length} × ${cpus()[0]?.model}, ${gib} GiB, Node ${process.version}`
}
