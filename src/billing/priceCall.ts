import type { RatedCall } from '../domain/charge'
import type { PinnedCall } from '../domain/hold'
import type { Price, Rating } from '../domain/price'
import type { Usage, UsageSource } from '../domain/usage'
import type { Billing } from './billing'

export type Pricing = Pick<Billing, 'prices' | 'limits'>

export interface PinRequest {
  userId: string
  model: string
  provider: string
  serviceTier: string
  quoteId: string
  apiKeyId: string
  labels: Readonly<Record<string, string>>
  /** Absent = now. */
  occurredAt?: Date
  now: Date
  /** An expired quote falls back to the price in force for a `charge`, and is QUOTE_EXPIRED for an `open`. */
  purpose: 'charge' | 'open'
}

export interface PriceCallRequest extends PinRequest {
  usage: Usage
  usageSource: UsageSource
}

/** A call with its price, and the price itself. */
export interface PinnedPrice {
  call: PinnedCall
  price: Price
}

/** A finished call, priced: the quote's price, or the one in force when it was made. */
export async function priceCall(_pricing: Pricing, _request: PriceCallRequest): Promise<RatedCall> {
  throw new Error('not yet')
}
/** All of `priceCall` but the usage and its cost. */
export async function pinPrice(_pricing: Pricing, _request: PinRequest): Promise<PinnedPrice> {
  throw new Error('not yet')
}
/** Rates a usage at a pinned price, within the bounds. */
export function rateCall(
  _pricing: Pricing,
  _pinned: PinnedPrice,
  _measured: { usage: Usage; usageSource: UsageSource },
): RatedCall {
  throw new Error('not yet')
}
/** Rates a stored call again, at the version that it names: gives its amount, and its line items. */
export function rateAgain(_call: RatedCall, _price: Pick<Price, 'rateCards'>): Rating {
  throw new Error('not yet')
}
