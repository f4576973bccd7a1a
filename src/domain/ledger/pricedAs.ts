import type { PriceSource } from '../rating/price'

/** What a call is priced by. */
export interface PricedAs {
  /** Empty where the model has no price, and the gateway stated the cost. */
  priceId: string
  /** After aliases were resolved. */
  model: string
  /** After aliases were resolved; empty where the price is any provider's. */
  provider: string
  source: PriceSource | 'reported'
  /** Pinned beside the price version, because a deployment's markup may change. */
  markupBasisPoints: number
  /** The cited quote had expired, so the price in force was taken. */
  quoteExpired: boolean
}
