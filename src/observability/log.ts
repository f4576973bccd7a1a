import pino from 'pino'

const STDERR = 2

const destination = isPretty() ? prettyDestination() : pino.destination({ dest: STDERR, sync: false })

/**
 * Structured logs on stderr; stdout is for the output of commands. One JSON object a line, or lines for people on a
 * terminal. Log no secrets and no exact balances.
 */
export const log = pino(
  { name: 'tollgate', level: levelOr('info'), serializers: { err: errorForLog } },
  destination,
)

/** Writes out buffered lines, before the process ends. */
export function flushLog(): void {
  try {
    if ('flushSync' in destination) destination.flushSync()
  } catch {
    // stderr is not open yet, or its reader is gone: nobody can see the lines.
  }
}

function prettyDestination() {
  // Loading it takes 70 to 100 ms, so only where it is used.
  const pretty = require('pino-pretty') as typeof import('pino-pretty')
  return pretty({
    colorize: process.stderr.isTTY === true && !process.env['NO_COLOR'],
    destination: STDERR,
    ignore: 'pid,hostname,name',
    singleLine: true,
    sync: true,
    translateTime: 'SYS:HH:MM:ss',
  })
}

// The configuration reports an invalid level or format. The log has to work before that, so both are ignored here.

function isPretty(): boolean {
  const format = process.env['TOLLGATE_LOG_FORMAT']
  return format === 'pretty' || (format !== 'json' && process.stderr.isTTY === true)
}

function levelOr(fallback: string): string {
  const level = process.env['TOLLGATE_LOG_LEVEL'] ?? fallback
  return level in pino.levels.values || level === 'silent' ? level : fallback
}

/** Only known fields: drivers attach whole connections to their errors, passwords included. */
function errorForLog(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const { code } = error as NodeJS.ErrnoException
  return {
    type: error.name,
    message: error.message,
    ...(code !== undefined && { code }),
    stack: error.stack,
    ...(error.cause !== undefined && { cause: errorForLog(error.cause) }),
  }
}
