import type { Database } from '../database/database'
import { readOpenItems } from '../database/openItems'
import { log } from '../observability/log'
import { metrics } from '../observability/metrics'
import { Poller } from '../timing/poller'

/** Half as often as Prometheus usually scrapes, on every replica: the queries read only what is open. */
const INTERVAL_MS = 30_000

/** Shows on `/metrics` what waits in the tables: holds, deduction failures, price changes that are held back. */
export class OpenItemsWatch {
  readonly #database: Database
  readonly #poller = new Poller({ name: 'open items', work: () => this.look(), intervalMs: INTERVAL_MS })

  constructor(database: Database) {
    this.#database = database
  }

  /** Resolves after the first look. */
  async start(): Promise<void> {
    await this.look()
    this.#poller.start()
  }

  stop(): Promise<void> {
    return this.#poller.stop()
  }

  /** After a failed read the figures stay as they were, and so does their timestamp. */
  async look(): Promise<void> {
    try {
      metrics.openItems(await readOpenItems(this.#database))
    } catch (error) {
      log.warn({ err: error }, 'open holds, failures and price changes could not be counted')
    }
  }
}
