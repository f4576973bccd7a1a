import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import { services } from '../../src/wire/definition'
import { describedHealthService } from '../../src/wire/healthDefinition'
import { startTestServer, type TestServer } from '../support/server'

const BILLING = 'tollgate.billing.v1.BillingService'

interface Answer {
  status: string
}

let server: TestServer
let client: Client

beforeEach(async () => {
  server = await startTestServer()
  client = new Client(server.address, credentials.createInsecure())
})

afterEach(async () => {
  client?.close()
  await server?.stop()
})

const { Check, Watch, List } = describedHealthService() as Record<string, MethodDefinition<object, object>>

function ask<T>(method: MethodDefinition<object, object> | undefined, request: object): Promise<T> {
  const { path, requestSerialize, responseDeserialize } = method as MethodDefinition<object, object>
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      (error: ServiceError | null, answer?: object) =>
        answer === undefined ? reject(error) : resolve(answer as T),
    )
  })
}

/** The states that a service's watcher is told, as they come. */
function watch(service: string): string[] {
  const { path, requestSerialize, responseDeserialize } = Watch as MethodDefinition<object, object>
  const call = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, { service })
  const seen: string[] = []
  call.on('data', (answer: Answer) => seen.push(answer.status))
  call.on('error', (error: ServiceError) => seen.push(status[error.code]))
  return seen
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 10))
}

test.each(['', BILLING])('the state of "%s" can be asked for', async (service) => {
  expect(await ask(Check, { service })).toEqual({ status: 'SERVING' })
})

test('that of a service which is not there is NOT_FOUND, and its name is not repeated', async () => {
  const error = await ask(Check, { service: 'elsewhere' }).catch((refusal: ServiceError) => refusal)
  expect(error).toMatchObject({ code: status.NOT_FOUND })
  expect((error as ServiceError).message).not.toContain('elsewhere')
})

test('every service has its state in the list', async () => {
  const { statuses } = await ask<{ statuses: { key: string; value: Answer }[] }>(List, {})
  expect(statuses.map(({ key }) => key).sort()).toEqual(['', ...Object.keys(services)].sort())
  expect(new Set(statuses.map(({ value }) => value.status))).toEqual(new Set(['SERVING']))
})

test('a watcher is told of the drain; one of a service that is not there learns so, and no more', async () => {
  const [all, billing, elsewhere] = [watch(''), watch(BILLING), watch('elsewhere')]
  await until(() => [all, billing, elsewhere].every((seen) => seen.length === 1))
  const drained = server.rpc.drain(1_000)
  await until(() => [all, billing].every((seen) => seen.length > 1))
  await drained
  expect([all.slice(0, 2), billing.slice(0, 2)]).toEqual([
    ['SERVING', 'NOT_SERVING'],
    ['SERVING', 'NOT_SERVING'],
  ])
  expect(elsewhere[0]).toBe('SERVICE_UNKNOWN')
  expect(elsewhere).not.toContain('NOT_SERVING')
})
