import { maxOf, type Nanousd } from '../../domain/money'
import { receiptEntryOf } from '../../domain/stream/amendment'
import type { StreamEffect } from '../../domain/stream/state'
import type { Billing } from '../billing'
import { type DeferredReceipt, deferredReceiptOf, type Receipt, receiptOf } from '../charges/receipt'

/** What is sent to the client. */
export type StreamMessage =
  | Extract<StreamEffect, { do: 'send grant' | 'send ack' | 'send drain' }>
  | SettledMessage
  | DeferredMessage

export interface SettledMessage {
  do: 'send settled'
  receipt: Receipt
  /** The stream's own. */
  idempotencyKey: string
  replayed: boolean
  /** What the hold still covered at the settlement and was given back. */
  releasedNanousd: Nanousd
  /** What the balance could not pay. */
  shortfallNanousd: Nanousd
  amendableUntil?: Date
}

/** The settlement waits on the disk; what the hold gives back shows when it is made. */
export interface DeferredMessage {
  do: 'send deferred'
  receipt: DeferredReceipt
  replayed: boolean
}

export async function deferredMessageOf(
  billing: Pick<Billing, 'prices'>,
  { deferred, replayed }: Extract<StreamEffect, { do: 'send deferred' }>,
): Promise<DeferredMessage> {
  return { do: 'send deferred', receipt: await deferredReceiptOf(billing, deferred), replayed }
}

export async function settledMessageOf(
  billing: Pick<Billing, 'prices'>,
  { settlement, replayed }: Extract<StreamEffect, { do: 'send settled' }>,
): Promise<SettledMessage> {
  const { entry, idempotencyKey, amendableUntil } = settlement
  const receipt = await receiptOf(billing, receiptEntryOf(settlement))
  const paidNanousd = entry.charge.amountNanousd
  return {
    do: 'send settled',
    receipt,
    idempotencyKey,
    replayed,
    releasedNanousd: maxOf(-entry.heldDeltaNanousd - paidNanousd, 0n),
    shortfallNanousd: receipt.entry.charge.shortfallNanousd,
    ...(amendableUntil !== undefined && { amendableUntil }),
  }
}
