import type { DeferredCharge } from '../../domain/ledger/deferred'
import type { ChargeEntry } from '../../domain/ledger/entry'
import type { Nanousd } from '../../domain/money'
import type { LineItem } from '../../domain/rating/price'
import type { Billing } from '../billing'
import { lineItemsAgain, requirePrice } from './priceCall'

/** The receipt of one deduction: its entry, and what follows from it. The wire calls it a Charge. */
export interface Receipt {
  entry: ChargeEntry
  /** Rated again from the price version that the entry names. */
  lineItems: LineItem[]
  /** Up to now; 0 in the receipt of a deduction that was just made. */
  refundedNanousd: Nanousd
}

/** What is known of a charge before it is deducted. Its split and balance, and whether it can be paid, are not. */
export interface DeferredReceipt {
  deferred: DeferredCharge
  lineItems: LineItem[]
}

type Prices = Pick<Billing, 'prices'>

/** Line items are not stored: price versions are immutable, so rating the usage again gives them, and the amount. */
export async function receiptOf(billing: Prices, entry: ChargeEntry): Promise<Receipt> {
  const price = await requirePrice(billing, entry.charge.priced)
  return { entry, lineItems: lineItemsAgain(entry.charge, price), refundedNanousd: 0n }
}

export async function deferredReceiptOf(billing: Prices, deferred: DeferredCharge): Promise<DeferredReceipt> {
  const { rated } = deferred
  return { deferred, lineItems: lineItemsAgain(rated, await requirePrice(billing, rated.priced)) }
}
