// `npm run test:faults`: runs the tests of test/faults, the scenarios in full size, and prints a table of the results.
import { spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cpus, release, tmpdir, totalmem, type } from 'node:os'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { writeMarkdown } from './faults/markdown.mjs'
import { install, root } from './prepare.mjs'

const FOLDER = 'test/faults/'
const USAGE = `npm run test:faults -- [scenarios …] [options]

Runs the tests of test/faults, with the scenarios in full size, and prints a table of the results. Exits 0 if all of them passed, 1 if one failed,
2 if the arguments are wrong.

  scenarios          parts of file names in test/faults; without any, all of them run
  --bounded          a few faults of each scenario, instead of hundreds
  --seed <seed>      repeats the choices of an earlier run
  --json <file>      writes the figures as JSON; a run of some scenarios replaces only their figures in the file
  --markdown <file>  writes the table between the marks of a page, such as docs/reliability.md: of all scenarios in
                     the JSON file, or of this run. A scenario that failed is marked
  --no-run           runs nothing, and makes the table from the JSON file of an earlier run
`

const { values, positionals } = readArguments({
  allowPositionals: true,
  options: {
    bounded: { type: 'boolean', default: false },
    seed: { type: 'string' },
    json: { type: 'string' },
    markdown: { type: 'string' },
    'no-run': { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
if (values.help) {
  process.stdout.write(USAGE)
  process.exit(0)
}

install()
const earlier = readFigures()
const run = values['no-run'] ? undefined : runScenarios()
const figures = run === undefined ? earlier : merged(earlier, run)
if (figures === undefined) {
  process.stderr.write('there are no figures: run the scenarios, or name their JSON file\n')
  process.exit(2)
}
const { scenarios, failed } = figures
process.stdout.write(`${table(scenarios)}\n${figures.machine}\n${figures.minutes} minutes\n`)
for (const title of failed) process.stdout.write(`failed: ${title}\n`)
if (run !== undefined && values.json !== undefined) {
  writeFileSync(values.json, `${JSON.stringify(figures, undefined, 2)}\n`)
}
if (values.markdown !== undefined) writeMarkdown(values.markdown, figures)
process.exit(failed.length > 0 || run?.passed === false ? 1 : 0)

function readArguments(options) {
  try {
    return parseArgs(options)
  } catch (error) {
    process.stderr.write(`${error.message.split('. ')[0]}; see --help\n`)
    process.exit(2)
  }
}

/** Every scenario writes its figures before its assertions run, so a failing one doesn't lose the figures. */
function runScenarios() {
  const dir = mkdtempSync(join(tmpdir(), 'tg-figures-'))
  const path = join(dir, 'figures')
  const results = join(dir, 'results.json')
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js')
  const patterns = positionals.length > 0 ? positionals.map((name) => `${FOLDER}.*${name}`) : [FOLDER]
  const startedMs = performance.now()
  const { status } = spawnSync(
    process.execPath,
    [jest, '-w', '2', '--json', `--outputFile=${results}`, ...patterns],
    {
      cwd: root,
      stdio: 'inherit',
      env: {
        ...process.env,
        FAULTS_SIZE: values.bounded ? 'bounded' : 'full',
        FAULTS_FIGURES: path,
        FAULTS_SEED: values.seed ?? String(randomInt(1_000_000_000)),
      },
    },
  )
  const lines = existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : []
  const tests = existsSync(results) ? JSON.parse(readFileSync(results, 'utf8')).testResults : []
  const titlesOf = (wanted) =>
    tests.flatMap(({ assertionResults }) =>
      assertionResults.filter((each) => each.status === wanted).map(({ title }) => title),
    )
  rmSync(dir, { recursive: true, force: true })
  return {
    at: new Date().toISOString(),
    machine: machine(),
    size: values.bounded ? 'bounded' : 'full',
    minutes: Math.round((performance.now() - startedMs) / 6_000) / 10,
    passed: status === 0,
    failed: [...titlesOf('failed'), ...unrunFiles(tests)],
    passedTitles: titlesOf('passed'),
    scenarios: lines.map((line) => JSON.parse(line)),
  }
}

/** Files that ended before any of their tests ran. */
function unrunFiles(results) {
  return results
    .filter(({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0)
    .map(({ name }) => relative(root, name))
}

function readFigures() {
  if (values.json === undefined || !existsSync(values.json)) return undefined
  // A run of all scenarios starts from scratch.
  if (!values['no-run'] && positionals.length === 0) return undefined
  return JSON.parse(readFileSync(values.json, 'utf8'))
}

/** The figures of a scenario that ran again replace its earlier figures. */
function merged(before, { passedTitles, ...run }) {
  if (before === undefined) return run
  const again = new Set(run.scenarios.map(({ scenario }) => scenario))
  const failed = before.failed.filter((title) => !passedTitles.includes(title) && !run.failed.includes(title))
  return {
    ...run,
    minutes: Math.round((before.minutes + run.minutes) * 10) / 10,
    size: before.size === run.size ? run.size : 'bounded',
    failed: [...failed, ...run.failed],
    passed: run.passed && failed.length === 0,
    scenarios: [...before.scenarios.filter(({ scenario }) => !again.has(scenario)), ...run.scenarios],
  }
}

function table(rows) {
  const Table = createRequire(import.meta.url)('cli-table3')
  const shown = new Table({
    head: [
      ...['scenario', 'operations', 'refunded', 'collected', 'deferred', 'faults', 'undone'],
      ...['lost', 'twice', 'drift', 's'],
    ],
    style: { head: [], border: [], compact: true },
  })
  for (const row of rows) {
    const struck = Object.entries(row.faults).map(([name, times]) => `${times} ${name}`)
    shown.push([
      ...[
        row.scenario,
        row.operations,
        row.refunds,
        row.collected,
        row.deferred,
        struck.join('\n'),
        row.undone,
      ],
      ...[row.lost, row.twice, row.driftNanousd, row.seconds],
    ])
  }
  return shown.toString()
}

function machine() {
  const gib = Math.round(totalmem() / 2 ** 30)
  return `${new Date().toISOString().slice(0, 10)}, ${type()} ${release()}, ${cpus().length} × ${cpus()[0]?.model}, ${gib} GiB, Node ${process.version}`
}
