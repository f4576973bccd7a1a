import type { Receipt } from '../billing/receipt'
import type { StreamEnd } from '../domain/charge'
import type { Balance, EntryKind, LedgerEntry } from '../domain/entry'
import type { DeductionFailure, FailureState } from '../domain/failure'
import type { Hold } from '../domain/hold'
import { publicIdOf } from '../domain/ids'
import type { LineItem, Price, PriceSource, RateCard } from '../domain/price'
import type { Usage, UsageSource } from '../domain/usage'
import { availableOf, dayOf, type User } from '../domain/user'
import type { Timestamp } from '../wire/generated/google/protobuf/Timestamp'
import type { Balance as WireBalance } from '../wire/generated/tollgate/billing/v1/Balance'
import type { Charge } from '../wire/generated/tollgate/billing/v1/Charge'
import type { DeductionFailure as WireFailure } from '../wire/generated/tollgate/billing/v1/DeductionFailure'
import type { Hold as WireHold } from '../wire/generated/tollgate/billing/v1/Hold'
import type { LedgerEntry as WireEntry } from '../wire/generated/tollgate/billing/v1/LedgerEntry'
import type { LineItem as WireLineItem } from '../wire/generated/tollgate/billing/v1/LineItem'
import type { Price as WirePrice } from '../wire/generated/tollgate/billing/v1/Price'
import type { RateCard as WireRateCard } from '../wire/generated/tollgate/billing/v1/RateCard'
import type { Usage as WireUsage } from '../wire/generated/tollgate/billing/v1/Usage'
import type { User as WireUser } from '../wire/generated/tollgate/billing/v1/User'
import { meterToWire } from './meters'

/*
 * Domain to wire, one function a message. int64 fields go out as decimal strings; what is left out is the field's default.
 */

const USAGE_SOURCE_NAMES = {
  unspecified: 'USAGE_SOURCE_UNSPECIFIED',
  provider: 'USAGE_SOURCE_PROVIDER',
  estimated: 'USAGE_SOURCE_ESTIMATED',
} as const satisfies Record<UsageSource, string>

const PRICE_SOURCE_NAMES = {
  operator: 'PRICE_SOURCE_OPERATOR',
  live: 'PRICE_SOURCE_LIVE',
  stored: 'PRICE_SOURCE_STORED',
  catalog: 'PRICE_SOURCE_CATALOG',
  default: 'PRICE_SOURCE_DEFAULT',
  free: 'PRICE_SOURCE_FREE',
} as const satisfies Record<PriceSource, string>

const STREAM_END_NAMES = {
  unspecified: 'STREAM_END_UNSPECIFIED',
  completed: 'STREAM_END_COMPLETED',
  cancelled: 'STREAM_END_CANCELLED',
  failed: 'STREAM_END_FAILED',
} as const satisfies Record<StreamEnd, string>

const CHARGE_STATUS_NAMES = {
  deducted: 'CHARGE_STATUS_DEDUCTED',
  deferred: 'CHARGE_STATUS_DEFERRED',
  failed: 'CHARGE_STATUS_FAILED',
} as const satisfies Record<Receipt['status'], string>

const ENTRY_KIND_NAMES = {
  charge: 'ENTRY_KIND_CHARGE',
  grant: 'ENTRY_KIND_GRANT',
  refund: 'ENTRY_KIND_REFUND',
  hold: 'ENTRY_KIND_HOLD',
  settlement: 'ENTRY_KIND_SETTLEMENT',
  release: 'ENTRY_KIND_RELEASE',
  profile: 'ENTRY_KIND_PROFILE',
  adjustment: 'ENTRY_KIND_ADJUSTMENT',
} as const satisfies Record<EntryKind, string>

const FAILURE_STATE_NAMES = {
  pending: 'FAILURE_STATE_PENDING',
  resolved: 'FAILURE_STATE_RESOLVED',
  'written-off': 'FAILURE_STATE_WRITTEN_OFF',
} as const satisfies Record<FailureState, string>

export function timestampToWire(at: Date): Timestamp {
  const ms = at.getTime()
  const seconds = Math.floor(ms / 1_000)
  return { seconds: String(seconds), nanos: (ms - seconds * 1_000) * 1_000_000 }
}

/** Zero counts are the wire's default already. `requests` is not: absent means one call. */
export function usageToWire(usage: Usage): WireUsage {
  return {
    inputTokens: usage.inputTokens.toString(),
    outputTokens: usage.outputTokens.toString(),
    cacheReadInputTokens: usage.cacheReadInputTokens.toString(),
    cacheCreationInputTokens: usage.cacheCreationInputTokens.toString(),
    cacheCreation_1hInputTokens: usage.cacheCreation1hInputTokens.toString(),
    reasoningOutputTokens: usage.reasoningOutputTokens.toString(),
    audioInputTokens: usage.audioInputTokens.toString(),
    audioCacheReadInputTokens: usage.audioCacheReadInputTokens.toString(),
    audioOutputTokens: usage.audioOutputTokens.toString(),
    imageInputTokens: usage.imageInputTokens.toString(),
    imageCacheReadInputTokens: usage.imageCacheReadInputTokens.toString(),
    imageOutputTokens: usage.imageOutputTokens.toString(),
    citationOutputTokens: usage.citationOutputTokens.toString(),
    webSearches: usage.webSearches.toString(),
    ...(usage.requests !== undefined && { requests: usage.requests.toString() }),
  }
}

