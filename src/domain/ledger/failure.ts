import type { ErrorReason } from '../errors'
import type { Nanousd } from '../money'
import type { KeptBody } from '../usage/keptBody'
import type { Usage, UsageSource } from '../usage/usage'
import type { Actor } from './actor'
import type { PinnedCall, PricedAs, RatedCall, ReportedCall } from './charge'
import { type KeyedRequest, keyedRequestOf } from './keyRef'
import type { Serving } from './serving'

/** A finished call that could not be deducted, with all that is needed to rate and deduct it later. */
export interface FailedDeduction extends KeyedRequest {
  /** Set where a stream ended: its settlement fell short, or its close could not be rated. */
  holdKeyId?: string
  reported: ReportedCall
  /** Absent where the provider's counts could not be read: `body` has them then. */
  usage?: Usage
  body?: KeptBody
  usageSource: UsageSource
  /** Absent where nothing is known beyond the tier that was asked for. */
  serving?: Serving
  /** Absent where no price was found. */
  priced?: PricedAs
  /**
   * The amount that is owed. Absent if no price was found. Also absent for a stream's refused close: that owes what its usage
   * costs at the stream's price, less what the stream's receipt says was paid.
   */
  amountNanousd?: Nanousd
  reason: ErrorReason
  /** The call was answered DEFERRED before it was refused: its key is taken. */
  deferred?: boolean
}

/** The failed deduction of a call under a key. It has no `priced` if no price was found. */
export function failedDeductionOf(
  owner: KeyedRequest & Pick<FailedDeduction, 'holdKeyId'>,
  call: Omit<PinnedCall, 'priced'> &
    Partial<PinnedCall> &
    Pick<FailedDeduction, 'body' | 'usageSource'> & { usage?: Usage | undefined },
  { amountNanousd, reason, deferred }: Pick<FailedDeduction, 'amountNanousd' | 'reason' | 'deferred'>,
): FailedDeduction {
  return {
    ...keyedRequestOf(owner),
    ...(owner.holdKeyId !== undefined && { holdKeyId: owner.holdKeyId }),
    reported: call.reported,
    ...(call.usage !== undefined && { usage: call.usage }),
    ...(call.body !== undefined && { body: call.body }),
    usageSource: call.usageSource,
    ...(call.serving !== undefined && { serving: call.serving }),
    ...(call.priced !== undefined && { priced: call.priced }),
    ...(amountNanousd !== undefined && { amountNanousd }),
    ...(deferred === true && { deferred }),
    reason,
  }
}

/** The part of a stream's cost that the balance could not pay. */
export function shortfallOf(hold: KeyedRequest, rated: RatedCall, amountNanousd: Nanousd): FailedDeduction {
  const owner = { ...hold, holdKeyId: hold.keyId }
  return failedDeductionOf(owner, rated, { amountNanousd, reason: 'INSUFFICIENT_CREDITS' })
}

export type FailureState = 'pending' | 'resolved' | 'written-off'

/** A row of `credit_deduction_failures`. */
export interface DeductionFailure extends FailedDeduction {
  attempts: number
  state: FailureState
  note: string
  createdAt: Date
  resolvedAt?: Date
  /** Who wrote it off, or whose request deducted it. Absent where nobody is known. */
  actor?: Actor
}
