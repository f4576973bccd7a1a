import type { DeferredReceipt } from '../../billing/charges/deferredReceipt'
import { publicIdOf } from '../../domain/ledger/ids'
import type { Charge } from '../../wire/generated/tollgate/billing/v1/Charge'
import { PRICE_SOURCES, STREAM_ENDS, USAGE_SOURCES } from './enums'
import { integerToWire, labelsToWire, timestampToWire, usageToWire } from './write'
import { lineItemToWire } from './writeCharge'

/** A charge that waits to be deducted. Its price and amount are final; balance and pots are unset. */
export function deferredChargeToWire({ deferred, lineItems }: DeferredReceipt): Charge {
  const { keyId, call, stream } = deferred
  return {
    chargeId: publicIdOf('ch', keyId),
    userId: deferred.userId,
    idempotencyKey: deferred.idempotencyKey,
    model: call.model,
    pricedModel: call.pricedModel,
    priceId: call.priceId,
    priceSource: PRICE_SOURCES.write(call.priceSource),
    usage: usageToWire(call.usage),
    usageSource: USAGE_SOURCES.write(call.usageSource),
    amountNanousd: integerToWire(call.amountNanousd),
    lineItems: lineItems.map(lineItemToWire),
    status: 'CHARGE_STATUS_DEFERRED',
    createdAt: timestampToWire(deferred.acceptedAt),
    provider: call.provider,
    pricedProvider: call.pricedProvider,
    serviceTier: call.serviceTier,
    occurredAt: timestampToWire(call.occurredAt),
    quoteId: call.quoteId,
    quoteExpired: call.quoteExpired,
    apiKeyId: call.apiKeyId,
    labels: labelsToWire(call.labels),
    markupBasisPoints: call.markupBasisPoints,
    costNanousd: integerToWire(call.costNanousd),
    ...(stream !== undefined && {
      holdId: publicIdOf('hd', keyId),
      end: STREAM_ENDS.write(stream.end),
    }),
  }
}
