import { findEntryOfKey } from '../../database/ledgerEntries'
import { BillingError } from '../../domain/errors'
import { asChargeEntry, type ChargeEntry, type LedgerEntry } from '../../domain/ledger/entry'
import { keyIdOf } from '../../domain/ledger/ids'
import type { KeyRef } from '../../domain/ledger/keyRef'
import { requestHashOf } from '../../domain/ledger/requestHash'
import type { Nanousd } from '../../domain/money'
import { metrics } from '../../observability/metrics'
import type { Billing } from '../billing'
import type { Caller } from '../caller'
import { findStream } from '../streams/freshHold'
import { getUser } from '../users/getUser'

export interface RefundChargeRequest {
  idempotencyKey: string
  userId: string
  /** The key's id inside the charge's public id. */
  chargeKeyId: string
  /** 0 = all that is left. */
  amountNanousd: Nanousd
  reason: string
}

/**
 * Gives back all or part of a charge, or of a settled stream, to the pots that paid it, exactly once per key.
 *
 * @throws BillingError CHARGE_NOT_FOUND, USER_NOT_FOUND, IDEMPOTENCY_KEY_REUSED; REFUND_EXCEEDS_CHARGE where it is more than the
 *   charge has taken and not given back.
 */
export async function refundCharge(
  billing: Pick<Billing, 'ledger' | 'database'>,
  request: RefundChargeRequest,
  caller: Caller,
): Promise<{ entry: LedgerEntry; replayed: boolean }> {
  const { userId, idempotencyKey, chargeKeyId, amountNanousd, reason } = request
  const { entry, replayed } = await billing.ledger.post(
    {
      type: 'refund',
      actor: caller.actor,
      userId,
      keyId: keyIdOf(userId, idempotencyKey),
      idempotencyKey,
      requestHash: requestHashOf('RefundCharge', { ...request }),
      charge: await chargeEntryOf(billing, { userId, keyId: chargeKeyId }),
      chargeKeyId,
      amountNanousd,
      reason,
    },
    caller,
  )
  if (!replayed) metrics.refunded(entry)
  return { entry, replayed }
}

/** The charge's own entry; for a stream that of its settlement. */
async function chargeEntryOf(billing: Pick<Billing, 'database'>, key: KeyRef): Promise<ChargeEntry> {
  const entry = await findEntryOfKey(billing.database, key)
  if (entry?.kind === 'charge') return asChargeEntry(entry)
  if (entry === undefined) await getUser(billing, key.userId)
  const stream = entry?.kind === 'hold' ? await findStream(billing, key) : undefined
  if (stream?.settlement === undefined) {
    const problem =
      stream === undefined
        ? 'no charge was made under this id'
        : 'the stream of this charge has not been settled yet'
    throw new BillingError('CHARGE_NOT_FOUND', problem, { field: 'charge_id' })
  }
  return stream.settlement.entry
}
