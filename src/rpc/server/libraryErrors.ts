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
 * grpc-js refuses some calls by itself, without details: an unknown method, a message that is too large or does not
 * decompress, a passed deadline. This adds the ErrorInfo that all our errors carry. It uses private fields of grpc-js,
 * whose version is pinned; `test/rpc/server/libraryErrors.test.ts` fails if they change.
 */

type Ended = Parameters<ServerInterceptingCall['sendStatus']>[0]

/** Adds details to the statuses with which grpc-js ends a call by itself; they bypass ordinary interceptors. */
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

/** Told apart by code, and where a code has several causes, by the message of grpc-js. */
function expectedErrorOf({ code, details }: Ended): BillingError | undefined {
  switch (code) {
    case status.RESOURCE_EXHAUSTED:
      return new BillingError('MESSAGE_TOO_LARGE', `the message is too large: ${details}`)
    case status.DEADLINE_EXCEEDED:
      return new BillingError(
        'DEADLINE_EXCEEDED',
        'the deadline has passed; the request may still take effect',
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

/** Gives unknown methods a handler, so that they pass the same interceptors as all others. */
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
        statusOf(new BillingError('NOT_IMPLEMENTED', `this server has no method ${shown}`), shown),
      )
    },
  }
}
