// `node scripts/pythonClient.mjs <what>`: builds or tests the Python client, in an environment of its own.
//
// build: the wheel and the sdist, into clients/python/dist. test: types and tests. generate: the code of the contract.
// litellm [release…]: the plug-in in the real LiteLLM proxy, of the releases that docs/litellm.md names, or of these.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, install, root } from './prepare.mjs'

const folder = join(root, 'clients/python')
const environment = join(folder, '.venv')
const python = join(environment, 'bin/python')

/** With what each needs beside itself: 1.95.1 imports a name that later releases of FastAPI don't have. */
const LITELLM_RELEASES = { '1.108.7': [], '1.95.1': ['fastapi==0.136.3'] }

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
  litellm(...args) {
    install()
    build('src')
    const releases = args.filter((arg) => /^\d/.test(arg))
    for (const release of releases.length > 0 ? releases : Object.keys(LITELLM_RELEASES)) {
      const options = args.filter((arg) => !releases.includes(arg))
      run(proxyPython(release), '-m', 'pytest', '-q', 'tests_litellm', ...options)
    }
  },
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

/** An environment with a release of the LiteLLM proxy, the SDKs that ask it, and the client. */
function proxyPython(release) {
  const path = join(environment, `litellm-${release}`)
  const interpreter = join(path, 'bin/python')
  if (!existsSync(join(path, 'stamp'))) {
    run('python3', '-m', 'venv', '--clear', path)
    const beside = LITELLM_RELEASES[release] ?? []
    const packages = [
      `litellm[proxy]==${release}`,
      ...beside,
      'openai',
      'anthropic',
      'pytest>=8,<10',
      '-e',
      '.',
    ]
    run(interpreter, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages)
    writeFileSync(join(path, 'stamp'), release)
  }
  return interpreter
}

function run(program, ...args) {
  const { status, error } = spawnSync(program, args, { cwd: folder, stdio: 'inherit' })
  if (error) console.error(`${program}: ${error.message}`)
  if (status !== 0) process.exit(status ?? 1)
}
