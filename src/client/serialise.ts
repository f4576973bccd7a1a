import { status } from '@grpc/grpc-js'
import { TollgateError } from './errors'

/**
 * A request's bytes, made before gRPC has it: what can't be sent is its caller's mistake, not a connection's trouble.
 *
 * @throws TollgateError INVALID_ARGUMENT
 */
export function serialised<Request>(serialise: (request: Request) => Buffer, request: Request): Buffer {
  try {
    checkNumbers(request, 'the request')
    return serialise(request)
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    throw new TollgateError(status.INVALID_ARGUMENT, `it can't be sent: ${problem}`, undefined, {
      cause: error,
    })
  }
}

/** For gRPC, which has nothing left to do then. */
export function asItIs(bytes: Buffer): Buffer {
  return bytes
}

/** protobuf.js would send a bigint and NaN as 0 and cut off fractions, and so charge nothing, or less. */
function checkNumbers(value: unknown, path: string): void {
  if (typeof value === 'bigint') throw new TypeError(`${path} is a bigint: give it as a string`)
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new TypeError(
      `${path} is ${value}, which is no whole number, or too large for one: give it as a string`,
    )
  }
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return
  for (const [name, each] of Object.entries(value)) checkNumbers(each, `${path}.${name}`)
}
