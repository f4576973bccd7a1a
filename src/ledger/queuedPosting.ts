import type { Posting } from '../domain/decide/posting'
import type { LedgerEntry } from '../domain/ledger/entry'
import type { Hold } from '../domain/ledger/hold'
import { metrics } from '../observability/metrics'
import type { DecidedBatch } from './batch'

/** The outcome of a posting: newly posted, or what its key had done before. */
export interface PostResult {
  entry: LedgerEntry
  replayed: boolean
  /** The hold after the posting, where it has one; on a replay, the hold as it is now. */
  hold: Hold | undefined
}

/** A posting that waits in a lane, with the functions that answer its caller. */
export interface QueuedPosting {
  posting: Posting
  /** On this process's monotonic clock. */
  deadlineAtMs?: number
  resolve: (result: PostResult) => void
  reject: (error: unknown) => void
  /** Hash of the entry that an attempt of unknown outcome tried to write: finding it there is no replay. */
  sentHash?: Buffer
}

export function rememberSent(batch: readonly QueuedPosting[], { decisions }: DecidedBatch): void {
  batch.forEach((queued, index) => {
    const decision = decisions[index]
    if (decision?.outcome === 'posted') queued.sentHash = decision.entry.hash
  })
}

/** For postings that were certainly not written. (Two replicas that write the same in one millisecond write equal hashes.) */
export function forgetSent(batch: readonly QueuedPosting[]): void {
  for (const queued of batch) delete queued.sentHash
}

/** Answers every posting but those whose user's swap was lost, and returns those. */
export function answer(
  batch: readonly QueuedPosting[],
  decisions: DecidedBatch['decisions'],
  lostUsers: ReadonlySet<string> = new Set(),
): readonly QueuedPosting[] {
  return batch.filter((queued, index) => {
    // A refusal or replay that was decided on top of a lost posting is void as well.
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
