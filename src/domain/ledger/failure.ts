import type { ErrorReason } from '../errors'
import type { Nanousd } from '../money'
import type { Usage, UsageSource } from '../usage/usage'
import type { RatedCall } from './charge'

/** A finished call that could not be deducted, with all that is needed to rate and deduct it later. */
export interface FailedDeduction {
  userId: string
  keyId: string
  idempotencyKey: string
  requestHash: Buffer
  /** Only of a stream's end: a settlement that fell short, or a close that could not be rated. */
  holdKeyId?: string
  model: string
  provider: string
  serviceTier: string
  occurredAt: Date
  usage: Usage
  usageSource: UsageSource
  quoteId: string
  apiKeyId: string
  labels: Readonly<Record<string, string>>
  /** Absent where no price was found. */
  priceId?: string
  /** What the price was found by, beside its id, so that the call can be deducted later at the very price. */
  pricing?: FailurePricing
  /**
   * What is missing. Absent where no price was found; and of a stream's refused close, where it is what the usage costs at
   * the stream's price, less what the stream's receipt says was paid.
   */
  amountNanousd?: Nanousd
  reason: ErrorReason
  /** The call was answered DEFERRED before it was refused: its key is taken. */
  deferred?: boolean
}

export type FailurePricing = Pick<
  RatedCall,
  'pricedModel' | 'pricedProvider' | 'priceSource' | 'markupBasisPoints' | 'quoteExpired'
>

/** The failed deduction of a rated call under a key. */
export function failedDeductionOf(
  owner: Pick<FailedDeduction, 'userId' | 'keyId' | 'idempotencyKey' | 'requestHash' | 'holdKeyId'>,
  call: Omit<RatedCall, 'costNanousd' | 'amountNanousd'>,
  { amountNanousd, reason, deferred }: Pick<FailedDeduction, 'amountNanousd' | 'reason' | 'deferred'>,
): FailedDeduction {
  return {
    userId: owner.userId,
    keyId: owner.keyId,
    idempotencyKey: owner.idempotencyKey,
    requestHash: owner.requestHash,
    ...(owner.holdKeyId !== undefined && { holdKeyId: owner.holdKeyId }),
    model: call.model,
    provider: call.provider,
    serviceTier: call.serviceTier,
    occurredAt: call.occurredAt,
    usage: call.usage,
    usageSource: call.usageSource,
    quoteId: call.quoteId,
    apiKeyId: call.apiKeyId,
    labels: call.labels,
    priceId: call.priceId,
    pricing: {
      pricedModel: call.pricedModel,
      pricedProvider: call.pricedProvider,
      priceSource: call.priceSource,
      markupBasisPoints: call.markupBasisPoints,
      quoteExpired: call.quoteExpired,
    },
    ...(amountNanousd !== undefined && { amountNanousd }),
    ...(deferred === true && { deferred }),
    reason,
  }
}

/** The part of a stream's cost that the balance could not pay. */
export function shortfallOf(
  hold: Pick<FailedDeduction, 'userId' | 'keyId' | 'idempotencyKey' | 'requestHash'>,
  call: RatedCall,
  amountNanousd: Nanousd,
): FailedDeduction {
  const owner = { ...hold, holdKeyId: hold.keyId }
  return failedDeductionOf(owner, call, { amountNanousd, reason: 'INSUFFICIENT_CREDITS' })
}

export type FailureState = 'pending' | 'resolved' | 'written-off'

/** A row of `credit_deduction_failures`. */
export interface DeductionFailure extends FailedDeduction {
  attempts: number
  state: FailureState
  note: string
  createdAt: Date
  resolvedAt?: Date
}
