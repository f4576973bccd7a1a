import type { BillingError } from '../errors'
import type { RatedCall, StreamEnd } from '../ledger/charge'
import type { ChargeChanges } from '../ledger/chargeState'
import type { LedgerEntry } from '../ledger/entry'
import type { FailedDeduction, FailureState } from '../ledger/failure'
import type { Hold, PinnedOpen } from '../ledger/hold'
import type { ProfileChanges } from '../ledger/profile'
import type { TrialRules } from '../ledger/trial'
import type { User } from '../ledger/user'
import type { Nanousd } from '../money'
import type { Usage } from '../usage/usage'

interface PostingBase {
  userId: string
  /** Owner of the entry: the client's key, or a key derived from a hold. */
  keyId: string
  idempotencyKey: string
  /** SHA-256 over what was asked; another request under the same key is refused. */
  requestHash: Buffer
}

/** Deducts a finished call. */
export interface ChargePosting extends PostingBase {
  type: 'charge'
  call: RatedCall
  /** A deferred charge was accepted already: it is charged and flagged, not limited. */
  enforceDailyLimit: boolean
  /** Only while a deduction failure of this very request is pending: it was read before. */
  retriesFailure?: boolean
}

/**
 * A request that can't be charged for a reason found before the ledger was asked (no price, an anomaly, an old date).
 * It goes through the ledger all the same, because its key may have been charged before: then the receipt is the answer.
 */
export interface RejectPosting extends PostingBase {
  type: 'reject'
  error: BillingError
  /** Set where a finished call goes unpaid by it. */
  failure?: FailedDeduction
  /** As a charge's. */
  retriesFailure?: boolean
}

export interface GrantPosting extends PostingBase {
  type: 'grant'
  pot: 'allowance' | 'credits'
  mode: 'add' | 'set'
  amountNanousd: Nanousd
  reason: string
}

/** Opens a hold for a stream: min(available, want), refused below the minimum. Its key is the stream's own. */
export interface OpenPosting extends PostingBase {
  type: 'open'
  open: PinnedOpen
  /** What the input and one output token cost. */
  minimumNanousd: Nanousd
  /** What the input and the first stretch of output cost. */
  wantNanousd: Nanousd
  validityMs: number
}

interface HoldPosting extends PostingBase {
  holdKeyId: string
}

/** Raises a hold towards `wantNanousd` in all, as far as the credits go. Records progress on the way. */
export interface ExtendPosting extends HoldPosting {
  type: 'extend'
  /** The connection's; an older one is fenced. */
  epoch: number
  wantNanousd: Nanousd
  sequence: bigint
  usage: Usage
  validityMs: number
}

export type SettledBy =
  /** The client ended it on the connection of this epoch. */
  | { by: 'client'; epoch: number }
  /** Nobody extended it in time. `sequence` is that of the progress that `call` was rated from. */
  | { by: 'expiry'; sequence: bigint; amendableForMs: number }
  | { by: 'operator'; sequence: bigint }

/** Ends a hold: charges the usage, returns the whole hold. What the balance can't pay becomes a deduction failure. */
export interface SettlePosting extends HoldPosting {
  type: 'settle'
  settledBy: SettledBy
  call: RatedCall
  end: StreamEnd
}

/**
 * Corrects a stream that was settled by expiry to what its client reported late: once, while it may be amended. Posts the
 * signed difference.
 */
export interface AdjustPosting extends HoldPosting {
  type: 'adjust'
  /** The entry that settled the stream, read before: entries never change. */
  settlement: LedgerEntry
  /** The whole of the call, as it should have been settled. */
  call: RatedCall
  end: StreamEnd
  /** An operator retries a close that was refused: the time in which a client may amend has no say in that. */
  atAnyTime?: boolean
}

/** Collects what a settlement fell short of: its deduction failure says how much. */
export interface CollectPosting extends HoldPosting {
  type: 'collect'
  /** The hold's when its settlement was read. */
  holdPostings: number
  /** The entry that settled the stream, read before: entries never change. */
  settlement: LedgerEntry
}

/** Gives back all or part of a charge to the pots that paid it. */
export interface RefundPosting extends PostingBase {
  type: 'refund'
  /** The charge's own entry (for a stream: its settlement), read before: entries never change. */
  charge: LedgerEntry
  /** The charge's own key. */
  chargeKeyId: string
  /** 0 = all that is left. */
  amountNanousd: Nanousd
  reason: string
}

/** Changes facts about a user. */
export interface UpdatePosting extends PostingBase {
  type: 'update'
  changes: ProfileChanges
}

/** Every change of a user is one of these. */
export type Posting =
  | ChargePosting
  | RejectPosting
  | GrantPosting
  | OpenPosting
  | ExtendPosting
  | SettlePosting
  | AdjustPosting
  | CollectPosting
  | RefundPosting
  | UpdatePosting

/** What a posting is decided on, as it stands in the database (and after the postings before it in its batch). */
export interface Facts {
  user: User | undefined
  /** What took effect under the posting's key before. */
  known: { requestHash: Buffer; entry: LedgerEntry } | undefined
  /** The deduction failure that stands under the posting's key, or under the stream's that it ends or adjusts. */
  failure: StandingFailure | undefined
  /** The hold that the posting names: for an `open`, that of its own key. */
  hold: Hold | undefined
  /** What was made of the charge that the posting refunds or adjusts, since it was charged. Absent = nothing. */
  changes?: ChargeChanges | undefined
}

/** A row of the deduction failures. */
export interface StandingFailure {
  state: FailureState
  /** Of the call that was refused last. */
  requestHash: Buffer
  /** Of a stream's end: the key itself did take effect. */
  isOfStream: boolean
  /** What is missing; absent where that has to be rated yet. */
  amountNanousd?: Nanousd
  /** The call was answered DEFERRED: no other request takes its key. */
  deferred?: boolean
}

export interface Rules {
  trial: TrialRules
}

export type Decision =
  | Posted
  /** The key took effect before, by the same request. */
  | { outcome: 'replayed'; entry: LedgerEntry; hold: Hold | undefined; resolvesFailure?: boolean }
  | { outcome: 'refused'; error: BillingError; failure?: FailedDeduction }

export interface Posted {
  outcome: 'posted'
  /** The user after it: next version, new head. */
  user: User
  entry: LedgerEntry
  /** The hold after it, where the posting has one. */
  hold: Hold | undefined
  /** A settlement's shortfall. */
  failure?: FailedDeduction
  /** The failure that stood under this key, or the stream's, is settled by it. */
  resolvesFailure?: boolean
}
