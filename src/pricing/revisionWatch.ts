import type { Database } from '../database/database'
import { type PriceBookState, readPriceBookState } from '../database/history'

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
  #timer: NodeJS.Timeout | undefined
  #reading: Promise<void> | undefined
  #stopped = false

  constructor(database: Database, settings: RevisionWatchSettings) {
    this.#database = database
    this.#settings = settings
  }

  async start(): Promise<void> {
    this.#state = await readPriceBookState(this.#database.kysely)
    this.#schedule()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    await this.#reading
  }

  #schedule(): void {
    if (this.#stopped) return
    // Counted from the end of one read to the next, so that a slow database is not asked twice at once.
    this.#timer = setTimeout(() => {
      this.#reading = this.#read().finally(() => this.#schedule())
    }, this.#settings.intervalMs).unref()
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
