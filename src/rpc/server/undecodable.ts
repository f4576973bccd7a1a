import type { DescMessage } from '@bufbuild/protobuf'
import type { MethodDefinition } from '@grpc/proto-loader'
import { BillingError } from '../../domain/errors'
import { weightOf } from './messageWeight'

/** Takes the place of a request that does not decode as its message type, or would take too much memory. */
export class Undecodable {
  readonly error: BillingError

  constructor(cause: unknown) {
    this.error =
      cause instanceof BillingError
        ? cause
        : new BillingError(
            'INVALID_FIELD',
            'the request does not decode as a message of this method: was it made from another contract?',
            { cause },
          )
  }
}

const weights = new WeakMap<object, number>()

/** The bytes of memory that a decoded request takes, estimated. */
export function decodedWeightOf(request: object): number {
  return weights.get(request) ?? 0
}

/**
 * Weighs requests before it decodes them, and passes those that do not decode on as {@link Undecodable}. By itself grpc-js
 * would end their calls as INTERNAL, without details.
 */
export function guardDecoding<Method extends MethodDefinition<object, object>>(
  method: Method,
  request: DescMessage,
): Method {
  return {
    ...method,
    requestDeserialize: (bytes: Buffer) => {
      try {
        const weight = weightOf(bytes, request)
        const message = method.requestDeserialize(bytes)
        weights.set(message, weight)
        return message
      } catch (error) {
        return new Undecodable(error)
      }
    },
  }
}
