import type { DeferredReceipt } from '../../billing/charges/receipt'
import { publicIdOf } from '../../domain/ledger/ids'
import type { Charge } from '../../wire/generated/tollgate/billing/v1/Charge'
import { STREAM_ENDS } from './enums'
import { integerToWire, timestampToWire } from './write'
import { callToWire, detailToWire } from './writeCharge'

/** A charge that waits to be deducted. Its price and amount are final; balance and pots are unset. */
export function deferredChargeToWire({ deferred, lineItems }: DeferredReceipt): Charge {
  const { keyId, rated, stream } = deferred
  return {
    ...callToWire(rated),
    chargeId: publicIdOf('ch', keyId),
    userId: deferred.userId,
    idempotencyKey: deferred.idempotencyKey,
    amountNanousd: integerToWire(rated.amountNanousd),
    costNanousd: integerToWire(rated.costNanousd),
    ...detailToWire(rated, lineItems),
    status: 'CHARGE_STATUS_DEFERRED',
    createdAt: timestampToWire(deferred.acceptedAt),
    actor: deferred.actor ?? '',
    ...(stream !== undefined && {
      holdId: publicIdOf('hd', keyId),
      end: STREAM_ENDS.write(stream.end),
    }),
  }
}