export function balanceToWire(balance: Balance, version: bigint): WireBalance {
  return {
    allowanceNanousd: balance.allowanceNanousd.toString(),
    creditsNanousd: balance.creditsNanousd.toString(),
    heldNanousd: balance.heldNanousd.toString(),
    availableNanousd: availableOf(balance).toString(),
    spentTodayNanousd: balance.spentTodayNanousd.toString(),
    dailyLimitNanousd: balance.dailyLimitNanousd.toString(),
    version: version.toString(),
  }
}

/** What a user holds at a moment: what was spent on an earlier day is not spent today. */
export function userBalanceToWire(user: User, now: Date): WireBalance {
  const spentTodayNanousd = user.spentOn === dayOf(now) ? user.spentTodayNanousd : 0n
  return balanceToWire({ ...user, spentTodayNanousd }, user.version)
}

export function userToWire(
  user: User,
  { now, billedAsTrial }: { now: Date; billedAsTrial: boolean },
): WireUser {
  const trialSpentTodayNanousd = user.spentOn === dayOf(now) ? user.trialSpentTodayNanousd : 0n
  return {
    userId: user.userId,
    balance: userBalanceToWire(user, now),
    tier: user.tier,
    stripeCustomerId: user.stripeCustomerId,
    stripeSubscriptionId: user.stripeSubscriptionId,
    isTrial: user.isTrial,
    ...(user.trialExpiresAt !== undefined && { trialExpiresAt: timestampToWire(user.trialExpiresAt) }),
    overdraftLimitNanousd: user.overdraftLimitNanousd.toString(),
    createdAt: timestampToWire(user.createdAt),
    billedAsTrial,
    trialSpentNanousd: user.trialSpentNanousd.toString(),
    trialSpentTodayNanousd: trialSpentTodayNanousd.toString(),
    trialRequests: user.trialRequests.toString(),
    trialHeldNanousd: user.trialHeldNanousd.toString(),
    suspended: user.suspended,
  }
}

export function lineItemToWire(item: LineItem): WireLineItem {
  return {
    meter: meterToWire(item.meter),
    units: item.units.toString(),
    priceNanousd: item.priceNanousd.toString(),
    per: item.per.toString(),
    costNanousd: item.costNanousd,
    chargedNanousd: item.chargedNanousd,
  }
}

/** `idempotencyKey` is the client's own: a settlement's entry has one that was derived from the hold. */
export function chargeToWire(receipt: Receipt, idempotencyKey = receipt.entry.idempotencyKey): Charge {
  const { entry } = receipt
  const { charge } = entry
  if (charge === undefined) throw new Error(`entry ${entry.userId}/${entry.version} is no charge`)
  const keyId = entry.chargeKeyId ?? entry.keyId
  return {
    chargeId: publicIdOf('ch', keyId),
    userId: entry.userId,
    idempotencyKey,
    model: charge.model,
    pricedModel: charge.pricedModel,
    priceId: charge.priceId,
    priceSource: PRICE_SOURCE_NAMES[charge.priceSource],
    usage: usageToWire(charge.usage),
    usageSource: USAGE_SOURCE_NAMES[charge.usageSource],
    amountNanousd: charge.amountNanousd.toString(),
    allowanceNanousd: (-entry.allowanceDeltaNanousd).toString(),
    creditsNanousd: (-entry.creditsDeltaNanousd).toString(),
    lineItems: receipt.lineItems.map(lineItemToWire),
    balance: balanceToWire(entry.balance, entry.version),
    status: CHARGE_STATUS_NAMES[receipt.status],
    createdAt: timestampToWire(entry.createdAt),
    provider: charge.provider,
    pricedProvider: charge.pricedProvider,
    serviceTier: charge.serviceTier,
    occurredAt: timestampToWire(charge.occurredAt),
    quoteId: charge.quoteId,
    quoteExpired: charge.quoteExpired,
    apiKeyId: charge.apiKeyId,
    labels: charge.labels,
    markupBasisPoints: charge.markupBasisPoints,
    costNanousd: charge.costNanousd.toString(),
    trial: charge.trial,
    forgoneNanousd: charge.forgoneNanousd.toString(),
    refundedNanousd: receipt.refundedNanousd.toString(),
    ...(entry.holdKeyId !== undefined && { holdId: publicIdOf('hd', entry.holdKeyId) }),
    ...(charge.end !== undefined && { end: STREAM_END_NAMES[charge.end] }),
    ...(charge.shortfallNanousd > 0n && { failureId: publicIdOf('fl', keyId) }),
  }
}

