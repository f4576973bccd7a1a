import type { Database } from '../database/database'
import { type PriceBookState, readPriceBookState } from '../database/history'
import { Poller } from '../timing/poller'

interface RevisionWatchSettings {
  intervalMs: number
  /** Another replica changed the price book. */
  onChange: () => void
  /** The database has another history. If it fails, it is called again after the interval. */
  onOtherHistory: (isRewound: boolean) => Promise<void>
  onError: (error: unknown) => void
}

/** Reads the price book's state at an interval, and reports changes by other replicas and databases that went backwards. */
export class RevisionWatch {
  readonly #database: Database
  readonly #settings: RevisionWatchSettings
  #state: PriceBookState | undefined
  readonly #poller: Poller

  constructor(database: Database, settings: RevisionWatchSettings) {
    this.#database = database
    this.#settings = settings
    this.#poller = new Poller({
      name: 'price book state',
      work: () => this.#read(),
      intervalMs: settings.intervalMs,
    })
  }

  async start(): Promise<void> {
    this.#state = await readPriceBookState(this.#database.kysely)
    this.#poller.start()
  }

  stop(): Promise<void> {
    return this.#poller.stop()
  }

  async #read(): Promise<void> {
    try {
      const state = await readPriceBookState(this.#database.kysely)
      if (this.#state !== undefined) await this.#compare(this.#state, state)
      this.#state = state
    } catch (error) {
      this.#settings.onError(error)
    }
  }

  async #compare(before: PriceBookState, now: PriceBookState): Promise<void> {
    const isRewound = wentBack(before, now)
    if (isRewound || before.history !== now.history) await this.#settings.onOtherHistory(isRewound)
    else if (before.revision !== now.revision) this.#settings.onChange()
  }
}

/** Whether a later read shows that changes of the price book were lost. */
export function wentBack(before: PriceBookState, now: PriceBookState): boolean {
  if (now.revision !== before.revision) return now.revision < before.revision
  return now.writtenBy !== before.writtenBy
}
