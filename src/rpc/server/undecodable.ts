import type { MethodDefinition } from '@grpc/proto-loader'
import { BillingError } from '../../domain/errors'

/** Stands in for a request that is no message of its type. */
export class Undecodable {
  readonly error: BillingError

  constructor(cause: unknown) {
    this.error = new BillingError(
      'INVALID_FIELD',
      'the request is not a message of this method: was it made from another contract?',
      { cause },
    )
  }
}

/** grpc-js would end such a call itself, as INTERNAL and without details; this way it gets to the handler's wrapper. */
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
