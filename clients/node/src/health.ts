import { Client, type ServiceError } from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import { describedHealthService } from '../../../src/wire/healthDefinition'
import { type ConnectSettings, credentialsOf } from './connect'
import { errorOfCall } from './errors'

type Health = 'UNKNOWN' | 'SERVING' | 'NOT_SERVING' | 'SERVICE_UNKNOWN'

/** What the server at an address says of itself (`grpc.health.v1`), which needs no token. Rejects with a TollgateError. */
export async function askHealth(
  { address, ...settings }: Pick<ConnectSettings, 'address' | 'tls' | 'credentials'>,
  timeoutMs: number,
): Promise<Health> {
  const check = describedHealthService()['Check'] as MethodDefinition<{ service: string }, { status: Health }>
  const client = new Client(address, credentialsOf(settings))
  try {
    return await new Promise((resolve, reject) => {
      const answered = (error: ServiceError | null, answer?: { status: Health }) =>
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
