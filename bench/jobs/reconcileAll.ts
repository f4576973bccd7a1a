import { performance } from 'node:perf_hooks'
import { reconcile } from '../../src/billing/reconcile/reconcile'
import type { ConnectionSettings } from '../../src/database/database'
import { withReadable } from './reconcilable'

export interface ReconcileMeasured {
  entries: number
  entriesPerSecond: number
  /** Processor time of this process for an entry. */
  cpuMicrosPerEntry: number
  /** The longest call of Reconcile. */
  pageMsMax: number
  /** The peak, above what the process had before the first page. */
  rssGrowthBytes: number
  discrepancies: string[]
}

const USERS_PER_PAGE = 200
const SAMPLE_MS = 10

/** Reconciles all users from the first entry, page by page, as `tollgate reconcile` does. */
export function reconcileAll({ connection }: { connection: ConnectionSettings }): Promise<ReconcileMeasured> {
  return withReadable(connection, async (billing) => {
    global.gc?.()
    const memory = new PeakMemory()
    const cpuAtStart = process.cpuUsage()
    const startedMs = performance.now()
    const found: string[] = []
    let entries = 0
    let pageMsMax = 0
    let pageToken = ''
    do {
      const pageStartedMs = performance.now()
      const page = await reconcile(billing, { userId: '', pageSize: USERS_PER_PAGE, pageToken })
      pageMsMax = Math.max(pageMsMax, performance.now() - pageStartedMs)
      entries += page.entriesChecked
      for (const { userId, kind, detail } of page.discrepancies) found.push(`${userId} ${kind}: ${detail}`)
      pageToken = page.nextPageToken
    } while (pageToken !== '')
    const { user, system } = process.cpuUsage(cpuAtStart)
    const tookMs = performance.now() - startedMs
    return {
      entries,
      entriesPerSecond: entries / (tookMs / 1_000),
      cpuMicrosPerEntry: (user + system) / entries,
      pageMsMax,
      rssGrowthBytes: memory.stop(),
      discrepancies: found.slice(0, 5),
    }
  })
}

class PeakMemory {
  readonly #atStart = process.memoryUsage.rss()
  readonly #timer = setInterval(() => this.#look(), SAMPLE_MS)
  #peak = this.#atStart

  stop(): number {
    clearInterval(this.#timer)
    this.#look()
    return this.#peak - this.#atStart
  }

  #look(): void {
    this.#peak = Math.max(this.#peak, process.memoryUsage.rss())
  }
}
