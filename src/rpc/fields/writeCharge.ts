import type { Receipt } from '../../billing/charges/receipt'
import type { PinnedCall, RatedCall } from '../../domain/ledger/charge'
import type { DeductionFailure } from '../../domain/ledger/failure'
import { publicIdOf } from '../../domain/ledger/ids'
import { NO_SERVING } from '../../domain/ledger/serving'
import type { LineItem } from '../../domain/rating/price'
import type { Charge } from '../../wire/generated/tollgate/billing/v1/Charge'
import type { LineItem as WireLineItem } from '../../wire/generated/tollgate/billing/v1/LineItem'
import { METERS, PRICE_SOURCES, STREAM_ENDS, USAGE_SOURCES } from './enums'
import { balanceToWire, integerToWire, labelsToWire, timestampToWire, usageToWire } from './write'

/** What every receipt says of its call, whatever became of the charge. */
export function callToWire({
  reported,
  priced,
  usageSource,
  serving = NO_SERVING,
}: Omit<PinnedCall, 'priced'> & Partial<PinnedCall> & Pick<RatedCall, 'usageSource'>) {
  return {
    model: reported.model,
    provider: reported.provider,
    serviceTier: reported.serviceTier,
    occurredAt: timestampToWire(reported.occurredAt),
    quoteId: reported.quoteId,
    apiKeyId: reported.apiKeyId,
    labels: labelsToWire(reported.labels),
    usageSource: USAGE_SOURCES.write(usageSource),
    servedModel: serving.stated.model,
    servedServiceTier: serving.stated.serviceTier,
    servedGeography: serving.stated.geography,
    servedSpeed: serving.stated.speed,
    unreadUsageFields: [...serving.unreadFields],
    usageAssumptions: [...serving.assumptions],
    ...(priced !== undefined && {
      priceId: priced.priceId,
      pricedModel: priced.model,
      pricedProvider: priced.provider,
      priceSource: PRICE_SOURCES.write(priced.source),
      markupBasisPoints: priced.markupBasisPoints,
      quoteExpired: priced.quoteExpired,
    }),
  } satisfies Charge
}

/** @param idempotencyKey the client's own key, where the entry of a settlement has one derived from the hold */
export function chargeToWire(receipt: Receipt, idempotencyKey = receipt.entry.idempotencyKey): Charge {
  const { entry } = receipt
  const { charge } = entry
  const keyId = entry.chargeKeyId ?? entry.keyId
  return {
    ...callToWire(charge),
    chargeId: publicIdOf('ch', keyId),
    userId: entry.userId,
    idempotencyKey,
    amountNanousd: integerToWire(charge.amountNanousd),
    allowanceNanousd: integerToWire(-entry.allowanceDeltaNanousd),
    creditsNanousd: integerToWire(-entry.creditsDeltaNanousd),
    ...detailToWire(charge, receipt.lineItems),
    balance: balanceToWire(entry.balance, entry.version),
    status: 'CHARGE_STATUS_DEDUCTED',
    createdAt: timestampToWire(entry.createdAt),
    actor: entry.actor ?? '',
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
  const { userId, keyId, idempotencyKey, createdAt, priced, ...call } = failure
  return {
    ...callToWire(call),
    ...(call.usage !== undefined && { usage: usageToWire(call.usage) }),
    priceId: priced?.priceId ?? '',
    chargeId: publicIdOf('ch', keyId),
    userId,
    idempotencyKey,
    status: 'CHARGE_STATUS_FAILED',
    createdAt: timestampToWire(createdAt),
    failureId: publicIdOf('fl', keyId),
  }
}

/** What the basic view leaves out: it is the receipt without line items. */
export function detailToWire({ usage }: Pick<RatedCall, 'usage'>, lineItems: LineItem[] | undefined) {
  return lineItems !== undefined && { usage: usageToWire(usage), lineItems: lineItems.map(lineItemToWire) }
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
