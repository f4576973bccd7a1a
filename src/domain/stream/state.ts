import type { BillingError } from '../errors'
import type { StreamEnd } from '../ledger/charge'
import type { DeferredCharge } from '../ledger/deferred'
import type { ChargeEntry } from '../ledger/entry'
import type { Final, Hold } from '../ledger/hold'
import type { Serving } from '../ledger/serving'
import type { Nanousd } from '../money'
import type { UnreadableUsage } from '../usage/readProviderUsage'
import type { Usage, UsageSource } from '../usage/usage'
import type { Terms } from './stretch'

/*
 * One connection's view of its stream. Events are on the arrows; `step.ts` decides them.
 *
 *   unopened ──open──▶ opening ──opened──▶ open ◀──extended──┐
 *                         │                 │  └─denied─▶ final
 *                         │                 │              │
 *                         │         close, half-close (open, final)
 *                         │                 ▼
 *                         │              settling ──settled, deferred──▶ settled ──late close──▶ amending
 *                         │                 │                              ▲                        │
 *                         └────settled──────┼──────────────────────────────┴───────settled──────────┘
 *                                           │
 *   open, final, settling ──lost, violated, failed, stop──▶ detached   (the hold stays, to be resumed or to expire)
 *   open, final, settling ──found with another epoch──────▶ fenced     (another connection has the stream)
 *   open, final ────────────found settled─────────────────▶ settled
 *   anything else that fails ─────────────────────────────▶ refused
 */

/** The usage so far. The highest sequence replaces all others, even if its counts are lower. */
export interface Progress {
  /** From 1; 0 before the first. */
  sequence: bigint
  usage: Usage
}

/** How far the generation may run in total. Each grant replaces the last. */
export interface Grant {
  holdKeyId: string
  grantedNanousd: Nanousd
  grantedOutputTokens: bigint
  expiresAt: Date
  /** Set if the generation must stop at `grantedOutputTokens`. */
  final?: Final
  acknowledgedSequence: bigint
}

/** How a stream ended: its settlement entry and, if it expired, until when it may be amended. */
export interface Settlement {
  entry: ChargeEntry
  /** The stream's own key. The key of the entry is derived from the hold. */
  idempotencyKey: string
  amendableUntil?: Date
  /** What a late close corrected. */
  adjustment?: ChargeEntry
}

/** What is measured from one grant to the next. */
export interface Stretch {
  since: Date
  usageBefore: Usage
  costBeforeNanousd: Nanousd
  tokens: bigint
  /** As long as nothing but the output changes from `usage`, no fewer tokens than so many use the stretch up. */
  quiet?: { usage: Usage; upToTokens: bigint }
}

/** A stream that this connection owns, as far as it knows. */
export interface Live {
  terms: Terms
  /** As last committed. */
  hold: Hold
  latest: Progress
  recordedSequence: bigint
  /** As last told. */
  grant: Grant
  stretch: Stretch
  /** A renewal of the hold's validity is on its way. */
  renewing: boolean
  /** When there was last nothing more to be had. Asking at every progress would cost a posting each. */
  deniedAt?: Date
  /** The last extension failed for a reason that passes; it is to be tried again. */
  owesExtension: boolean
}

export interface Ending {
  usage: Usage
  usageSource: UsageSource
  end: StreamEnd
  /** Absent where the close says nothing of it: then the stream was served as its open asked. */
  serving?: Serving
}

/** A settlement that a close may correct. */
export interface Amendable {
  settlement: Settlement
  /** The last report on this connection, if it had the stream when it expired. */
  reported?: Usage
}

/** One connection's view of its stream. */
export type StreamState =
  | { state: 'unopened' }
  /** `drains`: this server stops. The client gets `drain` when the stream is open. */
  | { state: 'opening'; drains?: true }
  | ({ state: 'open' } & Live)
  /** The last grant was final, for `grant.final`. */
  | ({ state: 'final' } & Live)
  | ({ state: 'settling'; ending: Ending; attempts: number } & Live)
  /** `amendable`: settled by expiry, and the connection is still there to amend it. */
  | { state: 'settled'; amendable?: Amendable }
  /** A late close is being posted. */
  | { state: 'amending' }
  /** The hold stays, to be resumed or to expire. */
  | { state: 'detached' }
  /** Another connection has the stream. */
  | { state: 'fenced' }
  | { state: 'refused' }

export type StreamEvent =
  // What the client does.
  | { type: 'open' }
  | { type: 'progress'; progress: Progress }
  | { type: 'close'; close: Close }
  | { type: 'half-close' }
  | { type: 'lost' }
  /** It sent what can't be read. */
  | { type: 'violated'; error: unknown }
  // What the database answers.
  | { type: 'opened'; hold: Hold; terms: Terms }
  | { type: 'extended'; hold: Hold }
  | { type: 'extension-denied'; limitedBy: Final }
  | { type: 'extension-failed' }
  | { type: 'recorded'; progress: Progress; expiresAt: Date }
  /** A write of this connection matched no row: the stream was taken over, or it ended. */
  | { type: 'moved' }
  /** The validity is over, and the fate of the hold is unknown. */
  | { type: 'overdue' }
  | { type: 'found'; hold: Hold; settlement?: Settlement }
  | { type: 'look-up-failed'; error: unknown }
  | { type: 'settled'; settlement: Settlement; replayed: boolean }
  /** The database was unreachable, so the settlement waits in the spool. It no longer changes. */
  | { type: 'deferred'; deferred: DeferredCharge; replayed: boolean }
  | { type: 'failed'; error: unknown }
  // What this process does.
  | { type: 'tick' }
  /** Nothing was heard from the client for a whole validity. */
  | { type: 'silent' }
  | { type: 'drain' }
  | { type: 'stop' }

/** The client's close. */
export interface Close {
  sequence: bigint
  /** Absent = the last progress is settled. */
  usage?: Usage
  usageSource: UsageSource
  end: StreamEnd
  serving?: Serving
  /** The counts of its body can't be charged: the close is refused, and what the body states is kept. */
  unreadable?: UnreadableUsage
}

/** What is to be done, in order. Those of the database answer with an event. */
export type StreamEffect =
  | { do: 'open' }
  | { do: 'extend'; hold: Hold; wantNanousd: Nanousd; progress: Progress }
  | { do: 'settle'; hold: Hold; terms: Terms; ending: Ending }
  /** A close that can't be charged as it is: what it reported is kept, and the error is the client's. */
  | { do: 'refuse'; hold: Hold; ending: Ending; error: BillingError }
  | { do: 'amend'; settlement: Settlement; ending: Ending; unreadable?: UnreadableUsage }
  | { do: 'look up'; hold: Hold }
  /** Soon, with what other streams have to record. `renew` also puts off the hold's expiry. */
  | { do: 'record'; hold: Hold; progress: Progress; renew: boolean }
  | { do: 'detach'; hold: Hold; progress: Progress }
  | { do: 'send grant'; grant: Grant }
  | { do: 'send ack'; sequence: bigint; costNanousd: Nanousd }
  | { do: 'send drain' }
  | { do: 'send settled'; settlement: Settlement; replayed: boolean }
  | { do: 'send deferred'; deferred: DeferredCharge; replayed: boolean }
  | { do: 'end' }
  | { do: 'fail'; error: unknown }

export interface Step {
  state: StreamState
  effects: StreamEffect[]
}

export type LiveState = Extract<StreamState, { state: 'open' | 'final' }>

export function isLive(state: StreamState): state is LiveState {
  return state.state === 'open' || state.state === 'final'
}
