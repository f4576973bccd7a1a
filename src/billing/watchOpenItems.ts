import type { Database } from '../database/database'
import { readOpenItems } from '../database/openItems'
import { log } from '../observability/log'
import { metrics } from '../observability/metrics'

/** Half as often as Prometheus usually looks, on every replica: the queries read only what is open. */
const INTERVAL_MS = 30_000

/** Shows what waits in the tables (holds, deduction failures, price changes held back) on `/metrics`. */
export class OpenItemsWatch {
  readonly #database: Database
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> | undefined

  constructor(database: Database) {
    this.#database = database
  }

  /** Looks once, and then again and again. */
  async start(): Promise<void> {
    await this.look()
    this.#timer = setInterval(() => {
      this.#looking ??= this.look().finally(() => {
        this.#looking = undefined
      })
    }, INTERVAL_MS)
    this.#timer.unref()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#looking
  }

  /** What can't be read stays as it was; its timestamp tells. */
  async look(): Promise<void> {
    try {
      metrics.openItems(await readOpenItems(this.#database))
    } catch (error) {
      log.warn({ err: error }, 'open holds, failures and price changes could not be counted')
    }
  }
}
