import type { ChargePosting, RejectPosting } from '../../domain/decide/posting'
import { BillingError } from '../../domain/errors'
import type { RatedCall } from '../../domain/ledger/charge'
import type { FailedDeduction } from '../../domain/ledger/failure'
import { keyIdOf } from '../../domain/ledger/ids'
import { requestHashOf, usageFields } from '../../domain/ledger/requestHash'
import { checkUsage } from '../../domain/usage/checkUsage'
import { type ProviderReport, readProviderUsage } from '../../domain/usage/readProviderUsage'
import { NOTHING_SERVED } from '../../domain/usage/served'
import type { Usage, UsageSource } from '../../domain/usage/usage'
import type { PostOptions, PostResult } from '../../ledger/engine'
import { metrics } from '../../observability/metrics'
import type { Billing } from '../billing'
import { type Deferred, postOrDefer } from './deferral'
import { type DeferredReceipt, deferredReceiptOf } from './deferredReceipt'
import { priceCall } from './priceCall'
import { type Receipt, receiptOf } from './receipt'

export type Measured = { usage: Usage } | { providerUsage: { format: string; json: string } }

/** A finished call. Strings that weren't given are empty. */
export interface ChargeUsageRequest {
  idempotencyKey: string
  userId: string
  model: string
  provider: string
  measured: Measured
  usageSource: UsageSource
  quoteId: string
  serviceTier: string
  apiKeyId: string
  labels: Readonly<Record<string, string>>
  /** Absent = now. */
  occurredAt?: Date
}

export type ChargeUsageResult =
  /** `replayed`: the key had been charged before; the receipt is the first one. */
  | { receipt: Receipt; replayed: boolean }
  /** The database could not take it; it waits on the disk. `replayed`: it did so before. */
  | { receipt: DeferredReceipt; replayed: boolean }

/**
 * Deducts the cost of a finished call, exactly once per key. What refuses it (credits, a limit, no price, an anomaly)
 * leaves a deduction failure, because the call was made.
 *
 * @throws BillingError as the ledger, the price book and the usage formats have it; INVALID_FIELD, IMPOSSIBLE_USAGE and
 *   UNKNOWN_USAGE_FORMAT leave nothing behind.
 */
export async function chargeUsage(
  billing: Billing,
  request: ChargeUsageRequest,
  options: PostOptions = {},
): Promise<ChargeUsageResult> {
  const { usage } = reportOf(request.measured, request.model)
  const owner = ownerOf(request)
  const waiting = await billing.deferral?.find(owner)
  if (waiting !== undefined) return await deferredResultOf(billing, waiting)
  const posting = await postingOf(billing, request, { usage, owner })
  try {
    const outcome = await post(billing, posting, options)
    if ('deferred' in outcome) return await deferredResultOf(billing, outcome)
    const { entry, replayed } = outcome.posted
    if (!replayed) metrics.charged(entry)
    return { receipt: await receiptOf(billing, entry), replayed }
  } catch (error) {
    if (error instanceof BillingError) metrics.chargeRefused(error.reason)
    throw error
  }
}

type Owner = Pick<ChargePosting, 'userId' | 'keyId' | 'idempotencyKey' | 'requestHash'>

function ownerOf(request: ChargeUsageRequest): Owner {
  const { userId, idempotencyKey } = request
  return {
    userId,
    keyId: keyIdOf(userId, idempotencyKey),
    idempotencyKey,
    requestHash: chargeRequestHashOf(request),
  }
}

/** What has a price can wait for the database; its amount is fixed then. */
async function post(
  billing: Billing,
  posting: ChargePosting | RejectPosting,
  options: PostOptions,
): Promise<{ posted: PostResult } | Deferred> {
  const send = () => billing.ledger.post(posting, options)
  if (posting.type === 'reject') return { posted: await send() }
  const { userId, keyId, idempotencyKey, requestHash, call } = posting
  return await postOrDefer(billing, send, () => ({
    ...{ userId, keyId, idempotencyKey, requestHash, call },
    acceptedAt: billing.ledger.now(),
    uncoveredNanousd: call.amountNanousd,
  }))
}

async function deferredResultOf(
  billing: Billing,
  { deferred, replayed }: Deferred,
): Promise<ChargeUsageResult> {
  return { receipt: await deferredReceiptOf(billing, deferred), replayed }
}

/** The usage, as given or as the provider's own object states it. `model` is the one that was asked for. */
export function reportOf(measured: Measured, model: string): ProviderReport {
  if ('providerUsage' in measured) {
    return readProviderUsage(measured.providerUsage, { model, fieldPrefix: 'provider_usage' })
  }
  checkUsage(measured.usage, 'usage')
  return { usage: measured.usage, served: NOTHING_SERVED, unreadFields: [], assumptions: [] }
}

/** A call that can't be priced still goes to the ledger: its key may have been charged before. */
async function postingOf(
  billing: Billing,
  request: ChargeUsageRequest,
  { usage, owner }: { usage: Usage; owner: Owner },
): Promise<ChargePosting | RejectPosting> {
  const now = billing.ledger.now()
  try {
    // New fields first: V8 takes a microsecond for each that is added to a finished copy.
    return {
      type: 'charge',
      call: await ratedCallOf(billing, request, usage, now),
      enforceDailyLimit: true,
      ...owner,
    }
  } catch (error) {
    if (!(error instanceof BillingError)) throw error
    return {
      ...owner,
      type: 'reject',
      error,
      ...(leavesFailure(error) && {
        failure: unpricedDeductionOf(owner, request, { usage, occurredAt: request.occurredAt ?? now, error }),
      }),
    }
  }
}

function ratedCallOf(
  billing: Billing,
  request: ChargeUsageRequest,
  usage: Usage,
  now: Date,
): Promise<RatedCall> {
  const { idempotencyKey: _key, measured: _measured, ...call } = request
  return priceCall(billing, { usage, now, purpose: 'charge', ...call })
}

/** Impossible input is the caller's to mend; what can't be priced is money that is owed. */
function leavesFailure({ reason }: BillingError): boolean {
  return reason === 'MODEL_PRICE_MISSING' || reason === 'PRICE_ANOMALY'
}

function unpricedDeductionOf(
  owner: Owner,
  request: ChargeUsageRequest,
  { usage, occurredAt, error }: { usage: Usage; occurredAt: Date; error: BillingError },
): FailedDeduction {
  return {
    ...owner,
    model: request.model,
    provider: request.provider,
    serviceTier: request.serviceTier,
    occurredAt,
    usage,
    usageSource: request.usageSource,
    quoteId: request.quoteId,
    apiKeyId: request.apiKeyId,
    labels: request.labels,
    reason: error.reason,
  }
}

/** Over what was asked, not what was resolved: a retry after a price change is still the same request. */
function chargeRequestHashOf(request: ChargeUsageRequest): Buffer {
  const { measured, labels } = request
  return requestHashOf('ChargeUsage', {
    idempotencyKey: request.idempotencyKey,
    userId: request.userId,
    model: request.model,
    provider: request.provider,
    ...('usage' in measured
      ? { usage: usageFields(measured.usage) }
      : { providerUsage: { format: measured.providerUsage.format, json: measured.providerUsage.json } }),
    usageSource: request.usageSource === 'unspecified' ? undefined : request.usageSource,
    quoteId: request.quoteId,
    serviceTier: request.serviceTier,
    apiKeyId: request.apiKeyId,
    labels: labelFields(labels),
    occurredAt: request.occurredAt,
  })
}

/** An empty value is a value: marked, so that it isn't left out like an unset field. */
export function labelFields(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, `=${value}`]))
}
