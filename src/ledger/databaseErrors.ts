import { CommitRefused } from '../database/ledger/connection'

/**
 * What a failed statement means for the batch that sent it.
 * - `transient`: the transaction did not happen and may be tried again (deadlock, lock timeout, a server that restarts).
 * - `conflict`: somebody else wrote the same key or version first; read and decide again.
 * - `disconnected`: the connection is lost, and with it the knowledge of what it last sent.
 * - `permanent`: something in the batch itself; trying the same again gives the same.
 */
export type DatabaseErrorKind = 'transient' | 'conflict' | 'disconnected' | 'permanent'

// https://www.postgresql.org/docs/current/errcodes-appendix.html
const TRANSIENT_STATES = new Set([
  '40001', // serialization_failure
  '40P01', // deadlock_detected
  '55P03', // lock_not_available: lock_timeout
  '57014', // query_canceled: statement_timeout
  '25P02', // in_failed_sql_transaction: follows another error of the same flush
  '53000', // insufficient_resources, out of memory, connections or disk space
  '53100',
  '53200',
  '53300',
])
const UNIQUE_VIOLATION = '23505'
const IDLE_IN_TRANSACTION_TIMEOUT = '25P03'

export function databaseErrorKind(error: unknown): DatabaseErrorKind {
  if (error instanceof CommitRefused) return 'transient'
  const state = sqlStateOf(error)
  if (state === undefined) return isTransportError(error) ? 'disconnected' : 'permanent'
  if (state === UNIQUE_VIOLATION) return 'conflict'
  if (TRANSIENT_STATES.has(state)) return 'transient'
  // Class 08: connection exceptions; 57P0x: the server shuts down or crashed; 58, XX: system errors and internal ones.
  if (/^(08|57P0|58|XX)/.test(state) || state === IDLE_IN_TRANSACTION_TIMEOUT) return 'disconnected'
  return 'permanent'
}

/** pg reports a lost connection by the socket's own error, or by an error without a code and one of these messages. */
function isTransportError(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  if ('code' in error && 'syscall' in error) return true
  const message = 'message' in error ? String(error.message) : ''
  return /connection terminated|not queryable|read timeout|timeout expired|connection error/i.test(message)
}

/** Errors of the server carry a five-character SQLSTATE; errors of a socket have a code such as ECONNRESET, or none. */
function sqlStateOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | undefined)?.code
  const severity = (error as { severity?: unknown } | undefined)?.severity
  return typeof code === 'string' && severity !== undefined && /^[0-9A-Z]{5}$/.test(code) ? code : undefined
}
