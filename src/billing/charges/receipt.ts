import type { LedgerEntry } from '../../domain/ledger/entry'
import type { Nanousd } from '../../domain/money'
import type { LineItem } from '../../domain/rating/price'
import type { Billing } from '../billing'
import { lineItemsAgain } from './priceCall'

/** The receipt of one deduction: its entry, and what follows from it. The wire calls it a Charge. */
export interface Receipt {
  entry: LedgerEntry
  /** Rated again from the price version that the entry names. */
  lineItems: LineItem[]
  /** By now; 0 in the receipt of a deduction that was just made. */
  refundedNanousd: Nanousd
}

/** Line items are not stored: price versions are immutable, so rating the usage again gives them, and the amount. */
export async function receiptOf(billing: Pick<Billing, 'prices'>, entry: LedgerEntry): Promise<Receipt> {
  if (entry.charge === undefined) throw new Error(`entry ${entry.userId}/${entry.version} is no charge`)
  const price = await billing.prices.priceById(entry.charge.priceId)
  if (price === undefined) throw new Error(`price ${entry.charge.priceId} of a charge is missing`)
  return {
    entry,
    lineItems: lineItemsAgain(entry.charge, price),
    refundedNanousd: 0n,
  }
}
