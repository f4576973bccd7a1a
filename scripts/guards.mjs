// `npm run guards`: removes each guard of the books in turn, in a copy of the sources, and expects a test to fail.
// A guard whose removal no test notices can be lost in a refactoring. The guards are listed in test/guards/*.json.
import { spawn } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { install, readJson, root } from './prepare.mjs'

const HELP = `npm run guards -- [selectors …] [options]

Removes each guard in turn and expects the tests that it names to fail. Exits 0 if every removal was noticed,
1 if one was not, 2 if the arguments are wrong.

  selectors     part of a guard's name, of its source file, or of a file in test/guards; all guards without any
  --check       runs no tests: only checks that each passage occurs exactly once and that its tests exist
  --list        prints the selected guards
  --jobs <n>    guards at once, each in a copy of its own (default 1)
  --json        prints the results as JSON on stdout; progress goes to stderr
`

// A guard whose removal makes the tests hang needs a look: no assertion failed.
const RUN_MS_MAX = 300_000
const BASELINE_MS_MAX = 1_800_000
const NOT_COPIED = ['.git', '.tollgate', '.venv', 'dist', 'node_modules']

const testFiles = readdirSync(join(root, 'test'), { recursive: true })
  .filter((path) => path.endsWith('.test.ts'))
  .map((path) => join('test', path))

const { values, positionals } = readArguments()
if (values.help) finish(0, HELP)
const selected = readGuards().filter((guard) => isSelected(guard, positionals))
if (selected.length === 0)
  finish(2, `no guard matches ${positionals.join(', ')}; --list prints all of them\n`)
const jobs = Number(values.jobs)
if (!(Number.isInteger(jobs) && jobs > 0)) finish(2, '--jobs takes a positive number\n')
if (values.list) {
  finish(0, selected.map(({ folder, file, name }) => `${folder.padEnd(14)} ${name} (${file})\n`).join(''))
}
if (values.check) {
  const complaints = selected.flatMap(complaintsAbout).concat(duplicateNames(selected))
  finish(complaints.length === 0 ? 0 : 1, complaints.map((complaint) => `${complaint}\n`).join(''))
}

install()
const copies = Array.from({ length: jobs }, () => mkdtempSync(join(tmpdir(), 'tollgate-guards-')))
process.on('exit', () => {
  for (const copy of copies) rmSync(copy, { recursive: true, force: true })
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130))
for (const copy of copies) copySources(copy)

const tests = [...new Set(selected.flatMap((guard) => guard.tests))]
progress(`running the tests with all ${selected.length} guards in place`)
const baseline = await runTests(copies[0], tests, BASELINE_MS_MAX)
if (baseline.problem !== undefined)
  finish(1, `the tests must pass before a guard is removed: ${baseline.problem}\n`)
if (baseline.failed.length > 0) {
  finish(1, `the tests must pass before a guard is removed; failed:\n  ${baseline.failed.join('\n  ')}\n`)
}

const waiting = [...selected]
const results = []
await Promise.all(
  copies.map(async (copy) => {
    for (let guard = waiting.shift(); guard !== undefined; guard = waiting.shift()) {
      const result = await remove(guard, copy)
      results.push(result)
      progress(`${results.length}/${selected.length} ${describe(result)}`)
    }
  }),
)
const unnoticed = results.filter(({ outcome }) => outcome !== 'red')
if (values.json) process.stdout.write(`${JSON.stringify({ guards: results }, undefined, 2)}\n`)
progress(`${results.length - unnoticed.length} of ${results.length} guards are watched by a test`)
for (const result of unnoticed) progress(describe(result))
process.exit(unnoticed.length === 0 ? 0 : 1)

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        check: { type: 'boolean' },
        list: { type: 'boolean' },
        jobs: { type: 'string', default: '1' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (error) {
    return finish(2, `${error.message.split('. ')[0]}; see --help\n`)
  }
}

