import type { Nanousd } from '../money'
import type { Usage } from '../usage/usage'
import type { RatedCall } from './charge'

export type FinalReason = 'credits' | 'daily-limit' | 'trial-limit' | 'max-output-tokens'

/** Everything about a stream's call but its usage and cost: pinned at the open, for ever. */
export type PinnedCall = Omit<RatedCall, 'usage' | 'usageSource' | 'costNanousd' | 'amountNanousd'>

/** What the client sent in its open, and the price that was pinned for it. */
export interface PinnedOpen {
  call: PinnedCall
  inputTokens: bigint
  /** 0 = unknown. */
  maxOutputTokens: bigint
}

export type HoldState =
  /** A connection owns it, or may have lost it without anybody noticing yet. */
  | { state: 'open' }
  /** As open, but the last grant was the last: it could not be extended. */
  | { state: 'final'; reason: FinalReason }
  /** The connection is known to be lost; it may be resumed until it expires. */
  | { state: 'detached'; reason?: FinalReason }
  /** `amendedVersion`: settled by expiry and closed late, which was posted as this entry. */
  | { state: 'settled'; version: bigint; byExpiry: boolean; amendableUntil?: Date; amendedVersion?: bigint }

/** What one stream reserves of its user's credits, and how far it has come. One row of `holds`. */
export interface Hold {
  userId: string
  /** The id of the stream's own key; `hd_…` on the wire. */
  keyId: string
  idempotencyKey: string
  requestHash: Buffer
  status: HoldState
  /** Grows with every connection that takes the stream over; a write of an older one matches nothing. */
  epoch: number
  /** Ledger postings made for this hold after its own; the next one's key is `<hold_id>/<postings + 1>`. */
  postings: number
  /** Of the user's credits, or of the trial's limit where `trial`. */
  heldNanousd: Nanousd
  trial: boolean
  open: PinnedOpen
  /** Highest progress recorded; 0 before the first. */
  sequence: bigint
  usage: Usage
  openedAt: Date
  expiresAt: Date
}
