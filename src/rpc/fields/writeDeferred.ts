import type { DeferredReceipt } from '../../billing/charges/deferredReceipt'
import { publicIdOf } from '../../domain/ledger/ids'
import type { Charge } from '../../wire/generated/tollgate/billing/v1/Charge'
import { integerToWire, labelsToWire, timestampToWire, USAGE_SOURCE_NAMES, usageToWire } from './write'
import { lineItemToWire, STREAM_END_NAMES } from './writeCharge'
import { PRICE_SOURCE_NAMES } from './writePrice'

/** A charge that waits to be deducted: price and amount stand, balance and split are unset. */
export function deferredChargeToWire({ deferred, lineItems }: DeferredReceipt): Charge {
  const { keyId, call, stream } = deferred
  return {
    chargeId: publicIdOf('ch', keyId),
    userId: deferred.userId,
    idempotencyKey: deferred.idempotencyKey,
    model: call.model,
    pricedModel: call.pricedModel,
    priceId: call.priceId,
    priceSource: PRICE_SOURCE_NAMES[call.priceSource],
    usage: usageToWire(call.usage),
    usageSource: USAGE_SOURCE_NAMES[call.usageSource],
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
      end: STREAM_END_NAMES[stream.end],
    }),
  }
}
