import { type ServiceError, status } from '@grpc/grpc-js'
import { decodeErrorDetails, type ErrorDetails, STATUS_DETAILS_KEY } from '../wire/errorDetails'

/** A call that did not succeed, with what the server said about it. */
export class TollgateError extends Error {
  /** gRPC status code. */
  readonly code: status
  /** Such as INSUFFICIENT_CREDITS. Where no server answered (a lost connection, a deadline): the status's own name. */
  readonly reason: string
  readonly metadata: Readonly<Record<string, string>>
  /** Which fields of the request were refused, and why. */
  readonly fieldViolations: readonly { field: string; description: string }[]
  /** When trying again may succeed. */
  readonly retryAfterMs: number | undefined
  /** All of it. */
  readonly details: ErrorDetails | undefined

  constructor(error: ServiceError) {
    super(error.details || error.message, { cause: error })
    this.name = 'TollgateError'
    this.code = error.code
    this.details = detailsOf(error)
    this.reason = this.details?.reason ?? status[error.code] ?? 'UNKNOWN'
    this.metadata = this.details?.metadata ?? {}
    this.fieldViolations = this.details?.fieldViolations ?? []
    this.retryAfterMs = this.details?.retryAfterMs
  }
}

function detailsOf(error: ServiceError): ErrorDetails | undefined {
  const [bytes] = error.metadata?.get(STATUS_DETAILS_KEY) ?? []
  return Buffer.isBuffer(bytes) ? decodeErrorDetails(bytes) : undefined
}
