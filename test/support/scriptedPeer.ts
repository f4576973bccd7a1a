import { Server, ServerCredentials, type ServiceError, status, type UntypedHandleCall } from '@grpc/grpc-js'
import { statusOfWireError } from '../../src/rpc/server/errors'
import { services } from '../../src/wire/definition'

type Method = 'ChargeUsage' | 'BatchChargeUsage' | 'PriceQuote' | 'GetCharge' | 'StreamSettle'

type Answer = ServiceError | object | undefined

export interface ScriptedPeer {
  address: string
  /** The charges that it received, in order. */
  asked: { method: Method; keys: string[] }[]
  stop(): void
}

/** Gives the answers of the test, or none if that is undefined. Only this way can a test be refused by overload at will. */
export async function scriptedPeer(
  answerTo: (method: Method) => Answer | Promise<Answer>,
  at = '127.0.0.1:0',
): Promise<ScriptedPeer> {
  const asked: ScriptedPeer['asked'] = []
  const handler = (method: Method, keysOf: (request: never) => string[]): UntypedHandleCall =>
    (async (call: { request: never }, reply: (error: unknown, answer?: object) => void) => {
      asked.push({ method, keys: keysOf(call.request) })
      const next = await answerTo(method)
      if (next === undefined) return
      if ('code' in next) reply(next)
      else reply(null, next)
    }) as unknown as UntypedHandleCall
  const server = new Server()
  server.addService(services['tollgate.billing.v1.BillingService'] as never, {
    ChargeUsage: handler('ChargeUsage', ({ idempotencyKey }: { idempotencyKey: string }) => [idempotencyKey]),
    BatchChargeUsage: handler(
      'BatchChargeUsage',
      ({ requests }: { requests: { idempotencyKey: string }[] }) =>
        requests.map(({ idempotencyKey }) => idempotencyKey),
    ),
    PriceQuote: handler('PriceQuote', () => []),
    GetCharge: handler('GetCharge', () => []),
    StreamSettle: handler('StreamSettle', () => []),
  })
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync(at, ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  )
  return { address: at.replace(/\d+$/, `${port}`), asked, stop: () => server.forceShutdown() }
}

/** A refusal by tollgate. */
export function refusal(code: status, reason: string, retryAfterMs?: number): ServiceError {
  const details = {
    reason,
    domain: 'tollgate',
    metadata: {},
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  }
  return statusOfWireError({ code, message: reason, details }) as ServiceError
}

/** An error from gRPC itself or a proxy, without details. */
export function transportError(code: status): ServiceError {
  return { code, details: `as ${status[code]}` } as ServiceError
}
