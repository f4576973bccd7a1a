import pino from 'pino'

const destination = pino.destination({ dest: 2, sync: false })

/** Structured logs, one JSON object a line on stderr; stdout belongs to what a command answers. No secrets, no exact balances. */
export const log = pino(
  { name: 'tollgate', level: levelOr('info'), serializers: { err: errorForLog } },
  destination,
)

/** Named fields only: drivers hang whole connections, password and all, on their errors. */
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

/** Writes out what is buffered, before the process ends. */
export function flushLog(): void {
  try {
    destination.flushSync()
  } catch {
    // Not open yet, or nobody reads it any more: there is nobody to tell.
  }
}

/** `config.ts` complains about a level that doesn't exist; until then the log has to work. */
function levelOr(fallback: string): string {
  const level = process.env['TOLLGATE_LOG_LEVEL'] ?? fallback
  return level in pino.levels.values || level === 'silent' ? level : fallback
}
