import type { Database } from '../../database/database'
import { type HoldRecord, type Recorded, recordHolds } from '../../database/holds/holds'
import { keyRefText } from '../../domain/ledger/keyRef'
import { log } from '../../observability/log'

interface Pending {
  record: HoldRecord
  /** Undefined: the hold is no longer the connection's to write. */
  onRecorded: (recorded: Recorded | undefined, record: HoldRecord) => void
}

/** Records in one statement. */
const BATCH_SIZE_MAX = 1_000

/**
 * Writes the progress of all streams of this process, many in one statement. One statement is in flight at a time; what
 * comes meanwhile gathers for the next, and of one connection only the last word is kept.
 */
export class ProgressRecorder {
  readonly #database: Database
  readonly #onUnreachable: () => void
  readonly #pending = new Map<string, Pending>()
  #running: Promise<void> | undefined

  constructor(database: Database, { onUnreachable }: { onUnreachable: () => void }) {
    this.#database = database
    this.#onUnreachable = onUnreachable
  }

  add(record: HoldRecord, onRecorded: Pending['onRecorded']): void {
    const key = `${record.epoch}/${keyRefText(record)}`
    const earlier = this.#pending.get(key)?.record
    this.#pending.set(key, { record: earlier === undefined ? record : merged(earlier, record), onRecorded })
  }

  /** Resolves once all that was added is written, or the database turned out not to take it. */
  flush(): Promise<void> {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async #run(): Promise<void> {
    while (this.#pending.size > 0) {
      const batch = [...this.#pending].slice(0, BATCH_SIZE_MAX)
      for (const [key] of batch) this.#pending.delete(key)
      try {
        const recorded = await recordHolds(
          this.#database,
          batch.map(([, { record }]) => record),
        )
        batch.forEach(([, { record, onRecorded }], index) => {
          onRecorded(recorded[index], record)
        })
      } catch (error) {
        for (const [key, pending] of batch) this.#putBack(key, pending)
        this.#onUnreachable()
        log.warn({ err: error, streams: this.#pending.size }, 'progress of streams could not be recorded yet')
        return
      }
    }
  }

  /** What was added meanwhile is newer. */
  #putBack(key: string, { record, onRecorded }: Pending): void {
    const newer = this.#pending.get(key)
    this.#pending.set(
      key,
      newer === undefined
        ? { record, onRecorded }
        : { record: merged(record, newer.record), onRecorded: newer.onRecorded },
    )
  }
}

function merged(earlier: HoldRecord, later: HoldRecord): HoldRecord {
  return {
    ...later,
    progress: later.progress.sequence >= earlier.progress.sequence ? later.progress : earlier.progress,
    renewForMs: Math.max(earlier.renewForMs, later.renewForMs),
    detach: earlier.detach || later.detach,
  }
}
