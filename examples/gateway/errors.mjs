import { TollgateError } from '@tollgate/client'

/** The provider refused or failed: its status and its error, in OpenAI's form. */
export class ProviderError extends Error {
  constructor(status, error, headers) {
    super(`the provider answered ${status}`)
    Object.assign(this, { status, error, headers })
  }

  static async of(answer) {
    const text = await answer.text()
    const retryAfter = answer.headers.get('retry-after')
    return new ProviderError(answer.status, errorIn(text), retryAfter ? { 'retry-after': retryAfter } : {})
  }
}

function errorIn(text) {
  try {
    return JSON.parse(text).error
  } catch {
    return undefined
  }
}

const OF_REASON = {
  INVALID_FIELD: { status: 400, type: 'invalid_request_error' },
  INSUFFICIENT_CREDITS: { status: 402, type: 'insufficient_quota' },
  TRIAL_EXPIRED: { status: 402, type: 'insufficient_quota' },
  TRIAL_LIMIT_REACHED: { status: 402, type: 'insufficient_quota' },
  USER_SUSPENDED: { status: 403, type: 'invalid_request_error' },
  USER_NOT_FOUND: { status: 403, type: 'invalid_request_error' },
  MODEL_PRICE_MISSING: { status: 404, type: 'invalid_request_error' },
  SERVICE_TIER_UNKNOWN: { status: 400, type: 'invalid_request_error' },
  DAILY_LIMIT_REACHED: { status: 429, type: 'insufficient_quota' },
  BUDGET_REACHED: { status: 429, type: 'insufficient_quota' },
}

/**
 * What a caller is told. A provider's error keeps its status and its words, unless it is about the gateway's own key. What
 * is wrong inside (an address that doesn't answer, a bug) is nobody's business but the log's.
 */
export function errorFor(error) {
  if (error instanceof ProviderError) {
    if (error.status === 401 || error.status === 403) return INTERNAL
    const { status, headers } = error
    return { status, headers, error: error.error ?? { message: error.message, type: 'upstream_error' } }
  }
  if (error instanceof SyntaxError) {
    return { status: 400, error: { message: 'the body is not JSON', type: 'invalid_request_error' } }
  }
  if (!(error instanceof TollgateError)) return INTERNAL
  const known = OF_REASON[error.reason]
  if (known === undefined) return UNAVAILABLE
  const { status, type } = known
  return { status, error: { message: error.message, type, code: error.reason.toLowerCase() } }
}

const INTERNAL = {
  status: 502,
  error: { message: 'the provider could not be reached', type: 'upstream_error' },
}
const UNAVAILABLE = {
  status: 503,
  error: { message: 'billing is not available, try again', type: 'server_error' },
}
