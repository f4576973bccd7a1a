// A real promtool, for checks: the one on the path, or the one in Debian's package `prometheus`, which is unpacked into
// node_modules/.cache without being installed (installing it would start a server). `node promtool.mjs ARGS` runs it.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root } from '../prepare.mjs'

const cache = join(root, 'node_modules', '.cache', 'promtool')
const program = join(cache, 'promtool')

const HELP =
  'promtool is needed to check the alert rules. It comes with Prometheus: put it on the path (Debian: ' +
  '`apt-get install prometheus`; macOS: `brew install prometheus`), or have apt-get on the path with an up-to-date ' +
  'list of packages (`apt-get update`), and it is fetched from there.'

/** Path of the program. */
export function promtool() {
  if (spawnSync('promtool', ['--version']).status === 0) return 'promtool'
  if (!existsSync(program)) unpack()
  return program
}

function unpack() {
  mkdirSync(cache, { recursive: true })
  // Of its own: tests and checks may come here at once.
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
