import type { Posting } from '../domain/decide/posting'
import { metrics } from '../observability/metrics'
import type { DecidedBatch, SentFailure } from './batch'
import type { PostResult } from './engine'

/** A posting that waits in a lane, and whoever waits for it. */
export interface QueuedPosting {
  posting: Posting
  /** On this process's monotonic clock. */
  deadlineAtMs?: number
  resolve: (result: PostResult) => void
  reject: (error: unknown) => void
  /** Hash of the entry that an attempt of unknown outcome tried to write: finding it there is no replay. */
  sentHash?: Buffer
  /** The deduction failure that it tried to write: finding it there, it is told of, and not counted again. */
  sentFailure?: SentFailure
}

export function rememberSent(batch: readonly QueuedPosting[], { decisions, sent }: DecidedBatch): void {
  batch.forEach((queued, index) => {
    const decision = decisions[index]
    if (decision?.outcome === 'posted') queued.sentHash = decision.entry.hash
    const failure = sent[index]
    if (failure !== undefined) queued.sentFailure = failure
  })
}

/** It is certain that this was not written. (Two replicas that write the same in the same millisecond write equal hashes.) */
export function forgetSent(batch: readonly QueuedPosting[]): void {
  for (const queued of batch) {
    delete queued.sentHash
    delete queued.sentFailure
  }
}

/** Answers every posting but those whose user's swap was lost, and returns those. */
export function answer(
  batch: readonly QueuedPosting[],
  decisions: DecidedBatch['decisions'],
  lostUsers: ReadonlySet<string> = new Set(),
): readonly QueuedPosting[] {
  return batch.filter((queued, index) => {
    // What was refused or replayed on top of a lost posting is as void as that posting.
    if (lostUsers.has(queued.posting.userId)) return true
    settle(queued, decisions[index])
    return false
  })
}

function settle(queued: QueuedPosting, decision: DecidedBatch['decisions'][number] | undefined): void {
  switch (decision?.outcome) {
    case 'posted':
      queued.resolve({ entry: decision.entry, replayed: false, hold: decision.hold })
      break
    case 'replayed': {
      const replayed = queued.sentHash === undefined || !decision.entry.hash.equals(queued.sentHash)
      if (replayed) metrics.replay()
      queued.resolve({ entry: decision.entry, replayed, hold: decision.hold })
      break
    }
    case 'refused':
    case 'failed':
      queued.reject(decision.error)
      break
    default:
      queued.reject(new Error('the batch decided fewer postings than it was given'))
  }
}
