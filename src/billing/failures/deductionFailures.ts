import { findFailure, writeOffFailureRow } from '../../database/deductionFailures'
import { BillingError } from '../../domain/errors'
import type { DeductionFailure } from '../../domain/ledger/failure'
import type { KeyRef } from '../../domain/ledger/keyRef'
import { isSameUsage } from '../../domain/usage/usage'
import { metrics } from '../../observability/metrics'
import type { Billing } from '../billing'
import type { Caller } from '../caller'
import { getCharge } from '../charges/getCharge'
import { type Measured, reportOf } from '../charges/measured'
import { collectFailure } from './collectFailure'
import { correctedFailureOf } from './countedFailure'

/**
 * Tries a failed deduction again. If it was deducted in the meantime, it is returned unchanged.
 *
 * @param corrected the usage that an operator states instead of what was reported, where no amount is
 *   known: the provider's counts contradict each other, or the gateway slipped in a unit
 * @throws BillingError FAILURE_NOT_FOUND; ALREADY_DECIDED if it was written off, or if another usage
 *   than the corrected one was deducted; the reason of a new refusal
 */
export async function retryDeductionFailure(
  billing: Billing,
  { corrected, ...key }: KeyRef & { corrected?: Measured },
  { actor }: Caller,
): Promise<DeductionFailure> {
  // A mistake in the request comes before what the database says.
  if (corrected !== undefined) reportOf(corrected, '')
  const failure = await existingFailure(billing, key)
  if (failure.state === 'written-off') {
    throw new BillingError('ALREADY_DECIDED', 'this failure was written off; nothing is owed any more')
  }
  if (failure.state === 'pending') {
    const counted = corrected === undefined ? failure : correctedFailureOf(failure, corrected)
    try {
      await collectFailure(billing, counted, actor)
      metrics.failureCollected('retry')
    } catch (error) {
      // Another request may have deducted it first.
      if ((await existingFailure(billing, key)).state !== 'resolved') throw error
    }
  }
  if (corrected !== undefined) await checkDeducted(billing, failure, corrected)
  return await existingFailure(billing, key)
}

/** A correction that came too late must not look as if it had been made. */
async function checkDeducted(
  billing: Billing,
  { userId, keyId, holdKeyId, reported }: DeductionFailure,
  corrected: Measured,
): Promise<void> {
  const found = await getCharge(billing, { userId, keyId: holdKeyId ?? keyId })
  const { usage } = reportOf(corrected, reported.model)
  if ('receipt' in found && isSameUsage(found.receipt.entry.charge.usage, usage)) return
  throw new BillingError(
    'ALREADY_DECIDED',
    'this call has been deducted with another usage; refund it, or take the rest with a negative grant',
  )
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
  { actor }: Caller,
): Promise<DeductionFailure> {
  if (await writeOffFailureRow(billing.database, key, { note, actor })) metrics.failureWrittenOff()
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
