import { Client, type ServiceError } from '@grpc/grpc-js'
import { healthService } from '../../../src/wire/definition'
import type { HealthCheckResponse__Output } from '../../../src/wire/generated/grpc/health/v1/HealthCheckResponse'
import { type ConnectSettings, credentialsOf } from './connect'
import { errorOfCall } from './errors'

type Health = HealthCheckResponse__Output['status']

/** The health of the server at an address (`grpc.health.v1`), which needs no token. Rejects with a TollgateError. */
export async function askHealth(
  { address, ...settings }: Pick<ConnectSettings, 'address' | 'tls' | 'credentials'>,
  timeoutMs: number,
): Promise<Health> {
  const check = healthService.Check
  const client = new Client(address, credentialsOf(settings))
  try {
    return await new Promise((resolve, reject) => {
      const answered = (error: ServiceError | null, answer?: HealthCheckResponse__Output) =>
        answer === undefined ? reject(error && errorOfCall(error)) : resolve(answer.status)
      const deadline = Date.now() + timeoutMs
      client.makeUnaryRequest(
        check.path,
        check.requestSerialize,
        check.responseDeserialize,
        { service: '' },
        { deadline },
        answered,
      )
    })
  } finally {
    client.close()
  }
}
