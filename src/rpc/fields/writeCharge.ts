import type { Receipt } from '../../billing/charges/receipt'
import type { PinnedCall, RatedCall } from '../../domain/ledger/charge'
import type { DeductionFailure } from '../../domain/ledger/failure'
import { publicIdOf } from '../../domain/ledger/ids'
import type { ReportedCost } from '../../domain/ledger/serving'
import type { LineItem } from '../../domain/rating/price'
import type { Charge } from '../../wire/generated/tollgate/billing/v1/Charge'
import type { LineItem as WireLineItem } from '../../wire/generated/tollgate/billing/v1/LineItem'
import { METERS, PRICE_SOURCES, STREAM_ENDS, USAGE_SOURCES } from './enums'
import { balanceToWire, integerToWire, labelsToWire, timestampToWire, usageToWire } from './write'
import { budgetImpactsToWire } from './writeBudget'

/**
 * What every receipt says of its call, whatever became of the charge. The callers add their fields one by one: V8 takes a
 * microsecond for each field of an object that is spread into another.
 */
export function callToWire({
  reported,
  priced,
  usageSource,
  serving,
}: Omit<PinnedCall, 'priced'> & Partial<PinnedCall> & Pick<RatedCall, 'usageSource'>): Charge {
  const wire: Charge = {
    model: reported.model,
    provider: reported.provider,
    serviceTier: reported.serviceTier,
    occurredAt: timestampToWire(reported.occurredAt),
    quoteId: reported.quoteId,
    apiKeyId: reported.apiKeyId,
    labels: labelsToWire(reported.labels),
    usageSource: USAGE_SOURCES.write(usageSource),
  }
  if (priced !== undefined) {
    wire.priceId = priced.priceId
    wire.pricedModel = priced.model
    wire.pricedProvider = priced.provider
    wire.priceSource = PRICE_SOURCES.write(priced.source)
    wire.markupBasisPoints = priced.markupBasisPoints
    wire.quoteExpired = priced.quoteExpired
  }
  if (serving !== undefined) {
    wire.servedModel = serving.stated.model
    wire.servedServiceTier = serving.stated.serviceTier
    wire.servedGeography = serving.stated.geography
    wire.servedSpeed = serving.stated.speed
    wire.unreadUsageFields = [...serving.unreadFields]
    wire.usageAssumptions = [...serving.assumptions]
    if (serving.reportedCost !== undefined) Object.assign(wire, reportedCostToWire(serving.reportedCost))
  }
  return wire
}

function reportedCostToWire({ reportedNanousd, source, ratedAmountNanousd }: ReportedCost): Partial<Charge> {
  return {
    reportedCostNanousd: integerToWire(reportedNanousd),
    reportedCostSource: source,
    ...(ratedAmountNanousd !== undefined && { ratedAmountNanousd: integerToWire(ratedAmountNanousd) }),
  }
}

/** @param idempotencyKey the client's own key, where the entry of a settlement has one derived from the hold */
export function chargeToWire(receipt: Receipt, idempotencyKey = receipt.entry.idempotencyKey): Charge {
  const { entry } = receipt
  const { charge } = entry
  const keyId = entry.chargeKeyId ?? entry.keyId
  const wire = callToWire(charge)
  wire.chargeId = publicIdOf('ch', keyId)
  wire.userId = entry.userId
  wire.idempotencyKey = idempotencyKey
  wire.status = 'CHARGE_STATUS_DEDUCTED'
  wire.createdAt = timestampToWire(entry.createdAt)
  wire.actor = entry.actor ?? ''
  wire.amountNanousd = integerToWire(charge.amountNanousd)
  wire.allowanceNanousd = integerToWire(-entry.allowanceDeltaNanousd)
  wire.creditsNanousd = integerToWire(-entry.creditsDeltaNanousd)
  wire.costNanousd = integerToWire(charge.costNanousd)
  wire.forgoneNanousd = integerToWire(charge.forgoneNanousd)
  wire.refundedNanousd = integerToWire(receipt.refundedNanousd)
  wire.trial = charge.trial
  wire.balance = balanceToWire(entry.balance, entry.version)
  addDetail(wire, charge, receipt.lineItems)
  if (entry.holdKeyId !== undefined) wire.holdId = publicIdOf('hd', entry.holdKeyId)
  if (charge.end !== undefined) wire.end = STREAM_ENDS.write(charge.end)
  if (charge.shortfallNanousd > 0n) wire.failureId = publicIdOf('fl', keyId)
  if (entry.counterMoves !== undefined) wire.budgets = budgetImpactsToWire(entry.counterMoves)
  return wire
}

/** A charge that could not be deducted: its status is FAILED, and it names the deduction failure. */
export function failedChargeToWire(failure: DeductionFailure): Charge {
  const wire = callToWire(failure)
  wire.chargeId = publicIdOf('ch', failure.keyId)
  wire.userId = failure.userId
  wire.idempotencyKey = failure.idempotencyKey
  wire.status = 'CHARGE_STATUS_FAILED'
  wire.createdAt = timestampToWire(failure.createdAt)
  wire.failureId = publicIdOf('fl', failure.keyId)
  if (failure.usage !== undefined) wire.usage = usageToWire(failure.usage)
  return wire
}

/** Adds what the basic view leaves out. That is the receipt without line items. */
export function addDetail(
  wire: Charge,
  { usage }: Pick<RatedCall, 'usage'>,
  lineItems: LineItem[] | undefined,
): void {
  if (lineItems === undefined) return
  wire.usage = usageToWire(usage)
  wire.lineItems = lineItems.map(lineItemToWire)
}

export function lineItemToWire(item: LineItem): WireLineItem {
  const line: WireLineItem = {
    priceNanousd: integerToWire(item.priceNanousd),
    per: integerToWire(item.per),
    costNanousd: item.costNanousd,
    chargedNanousd: item.chargedNanousd,
    ...(item.model !== undefined && { model: item.model, provider: item.provider ?? '' }),
  }
  if ('unit' in item) {
    line.unit = item.unit
    line.unitCount = item.unitCount
  } else {
    line.meter = METERS.write(item.meter)
    line.units = integerToWire(item.units)
  }
  return line
}
