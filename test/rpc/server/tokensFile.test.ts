import { setTimeout as sleep } from 'node:timers/promises'
import type { TollgateClient } from '../../../clients/node/src/connect'
import type { TollgateError } from '../../../clients/node/src/errors'
import { registry } from '../../../src/observability/metrics'
import { hashOfToken, watchTokensFile } from '../../../src/rpc/server/auth'
import { SecretFolder } from '../../support/secretFolder'
import { startTestServer, type TestServer } from '../../support/server'

const LOOK_EVERY_MS = 20

let secret: SecretFolder
let files: ReturnType<typeof watchTokensFile>
let server: TestServer
let old: TollgateClient
let fresh: TollgateClient

beforeAll(async () => {
  secret = new SecretFolder({ tokens: line('old') })
  files = watchTokensFile(secret.path('tokens'), LOOK_EVERY_MS)
  server = await startTestServer({ tokens: () => files.current })
  old = server.connect('old')
  fresh = server.connect('fresh')
})

afterAll(async () => {
  files?.close()
  await server?.stop()
  secret?.remove()
})

function line(token: string): string {
  return `${token} ${hashOfToken(token).toString('hex')} read\n`
}

async function isLetIn(client: TollgateClient): Promise<boolean> {
  try {
    await client.listUsers({})
    return true
  } catch (error) {
    expect((error as TollgateError).reason).toBe('TOKEN_UNKNOWN')
    return false
  }
}

async function until(what: () => Promise<boolean>): Promise<void> {
  while (!(await what())) await sleep(LOOK_EVERY_MS)
}

async function isInForce(): Promise<boolean> {
  const metric = await registry.getSingleMetric('tollgate_file_in_force')?.get()
  return metric?.values.find(({ labels }) => labels['file'] === 'tokens')?.value === 1
}

test('a token is added, then the old one taken away, while the server runs', async () => {
  expect(await Promise.all([old, fresh].map(isLetIn))).toEqual([true, false])
  secret.put({ tokens: line('old') + line('fresh') })
  await until(() => isLetIn(fresh))
  expect(await isLetIn(old)).toBe(true)
  secret.put({ tokens: line('fresh') })
  await until(async () => !(await isLetIn(old)))
  expect(await isLetIn(fresh)).toBe(true)
})

test.each([
  ['a broken line', { tokens: `${line('old')}fresh s3cret read\n` }],
  ['no tokens', { tokens: '' }],
  ['no file', {}],
])('%s leaves the last good tokens in force', async (_what, content) => {
  secret.put({ tokens: line('fresh') })
  await until(async () => (await isInForce()) && (await isLetIn(fresh)))
  secret.put(content)
  await until(async () => !(await isInForce()))
  expect(await Promise.all([old, fresh].map(isLetIn))).toEqual([false, true])
  secret.put({ tokens: line('fresh') })
  await until(isInForce)
})
