/** COMMIT was answered by ROLLBACK: something before it in the transaction had failed. Nothing was written. */
export class CommitRefused extends Error {}

/**
 * What a failed statement means for the batch that sent it.
 * - `transient`: the transaction did not happen and may be tried again (deadlock, lock timeout, a server that restarts).
 * - `conflict`: another writer was first with the same key or version; read and decide again.
 * - `disconnected`: the connection is lost, so the outcome of what it last sent is unknown.
 * - `permanent`: something in the batch itself; a retry fails the same way.
 */
export type DatabaseErrorKind = 'transient' | 'conflict' | 'disconnected' | 'permanent'

// https://www.postgresql.org/docs/current/errcodes-appendix.html
const TRANSIENT_STATES = new Set([
  '40001', // serialization_failure
  '40P01', // deadlock_detected
  '55P03', // lock_not_available: lock_timeout
  '57014', // query_canceled: statement_timeout
  '25P02', // in_failed_sql_transaction: follows another error of the same flush
])
const CONTENTION_STATES = new Set(['40001', '40P01', '55P03', '23505'])
const UNIQUE_VIOLATION = '23505'
const LOCK_NOT_AVAILABLE = '55P03'
const QUERY_CANCELED = '57014'
// What was a primary is a replica now: another connection may find the new one.
const READ_ONLY = '25006'
// The server ends the connection of a transaction that is idle, or open, for too long.
const TRANSACTION_TIMEOUTS = new Set(['25P03', '25P04'])
// statement_completion_unknown
const UNKNOWN_OUTCOME = '40003'

export function databaseErrorKind(error: unknown): DatabaseErrorKind {
  if (error instanceof CommitRefused) return 'transient'
  const state = sqlStateOf(error)
  if (state === undefined) return isTransportError(error) ? 'disconnected' : 'permanent'
  if (state === UNIQUE_VIOLATION) return 'conflict'
  // Class 53: out of memory, connections or disk space.
  if (TRANSIENT_STATES.has(state) || state.startsWith('53')) return 'transient'
  // Class 08: connection exceptions; 57P0x: the server shuts down or crashed; 58, XX: system errors and internal ones.
  if (/^(08|57P0|58|XX)/.test(state) || TRANSACTION_TIMEOUTS.has(state)) return 'disconnected'
  if (state === UNKNOWN_OUTCOME || state === READ_ONLY) return 'disconnected'
  return 'permanent'
}

/**
 * pg reports a lost connection by the socket's or TLS's own error (EPIPE, ERR_STREAM_DESTROYED, …), or by an error
 * without a code and one of these messages. A wrong argument (ERR_INVALID_…) is a bug of ours.
 */
function isTransportError(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  const code = 'code' in error ? String(error.code) : ''
  if (/^E[A-Z]/.test(code) && !code.startsWith('ERR_INVALID_')) return true
  const message = 'message' in error ? String(error.message) : ''
  return /connection terminated|not queryable|read timeout|timeout (expired|exceeded)|connection error/i.test(
    message,
  )
}

/** Another transaction holds a row's lock; the other rows of the batch are free. */
export function isLockTimeout(error: unknown): boolean {
  return sqlStateOf(error) === LOCK_NOT_AVAILABLE
}

/** The server ended a statement that took longer than it may. */
export function isStatementTimeout(error: unknown): boolean {
  return sqlStateOf(error) === QUERY_CANCELED
}

/** Other writers were faster each time; the database itself works. */
export function isContention(error: unknown): boolean {
  const state = sqlStateOf(error)
  return error instanceof CommitRefused || (state !== undefined && CONTENTION_STATES.has(state))
}

/** Errors of the server carry a five-character SQLSTATE; errors of a socket have a code such as ECONNRESET, or none. */
export function sqlStateOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | undefined)?.code
  const severity = (error as { severity?: unknown } | undefined)?.severity
  return typeof code === 'string' && severity !== undefined && /^[0-9A-Z]{5}$/.test(code) ? code : undefined
}
