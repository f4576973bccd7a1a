import type { BillingError } from '../errors'
import type { RatedCall, StreamEnd } from '../ledger/charge'
import type { ChargeChanges } from '../ledger/chargeState'
import type { ChargeEntry, LedgerEntry } from '../ledger/entry'
import type { FailedDeduction, FailureState } from '../ledger/failure'
import type { Hold, PinnedOpen } from '../ledger/hold'
import type { KeyedRequest } from '../ledger/keyRef'
import type { ProfileChanges } from '../ledger/profile'
import type { TrialRules } from '../ledger/trial'
import type { User } from '../ledger/user'
import type { Nanousd } from '../money'
import type { Usage } from '../usage/usage'

/** Where a charge comes from, which decides what may still refuse it. */
export type ChargeOrigin =
  /** A gateway reports it now. The daily limit applies. */
  | 'call'
  /** It was accepted while the database was unreachable. It is charged and flagged, not limited. */
  | 'spool'
  /** A deduction failure is tried again, only while that very failure is pending. It is flagged, not limited. */
  | 'retry'

/** Deducts a finished call. */
export interface ChargePosting extends KeyedRequest {
  type: 'charge'
  rated: RatedCall
  from: ChargeOrigin
}

/**
 * A request that can't be charged for a reason found before the ledger was asked (no price, an anomaly, an old date).
 * It goes through the ledger all the same: if its key was charged before, that receipt is the answer.
 */
export interface RejectPosting extends KeyedRequest {
  type: 'reject'
  error: BillingError
  /** Set where a finished call goes unpaid by it. */
  failure?: FailedDeduction
  /** As a charge's. Absent = 'call'. */
  from?: ChargeOrigin
}

export type GrantMode = 'add' | 'set' | 'chargeback'

export interface GrantPosting extends KeyedRequest {
  type: 'grant'
  pot: 'allowance' | 'credits'
  /** `chargeback`: a bank took back what was bought. */
  mode: GrantMode
  amountNanousd: Nanousd
  reason: string
}

/** Opens a hold for a stream: min(available, want), refused below the minimum. Its key is the stream's own. */
export interface OpenPosting extends KeyedRequest {
  type: 'open'
  open: PinnedOpen
  /** What the input and one output token cost. */
  minimumNanousd: Nanousd
  /** What the input and the first stretch of output cost. */
  wantNanousd: Nanousd
  validityMs: number
}

interface HoldPosting extends KeyedRequest {
  holdKeyId: string
}

/** Raises a hold towards `wantNanousd` in all, as far as the credits go, and records progress with it. */
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
  /** Nobody extended it in time. `sequence` is that of the progress that `rated` was rated from. */
  | { by: 'expiry'; sequence: bigint; amendableForMs: number }
  | { by: 'operator'; sequence: bigint }

/** Ends a hold: charges the usage, returns the whole hold. What the balance can't pay becomes a deduction failure. */
export interface SettlePosting extends HoldPosting {
  type: 'settle'
  settledBy: SettledBy
  rated: RatedCall
  end: StreamEnd
}

/** Corrects a settlement, once. Posts the signed difference. */
export interface AdjustPosting extends HoldPosting {
  type: 'adjust'
  /** The entry that settled the stream, read before: entries never change. */
  settlement: ChargeEntry
  /** The whole of the call, as it should have been settled. */
  rated: RatedCall
  end: StreamEnd
  /** Set where an operator retries a close that was refused: it isn't bound to the time in which a client may amend. */
  ignoresAmendWindow?: boolean
}

/** Collects what a settlement fell short of: its deduction failure says how much. */
export interface CollectPosting extends HoldPosting {
  type: 'collect'
  /** The hold's when its settlement was read. */
  holdPostings: number
  /** The entry that settled the stream, read before: entries never change. */
  settlement: ChargeEntry
}

/** Gives back all or part of a charge to the pots that paid it. */
export interface RefundPosting extends KeyedRequest {
  type: 'refund'
  /** The charge's own entry (for a stream: its settlement), read before: entries never change. */
  charge: ChargeEntry
  /** The charge's own key. */
  chargeKeyId: string
  /** 0 = all that is left. */
  amountNanousd: Nanousd
  reason: string
}

/** Changes facts about a user. */
export interface UpdatePosting extends KeyedRequest {
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

/** What a posting is decided on, as the database has it (and after the postings before it in its batch). */
export interface Facts {
  user: User | undefined
  /** What took effect under the posting's key before. */
  known: { requestHash: Buffer; entry: LedgerEntry } | undefined
  /** The deduction failure under the posting's key, or under that of the stream that it ends or adjusts. */
  failure: StandingFailure | undefined
  /** The refused close of the stream that the posting ends or adjusts, which has a key of its own. */
  refusedClose?: StandingFailure | undefined
  /** The hold that the posting names: for an `open`, that of its own key. */
  hold: Hold | undefined
  /** What refunds and adjustments changed of the charge that the posting refunds or adjusts. Absent = nothing. */
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

/** What a stream may owe: what its settlement fell short of, and a close that could not be charged. They are separate debts. */
export interface StreamFailures {
  shortfall: StandingFailure | undefined
  refusedClose: StandingFailure | undefined
}

export function isPending(failure: StandingFailure | undefined): boolean {
  return failure?.state === 'pending'
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
  /** It settles the failure under its key, or under the stream's. */
  resolvesFailure?: boolean
  /** It answers the stream's refused close. */
  resolvesRefusedClose?: boolean
}

/** A refusal; with `failure` where a finished call goes unpaid by it. */
export function refused(error: BillingError, failure?: FailedDeduction): Decision {
  return failure === undefined ? { outcome: 'refused', error } : { outcome: 'refused', error, failure }
}
