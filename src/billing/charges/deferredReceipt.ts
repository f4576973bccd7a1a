import type { DeferredCharge } from '../../domain/ledger/deferred'
import type { LineItem } from '../../domain/rating/price'
import type { Billing } from '../billing'
import { lineItemsAgain } from './priceCall'

/** What is known of a charge before it is deducted: all but its split, its balance, and whether it can be. */
export interface DeferredReceipt {
  deferred: DeferredCharge
  lineItems: LineItem[]
}

export async function deferredReceiptOf(
  { prices }: Pick<Billing, 'prices'>,
  deferred: DeferredCharge,
): Promise<DeferredReceipt> {
  const { call } = deferred
  const price = await prices.priceById(call.priceId)
  if (price === undefined) throw new Error(`price ${call.priceId} of a deferred charge is missing`)
  return { deferred, lineItems: lineItemsAgain(call, price) }
}
