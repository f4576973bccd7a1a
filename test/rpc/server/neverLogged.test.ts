import { setTimeout as sleep } from 'node:timers/promises'
import { connectTollgate } from '../../../clients/node/src/connect'
import { hashOfToken } from '../../../src/rpc/server/auth'
import { aCertificate, aCertificateAuthority } from '../../support/certificates'
import { SecretFolder } from '../../support/secretFolder'
import { startServerProcess } from '../../support/serverProcess'
import { type TestDatabase, testDatabase, urlOf } from '../../support/testDatabase'

const TOKEN = 'tg_the-token-itself'
const WRONG_TOKEN = 'tg_a-token-of-elsewhere'
const PASSWORD = 'the-password-of-the-database'

let database: TestDatabase
let secret: SecretFolder

beforeAll(async () => {
  database = await testDatabase()
})

afterAll(async () => {
  secret?.remove()
  await database?.drop()
})

test('tokens, passwords and keys are in no log, at the finest level, and in no answer', async () => {
  const ca = await aCertificateAuthority()
  const { certificate, key } = await aCertificate('localhost', { by: ca })
  const tls = { 'tls.crt': certificate, 'tls.key': key }
  secret = new SecretFolder({ ...tls, tokens: `gateway ${hashOfToken(TOKEN).toString('hex')} gateway\n` })
  const server = await startServerProcess({
    DATABASE_URL: `${urlOf(database.connection)}&password=${PASSWORD}`,
    TOLLGATE_LOG_LEVEL: 'trace',
    TOLLGATE_GRPC_HOST: '127.0.0.1',
    TOLLGATE_TOKENS_FILE: secret.path('tokens'),
    TOLLGATE_TLS_CERT_FILE: secret.path('tls.crt'),
    TOLLGATE_TLS_KEY_FILE: secret.path('tls.key'),
  })
  const answers: string[] = []
  for (const token of [TOKEN, WRONG_TOKEN, `${TOKEN} twice`]) answers.push(...(await askedWith(token)))
  expect(answers.join()).toMatch(/SCOPE_MISSING.*TOKEN_UNKNOWN.*TOKEN_MISSING/s)
  // A token in place of its hash: the file is refused, and the refusal is logged.
  secret.put({ ...tls, tokens: `gateway ${TOKEN} gateway\n` })
  while (!server.said().includes('keeping the last valid version')) await sleep(50)
  expect(await server.stop()).toBe(0)

  const said = server.said() + answers.join()
  const [keyLine = ''] = key.toString().split('\n').slice(1)
  expect(keyLine.length).toBeGreaterThan(30)
  for (const secretText of [TOKEN, WRONG_TOKEN, PASSWORD, keyLine]) expect(said).not.toContain(secretText)

  async function askedWith(token: string): Promise<string[]> {
    const client = connectTollgate({
      address: server.address.replace('127.0.0.1', 'localhost'),
      token,
      tls: { ca: ca.certificate },
      retry: { retriesMax: 0 },
    })
    const calls = [client.listUsers({}), client.chargeUsage({ userId: 'nobody', idempotencyKey: 'k' })]
    const settled = await Promise.allSettled(calls)
    client.close()
    return settled.map((call) =>
      call.status === 'rejected' ? JSON.stringify({ ...call.reason, message: String(call.reason) }) : 'OK',
    )
  }
}, 60_000)