/** Every guard with its source file and the name of the list that has it. */
function readGuards() {
  const lists = join(root, 'test', 'guards')
  return readdirSync(lists).flatMap((list) => {
    const files = readJson(join(lists, list)) ?? finish(1, `test/guards/${list} is not valid JSON\n`)
    return Object.entries(files).flatMap(([file, guards]) =>
      guards.map((guard) => ({ folder: basename(list, '.json'), file, ...guard })),
    )
  })
}

function isSelected({ name, file, folder }, selectors) {
  if (selectors.length === 0) return true
  return selectors.some(
    (part) => folder === basename(part, '.json') || name.includes(part) || file.includes(part),
  )
}

function complaintsAbout({ name, file, remove, with: replacement, tests }) {
  const complaints = []
  const path = join(root, file)
  const times = existsSync(path) ? occurrences(remove, path) : 0
  if (times !== 1) complaints.push(`its passage occurs ${times} times in ${file}`)
  if (remove === replacement) complaints.push('its replacement changes nothing')
  if (tests.length === 0) complaints.push('it names no tests')
  for (const test of tests)
    if (!testFiles.some((path) => path.includes(test))) complaints.push(`there is no ${test}`)
  return complaints.map((complaint) => `${name}: ${complaint}`)
}

function duplicateNames(guards) {
  const names = guards.map(({ name }) => name)
  return names
    .filter((name, at) => names.indexOf(name) !== at)
    .map((name) => `${name}: the name is used twice`)
}

function occurrences(passage, path) {
  return readFileSync(path, 'utf8').split(passage).length - 1
}

function copySources(copy) {
  cpSync(root, copy, { recursive: true, filter: (path) => !NOT_COPIED.includes(basename(path)) })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
}

/** `red` if an assertion failed without the guard; a source that no longer compiles proves nothing. */
async function remove(guard, copy) {
  const { name, file, remove, with: replacement, tests } = guard
  const startedMs = performance.now()
  const result = (outcome, detail) => ({
    ...{ name, file, outcome, detail },
    seconds: Math.round((performance.now() - startedMs) / 100) / 10,
  })
  const [complaint] = complaintsAbout(guard)
  if (complaint !== undefined) return result('lost', complaint)
  const path = join(copy, file)
  const source = readFileSync(path, 'utf8')
  writeFileSync(path, source.split(remove).join(replacement))
  const { problem, failed } = await runTests(copy, tests, RUN_MS_MAX)
  writeFileSync(path, source)
  if (problem !== undefined) return result('error', problem)
  return failed.length > 0 ? result('red', failed[0]) : result('unnoticed', 'all tests passed')
}

/** Resolves to the titles of the tests that failed, or to the problem that kept them from running. */
function runTests(copy, tests, msMax) {
  const results = join(copy, 'results.json')
  rmSync(results, { force: true })
  // A failing test may leave something running.
  const jest = [join(root, 'node_modules/jest/bin/jest.js'), '--forceExit', '--silent', '--testTimeout=30000']
  const child = spawn(process.execPath, [...jest, '--json', `--outputFile=${results}`, ...tests], {
    cwd: copy,
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: msMax,
  })
  let said = ''
  child.stderr.on('data', (chunk) => {
    said += chunk
  })
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ problem: error.message }))
    child.on('close', (_code, signal) => {
      if (signal !== null) return resolve({ problem: `no result within ${msMax / 1_000} s` })
      const { testResults = [] } = readJson(results) ?? {}
      const unrun = testResults.find(({ assertionResults }) => assertionResults.length === 0)
      if (testResults.length === 0 || unrun !== undefined) return resolve({ problem: unrun?.message ?? said })
      const all = testResults.flatMap(({ assertionResults }) => assertionResults)
      resolve({ failed: all.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName) })
    })
  })
}

function describe({ outcome, name, detail, seconds }) {
  return `${outcome.padEnd(9)} ${seconds.toFixed(1).padStart(5)} s  without "${name}": ${detail}`
}

function progress(line) {
  process.stderr.write(`${line}\n`)
}

function finish(code, text) {
  process[code === 0 ? 'stdout' : 'stderr'].write(text)
  process.exit(code)
}
