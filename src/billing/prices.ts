import type { Price, RateCard } from '../domain/price'
import type { Billing } from './billing'

type Prices = Pick<Billing, 'prices' | 'database'>

export interface PutPriceRequest {
  model: string
  provider: string
  rateCards: RateCard[]
  /** Absent = now. */
  effectiveFrom?: Date
  /** Absent = the deployment's. */
  markupBasisPoints?: number
}
export interface Page {
  pageSize: number
  pageToken: string
}

export async function putPrice(_billing: Prices, _request: PutPriceRequest): Promise<Price> {
  throw new Error('not yet')
}
/** `at` absent = now. PRICE_NOT_FOUND where nothing prices the model. */
export async function getPrice(
  _billing: Prices,
  _request: { model: string; provider: string; at?: Date },
): Promise<Price> {
  throw new Error('not yet')
}
export async function endPrice(
  _billing: Prices,
  _request: { model: string; provider: string },
): Promise<Price> {
  throw new Error('not yet')
}
export async function listPrices(
  _billing: Prices,
  _request: Page & { modelPrefix: string },
): Promise<{ prices: Price[]; nextPageToken: string }> {
  throw new Error('not yet')
}
/** An empty model removes the alias. */
export async function putAlias(_billing: Prices, _request: { alias: string; model: string }): Promise<void> {
  throw new Error('not yet')
}
export async function listAliases(
  _billing: Prices,
  _request: Page,
): Promise<{ aliases: Record<string, string>; nextPageToken: string }> {
  throw new Error('not yet')
}
