/**
 * Everything that can be expected to go wrong, by the reason that the wire carries in `google.rpc.ErrorInfo`.
 * `rpc/errors.ts` maps each to its gRPC status in one table. A bug is a plain `Error`.
 */
export type ErrorReason =
  | 'INVALID_FIELD'
  | 'IMPOSSIBLE_USAGE'
  | 'UNKNOWN_USAGE_FORMAT'
  | 'QUOTE_INVALID'
  | 'QUOTE_MISMATCH'
  | 'ALIAS_CYCLE'
  | 'STREAM_PROTOCOL'
  | 'USER_NOT_FOUND'
  | 'PRICE_NOT_FOUND'
  | 'CHARGE_NOT_FOUND'
  | 'HOLD_NOT_FOUND'
  | 'FAILURE_NOT_FOUND'
  | 'CHANGE_NOT_FOUND'
  | 'BUDGET_NOT_FOUND'
  | 'IDEMPOTENCY_KEY_REUSED'
  | 'USER_EXISTS'
  | 'INSUFFICIENT_CREDITS'
  | 'MODEL_PRICE_MISSING'
  | 'SERVICE_TIER_UNKNOWN'
  | 'PRICE_ANOMALY'
  | 'REPORTED_COST_NOT_ALLOWED'
  | 'TRIAL_EXPIRED'
  | 'QUOTE_EXPIRED'
  | 'REFUND_EXCEEDS_CHARGE'
  | 'USER_SUSPENDED'
  | 'ALREADY_DECIDED'
  | 'TOO_MANY_BUDGETS'
  | 'DAILY_LIMIT_REACHED'
  | 'BUDGET_REACHED'
  | 'TRIAL_LIMIT_REACHED'
  | 'TOO_MANY_STREAMS'
  | 'OVERLOADED'
  | 'MESSAGE_TOO_LARGE'
  | 'SUMMARY_TOO_LARGE'
  | 'CONCURRENT_MODIFICATION'
  | 'STREAM_FENCED'
  | 'DATABASE_UNAVAILABLE'
  | 'SHUTTING_DOWN'
  | 'DEADLINE_EXCEEDED'
  | 'NOT_IMPLEMENTED'
  | 'TOKEN_MISSING'
  | 'TOKEN_UNKNOWN'
  | 'SCOPE_MISSING'

export interface ErrorDetails {
  /** Path of the offending request field, as the contract spells it: `usage.input_tokens`. */
  field?: string
  /** When trying again may succeed. */
  retryAfterMs?: number
  /** Goes into `ErrorInfo.metadata`. No secrets, no exact balances. */
  metadata?: Record<string, string>
  cause?: unknown
}

/** An expected failure, with a message that says what to do. */
export class BillingError extends Error {
  readonly reason: ErrorReason
  readonly field: string | undefined
  readonly retryAfterMs: number | undefined
  readonly metadata: Record<string, string>

  constructor(reason: ErrorReason, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'BillingError'
    this.reason = reason
    this.field = details.field
    this.retryAfterMs = details.retryAfterMs
    this.metadata = details.metadata ?? {}
  }
}

const TRANSIENT_REASONS: ReadonlySet<ErrorReason> = new Set([
  'DATABASE_UNAVAILABLE',
  'CONCURRENT_MODIFICATION',
  'OVERLOADED',
  'DEADLINE_EXCEEDED',
  'SHUTTING_DOWN',
])

/** Nothing was decided, so the same request may succeed later. Every other reason is a decision. */
export function isTransient({ reason }: BillingError): boolean {
  return TRANSIENT_REASONS.has(reason)
}

/** The one way to refuse a request field. `field` is spelled as in the contract. */
export function invalidField(field: string, problem: string): BillingError {
  return new BillingError('INVALID_FIELD', `${field} ${problem}`, { field })
}

/** For the `default` of an exhaustive switch. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${String(value)}`)
}
