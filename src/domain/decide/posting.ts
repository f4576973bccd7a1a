import type { BudgetDefinition, StoredBudget } from '../budget/budget'
import type { BudgetFacts } from '../budget/counter'
import type { BillingError } from '../errors'
import type { Actor } from '../ledger/actor'
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

/** A request under its key, and who made it. The actor is no part of the request: anybody may send it again. */
export interface PostingRequest extends KeyedRequest {
  actor: Actor
}

/** Where a charge comes from, which decides what may still refuse it. */
export type ChargeOrigin =
  /** A gateway reports it now. The daily limit applies. */
  | 'call'
  /** The spool accepted it while the database was unreachable. It is flagged, not limited. */
  | 'spool'
  /** A deduction failure is tried again, only while that very failure is pending. It is flagged, not limited. */
  | 'retry'

/** Deducts a finished call. */
export interface ChargePosting extends PostingRequest {
  type: 'charge'
  rated: RatedCall
  from: ChargeOrigin
}

/**
 * A request that can't be charged for a reason found before the ledger (no price, an anomaly, an
 * old date). It still passes through the ledger: if its key was charged before, that receipt is the
 * answer.
 */
export interface RejectPosting extends PostingRequest {
  type: 'reject'
  error: BillingError
  /** Set if a finished call stays unpaid because of it. */
  failure?: FailedDeduction
  /** The origin, as of a charge. Absent = 'call'. */
  from?: ChargeOrigin
}

export type GrantMode = 'add' | 'set' | 'chargeback'

export interface GrantPosting extends PostingRequest {
  type: 'grant'
  pot: 'allowance' | 'credits'
  /** `chargeback`: a bank took back what was bought. */
  mode: GrantMode
  amountNanousd: Nanousd
  reason: string
}

/** Opens a hold for a stream: min(available, want), refused below the minimum. Its key is the stream's own. */
export interface OpenPosting extends PostingRequest {
  type: 'open'
  open: PinnedOpen
  /** What the input and one output token cost. */
  minimumNanousd: Nanousd
  /** What the input and the first stretch of output cost. */
  wantNanousd: Nanousd
  validityMs: number
}

interface HoldPosting extends PostingRequest {
  holdKeyId: string
}

/** Raises a hold to `wantNanousd`, or as far as the credits reach, and records progress. */
export interface ExtendPosting extends HoldPosting {
  type: 'extend'
  /** The connection's epoch. A connection with an older epoch is fenced. */
  epoch: number
  wantNanousd: Nanousd
  sequence: bigint
  usage: Usage
  validityMs: number
}

export type SettledBy =
  /** The client ended it on the connection of this epoch. */
  | { by: 'client'; epoch: number }
  /** It expired. `sequence` is that of the progress from which `rated` was rated. */
  | { by: 'expiry'; sequence: bigint; amendableForMs: number }
  | { by: 'operator'; sequence: bigint }

/**
 * Ends a hold: charges the usage and returns the whole hold. The part that the balance can't pay
 * becomes a deduction failure.
 */
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
  /** The whole call, as it should have been settled. */
  rated: RatedCall
  end: StreamEnd
  /**
   * Set if an operator retries a refused close: the time limit for amendments doesn't apply to it.
   */
  ignoresAmendWindow?: boolean
}

/** Collects the shortfall of a settlement. Its deduction failure states the amount. */
export interface CollectPosting extends HoldPosting {
  type: 'collect'
  /** The hold's `postings` when its settlement was read. */
  holdPostings: number
  /** The entry that settled the stream, read before: entries never change. */
  settlement: ChargeEntry
}

/** Gives back all or part of a charge to the pots that paid it. */
export interface RefundPosting extends PostingRequest {
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
export interface UpdatePosting extends PostingRequest {
  type: 'update'
  changes: ProfileChanges
}

/** Creates a budget of the user, or changes one. */
export interface PutBudgetPosting extends PostingRequest {
  type: 'put-budget'
  budget: BudgetDefinition
}

/** Ends a budget of the user. What it has counted stays in the entries. */
export interface DeleteBudgetPosting extends PostingRequest {
  type: 'delete-budget'
  budgetId: string
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
  | PutBudgetPosting
  | DeleteBudgetPosting

/**
 * The facts that decide a posting: the database's state after the earlier postings of the batch.
 */
export interface Facts {
  user: User | undefined
  /** The request and entry that already took effect under the posting's key. */
  known: { requestHash: Buffer; entry: LedgerEntry } | undefined
  /** The deduction failure under the posting's key, or under that of the stream that it ends or adjusts. */
  failure: FailureFacts | undefined
  /** The refused close of the stream that the posting ends or adjusts. It has its own key. */
  refusedClose?: FailureFacts | undefined
  /** The hold that the posting names. For an `open`, the hold under its own key. */
  hold: Hold | undefined
  /** What refunds and adjustments changed of the charge that the posting refunds or adjusts. Absent = nothing. */
  changes?: ChargeChanges | undefined
  /** Absent = the user has none. */
  budgets?: BudgetFacts | undefined
  /** The budget that the posting puts or deletes. Undefined = there was never one of its id. */
  storedBudget?: StoredBudget | undefined
}

/** A row of the deduction failures. */
export interface FailureFacts {
  state: FailureState
  /** The hash of the last refused request. */
  requestHash: Buffer
  /** It belongs to the end of a stream, whose key did take effect. */
  isOfStream: boolean
  /** The missing amount. Absent if it is not rated yet. */
  amountNanousd?: Nanousd
  /** The call was answered DEFERRED, so no other request can take its key. */
  deferred?: boolean
}

/** The two separate debts of a stream: its settlement's shortfall, and a close that was refused. */
export interface StreamFailures {
  shortfall: FailureFacts | undefined
  refusedClose: FailureFacts | undefined
}

export function isPending(failure: FailureFacts | undefined): boolean {
  return failure?.state === 'pending'
}

export interface Rules {
  trial: TrialRules
}

export type Decision =
  | Posted
  /** The same request already took effect under the key. */
  | { outcome: 'replayed'; entry: LedgerEntry; hold: Hold | undefined; resolvesFailure?: boolean }
  | { outcome: 'refused'; error: BillingError; failure?: FailedDeduction }

export interface Posted {
  outcome: 'posted'
  /** The user after the posting, with the next version and a new head. */
  user: User
  entry: LedgerEntry
  /** The hold after the posting, if it has one. */
  hold: Hold | undefined
  /** A settlement's shortfall. */
  failure?: FailedDeduction
  /** It settles the failure under its key, or under the stream's. */
  resolvesFailure?: boolean
  /** It answers the stream's refused close. */
  resolvesRefusedClose?: boolean
  /** The budget that it put or deleted. */
  budget?: StoredBudget
}

/** A refusal. It has a `failure` if a finished call stays unpaid because of it. */
export function refused(error: BillingError, failure?: FailedDeduction): Decision {
  return failure === undefined ? { outcome: 'refused', error } : { outcome: 'refused', error, failure }
}
