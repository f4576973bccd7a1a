import type { Nanousd } from './money'
import type { PriceSource } from './price'
import type { Usage, UsageSource } from './usage'

export type StreamEnd = 'unspecified' | 'completed' | 'cancelled' | 'failed'

/**
 * A call's usage, priced: everything that the amount follows from, so that rating it again gives the same amount.
 * Line items are not stored; they are rated again from the immutable price.
 */
export interface RatedCall {
  /** As requested, and as priced after aliases were resolved. */
  model: string
  pricedModel: string
  provider: string
  pricedProvider: string
  priceId: string
  priceSource: PriceSource
  markupBasisPoints: number
  serviceTier: string
  /** Chose the price version and the time-of-day card; a stream's is its open. */
  occurredAt: Date
  quoteId: string
  /** The cited quote had expired, so the price in force was taken. */
  quoteExpired: boolean
  usage: Usage
  usageSource: UsageSource
  apiKeyId: string
  labels: Readonly<Record<string, string>>
  /** Before markup. */
  costNanousd: Nanousd
  /** After markup: what is to be deducted. */
  amountNanousd: Nanousd
}

/** What a charge or settlement entry records beside its deltas. */
export interface ChargeDetail extends RatedCall {
  chargeId: string
  /** A trial charge deducts nothing: `amountNanousd` is 0 and this is what it would have been. */
  trial: boolean
  forgoneNanousd: Nanousd
  /** How `amountNanousd` was split between the two pots. */
  allowanceNanousd: Nanousd
  creditsNanousd: Nanousd
  /** Only for a settled stream. */
  holdId?: string
  end?: StreamEnd
  /** Part of a settlement that the balance could not pay, and the failure that holds it. */
  shortfallNanousd: Nanousd
  failureId?: string
  /** The posting went over the daily limit, which does not stop it (settlements, deferred charges). */
  overDailyLimit: boolean
}
