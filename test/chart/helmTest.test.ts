import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Server, ServerCredentials } from '@grpc/grpc-js'
import { packageRoot } from '../../src/packageRoot'
import { Health } from '../../src/rpc/server/health'
import { aCertificate, aCertificateAuthority } from '../support/certificates'
import { SecretFolder } from '../support/secretFolder'
import { type ServerProcess, startServerProcess } from '../support/serverProcess'
import { type TestDatabase, testDatabase, urlOf } from '../support/testDatabase'

// The script of the `helm test` pod, run as the pod runs it.

const SCRIPT = readFileSync(join(packageRoot, 'helm/tollgate/files/test.cjs'), 'utf8')

let database: TestDatabase
let secret: SecretFolder
let plain: ServerProcess
let tls: ServerProcess
let mutual: ServerProcess

beforeAll(async () => {
  const ca = await aCertificateAuthority()
  const { certificate, key } = await aCertificate('server', { by: ca })
  secret = new SecretFolder({ 'tls.crt': certificate, 'tls.key': key, 'ca.crt': ca.certificate })
  database = await testDatabase()
  const environment = { DATABASE_URL: urlOf(database.connection) }
  const files = {
    TOLLGATE_TLS_CERT_FILE: secret.path('tls.crt'),
    TOLLGATE_TLS_KEY_FILE: secret.path('tls.key'),
  }
  plain = await startServerProcess(environment)
  tls = await startServerProcess({ ...environment, ...files })
  mutual = await startServerProcess({
    ...environment,
    ...files,
    TOLLGATE_TLS_CLIENT_CA_FILE: secret.path('ca.crt'),
  })
}, 60_000)

afterAll(async () => {
  for (const server of [plain, tls, mutual]) await server?.stop()
  secret?.remove()
  await database?.close()
})

/** Its exit code and output. */
function helmTest(readyUrl: string, address: string, security: string) {
  const args = ['-e', SCRIPT, readyUrl, address, security]
  const child = spawn(process.execPath, args, { cwd: packageRoot, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const output of [child.stdout, child.stderr]) {
    output.on('data', (chunk) => {
      said += chunk
    })
  }
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, said })))
}

/** TLS knows a server by its name. */
const named = (address: string) => address.replace('127.0.0.1', 'localhost')

const PASSES = { code: 0, said: '' }

test('it passes for a server in plain text, with TLS and with mutual TLS', async () => {
  expect(await helmTest(`${plain.metricsUrl}/readyz`, plain.address, 'plain')).toEqual(PASSES)
  expect(await helmTest(`${tls.metricsUrl}/readyz`, named(tls.address), 'tls')).toEqual(PASSES)
  expect(await helmTest(`${mutual.metricsUrl}/readyz`, named(mutual.address), 'mutual')).toEqual(PASSES)
})

test('it fails if no server is ready, and prints the answer', async () => {
  expect(await helmTest(`${plain.metricsUrl}/ready`, plain.address, 'plain')).toEqual({
    code: 1,
    said: expect.stringContaining('This server has /metrics, /healthz and /readyz.'),
  })
  expect(await helmTest('http://127.0.0.1:1/readyz', plain.address, 'plain')).toEqual({
    code: 1,
    said: expect.stringMatching(/./),
  })
})

test('it fails if gRPC is served with other security, or not at all', async () => {
  const readyUrl = `${plain.metricsUrl}/readyz`
  for (const [address, security] of [
    [plain.address, 'tls'],
    [plain.address, 'mutual'],
    [tls.address, 'plain'],
    [mutual.address, 'tls'],
    ['127.0.0.1:1', 'plain'],
    // This port serves HTTP, but not gRPC.
    [new URL(plain.metricsUrl).host, 'plain'],
  ] as const)
    expect(await helmTest(readyUrl, address, security)).toEqual({ code: 1, said: expect.stringMatching(/./) })
}, 60_000)

test('it fails if gRPC answers NOT_SERVING', async () => {
  const server = new Server()
  const health = new Health([])
  health.set('NOT_SERVING')
  health.addToServer(server)
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  )
  try {
    expect(await helmTest(`${plain.metricsUrl}/readyz`, `127.0.0.1:${port}`, 'plain')).toEqual({
      code: 1,
      said: 'Error: gRPC answers 0802\n',
    })
  } finally {
    server.forceShutdown()
  }
})
