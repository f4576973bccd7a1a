import type { ConnectionSettings } from '../database/database'
import { BillingError } from '../domain/errors'
import { metrics } from '../observability/metrics'
import { FairQueue } from './fairQueue'
import { type CommitSettings, GroupCommit } from './groupCommit'
import { LaneConnection } from './laneConnection'
import { overloaded } from './laneErrors'
import type { QueuedPosting } from './queuedPosting'

export interface LaneSettings extends CommitSettings {
  connection: ConnectionSettings
  batchSizeMax: number
  queueLengthMax: number
}

/**
 * One queue of postings, each user's in their order of arrival, and one connection.
 *
 * It is in one of three modes.
 * - Idle: the queue is empty. The next posting starts a run at once: no timer, no added latency.
 * - Running (`#running` is set): one batch is in flight, and the next one gathers in the queue. The run ends when the queue is
 *   empty.
 * - Draining: the engine accepts nothing more. The run empties the queue, then the connection closes.
 */
export class Lane {
  readonly #settings: LaneSettings
  readonly #queue = new FairQueue<QueuedPosting>()
  #running: Promise<void> | undefined
  readonly #connection: LaneConnection
  readonly #groupCommit: GroupCommit

  constructor(settings: LaneSettings) {
    this.#settings = settings
    this.#connection = new LaneConnection(settings)
    this.#groupCommit = new GroupCommit(this.#connection, settings)
  }

  enqueue(queued: QueuedPosting): void {
    if (this.#queue.length >= this.#settings.queueLengthMax) {
      queued.reject(overloaded())
      return
    }
    this.#queue.push(queued.posting.userId, queued)
    metrics.postingQueued()
    this.#running ??= this.#run()
  }

  /** Connects, so that the first posting doesn't have to. */
  async connect(): Promise<void> {
    await this.#connection.get()
  }

  /** Waits for what was accepted, then closes. */
  async drain(): Promise<void> {
    await this.#running
    await this.#connection.close()
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue.take(this.#settings.batchSizeMax)
      metrics.postingsTaken(batch.length)
      try {
        await this.#groupCommit.commit(batch.filter((queued) => this.#isInTime(queued)))
      } catch (error) {
        // A bug. Every caller must get an answer; a second one has no effect.
        for (const { reject } of batch) reject(error)
      }
      // A loop of promises alone would starve the sockets that bring the next batch.
      await new Promise(setImmediate)
    }
    // In the same turn as the last check of the queue, so the next posting starts a new run.
    this.#running = undefined
  }

  #isInTime({ deadlineAtMs, reject }: QueuedPosting): boolean {
    if (deadlineAtMs === undefined || deadlineAtMs > this.#settings.now()) return true
    reject(
      new BillingError(
        'DEADLINE_EXCEEDED',
        'the deadline passed before anything was sent; nothing was charged',
      ),
    )
    return false
  }
}
