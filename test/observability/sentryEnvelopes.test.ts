import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { connectTollgate, type TollgateClient } from '../../clients/node/src/connect'
import { openDatabase } from '../../src/database/database'
import { type ServerProcess, startServerProcess } from '../support/serverProcess'
import { emptyDatabase, urlOf } from '../support/testDatabase'

jest.setTimeout(90_000)

const TOKEN = 'a-very-secret-token'
const SECRETS = {
  token: TOKEN,
  'hash of the token': createHash('sha256').update(TOKEN).digest('hex'),
  label: 'confidential-project',
  'api key': 'key-of-ada',
  'idempotency key': 'call-of-ada',
  'exact balance': '123456789',
  'exact balance in dollars': '0.123456789',
  'usage object': 'prompt_tokens',
}

interface SentEvent {
  level: string
  fingerprint: string[]
  tags: Record<string, string>
}

const bodies: string[] = []
let folder: string
let sentry: Server
let database: Awaited<ReturnType<typeof emptyDatabase>>
let server: ServerProcess
let client: TollgateClient

/** All that was sent, by a server that has done everything that is reported, twice, and was then stopped. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sentry-test-'))
  writeFileSync(join(folder, 'tokens'), `test ${createHash('sha256').update(TOKEN).digest('hex')} admin\n`)
  sentry = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part) => parts.push(part))
    request.on('end', () => {
      const body = Buffer.concat(parts)
      bodies.push((request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString())
      response.end('{}')
    })
  })
  await new Promise<void>((resolve) => sentry.listen(0, '127.0.0.1', resolve))
  database = await emptyDatabase()
  server = await startServerProcess({
    DATABASE_URL: urlOf(database.connection),
    TOLLGATE_TOKENS_FILE: join(folder, 'tokens'),
    TOLLGATE_GRPC_HOST: '127.0.0.1',
    TOLLGATE_RECONCILE_INTERVAL_SECONDS: '1',
    SENTRY_DSN: `http://public@127.0.0.1:${(sentry.address() as AddressInfo).port}/1`,
  })
  client = connectTollgate({
    address: server.address,
    token: TOKEN,
    retry: { retriesMax: 0 },
    batching: false,
  })
  await client.createUser({ userId: 'ada' })
  await client.grantCredits({
    ...{ userId: 'ada', idempotencyKey: 'order', pot: 'POT_CREDITS' },
    amountNanousd: '123456789',
  })
  for (const attempt of [1, 2]) await provoke(attempt)
  await untilSent('LEDGER_DRIFT')
  // What has not been sent by now must be on the way out.
  client.close()
  await server.stop()
})

afterAll(async () => {
  client?.close()
  await server?.stop()
  await database?.drop()
  sentry?.close()
  rmSync(folder, { recursive: true, force: true })
})

async function provoke(attempt: number): Promise<void> {
  const charge = (model: string, usage: object, key: string) =>
    client.chargeUsage({
      ...{
        userId: 'ada',
        idempotencyKey: `${SECRETS['idempotency key']}-${key}-${attempt}`,
        model,
        ...usage,
      },
      apiKeyId: SECRETS['api key'],
      labels: { project: SECRETS.label },
    })
  const json = (tokens: number) => ({
    providerUsage: {
      format: 'openai.chat',
      json: JSON.stringify({ prompt_tokens: tokens, completion_tokens: 1 }),
    },
  })
  await expect(charge('gpt-4-of-nobody', json(1), 'unpriced')).rejects.toMatchObject({
    reason: 'MODEL_PRICE_MISSING',
  })
  await expect(charge('gpt-4o', json(100_000_000_000), 'slip')).rejects.toMatchObject({
    reason: 'PRICE_ANOMALY',
  })
  await expect(charge('gpt-4o', json(10_000_000), 'dear')).rejects.toMatchObject({
    reason: 'INSUFFICIENT_CREDITS',
  })
  await client.updateUser({
    ...{
      userId: 'ada',
      isTrial: true,
      tier: 'pro',
      stripeCustomerId: 'cus_1',
      stripeSubscriptionId: 'sub_1',
    },
  })
  const direct = openDatabase(database.connection, { poolSizeMax: 1, onIdleError: () => undefined })
  await direct.kysely
    .updateTable('users')
    .set({ allowance_nanousd: 5n })
    .where('user_id', '=', 'ada')
    .execute()
  await direct.close()
}

function events(): SentEvent[] {
  return bodies.flatMap((body) => {
    const lines = body.split('\n').filter((line) => line !== '')
    return lines.flatMap((line, at) =>
      (JSON.parse(lines[at - 1] ?? '{}') as { type?: string }).type === 'event'
        ? [JSON.parse(line) as SentEvent]
        : [],
    )
  })
}

async function untilSent(kind: string): Promise<void> {
  while (!events().some(({ tags }) => tags['kind'] === kind)) await sleep(100)
}

test('each kind is sent once an hour for its model or user, with its level', () => {
  const sent = events().map(({ level, tags }) => `${level} ${tags['kind']} ${tags['subject']}`)
  expect(sent.sort()).toEqual([
    'fatal DEDUCTION_FAILED ada',
    'fatal LEDGER_DRIFT ada',
    'fatal MODEL_PRICE_MISSING gpt-4-of-nobody',
    'fatal PRICE_ANOMALY gpt-4o',
    'warning TRIAL_OVERRIDE ada',
  ])
})

test('an event is grouped by its kind and subject', () => {
  for (const { fingerprint, tags } of events()) expect(fingerprint).toEqual([tags['kind'], tags['subject']])
})

test.each(Object.entries(SECRETS))('no %s is in any of them', (_name, secret) => {
  expect(bodies.length).toBeGreaterThan(0)
  expect(bodies.filter((body) => body.includes(secret))).toEqual([])
})
