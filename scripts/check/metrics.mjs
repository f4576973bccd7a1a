// Checks the metrics of a running server with promtool.
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../prepare.mjs'
import { promtool } from './promtool.mjs'

/** This name breaks the conventions. It stays, because alerts of users depend on it. */
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
// If this complaint is missing, promtool has not read the page.
if (allowed.length === 0)
  process.stdout.write(`promtool did not make its usual complaint about ${ALLOWED.source}\n`)
process.exitCode = others.length === 0 && allowed.length > 0 ? 0 : 1

async function metricsOfServer() {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-metrics-'))
  // The embedded Postgres may run under another account.
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

/** The address in the ready line. */
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
