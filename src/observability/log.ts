import pino from 'pino'

const destination = pino.destination({ dest: 2, sync: false })

/** Structured logs, one JSON object a line on stderr; stdout belongs to what a command answers. No secrets, no exact balances. */
export const log = pino({ name: 'tollgate', level: levelOr('info') }, destination)

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
