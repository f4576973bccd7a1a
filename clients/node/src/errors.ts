import { type ServiceError, status } from '@grpc/grpc-js'
import { decodeErrorDetails, type ErrorDetails, STATUS_DETAILS_KEY } from '../../../src/wire/errorDetails'
import type { ChargeUsageError__Output } from '../../../src/wire/generated/tollgate/billing/v1/ChargeUsageError'

/** A call that failed, with the details that the server sent. */
export class TollgateError extends Error {
  /** gRPC status code. */
  readonly code: status
  /** Such as INSUFFICIENT_CREDITS. If no server answered (a lost connection, a deadline), the name of the status. */
  readonly reason: string
  readonly metadata: Readonly<Record<string, string>>
  /** Which fields of the request were refused, and why. */
  readonly fieldViolations: readonly { field: string; description: string }[]
  /** When a retry may succeed. */
  readonly retryAfterMs: number | undefined
  /** All details that the server sent. */
  readonly details: ErrorDetails | undefined

  constructor(code: status, message: string, details?: ErrorDetails, options?: ErrorOptions) {
    super(message, options)
    this.name = 'TollgateError'
    this.code = code
    this.details = details
    this.reason = details?.reason ?? status[code] ?? 'UNKNOWN'
    this.metadata = details?.metadata ?? {}
    this.fieldViolations = details?.fieldViolations ?? []
    this.retryAfterMs = details?.retryAfterMs
  }
}

/** The client was closed. */
export class ClientClosedError extends TollgateError {
  constructor() {
    super(status.CANCELLED, 'the client is closed')
  }
}

/** Too many calls wait for their answers: this one was not sent. */
export class ClientOverloadedError extends TollgateError {
  constructor(pendingMax: number) {
    super(status.RESOURCE_EXHAUSTED, `${pendingMax} calls wait for an answer already`, {
      reason: 'CLIENT_OVERLOADED',
      domain: 'tollgate',
      metadata: {},
    })
  }
}

export function errorOfCall(error: ServiceError): TollgateError {
  const [bytes] = error.metadata?.get(STATUS_DETAILS_KEY) ?? []
  const details = Buffer.isBuffer(bytes) ? decodeErrorDetails(bytes) : undefined
  return new TollgateError(error.code, error.details || error.message, details, { cause: error })
}

/** The error that one request of a batch would have got alone. */
export function errorOfItem({ code, reason, message, metadata }: ChargeUsageError__Output): TollgateError {
  return new TollgateError(code, message, { reason, domain: 'tollgate', metadata })
}

const LISTED: ReadonlySet<string> = new Set([
  ...['INSUFFICIENT_CREDITS', 'DAILY_LIMIT_REACHED', 'TRIAL_LIMIT_REACHED', 'TRIAL_EXPIRED'],
  ...['USER_SUSPENDED', 'MODEL_PRICE_MISSING', 'PRICE_ANOMALY', 'SERVICE_TIER_UNKNOWN', 'BUDGET_REACHED'],
  'REPORTED_COST_NOT_ALLOWED',
])

/** Whether tollgate lists a finished call that it refused like this as a deduction failure. */
export function isListed(error: unknown): boolean {
  return error instanceof TollgateError && LISTED.has(error.reason)
}

const UNKNOWN_OUTCOMES: ReadonlySet<status> = new Set([
  status.UNAVAILABLE,
  status.DEADLINE_EXCEEDED,
  status.ABORTED,
  status.INTERNAL,
  status.UNKNOWN,
  status.CANCELLED,
])

/** Whether the call may have taken effect, so that only the same key may repeat it. */
export function hasUnknownOutcome(error: unknown): boolean {
  return error instanceof TollgateError && UNKNOWN_OUTCOMES.has(error.code)
}
