import type { DeferredReceipt } from '../../billing/charges/receipt'
import { publicIdOf } from '../../domain/ledger/ids'
import type { Charge } from '../../wire/generated/tollgate/billing/v1/Charge'
import { STREAM_ENDS } from './enums'
import { integerToWire, timestampToWire } from './write'
import { addDetail, callToWire } from './writeCharge'

/** A charge that waits to be deducted. Its price and amount are final; balance and pots are unset. */
export function deferredChargeToWire({ deferred, lineItems }: DeferredReceipt): Charge {
  const { keyId, rated, stream } = deferred
  const wire = callToWire(rated)
  wire.chargeId = publicIdOf('ch', keyId)
  wire.userId = deferred.userId
  wire.idempotencyKey = deferred.idempotencyKey
  wire.status = 'CHARGE_STATUS_DEFERRED'
  wire.createdAt = timestampToWire(deferred.acceptedAt)
  wire.actor = deferred.actor ?? ''
  wire.amountNanousd = integerToWire(rated.amountNanousd)
  wire.costNanousd = integerToWire(rated.costNanousd)
  addDetail(wire, rated, lineItems)
  if (stream !== undefined) {
    wire.holdId = publicIdOf('hd', keyId)
    wire.end = STREAM_ENDS.write(stream.end)
  }
  return wire
}
