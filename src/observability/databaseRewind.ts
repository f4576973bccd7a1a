import { log } from './log'
import { metrics } from './metrics'
import { reportFatal } from './sentry'

/** The database lacks something that it had committed: an asynchronous standby was promoted, or a backup was restored. */
export function reportRewind(evidence: string): void {
  metrics.databaseRewound()
  const message = `the database went backwards: ${evidence}. Writes that were acknowledged are lost`
  log.error({ evidence }, message)
  reportFatal('DATABASE_REWOUND', { message })
}

/** The database continues on another timeline or cluster. Nothing shows that a write is lost. */
export function reportFailover(): void {
  metrics.databaseFailedOver()
  log.warn('the database has failed over; everything that was read from it before is read again')
}
