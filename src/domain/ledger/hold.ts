import type { CounterRef } from '../budget/counter'
import type { Nanousd } from '../money'
import type { RateCard } from '../rating/price'
import type { Units } from '../usage/units'
import type { Usage } from '../usage/usage'
import type { PinnedCall } from './charge'
import type { KeyedRequest } from './keyRef'

export type FinalReason = 'credits' | 'daily-limit' | 'trial-limit' | 'max-output-tokens' | 'budget'

/** Why a stream's grant is its last. */
export interface Final {
  reason: FinalReason
  /** Only of a budget. */
  budgetId?: string
}

/** What the client sent in its open, and the price that was pinned for it. */
export interface PinnedOpen {
  call: PinnedCall
  inputTokens: bigint
  /** 0 = unknown. */
  maxOutputTokens: bigint
  /** Best guess of the named units. Absent where the open states none. */
  units?: Units
  /** The price's cards, so that a stream settles even if its price version was lost. Absent in older holds. */
  rateCards?: readonly RateCard[]
  /** The highest charge that was allowed when the stream was admitted. Absent in holds of earlier releases. */
  chargeNanousdMax?: Nanousd
  /** Only of a job: its hold lives this long from the open, and only a close settles it. */
  holdSeconds?: bigint
}

export type HoldState =
  /** A connection owns it. That connection may be lost without this process knowing it yet. */
  | { state: 'open' }
  /** As open, but its grant could not be extended. */
  | ({ state: 'final' } & Final)
  /** The connection is known to be lost; the stream may be resumed until it expires. */
  | ({ state: 'detached' } & Partial<Final>)
  /** `amendedVersion`: the entry of a late close that corrected a settlement by expiry. */
  | { state: 'settled'; version: bigint; byExpiry: boolean; amendableUntil?: Date; amendedVersion?: bigint }

/**
 * What one stream reserves of its user's credits, and its recorded progress, under the stream's own key (`hd_…` on the wire).
 * One row of `holds`.
 */
export interface Hold extends KeyedRequest {
  status: HoldState
  /** Each connection that takes the stream over raises it, so that writes of older connections match no row. */
  epoch: number
  /** How many postings followed the one that opened the hold. The key of the next one is `<hold_id>/<postings + 1>`. */
  postings: number
  /** Reserved of the user's credits; if `trial`, of the trial's limit. */
  heldNanousd: Nanousd
  trial: boolean
  /** The counters of budgets that count `heldNanousd`. */
  counters: readonly CounterRef[]
  open: PinnedOpen
  /** Highest progress recorded; 0 before the first. */
  sequence: bigint
  usage: Usage
  openedAt: Date
  expiresAt: Date
}
