import { type handleBidiStreamingCall, type handleUnaryCall, Server, ServerCredentials } from '@grpc/grpc-js'
import type { ServiceDefinition } from '@grpc/proto-loader'
import { services } from '../../src/wire/definition'

/** Answers that a real server gave. */
export interface SampleAnswers {
  ChargeUsage: object
  PriceQuote: object
  StreamSettle: object
}

/** The same messages through the same grpc-js, without any work: it decodes requests and encodes a canned answer. */
export async function noopServer({ answers }: { answers: SampleAnswers }): Promise<{ address: string }> {
  const server = new Server()
  const unary =
    (answer: object): handleUnaryCall<object, object> =>
    (_call, callback) =>
      callback(null, answer)
  const bidi: handleBidiStreamingCall<object, object> = (call) => {
    call.once('data', () => {
      call.write(answers.StreamSettle)
    })
    call.on('data', () => undefined)
    call.on('end', () => call.end())
    call.on('error', () => undefined)
  }
  server.addService(services['tollgate.billing.v1.BillingService'] as unknown as ServiceDefinition, {
    ChargeUsage: unary(answers.ChargeUsage),
    PriceQuote: unary(answers.PriceQuote),
    StreamSettle: bidi,
  })
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    )
  })
  return { address: `127.0.0.1:${port}` }
}
