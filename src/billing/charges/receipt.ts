import type { RatedCall } from '../../domain/ledger/charge'
import type { DeferredCharge } from '../../domain/ledger/deferred'
import type { ChargeEntry } from '../../domain/ledger/entry'
import type { ServedPart } from '../../domain/ledger/serving'
import type { Nanousd } from '../../domain/money'
import type { LineItem, Price } from '../../domain/rating/price'
import type { Billing } from '../billing'
import { lineItemsAgain } from './rateCall'
import { lineItemsOfParts, partsAgain, priceIdsOf } from './servedParts'

/** `basic`: without line items and usage. */
export type ReceiptView = 'full' | 'basic'

/** The receipt of one deduction: its entry, and what follows from it. The wire calls it a Charge. */
export interface Receipt {
  entry: ChargeEntry
  /** Rated again from the price version that the entry names. Absent in the basic view. */
  lineItems?: LineItem[]
  /** Up to now; 0 in the receipt of a deduction that was just made. */
  refundedNanousd: Nanousd
}

/** What is known of a charge before it is deducted. Its split and balance, and whether it can be paid, are not. */
export interface DeferredReceipt {
  deferred: DeferredCharge
  lineItems?: LineItem[]
}

type Prices = Pick<Billing, 'prices'>

export async function receiptOf(
  billing: Prices,
  entry: ChargeEntry,
  view: ReceiptView = 'full',
): Promise<Receipt> {
  if (view === 'basic') return { entry, refundedNanousd: 0n }
  return { entry, refundedNanousd: 0n, lineItems: await lineItemsOf(billing, entry.charge) }
}

export async function deferredReceiptOf(
  billing: Prices,
  deferred: DeferredCharge,
  view: ReceiptView = 'full',
): Promise<DeferredReceipt> {
  return view === 'basic' ? { deferred } : { deferred, lineItems: await lineItemsOf(billing, deferred.rated) }
}

/**
 * Line items are not stored: price versions are immutable, so rating the usage again gives them. Where a failover lost the
 * version, a receipt has none; its amounts are stored.
 */
async function lineItemsOf({ prices }: Prices, rated: RatedCall): Promise<LineItem[]> {
  // What a stated cost was made of, the gateway didn't say.
  if (rated.serving?.reportedCost !== undefined) return []
  const parts = rated.serving?.parts
  if (parts !== undefined) return await partLineItemsOf({ prices }, rated, parts)
  const price = await prices.priceById(rated.priced.priceId)
  return price === undefined ? [] : lineItemsAgain(rated, price)
}

async function partLineItemsOf(
  { prices }: Prices,
  rated: RatedCall,
  parts: readonly ServedPart[],
): Promise<LineItem[]> {
  const found = new Map<string, Price>()
  for (const priceId of priceIdsOf(rated)) {
    const price = await prices.priceById(priceId)
    if (price !== undefined) found.set(priceId, price)
  }
  return lineItemsOfParts(parts, partsAgain(rated, parts, found) ?? [])
}
