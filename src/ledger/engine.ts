import { performance } from 'node:perf_hooks'
import type { ConnectionSettings } from '../database/database'
import type { Posting, Rules } from '../domain/decide/posting'
import { BillingError } from '../domain/errors'
import { DatabaseClock } from './databaseClock'
import { Lane } from './lane'
import type { PostResult } from './queuedPosting'

export interface LedgerSettings {
  connection: ConnectionSettings
  rules: Rules
  laneCount: number
  batchSizeMax: number
  queueLengthMax: number
}

export interface PostOptions {
  /** Until when the posting must have been sent, in this process's monotonic milliseconds (`performance.now()`). */
  deadlineAtMs?: number
}

/**
 * Writes every change of every user: a group commit with compare-and-swap. A user's postings queue in one lane, chosen
 * by a hash of the user's id; each lane reads, decides and writes a batch at a time in one short transaction. The
 * database is the truth. Lanes only make it fast, and any number of processes may have them.
 */
export class LedgerEngine {
  readonly #lanes: Lane[]
  readonly #clock = new DatabaseClock()
  #closing = false

  constructor({ laneCount, queueLengthMax, ...settings }: LedgerSettings) {
    this.#lanes = Array.from(
      { length: laneCount },
      () =>
        new Lane({
          ...settings,
          queueLengthMax: Math.ceil(queueLengthMax / laneCount),
          clock: this.#clock,
          now: () => performance.now(),
        }),
    )
  }

  async start(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.connect()))
  }

  /** Decides and writes one posting; resolves once it is committed. Refusals are BillingErrors. */
  post(posting: Posting, { deadlineAtMs }: PostOptions = {}): Promise<PostResult> {
    if (this.#closing) {
      return Promise.reject(
        new BillingError('SHUTTING_DOWN', 'this server is stopping; send the same request to another', {
          retryAfterMs: 1_000,
        }),
      )
    }
    return new Promise((resolve, reject) => {
      this.#laneOf(posting.userId).enqueue({
        posting,
        ...(deadlineAtMs !== undefined && { deadlineAtMs }),
        resolve,
        reject,
      })
    })
  }

  /** The database's time. */
  now(): Date {
    return this.#clock.now()
  }

  /** Accepts nothing more, finishes what was accepted, closes its connections. */
  async drain(): Promise<void> {
    this.#closing = true
    await Promise.all(this.#lanes.map((lane) => lane.drain()))
  }

  #laneOf(userId: string): Lane {
    const lane = this.#lanes[fnv1a(userId) % this.#lanes.length]
    if (lane === undefined) throw new Error('the engine has no lanes')
    return lane
  }
}

/** Spreads similar ids. It only chooses the lane in which a user's postings wait. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  return hash >>> 0
}
