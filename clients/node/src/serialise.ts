import { status } from '@grpc/grpc-js'
import { TollgateError } from './errors'

/**
 * Copies a request, so that its caller may change the object while the request waits for a batch or a retry.
 *
 * @throws TollgateError INVALID_ARGUMENT
 */
export function ownRequest<Request>(request: Request): Request {
  return refusing(() => copyOf(request, 'the request') as Request)
}

/**
 * Serialises a request before gRPC gets it: a failure is the caller's mistake, not a broken connection.
 *
 * @throws TollgateError INVALID_ARGUMENT
 */
export function serialised<Request>(serialise: (request: Request) => Buffer, request: Request): Buffer {
  return refusing(() => serialise(request))
}

/** The serialiser for gRPC, whose requests are bytes already. */
export function identity(bytes: Buffer): Buffer {
  return bytes
}

function refusing<Result>(make: () => Result): Result {
  try {
    return make()
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    throw new TollgateError(status.INVALID_ARGUMENT, `it can't be sent: ${problem}`, undefined, {
      cause: error,
    })
  }
}

/** protobuf.js would send a bigint or NaN as 0 and cut off fractions, and so charge nothing, or less. */
function copyOf(value: unknown, path: string): unknown {
  if (typeof value === 'bigint') throw new TypeError(`${path} is a bigint: give it as a string`)
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new TypeError(
      `${path} is ${value}, which is no whole number, or too large for one: give it as a string`,
    )
  }
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
  if (Array.isArray(value)) return value.map((each, index) => copyOf(each, `${path}[${index}]`))
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, copyOf(each, `${path}.${name}`)]),
  )
}
