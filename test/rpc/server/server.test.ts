import { setTimeout as sleep } from 'node:timers/promises'
import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js'
import { sql } from 'kysely'
import { registry } from '../../../src/observability/metrics'
import { decodeErrorDetails, STATUS_DETAILS_KEY } from '../../../src/wire/errorDetails'
import { startTestServer, type TestServer } from '../../support/server'

let server: TestServer

beforeEach(async () => {
  server = await startTestServer()
  await server.client.createUser({ userId: 'ada' })
})

afterEach(() => server?.stop())

test('a request that is no message of the method is INVALID_ARGUMENT, with details', async () => {
  const error = await rawCall('/tollgate.billing.v1.UserService/GetUser', Buffer.from([0xff, 0xff, 0xff]))
  expect(error.code).toBe(status.INVALID_ARGUMENT)
  expect(detailsOf(error)).toMatchObject({ reason: 'INVALID_FIELD', domain: 'tollgate' })
})

test('a message of more than 4 MiB is refused', async () => {
  const json = 'x'.repeat(5 * 1024 * 1024)
  await expect(
    server.client.chargeUsage({ providerUsage: { format: 'openai.chat', json } }),
  ).rejects.toMatchObject({ code: status.RESOURCE_EXHAUSTED })
})

test('a deadline that has passed is the end of the call', async () => {
  const late = server.client.getUser({ userId: 'ada' }, { timeoutMs: -1 })
  await expect(late).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED, reason: 'DEADLINE_EXCEEDED' })
})

test('a bug is INTERNAL, and the message says no more than the id in the log', async () => {
  const call = server.client.getUser({ userId: 'ada' })
  await call
  await server.database.kysely.schema.dropTable('users').execute()
  await expect(server.client.getUser({ userId: 'ada' })).rejects.toMatchObject({
    code: status.INTERNAL,
    reason: 'INTERNAL',
    message: expect.stringMatching(/^internal error [0-9a-f-]{36}$/),
  })
})

test('calls are counted by method and code', async () => {
  const before = await handled('GetUser', 'NotFound')
  await server.client.getUser({ userId: 'nobody' }).catch(() => undefined)
  expect(await handled('GetUser', 'NotFound')).toBe(before + 1)
})

test('a call that runs into its deadline counts as that, and one that its client gives up as cancelled', async () => {
  const late = await handled('ListUsers', 'DeadlineExceeded')
  const cancelled = await handled('ListUsers', 'Canceled')
  const holder = await server.database.kysely.startTransaction().execute()
  await sql`lock table users in access exclusive mode`.execute(holder)
  const impatient = server.client.listUsers({}, { timeoutMs: 300 })
  await expect(impatient).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED })
  const leaving = new Client(server.address, credentials.createInsecure())
  const asBytes = (bytes: Buffer) => bytes
  const listUsers = '/tollgate.billing.v1.UserService/ListUsers'
  const left = new Promise((resolve) => {
    const call = leaving.makeUnaryRequest(listUsers, asBytes, asBytes, Buffer.alloc(0), (error) =>
      resolve(error?.code),
    )
    setTimeout(() => call.cancel(), 200)
  })
  expect(await left).toBe(status.CANCELLED)
  leaving.close()
  // They run to their ends all the same.
  await sleep(100)
  await holder.commit().execute()
  while ((await handled('ListUsers', 'Canceled')) === cancelled) await sleep(20)
  expect(await handled('ListUsers', 'Canceled')).toBe(cancelled + 1)
  expect(await handled('ListUsers', 'DeadlineExceeded')).toBe(late + 1)
})

test('a drain says NOT_SERVING, lets what runs end, and takes no more', async () => {
  const grants = Array.from({ length: 50 }, (_, n) =>
    server.client.grantCredits({
      userId: 'ada',
      idempotencyKey: `g${n}`,
      pot: 'POT_CREDITS',
      amountNanousd: '1',
    }),
  )
  await grants[0]
  const startedMs = performance.now()
  await server.rpc.drain(5_000)
  const results = await Promise.allSettled(grants)
  expect(performance.now() - startedMs).toBeLessThan(4_000)
  const done = results.filter(({ status: outcome }) => outcome === 'fulfilled').length
  const { rows } = { rows: await server.database.kysely.selectFrom('ledger_entries').selectAll().execute() }
  expect(rows).toHaveLength(done)
  await expect(server.client.getUser({ userId: 'ada' })).rejects.toMatchObject({ code: status.UNAVAILABLE })
})

test('a health watch is notified of the drain, and does not delay it', async () => {
  const seen: number[] = []
  const client = new Client(server.address, credentials.createInsecure())
  const watch = client.makeServerStreamRequest(
    '/grpc.health.v1.Health/Watch',
    () => Buffer.alloc(0),
    (bytes: Buffer) => bytes[1] ?? 0,
    {},
  )
  watch.on('data', (each: number) => seen.push(each))
  watch.on('error', () => undefined)
  await new Promise((resolve) => watch.once('data', resolve))
  const startedMs = performance.now()
  await server.rpc.drain(5_000)
  expect(performance.now() - startedMs).toBeLessThan(2_000)
  await new Promise((resolve) => watch.once('close', resolve))
  client.close()
  const [SERVING, NOT_SERVING] = [1, 2]
  expect(seen).toEqual([SERVING, NOT_SERVING])
})

function rawCall(path: string, bytes: Buffer): Promise<ServiceError> {
  const client = new Client(server.address, credentials.createInsecure())
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      path,
      (raw: Buffer) => raw,
      (raw) => raw,
      bytes,
      (error) => {
        client.close()
        if (error === null) reject(new Error('it was not refused'))
        else resolve(error)
      },
    )
  })
}

function detailsOf(error: ServiceError) {
  const [bytes] = error.metadata.get(STATUS_DETAILS_KEY)
  return decodeErrorDetails(bytes as Buffer)
}

async function handled(method: string, code: string): Promise<number> {
  const metric = await registry.getSingleMetric('grpc_server_handled_total')?.get()
  const found = metric?.values.find(
    ({ labels }) => labels['grpc_method'] === method && labels['grpc_code'] === code,
  )
  return found?.value ?? 0
}
