import { findFailure, writeOffFailureRow } from '../../database/deductionFailures'
import { BillingError } from '../../domain/errors'
import type { DeductionFailure } from '../../domain/ledger/failure'
import type { KeyRef } from '../../domain/ledger/keyRef'
import { metrics } from '../../observability/metrics'
import type { Billing } from '../billing'
import { collectFailure } from './collectFailure'

/**
 * Tries a failed deduction again. If it was deducted in the meantime, it is returned unchanged.
 *
 * @throws BillingError FAILURE_NOT_FOUND; ALREADY_DECIDED if it was written off; the reason of a
 *   new refusal
 */
export async function retryDeductionFailure(billing: Billing, key: KeyRef): Promise<DeductionFailure> {
  const failure = await existingFailure(billing, key)
  if (failure.state === 'written-off') {
    throw new BillingError('ALREADY_DECIDED', 'this failure was written off; nothing is owed any more')
  }
  if (failure.state !== 'pending') return failure
  try {
    await collectFailure(billing, failure)
    metrics.failureCollected('retry')
  } catch (error) {
    const now = await existingFailure(billing, key)
    // Another request deducted it first.
    if (now.state === 'resolved') return now
    throw error
  }
  return await existingFailure(billing, key)
}

/**
 * Gives up what is owed: nothing will be deducted for it, and its key is used up. The same request again changes nothing.
 *
 * @throws BillingError FAILURE_NOT_FOUND; ALREADY_DECIDED where it was deducted, written off with another note, or where its
 *   stream is still open
 */
export async function writeOffDeductionFailure(
  billing: Pick<Billing, 'database'>,
  { note, ...key }: KeyRef & { note: string },
): Promise<DeductionFailure> {
  if (await writeOffFailureRow(billing.database, key, note)) metrics.failureWrittenOff()
  const failure = await existingFailure(billing, key)
  if (failure.state === 'written-off' && failure.note === note) return failure
  throw new BillingError('ALREADY_DECIDED', WHY_NOT[failure.state])
}

const WHY_NOT = {
  resolved: 'this failure was resolved: its charge has been deducted',
  'written-off': 'this failure was written off before, with another note',
  pending: 'the stream of this failure is still open; end it first, with SettleHold',
} as const

async function existingFailure(
  { database }: Pick<Billing, 'database'>,
  key: KeyRef,
): Promise<DeductionFailure> {
  const failure = await findFailure(database, key)
  if (failure !== undefined) return failure
  throw new BillingError('FAILURE_NOT_FOUND', 'this user has no such deduction failure', {
    field: 'failure_id',
  })
}
