import type { MethodDefinition } from '@grpc/proto-loader'
import { BillingError } from '../../domain/errors'

/** Takes the place of a request that does not decode as its message type. */
export class Undecodable {
  readonly error: BillingError

  constructor(cause: unknown) {
    this.error = new BillingError(
      'INVALID_FIELD',
      'the request does not decode as a message of this method: was it made from another contract?',
      { cause },
    )
  }
}

/** Passes requests that do not decode on as {@link Undecodable}; grpc-js would end their calls as INTERNAL, without details. */
export function tolerant<Method extends MethodDefinition<object, object>>(method: Method): Method {
  return {
    ...method,
    requestDeserialize: (bytes: Buffer) => {
      try {
        return method.requestDeserialize(bytes)
      } catch (error) {
        return new Undecodable(error)
      }
    },
  }
}
