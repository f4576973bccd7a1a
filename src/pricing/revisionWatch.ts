import type { Database } from '../database/database'
import { readRevision } from '../database/prices/prices'

/** Looks at the price book's revision at an interval, and says when another replica has changed it. */
export class RevisionWatch {
  readonly #database: Database
  readonly #intervalMs: number
  readonly #onChange: () => void
  readonly #onError: (error: unknown) => void
  #revision: bigint | undefined
  #timer: NodeJS.Timeout | undefined
  #reading: Promise<void> | undefined
  #stopped = false

  constructor(
    database: Database,
    {
      intervalMs,
      onChange,
      onError,
    }: { intervalMs: number; onChange: () => void; onError: (error: unknown) => void },
  ) {
    this.#database = database
    this.#intervalMs = intervalMs
    this.#onChange = onChange
    this.#onError = onError
  }

  async start(): Promise<void> {
    this.#revision = await readRevision(this.#database.kysely)
    this.#schedule()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    await this.#reading
  }

  #schedule(): void {
    if (this.#stopped) return
    // Counted from the end of one look to the next, so that a slow database isn't asked twice at once.
    this.#timer = setTimeout(() => {
      this.#reading = this.#look().finally(() => this.#schedule())
    }, this.#intervalMs).unref()
  }

  async #look(): Promise<void> {
    try {
      const revision = await readRevision(this.#database.kysely)
      if (revision !== this.#revision) this.#onChange()
      this.#revision = revision
    } catch (error) {
      this.#onError(error)
    }
  }
}
