// What Prometheus' own checker says of the metrics of a server that runs.
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../prepare.mjs'
import { promtool } from './promtool.mjs'

/** Against the conventions, and kept: alerts elsewhere know the name. */
const ALLOWED = /^credit_deduction_retry_count /

const READY_WITHIN_MS = 60_000

let program
try {
  program = promtool()
} catch (error) {
  process.stdout.write(`${error.message}\n`)
  process.exit(1)
}

const page = await metricsOfServer()
const { stdout, stderr, error } = spawnSync(program, ['check', 'metrics'], { input: page, encoding: 'utf8' })
if (error) throw error
const complaints = `${stdout}${stderr}`.split('\n').filter((line) => line !== '')
const allowed = complaints.filter((line) => ALLOWED.test(line))
const others = complaints.filter((line) => !ALLOWED.test(line))
for (const line of others) process.stdout.write(`${line}\n`)
// Without it the checker has not seen the page.
if (allowed.length === 0)
  process.stdout.write(`promtool did not say what it always says of ${ALLOWED.source}\n`)
process.exitCode = others.length === 0 && allowed.length > 0 ? 0 : 1

async function metricsOfServer() {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-metrics-'))
  // Its embedded Postgres may run as somebody else.
  chmodSync(folder, 0o755)
  const server = spawn(
    process.execPath,
    [join(root, 'test', 'support', 'fromSource.js'), 'src/main', 'serve'],
    {
      cwd: root,
      env: {
        PATH: process.env.PATH,
        TOLLGATE_DATA_DIR: join(folder, 'data'),
        TOLLGATE_GRPC_PORT: '0',
        TOLLGATE_METRICS_PORT: '0',
        TOLLGATE_LOG_LEVEL: 'error',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  const ended = new Promise((resolve) => server.once('exit', resolve))
  try {
    return await (await fetch(await urlOf(server))).text()
  } finally {
    server.kill('SIGTERM')
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
}

/** As its ready line says. */
function urlOf(server) {
  let said = ''
  return new Promise((resolve, reject) => {
    const fail = (why) => reject(new Error(`the server ${why}:\n${said}`))
    setTimeout(() => fail('was not ready in time'), READY_WITHIN_MS).unref()
    server.once('exit', (code) => fail(`ended with ${code}`))
    for (const output of [server.stdout, server.stderr])
      output.on('data', (chunk) => {
        said += chunk
        const [, url] = /^tollgate ready .*metrics=(\S+)$/m.exec(said) ?? []
        if (url !== undefined) resolve(url)
      })
  })
}
