// What has to be there before anything runs on a fresh clone, with nothing but Node: node_modules and dist. Both are
// made only when they are missing or out of date, so that a second start takes no time.
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
  run(...npm(), 'ci', '--include=dev', '--no-audit', '--no-fund')
}

/** Compiles `src` and `bench` into `dist`, unless they are what they were. */
export function build() {
  const stampFile = join(root, 'dist', '.stamp.json')
  const before = readJson(stampFile) ?? {}
  const now = stampsOfSources()
  const names = new Set([...Object.keys(before), ...Object.keys(now)])
  if ([...names].every((name) => before[name] === now[name])) return
  say('building')
  // The compiler leaves the output of a source that is gone.
  if (Object.keys(before).some((name) => !(name in now)))
    rmSync(join(root, 'dist'), { recursive: true, force: true })
  rmSync(stampFile, { force: true })
  run(process.execPath, join('node_modules', 'typescript', 'bin', 'tsc'), '--project', 'tsconfig.build.json')
  writeFileSync(stampFile, JSON.stringify(now))
}

/** npm keeps a copy of the lock file with what it installed; packages of other platforms are missing from it. */
function isInstalled() {
  const wanted = readJson(join(root, 'package-lock.json'))?.packages ?? {}
  const present = readJson(join(root, 'node_modules', '.package-lock.json'))?.packages
  if (present === undefined) return false
  return Object.entries(wanted).every(
    ([path, { version, optional }]) =>
      path === '' || present[path]?.version === version || (optional === true && present[path] === undefined),
  )
}

function stampsOfSources() {
  const files = [
    'tsconfig.json',
    'tsconfig.build.json',
    'package-lock.json',
    ...filesIn('src'),
    ...filesIn('bench'),
  ]
  return Object.fromEntries(files.map((file) => [file, hashOf(join(root, file))]))
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
function npm() {
  const path = process.env.npm_execpath
  return path?.endsWith('npm-cli.js') ? [process.execPath, path] : ['npm']
}

/** Runs a program in the package's folder; what it prints goes to stderr, because stdout belongs to the command. */
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
