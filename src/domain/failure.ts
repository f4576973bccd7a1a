import type { RatedCall } from './charge'
import type { ErrorReason } from './errors'
import type { Nanousd } from './money'
import type { Usage, UsageSource } from './usage'

/** A finished call that could not be deducted, with all that is needed to rate and deduct it later. */
export interface FailedDeduction {
  userId: string
  keyId: string
  idempotencyKey: string
  requestHash: Buffer
  /** Only of a settlement that fell short. */
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
  /** What is missing; absent where no price was found. */
  amountNanousd?: Nanousd
  reason: ErrorReason
}

/** The failed deduction of a rated call under a key. */
export function failedDeductionOf(
  owner: Pick<FailedDeduction, 'userId' | 'keyId' | 'idempotencyKey' | 'requestHash' | 'holdKeyId'>,
  call: RatedCall,
  { amountNanousd, reason }: { amountNanousd: Nanousd; reason: ErrorReason },
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
    amountNanousd,
    reason,
  }
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
