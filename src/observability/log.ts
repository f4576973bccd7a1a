import pino from 'pino'

/** Structured logs, one JSON object a line on stderr; stdout belongs to what a command answers. No secrets, no exact balances. */
export const log = pino(
  { name: 'tollgate', level: process.env['TOLLGATE_LOG_LEVEL'] ?? 'info' },
  pino.destination({ dest: 2, sync: false }),
)
