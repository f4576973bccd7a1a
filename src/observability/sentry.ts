import type { NodeOptions } from '@sentry/node'
import { LRUCache } from 'lru-cache'
import { log } from './log'

export interface Report {
  /** What the report is about (a model, a user). Each kind and subject is reported once an hour. */
  subject?: string
  /** Text for people. No secrets, no prompts, balances to the cent. */
  message: string
  tags?: Record<string, string>
  error?: unknown
}

const REPORT_INTERVAL_MS = 60 * 60 * 1_000
const SUBJECTS_MAX = 10_000

const reported = new LRUCache<string, true>({ max: SUBJECTS_MAX, ttl: REPORT_INTERVAL_MS })

/** Loaded only with a DSN: it takes longer to load than everything else together. */
let sentry: typeof import('@sentry/node') | undefined

export interface SentrySettings {
  /** Absent = reports are logged only. */
  dsn: string | undefined
  release: string
  /** Replaces the network in tests. */
  transport?: NonNullable<NodeOptions['transport']>
}

export async function startSentry({ dsn, release, transport }: SentrySettings): Promise<void> {
  if (dsn === undefined) return
  sentry = await import('@sentry/node')
  sentry.init({
    dsn,
    release,
    // Send only the reports below: patch no modules, and read no requests.
    defaultIntegrations: false,
    enableRuntimeChannelInjection: false,
    ...(transport !== undefined && { transport }),
  })
}

/**
 * For imminent loss of money, which needs attention at night. `kind` is such as
 * `MODEL_PRICE_MISSING`.
 */
export function reportFatal(kind: string, report: Report): void {
  if (isFirstReport(kind, report)) send('fatal', kind, report)
}

/** For problems that can wait until the next morning. */
export function reportWarning(kind: string, report: Report): void {
  if (isFirstReport(kind, report)) send('warning', kind, report)
}

/** Waits until all reports are delivered, at most for `waitMs`. */
export async function flushSentry(waitMs: number): Promise<void> {
  await sentry?.flush(waitMs)
}

function isFirstReport(kind: string, { subject = '' }: Report): boolean {
  const key = `${kind}\0${subject}`
  if (reported.has(key)) return false
  reported.set(key, true)
  return true
}

function send(level: 'fatal' | 'warning', kind: string, { subject, message, tags, error }: Report): void {
  log[level === 'fatal' ? 'error' : 'warn']({ kind, subject, ...tags, err: error }, message)
  const context = {
    level,
    tags: { kind, ...(subject !== undefined && { subject }), ...tags },
    fingerprint: [kind, subject ?? ''],
  }
  if (error === undefined) sentry?.captureMessage(message, context)
  else sentry?.captureException(error, { ...context, extra: { message } })
}
