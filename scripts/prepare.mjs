// Prepares a clone, which needs nothing but Node: installs node_modules and compiles dist. Both are made only when they are
// missing or out of date, so a second start takes no time.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

/** `npm ci`, unless node_modules holds what package-lock.json asks for. */
export function install() {
  if (isInstalled()) return
  say('installing packages (npm ci)')
  // Errors only: a reader can do nothing about the warnings of dependencies.
  run(...npm(), 'ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error')
}

/** What can be compiled, and from which folders. A clone that only serves doesn't compile the benchmark. */
const PARTS = {
  src: { project: 'tsconfig.build.json', stamp: '.stamp.json', folders: ['src', 'clients/node/src'] },
  bench: {
    project: 'tsconfig.bench.json',
    stamp: '.stamp.bench.json',
    folders: ['src', 'clients/node/src', 'bench'],
  },
}

/** Compiles parts into `dist`, unless their sources are unchanged. */
export function build(...parts) {
  for (const part of parts)
    if (!isBuilt(PARTS[part])) oneAtATime(() => isBuilt(PARTS[part]) || compile(PARTS[part]))
}

function isBuilt(part) {
  const { before, now } = stampsOf(part)
  const names = new Set([...Object.keys(before), ...Object.keys(now)])
  return [...names].every((name) => before[name] === now[name])
}

function compile(part) {
  const { file, before, now } = stampsOf(part)
  say('compiling')
  // The compiler doesn't remove the output of a deleted source.
  if (Object.keys(before).some((name) => !(name in now)))
    rmSync(join(root, 'dist'), { recursive: true, force: true })
  rmSync(file, { force: true })
  run(process.execPath, join('node_modules', 'typescript', 'bin', 'tsc'), '--project', part.project)
  writeFileSync(file, JSON.stringify(now))
}

/** One process compiles at a time; the others wait, and find it done. */
function oneAtATime(work) {
  const lock = join(root, 'node_modules', '.tollgate-build')
  while (!isTaken(lock)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
  try {
    work()
  } finally {
    rmSync(lock, { force: true })
  }
}

/** Whether this process got the lock. The lock of a process that has ended counts as free. */
function isTaken(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
  }
  try {
    process.kill(Number(readFileSync(lock, 'utf8')), 0)
  } catch (error) {
    if (error.code === 'ESRCH') rmSync(lock, { force: true })
  }
  return false
}

/** npm keeps a copy of the lock file with what it installed, which lacks the packages of other platforms. */
function isInstalled() {
  const wanted = readJson(join(root, 'package-lock.json'))?.packages ?? {}
  const present = readJson(join(root, 'node_modules', '.package-lock.json'))?.packages
  if (present === undefined) return false
  return Object.entries(wanted).every(
    ([path, { version, optional }]) =>
      path === '' || present[path]?.version === version || (optional === true && present[path] === undefined),
  )
}

/** The hashes of a part's sources when it was last compiled, and now. */
function stampsOf({ project, stamp, folders }) {
  const file = join(root, 'dist', stamp)
  const sources = [
    'tsconfig.json',
    'tsconfig.build.json',
    project,
    'package-lock.json',
    ...folders.flatMap(filesIn),
  ]
  const now = Object.fromEntries(sources.map((source) => [source, hashOf(join(root, source))]))
  return { file, before: readJson(file) ?? {}, now }
}

function filesIn(folder) {
  if (!existsSync(join(root, folder))) return []
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(root.length))
}

function hashOf(path) {
  return createHash('sha256').update(readFileSync(path)).digest('base64')
}

/** The npm that runs this, or the one on the path. */
export function npm() {
  const path = process.env.npm_execpath
  return path?.endsWith('npm-cli.js') ? [process.execPath, path] : ['npm']
}

/** Runs a program in the package's folder. Its output goes to stderr, because stdout belongs to the command. */
export function run(file, ...args) {
  const { status, error } = spawnSync(file, args, { cwd: root, stdio: ['inherit', 2, 2] })
  if (error) fail(`${file} could not be run: ${error.message}`)
  if (status !== 0) fail(`${[file, ...args].join(' ')} failed`)
}

export function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}

function say(what) {
  process.stderr.write(`tollgate: ${what}\n`)
}

function fail(why) {
  process.stderr.write(`tollgate: ${why}\n`)
  process.exit(1)
}
