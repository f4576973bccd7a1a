import type { Receipt } from '../../billing/charges/receipt'
import type { DeductionFailure } from '../../domain/ledger/failure'
import { publicIdOf } from '../../domain/ledger/ids'
import type { LineItem } from '../../domain/rating/price'
import type { Charge } from '../../wire/generated/tollgate/billing/v1/Charge'
import type { LineItem as WireLineItem } from '../../wire/generated/tollgate/billing/v1/LineItem'
import { METERS, PRICE_SOURCES, STREAM_ENDS, USAGE_SOURCES } from './enums'
import { balanceToWire, integerToWire, labelsToWire, timestampToWire, usageToWire } from './write'

/** @param idempotencyKey the client's own key, where the entry of a settlement has one derived from the hold */
export function chargeToWire(receipt: Receipt, idempotencyKey = receipt.entry.idempotencyKey): Charge {
  const { entry } = receipt
  const { charge } = entry
  if (charge === undefined) throw new Error(`entry ${entry.userId}/${entry.version} is not a charge`)
  const keyId = entry.chargeKeyId ?? entry.keyId
  return {
    chargeId: publicIdOf('ch', keyId),
    userId: entry.userId,
    idempotencyKey,
    model: charge.model,
    pricedModel: charge.pricedModel,
    priceId: charge.priceId,
    priceSource: PRICE_SOURCES.write(charge.priceSource),
    usage: usageToWire(charge.usage),
    usageSource: USAGE_SOURCES.write(charge.usageSource),
    amountNanousd: integerToWire(charge.amountNanousd),
    allowanceNanousd: integerToWire(-entry.allowanceDeltaNanousd),
    creditsNanousd: integerToWire(-entry.creditsDeltaNanousd),
    lineItems: receipt.lineItems.map(lineItemToWire),
    balance: balanceToWire(entry.balance, entry.version),
    status: 'CHARGE_STATUS_DEDUCTED',
    createdAt: timestampToWire(entry.createdAt),
    provider: charge.provider,
    pricedProvider: charge.pricedProvider,
    serviceTier: charge.serviceTier,
    occurredAt: timestampToWire(charge.occurredAt),
    quoteId: charge.quoteId,
    quoteExpired: charge.quoteExpired,
    apiKeyId: charge.apiKeyId,
    labels: labelsToWire(charge.labels),
    markupBasisPoints: charge.markupBasisPoints,
    costNanousd: integerToWire(charge.costNanousd),
    trial: charge.trial,
    forgoneNanousd: integerToWire(charge.forgoneNanousd),
    refundedNanousd: integerToWire(receipt.refundedNanousd),
    ...(entry.holdKeyId !== undefined && { holdId: publicIdOf('hd', entry.holdKeyId) }),
    ...(charge.end !== undefined && { end: STREAM_ENDS.write(charge.end) }),
    ...(charge.shortfallNanousd > 0n && { failureId: publicIdOf('fl', keyId) }),
  }
}

/** A charge that could not be deducted: its status is FAILED, and it names the deduction failure. */
export function failedChargeToWire(failure: DeductionFailure): Charge {
  return {
    chargeId: publicIdOf('ch', failure.keyId),
    userId: failure.userId,
    idempotencyKey: failure.idempotencyKey,
    model: failure.model,
    priceId: failure.priceId ?? '',
    usage: usageToWire(failure.usage),
    usageSource: USAGE_SOURCES.write(failure.usageSource),
    status: 'CHARGE_STATUS_FAILED',
    createdAt: timestampToWire(failure.createdAt),
    provider: failure.provider,
    serviceTier: failure.serviceTier,
    occurredAt: timestampToWire(failure.occurredAt),
    quoteId: failure.quoteId,
    apiKeyId: failure.apiKeyId,
    labels: labelsToWire(failure.labels),
    failureId: publicIdOf('fl', failure.keyId),
  }
}

export function lineItemToWire(item: LineItem): WireLineItem {
  return {
    meter: METERS.write(item.meter),
    units: integerToWire(item.units),
    priceNanousd: integerToWire(item.priceNanousd),
    per: integerToWire(item.per),
    costNanousd: item.costNanousd,
    chargedNanousd: item.chargedNanousd,
  }
}
