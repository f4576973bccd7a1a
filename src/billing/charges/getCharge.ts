import { findFailure } from '../../database/deductionFailures'
import { findEntryOfKey, findLaterEntries } from '../../database/ledgerEntries'
import { BillingError } from '../../domain/errors'
import { UNCHANGED, withChange } from '../../domain/ledger/chargeState'
import { type ChargeEntry, isChargeEntry, isCollection, type LedgerEntry } from '../../domain/ledger/entry'
import type { DeductionFailure } from '../../domain/ledger/failure'
import type { KeyRef } from '../../domain/ledger/keyRef'
import { receiptEntryOf, withCollected } from '../../domain/stream/amendment'
import type { Billing } from '../billing'
import { findStream } from '../streams/freshHold'
import { getUser } from '../users/getUser'
import { type DeferredReceipt, deferredReceiptOf, type Receipt, receiptOf } from './receipt'

export type FoundCharge =
  /** `idempotencyKey` is the client's, which a settlement's entry doesn't have. */
  | { receipt: Receipt; idempotencyKey: string }
  | { failure: DeductionFailure }
  /** It waits on this process's disk. */
  | { deferred: DeferredReceipt }

/**
 * Finds the receipt of a charge, or its deduction failure. For the key of a stream, this is its
 * settlement.
 *
 * @throws BillingError CHARGE_NOT_FOUND, USER_NOT_FOUND
 */
export async function getCharge(
  billing: Pick<Billing, 'database' | 'prices' | 'deferral'>,
  key: KeyRef,
): Promise<FoundCharge> {
  const deferred = await billing.deferral?.peek(key)
  if (deferred !== undefined) return { deferred: await deferredReceiptOf(billing, deferred) }
  const entry = await findEntryOfKey(billing.database, key)
  if (entry !== undefined) {
    const later = await findLaterEntries(billing.database, key)
    const charged = entry.kind === 'hold' ? await settledEntryOf(billing, key, later) : entry
    if (!isChargeEntry(charged)) throw notFound(`this key made a ${entry.kind}, not a charge`)
    const receipt = await receiptOf(billing, charged)
    return {
      receipt: { ...receipt, refundedNanousd: later.reduce(withChange, UNCHANGED).refundedNanousd },
      idempotencyKey: entry.idempotencyKey,
    }
  }
  const failure = await findFailure(billing.database, key)
  if (failure !== undefined) return { failure }
  await getUser(billing, key.userId)
  throw notFound('no charge was made under this id or key')
}

/** The settlement, with what a late close corrected and what was collected since. */
async function settledEntryOf(
  billing: Pick<Billing, 'database'>,
  key: KeyRef,
  later: readonly LedgerEntry[],
): Promise<ChargeEntry> {
  const settlement = (await findStream(billing, key))?.settlement
  if (settlement === undefined) throw notFound('the stream of this key has not been settled yet')
  return withCollected(receiptEntryOf(settlement), later.filter(isCollection))
}

function notFound(problem: string): BillingError {
  return new BillingError('CHARGE_NOT_FOUND', problem)
}
