import type { Config } from '../../config/config'
import type { Environment } from '../../config/environment'
import type { Database } from '../../database/database'

/** What one look came to. */
export type Finding =
  | { verdict: 'ok'; says: string }
  /** It works, and may not tomorrow; or it is not what an operator would want. */
  | { verdict: 'warning'; says: string; advice: string }
  /** `serve` won't start, or doesn't do what it was set up to do. */
  | { verdict: 'failed'; says: string; advice: string }

export type Verdict = Finding['verdict']

/** What is looked at. */
export interface Patient {
  environment: Environment
  /** What can be used of it; an area whose variables have mistakes isn't looked at. */
  config: Config
  /** Absent where it doesn't answer. */
  database: Database | undefined
  /** A server is meant to be running: it has its ports and its spool. */
  serverRuns: boolean
}

export const ok = (says: string): Finding => ({ verdict: 'ok', says })
export const warning = (says: string, advice: string): Finding => ({ verdict: 'warning', says, advice })
export const failed = (says: string, advice: string): Finding => ({ verdict: 'failed', says, advice })

/** Of an error of any library. Node and fetch put what is of use into the cause, or gather several in one. */
export function complaintOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return complaintOf(error.errors[0])
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? complaintOf(error.cause) : error.message
}

export function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0])
  const { code } = error as { code?: unknown }
  return typeof code === 'string' ? code : ''
}
