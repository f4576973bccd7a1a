import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import { healthService, services } from '../../../src/wire/definition'
import { startTestServer, type TestServer } from '../../support/server'

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

const { Check, Watch, List } = healthService as unknown as Record<string, MethodDefinition<object, object>>

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

/** The states that a watcher of the service receives, as they arrive. */
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

test.each(['', BILLING])('answers the state of "%s"', async (service) => {
  expect(await ask(Check, { service })).toEqual({ status: 'SERVING' })
})

test('answers NOT_FOUND for an unknown service, without repeating its name', async () => {
  const error = await ask(Check, { service: 'elsewhere' }).catch((refusal: ServiceError) => refusal)
  expect(error).toMatchObject({ code: status.NOT_FOUND })
  expect((error as ServiceError).message).not.toContain('elsewhere')
})

test('lists the state of every service', async () => {
  const { statuses } = await ask<{ statuses: Record<string, Answer> }>(List, {})
  expect(Object.keys(statuses).sort()).toEqual(['', ...Object.keys(services)].sort())
  expect(new Set(Object.values(statuses).map((each) => each.status))).toEqual(new Set(['SERVING']))
})

test('tells watchers when it drains; a watcher of an unknown service only learns that it is unknown', async () => {
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
