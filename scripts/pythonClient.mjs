// `node scripts/pythonClient.mjs <what>`: builds or tests the Python client, in an environment of its own.
//
// build: the wheel and the sdist, into clients/python/dist. test: types and tests. generate: the code of the contract.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, install, root } from './prepare.mjs'

const folder = join(root, 'clients/python')
const environment = join(folder, '.venv')
const python = join(environment, 'bin/python')

const WHATS = {
  build() {
    rmSync(join(folder, 'dist'), { recursive: true, force: true })
    run(python, '-m', 'build', '--outdir', 'dist', '.')
  },
  test(...args) {
    install()
    build('src')
    run(python, '-m', 'mypy')
    run(python, '-m', 'pytest', '-q', ...args)
  },
  generate: () => run(python, 'generate.py'),
  install: () => undefined,
}

const [what = '', ...args] = process.argv.slice(2)
if (!(what in WHATS)) {
  console.error(`give one of ${Object.keys(WHATS).join(', ')}`)
  process.exit(2)
}
prepare()
WHATS[what](...args)

/** The environment has what pyproject.toml asks for. */
function prepare() {
  const stamp = join(environment, 'stamp')
  const wanted = createHash('sha256')
    .update(readFileSync(join(folder, 'pyproject.toml')))
    .digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  run('python3', '-m', 'venv', '--clear', environment)
  run(python, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-e', '.[dev]')
  writeFileSync(stamp, wanted)
}

function run(program, ...args) {
  const { status, error } = spawnSync(program, args, { cwd: folder, stdio: 'inherit' })
  if (error) console.error(`${program}: ${error.message}`)
  if (status !== 0) process.exit(status ?? 1)
}