/** A charge that could not be deducted: the receipt says FAILED, and which failure to look at. */
export function failedChargeToWire(failure: DeductionFailure): Charge {
  return {
    chargeId: publicIdOf('ch', failure.keyId),
    userId: failure.userId,
    idempotencyKey: failure.idempotencyKey,
    model: failure.model,
    priceId: failure.priceId ?? '',
    usage: usageToWire(failure.usage),
    usageSource: USAGE_SOURCE_NAMES[failure.usageSource],
    status: 'CHARGE_STATUS_FAILED',
    createdAt: timestampToWire(failure.createdAt),
    provider: failure.provider,
    serviceTier: failure.serviceTier,
    occurredAt: timestampToWire(failure.occurredAt),
    quoteId: failure.quoteId,
    apiKeyId: failure.apiKeyId,
    labels: failure.labels,
    failureId: publicIdOf('fl', failure.keyId),
  }
}

/** `receipt` is that of a charge or settlement. */
export function entryToWire(entry: LedgerEntry, receipt?: Receipt): WireEntry {
  return {
    entryId: `${entry.userId}/${entry.version}`,
    userId: entry.userId,
    version: entry.version.toString(),
    kind: ENTRY_KIND_NAMES[entry.kind],
    idempotencyKey: entry.idempotencyKey,
    allowanceDeltaNanousd: entry.allowanceDeltaNanousd.toString(),
    creditsDeltaNanousd: entry.creditsDeltaNanousd.toString(),
    heldDeltaNanousd: entry.heldDeltaNanousd.toString(),
    spentTodayDeltaNanousd: entry.spentTodayDeltaNanousd.toString(),
    balance: balanceToWire(entry.balance, entry.version),
    ...(receipt !== undefined && { charge: chargeToWire(receipt) }),
    reason: entry.reason ?? '',
    createdAt: timestampToWire(entry.createdAt),
    ...(entry.chargeKeyId !== undefined && { chargeId: publicIdOf('ch', entry.chargeKeyId) }),
    ...(entry.holdKeyId !== undefined && { holdId: publicIdOf('hd', entry.holdKeyId) }),
    hash: entry.hash,
  }
}

export function holdToWire(hold: Hold): WireHold {
  return {
    holdId: publicIdOf('hd', hold.keyId),
    userId: hold.userId,
    idempotencyKey: hold.idempotencyKey,
    model: hold.open.call.model,
    heldNanousd: hold.heldNanousd.toString(),
    usage: usageToWire(hold.usage),
    openedAt: timestampToWire(hold.openedAt),
    expiresAt: timestampToWire(hold.expiresAt),
  }
}

export function failureToWire(failure: DeductionFailure): WireFailure {
  return {
    failureId: publicIdOf('fl', failure.keyId),
    userId: failure.userId,
    idempotencyKey: failure.idempotencyKey,
    model: failure.model,
    amountNanousd: (failure.amountNanousd ?? 0n).toString(),
    reason: failure.reason,
    attempts: failure.attempts,
    state: FAILURE_STATE_NAMES[failure.state],
    createdAt: timestampToWire(failure.createdAt),
    ...(failure.resolvedAt !== undefined && { resolvedAt: timestampToWire(failure.resolvedAt) }),
    note: failure.note,
    provider: failure.provider,
    usage: usageToWire(failure.usage),
    serviceTier: failure.serviceTier,
    occurredAt: timestampToWire(failure.occurredAt),
    ...(failure.holdKeyId !== undefined && { holdId: publicIdOf('hd', failure.holdKeyId) }),
    chargeId: publicIdOf('ch', failure.keyId),
    apiKeyId: failure.apiKeyId,
    labels: failure.labels,
  }
}

export function priceToWire(price: Price): WirePrice {
  return {
    priceId: price.priceId,
    model: price.model,
    provider: price.provider,
    source: PRICE_SOURCE_NAMES[price.source],
    effectiveFrom: timestampToWire(price.effectiveFrom),
    ...(price.effectiveTo !== undefined && { effectiveTo: timestampToWire(price.effectiveTo) }),
    rateCards: price.rateCards.map(rateCardToWire),
    markupBasisPoints: price.markupBasisPoints,
  }
}

function rateCardToWire(card: RateCard): WireRateCard {
  return {
    aboveInputTokens: (card.aboveInputTokens ?? 0n).toString(),
    serviceTier: card.serviceTier ?? '',
    ...(card.daily !== undefined && {
      dailyFromUtc: timeOfDay(card.daily.fromMinute),
      dailyToUtc: timeOfDay(card.daily.toMinute),
    }),
    rates: card.rates.map((rate) => ({
      meter: meterToWire(rate.meter),
      priceNanousd: rate.priceNanousd.toString(),
      per: rate.per.toString(),
    })),
  }
}

function timeOfDay(minute: number): string {
  const two = (value: number) => String(value).padStart(2, '0')
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`
}
