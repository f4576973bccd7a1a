import type { Nanousd } from '../money'
import type { PriceSource } from '../rating/price'
import type { Usage, UsageSource } from '../usage/usage'

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

/** The canonical name, where a source lists a price; what only the default price knows is whatever its caller made up. */
export function listedModelOf({
  pricedModel,
  priceSource,
}: Pick<RatedCall, 'pricedModel' | 'priceSource'>): string | undefined {
  return priceSource === 'default' ? undefined : pricedModel
}

/**
 * What a charge or settlement entry records beside its deltas. `amountNanousd` is what was deducted; rating the usage
 * again gives `amountNanousd + shortfallNanousd + forgoneNanousd`.
 *
 * An adjustment has the usage, its cost before markup and the end as they stand with it, for the whole call; its
 * `amountNanousd`, `forgoneNanousd` and `shortfallNanousd` are signed differences to the settlement's.
 */
export interface ChargeDetail extends RatedCall {
  /** A trial charge deducts nothing; `forgoneNanousd` is what it would have been. */
  trial: boolean
  forgoneNanousd: Nanousd
  /** Part of a settlement that the balance could not pay; a deduction failure holds it. */
  shortfallNanousd: Nanousd
  /** The posting went over the daily limit, which does not stop settlements and deferred charges. */
  overDailyLimit: boolean
  /** Only of a settled stream. */
  end?: StreamEnd
}
