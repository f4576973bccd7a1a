import type { Config } from '../../config/config'
import type { Environment } from '../../config/environment'
import type { Database } from '../../database/database'

/** One result of a check. */
export type Finding =
  | { verdict: 'ok'; says: string }
  /** It works now but may fail later, or an operator would not want it. */
  | { verdict: 'warning'; says: string; advice: string }
  /** `serve` won't start, or doesn't do what it is configured to do. */
  | { verdict: 'failed'; says: string; advice: string }

export type Verdict = Finding['verdict']

/** What the checks examine. */
export interface DoctorContext {
  environment: Environment
  /** The valid part of the configuration; an area whose variables have mistakes is not checked. */
  config: Config
  /** Absent if it doesn't answer. */
  database: Database | undefined
  /** A server should be running, and so occupy its ports and its spool. */
  serverRuns: boolean
}

export const ok = (says: string): Finding => ({ verdict: 'ok', says })
export const warning = (says: string, advice: string): Finding => ({ verdict: 'warning', says, advice })
export const failed = (says: string, advice: string): Finding => ({ verdict: 'failed', says, advice })

/** The message of any library's error. Node and fetch put the useful part into `cause`, or aggregate several errors. */
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
