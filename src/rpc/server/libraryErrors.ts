import {
  type Server,
  type ServerDuplexStream,
  type ServerInterceptingCall,
  type ServerInterceptor,
  status,
} from '@grpc/grpc-js'
import { BillingError } from '../../domain/errors'
import { STATUS_DETAILS_KEY } from '../../wire/errorDetails'
import { statusOf } from './errors'

/*
 * What grpc-js refuses by itself (a method that isn't there, a message too large or not to be decompressed, a deadline)
 * comes without details. Here it gets the ErrorInfo that every error of ours has. This reaches into grpc-js where it has
 * no door: its version is pinned, and `test/rpc/libraryErrors.test.ts` notices if that stops working.
 */

type Ended = Parameters<ServerInterceptingCall['sendStatus']>[0]

/** Sees the statuses that grpc-js ends a call with on its own, which pass by all interceptors. */
export const withDetails: ServerInterceptor = (_method, call) => {
  const send = call.sendStatus.bind(call)
  call.sendStatus = (ended) => send(detailed(ended))
  return call as ServerInterceptingCall
}

function detailed(ended: Ended): Ended {
  if (ended.code === status.OK || (ended.metadata && ended.metadata.get(STATUS_DETAILS_KEY).length > 0))
    return ended
  const expected = expectedErrorOf(ended)
  return expected === undefined ? ended : statusOf(expected, 'grpc-js')
}

/** By code, and where one code stands for several things, by the words of grpc-js. */
function expectedErrorOf({ code, details }: Ended): BillingError | undefined {
  switch (code) {
    case status.RESOURCE_EXHAUSTED:
      return new BillingError('MESSAGE_TOO_LARGE', `the message is too large: ${details}`)
    case status.DEADLINE_EXCEEDED:
      return new BillingError(
        'DEADLINE_EXCEEDED',
        'the deadline has passed; what was asked for may still happen',
      )
    case status.UNIMPLEMENTED:
      return new BillingError('NOT_IMPLEMENTED', details)
    case status.INTERNAL:
      return /^(Failed to decompress|Invalid grpc-timeout)/.test(details)
        ? new BillingError('INVALID_FIELD', `the call is malformed: ${details}`)
        : undefined
    default:
      return undefined
  }
}

/** Answers a method that isn't there through the same path as all others. */
export function answerUnknownMethods(server: Server): void {
  const inner = server as unknown as { _retrieveHandler(path: string): object | null }
  const known = inner._retrieveHandler.bind(server)
  inner._retrieveHandler = (path) => known(path) ?? unknownMethod(path)
}

function unknownMethod(path: string): object {
  const shown = path.slice(0, 128)
  return {
    type: 'bidi',
    path: '/unknown',
    serialize: () => Buffer.alloc(0),
    deserialize: () => ({}),
    func: (call: ServerDuplexStream<object, object>) => {
      call.emit(
        'error',
        statusOf(new BillingError('NOT_IMPLEMENTED', `there is no method ${shown} here`), shown),
      )
    },
  }
}
