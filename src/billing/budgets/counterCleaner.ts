import { removeEndedCounters, removeOldGenerations } from '../../database/cleanCounters'
import type { Database } from '../../database/database'
import { metrics } from '../../observability/metrics'
import { Poller } from '../../timing/poller'

const INTERVAL_MS = 60_000
/** Of one statement, so that none holds its rows for long. */
const REMOVED_AT_ONCE_MAX = 500
/** Of one run on each replica: thirty million a day are more than a user may have. */
const STEPS_MAX = 40

/** Removes counters of windows that ended long ago, on every replica. */
export class CounterCleaner {
  readonly #database: Database
  readonly #poller: Poller

  constructor(database: Database) {
    this.#database = database
    this.#poller = new Poller({
      name: 'ended counters of budgets',
      work: (signal) => this.clean(signal),
      intervalMs: INTERVAL_MS,
    })
  }

  start(): void {
    this.#poller.start()
  }

  stop(): Promise<void> {
    return this.#poller.stop()
  }

  /** Removes what it finds, up to a limit. */
  async clean(signal?: AbortSignal): Promise<void> {
    for (let step = 0; step < STEPS_MAX && signal?.aborted !== true; step++) {
      const ended = await removeEndedCounters(this.#database, REMOVED_AT_ONCE_MAX)
      const old = await removeOldGenerations(this.#database, REMOVED_AT_ONCE_MAX)
      metrics.budgetCountersCleaned(ended + (old ?? 0))
      if (ended + (old ?? 0) === 0) return
    }
  }
}
