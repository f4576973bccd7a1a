import { performance } from 'node:perf_hooks'
import { databaseErrorKind } from '../../database/errors'
import { BillingError } from '../../domain/errors'
import type { DeferredCharge } from '../../domain/ledger/deferred'
import { log } from '../../observability/log'
import { metrics } from '../../observability/metrics'
import { reportWarning } from '../../observability/sentry'
import { backoffMs } from '../../timing/backoff'
import type { Spool } from './spool'
import type { SpoolEntry } from './spoolIndex'

/** What became of a deferred charge: `dropped` where its key had taken effect before, `failed` where it is a deduction failure now. */
export type Delivered = 'deducted' | 'dropped' | 'failed'

/** Deducts one. An error means that it has to be tried again. */
export type Deliver = (deferred: DeferredCharge) => Promise<Delivered>

export interface Round {
  delivered: number
  /** Failed for a reason of their own; the others continue. */
  postponed: number
  /** Failed because the database is unreachable, or this process lacks file descriptors: the next round takes less. */
  unavailable: number
}

/** 1 s, 2 s, 4 s … capped at 5 min. */
export const DRAIN_BACKOFF = { firstMs: 1_000, maxMs: 5 * 60_000 }

/** Tries the first `limit` entries that are due, together. None keeps another from being deducted. */
export async function drainRound(
  spool: Spool,
  deliver: Deliver,
  { limit, nowMs }: { limit: number; nowMs: number },
): Promise<Round> {
  const round: Round = { delivered: 0, postponed: 0, unavailable: 0 }
  await Promise.all(
    spool.due(limit, nowMs).map(async (waiting) => {
      try {
        const deferred = await readOrSetAside(spool, waiting)
        if (deferred === undefined) return
        metrics.spoolDrained(await deliver(deferred))
      } catch (error) {
        metrics.spoolPostponed()
        if (isUnavailable(error)) {
          round.unavailable += 1
          // The next probe is another's: this one may be all that the database can't do.
          spool.putLast(waiting)
        } else {
          round.postponed += 1
          postpone(waiting, error)
          spool.putLast(waiting)
        }
        return
      }
      round.delivered += 1
      await spool.remove(waiting)
    }),
  )
  return round
}

async function readOrSetAside(spool: Spool, waiting: SpoolEntry): Promise<DeferredCharge | undefined> {
  try {
    return await spool.read(waiting)
  } catch (error) {
    if (isForWantOfResources(error)) throw error
    await spool.setAside(waiting, error)
    return undefined
  }
}

/** Whether files or memory ran out. The entry itself can be read when more are available. */
function isForWantOfResources(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'EMFILE' || code === 'ENFILE' || code === 'ENOMEM'
}

function isUnavailable(error: unknown): boolean {
  if (error instanceof BillingError)
    return error.reason === 'DATABASE_UNAVAILABLE' || error.reason === 'SHUTTING_DOWN'
  if (isForWantOfResources(error)) return true
  const kind = databaseErrorKind(error)
  return kind === 'disconnected' || kind === 'transient'
}

/**
 * For a lock that is not released, or a bug: retries without end, less and less often, and reports
 * it.
 */
function postpone(waiting: SpoolEntry, error: unknown): void {
  waiting.attempts += 1
  waiting.notBeforeMs = performance.now() + backoffMs(waiting.attempts, DRAIN_BACKOFF)
  log.warn(
    { err: error, user_id: waiting.userId, attempts: waiting.attempts },
    'a deferred charge is tried again later',
  )
  if (error instanceof BillingError) return
  reportWarning('SPOOL_ENTRY_STUCK', {
    subject: waiting.userId,
    message: 'a deferred charge cannot be deducted, nor be refused',
    error,
  })
}
