import type { Nanousd } from '../domain/money'
import type { LineItem, Price } from '../domain/price'
import type { Usage } from '../domain/usage'
import type { User } from '../domain/user'
import type { Billing } from './billing'

export interface PriceQuoteRequest {
  model: string
  provider: string
  usage: Usage
  /** 0 = take the usage's output. */
  maxOutputTokens: bigint
  /** Empty = nobody's. */
  userId: string
  serviceTier: string
  now: Date
}

export interface PriceQuote {
  quoteId: string
  expiresAt: Date
  price: Price
  costNanousd: Nanousd
  maxCostNanousd: Nanousd
  lineItems: LineItem[]
  /** Only where a user was named. */
  payer?: { affordable: boolean; affordableOutputTokens: bigint; user: User }
}

export async function priceQuote(_billing: Billing, _request: PriceQuoteRequest): Promise<PriceQuote> {
  throw new Error('not yet')
}
