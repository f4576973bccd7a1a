import { randomUUID } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { Metadata, type StatusObject, status } from '@grpc/grpc-js'
import { databaseErrorKind } from '../../database/errors'
import { BillingError, type ErrorReason } from '../../domain/errors'
import { log } from '../../observability/log'
import { reportFatal } from '../../observability/sentry'
import { type ErrorDetails, encodeErrorDetails, STATUS_DETAILS_KEY } from '../../wire/errorDetails'

/** The gRPC status of each reason. Nothing else chooses a status. */
export const STATUS_BY_REASON = {
  INVALID_FIELD: status.INVALID_ARGUMENT,
  IMPOSSIBLE_USAGE: status.INVALID_ARGUMENT,
  UNKNOWN_USAGE_FORMAT: status.INVALID_ARGUMENT,
  QUOTE_INVALID: status.INVALID_ARGUMENT,
  QUOTE_MISMATCH: status.INVALID_ARGUMENT,
  ALIAS_CYCLE: status.INVALID_ARGUMENT,
  STREAM_PROTOCOL: status.INVALID_ARGUMENT,
  USER_NOT_FOUND: status.NOT_FOUND,
  PRICE_NOT_FOUND: status.NOT_FOUND,
  CHARGE_NOT_FOUND: status.NOT_FOUND,
  HOLD_NOT_FOUND: status.NOT_FOUND,
  FAILURE_NOT_FOUND: status.NOT_FOUND,
  CHANGE_NOT_FOUND: status.NOT_FOUND,
  BUDGET_NOT_FOUND: status.NOT_FOUND,
  IDEMPOTENCY_KEY_REUSED: status.ALREADY_EXISTS,
  USER_EXISTS: status.ALREADY_EXISTS,
  INSUFFICIENT_CREDITS: status.FAILED_PRECONDITION,
  MODEL_PRICE_MISSING: status.FAILED_PRECONDITION,
  SERVICE_TIER_UNKNOWN: status.FAILED_PRECONDITION,
  PRICE_ANOMALY: status.FAILED_PRECONDITION,
  REPORTED_COST_NOT_ALLOWED: status.FAILED_PRECONDITION,
  TRIAL_EXPIRED: status.FAILED_PRECONDITION,
  QUOTE_EXPIRED: status.FAILED_PRECONDITION,
  REFUND_EXCEEDS_CHARGE: status.FAILED_PRECONDITION,
  USER_SUSPENDED: status.FAILED_PRECONDITION,
  ALREADY_DECIDED: status.FAILED_PRECONDITION,
  TOO_MANY_BUDGETS: status.FAILED_PRECONDITION,
  DAILY_LIMIT_REACHED: status.RESOURCE_EXHAUSTED,
  BUDGET_REACHED: status.RESOURCE_EXHAUSTED,
  TRIAL_LIMIT_REACHED: status.RESOURCE_EXHAUSTED,
  TOO_MANY_STREAMS: status.RESOURCE_EXHAUSTED,
  OVERLOADED: status.RESOURCE_EXHAUSTED,
  MESSAGE_TOO_LARGE: status.RESOURCE_EXHAUSTED,
  SUMMARY_TOO_LARGE: status.RESOURCE_EXHAUSTED,
  CONCURRENT_MODIFICATION: status.ABORTED,
  STREAM_FENCED: status.ABORTED,
  DATABASE_UNAVAILABLE: status.UNAVAILABLE,
  SHUTTING_DOWN: status.UNAVAILABLE,
  DEADLINE_EXCEEDED: status.DEADLINE_EXCEEDED,
  NOT_IMPLEMENTED: status.UNIMPLEMENTED,
  TOKEN_MISSING: status.UNAUTHENTICATED,
  TOKEN_UNKNOWN: status.UNAUTHENTICATED,
  SCOPE_MISSING: status.PERMISSION_DENIED,
} as const satisfies Record<ErrorReason, status>

export const ERROR_DOMAIN = 'tollgate'

const RETRY_DATABASE_AFTER_MS = 1_000
const LOG_OUTAGE_EVERY_MS = 1_000

/** An error as sent in a status, or as one result of a batch. */
export interface WireError {
  code: status
  message: string
  details: ErrorDetails
}

/** @param method names the call in the log, where the error is a bug */
export function wireErrorOf(error: unknown, method: string): WireError {
  const expected = expectedErrorOf(error)
  return expected === undefined ? bugOf(error, method) : wireErrorOfBilling(expected)
}

/** The status to end a call with. It always carries an ErrorInfo. */
export function statusOf(error: unknown, method: string): StatusObject {
  return statusOfWireError(wireErrorOf(error, method))
}

export function statusOfWireError({ code, message, details }: WireError): StatusObject {
  const metadata = new Metadata()
  metadata.set(STATUS_DETAILS_KEY, encodeErrorDetails(code, message, details))
  // grpc-js percent-encodes the text for the trailer, and throws on half a surrogate pair.
  return { code, details: message.replaceAll(/\p{Surrogate}/gu, '\ufffd'), metadata }
}

function expectedErrorOf(error: unknown): BillingError | undefined {
  if (error instanceof BillingError) return error
  const kind = databaseErrorKind(error)
  if (kind !== 'transient' && kind !== 'disconnected') return undefined
  logOutageThrottled(error)
  return new BillingError(
    'DATABASE_UNAVAILABLE',
    'the database does not answer; send the same request again',
    {
      retryAfterMs: RETRY_DATABASE_AFTER_MS,
      cause: error,
    },
  )
}

let loggedAtMs = Number.NEGATIVE_INFINITY
let suppressed = 0

/** During an outage every call fails, so one failure a second is logged, with the number of those suppressed. */
function logOutageThrottled(error: unknown): void {
  const nowMs = performance.now()
  if (nowMs - loggedAtMs < LOG_OUTAGE_EVERY_MS) {
    suppressed += 1
    return
  }
  log.warn({ err: error, suppressed }, 'the database does not answer')
  loggedAtMs = nowMs
  suppressed = 0
}

function wireErrorOfBilling(error: BillingError): WireError {
  const { reason, message, field, retryAfterMs } = error
  const metadata = field === undefined ? error.metadata : { ...error.metadata, field }
  return {
    code: STATUS_BY_REASON[reason],
    message,
    details: {
      reason,
      domain: ERROR_DOMAIN,
      metadata,
      ...violationsOf(error),
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    },
  }
}

function violationsOf({ reason, message, field, metadata }: BillingError): Partial<ErrorDetails> {
  const userId = metadata['user_id']
  const subject = userId === undefined ? '' : `user:${userId}`
  switch (STATUS_BY_REASON[reason]) {
    case status.INVALID_ARGUMENT:
      return field === undefined ? {} : { fieldViolations: [{ field, description: message }] }
    case status.FAILED_PRECONDITION:
      return { preconditionViolations: [{ type: reason, subject, description: message }] }
    case status.RESOURCE_EXHAUSTED:
      return { quotaViolations: [{ subject, description: message }] }
    default:
      return {}
  }
}

/** The caller learns only an id, under which the log has the error. */
function bugOf(error: unknown, method: string): WireError {
  const id = randomUUID()
  log.error({ err: error, id, method }, 'a call failed because of a bug')
  reportFatal('INTERNAL', {
    subject: method,
    message: `${method} failed because of a bug`,
    tags: { id },
    error,
  })
  return {
    code: status.INTERNAL,
    message: `internal error ${id}`,
    details: { reason: 'INTERNAL', domain: ERROR_DOMAIN, metadata: { id } },
  }
}
