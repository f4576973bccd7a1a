// Finds promtool: on the path, or in Debian's package `prometheus`, which is unpacked into node_modules/.cache and not
// installed, because installing it would start a server. `node promtool.mjs ARGS` runs it.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root } from '../prepare.mjs'

const cache = join(root, 'node_modules', '.cache', 'promtool')
const program = join(cache, 'promtool')

const HELP =
  'promtool is needed to check the alert rules. It comes with Prometheus: put it on the path (Debian: ' +
  '`apt-get install prometheus`; macOS: `brew install prometheus`). Where apt-get is on the path and its list of ' +
  'packages is up to date (`apt-get update`), promtool is fetched with it.'

/** Path of the program. */
export function promtool() {
  if (spawnSync('promtool', ['--version']).status === 0) return 'promtool'
  if (!existsSync(program)) unpack()
  return program
}

function unpack() {
  mkdirSync(cache, { recursive: true })
  // A folder of its own: tests and checks may do this at the same time.
  const folder = mkdtempSync(join(cache, 'new-'))
  try {
    if (!run('apt-get', ['download', 'prometheus'], folder)) {
      run('apt-get', ['update'], folder)
      if (!run('apt-get', ['download', 'prometheus'], folder)) throw new Error(HELP)
    }
    const archive = readdirSync(folder).find((file) => file.endsWith('.deb'))
    if (archive === undefined || !run('dpkg-deb', ['--extract', archive, 'unpacked'], folder))
      throw new Error(HELP)
    renameSync(join(folder, 'unpacked', 'usr', 'bin', 'promtool'), program)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function run(command, args, cwd) {
  return spawnSync(command, args, { cwd, stdio: 'ignore' }).status === 0
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const { status } = spawnSync(promtool(), process.argv.slice(2), { stdio: 'inherit' })
    process.exitCode = status ?? 1
  } catch (error) {
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 1
  }
}
