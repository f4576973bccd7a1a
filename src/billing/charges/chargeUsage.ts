import type { ChargePosting, PostingRequest, RejectPosting } from '../../domain/decide/posting'
import { BillingError } from '../../domain/errors'
import { type CallRequest, type RatedCall, reportedCallOf } from '../../domain/ledger/charge'
import { asChargeEntry } from '../../domain/ledger/entry'
import { failedDeductionOf } from '../../domain/ledger/failure'
import { keyIdOf, publicIdOf } from '../../domain/ledger/ids'
import { keyedRequestOf } from '../../domain/ledger/keyRef'
import { callFields, type RequestFields, requestHashOf, usageFields } from '../../domain/ledger/requestHash'
import { NO_SERVING, type ReportedCost, type Serving, servingOrNothing } from '../../domain/ledger/serving'
import { type ProviderReport, UnreadableUsage } from '../../domain/usage/readProviderUsage'
import type { Served } from '../../domain/usage/served'
import type { UsageSource } from '../../domain/usage/usage'
import type { PostResult } from '../../ledger/queuedPosting'
import { metrics } from '../../observability/metrics'
import type { Billing } from '../billing'
import type { Caller } from '../caller'
import { type Deferred, postOrDefer } from './deferral'
import { type Measured, readableOf, usageSourceOf } from './measured'
import type { PriceCallRequest } from './priceCall'
import { type DeferredReceipt, deferredReceiptOf, type Receipt, type ReceiptView, receiptOf } from './receipt'
import { priceFinishedCall } from './reportedCost'

/** A finished call. */
export interface ChargeUsageRequest {
  idempotencyKey: string
  userId: string
  call: CallRequest
  measured: Measured
  usageSource: UsageSource
  /** Where and how fast it was served, as the gateway knows it. Empty = it does not. */
  geography: string
  speed: string
  view: ReceiptView
  /** What the provider says that it cost. Absent = the usage is rated. */
  reportedCost?: ReportedCost
}

export type ChargeUsageResult =
  /** `replayed`: the key had been charged before; the receipt is the first one. */
  | { receipt: Receipt; replayed: boolean }
  /** The database could not take it; it waits on the disk. `replayed`: it did so before. */
  | { receipt: DeferredReceipt; replayed: boolean }

/**
 * Deducts the cost of a finished call, exactly once per key. What refuses it (credits, a limit, no
 * price, an anomaly, counts of the provider that no call can have) leaves a deduction failure,
 * because the call was made.
 *
 * @throws BillingError as the ledger, the price book and the usage formats have it. What the gateway
 *   itself got wrong (INVALID_FIELD, UNKNOWN_USAGE_FORMAT, IMPOSSIBLE_USAGE of a `usage`) leaves
 *   nothing behind.
 */
export async function chargeUsage(
  billing: Billing,
  request: ChargeUsageRequest,
  caller: Caller,
): Promise<ChargeUsageResult> {
  const report = readableOf(request.measured, request.call.model)
  const owner = ownerOf(request, caller)
  const waiting = await billing.deferral?.findReplay(owner)
  if (waiting !== undefined) return await deferredResultOf(billing, waiting, request.view)
  const posting = await postingOf(billing, request, { report, owner })
  try {
    const outcome = await post(billing, posting, caller)
    if ('deferred' in outcome) return await deferredResultOf(billing, outcome, request.view)
    const { replayed } = outcome.posted
    const entry = asChargeEntry(outcome.posted.entry)
    if (!replayed) metrics.charged(entry)
    return { receipt: await receiptOf(billing, entry, request.view), replayed }
  } catch (error) {
    if (error instanceof BillingError) metrics.chargeRefused(error.reason)
    throw error
  }
}

function ownerOf(request: ChargeUsageRequest, { actor }: Caller): PostingRequest {
  const { userId, idempotencyKey } = request
  return {
    actor,
    userId,
    keyId: keyIdOf(userId, idempotencyKey),
    idempotencyKey,
    requestHash: chargeRequestHashOf(request),
  }
}

/** A call with a price can wait for the database: its amount is fixed. */
async function post(
  billing: Billing,
  posting: ChargePosting | RejectPosting,
  caller: Caller,
): Promise<{ posted: PostResult } | Deferred> {
  const send = () => billing.ledger.post(posting, caller)
  if (posting.type === 'reject') return { posted: await send() }
  return await postOrDefer(billing.deferral, send, () => ({
    ...keyedRequestOf(posting),
    ...(posting.actor !== '' && { actor: posting.actor }),
    acceptedAt: billing.ledger.now(),
    rated: posting.rated,
    uncoveredNanousd: posting.rated.amountNanousd,
  }))
}

async function deferredResultOf(
  billing: Billing,
  { deferred, replayed }: Deferred,
  view: ReceiptView,
): Promise<ChargeUsageResult> {
  return { receipt: await deferredReceiptOf(billing, deferred, view), replayed }
}

/** A call that can't be priced still goes to the ledger: its key may have been charged before. */
async function postingOf(
  billing: Billing,
  request: ChargeUsageRequest,
  { report, owner }: { report: ProviderReport | UnreadableUsage; owner: PostingRequest },
): Promise<ChargePosting | RejectPosting> {
  const now = billing.ledger.now()
  const { userId, call, reportedCost } = request
  const usageSource = usageSourceOf(request)
  const stated = statedBy(report.served, request)
  if (report instanceof UnreadableUsage) {
    const reported = reportedCallOf(call, call.occurredAt ?? now)
    const cost = reportedCost !== undefined && { reportedCost }
    const serving = servingOrNothing({ ...NO_SERVING, stated, ...cost }, call.serviceTier)
    const failed = { reported, body: report.body, usageSource, ...(serving !== undefined && { serving }) }
    const failure = failedDeductionOf(owner, failed, { reason: report.reason })
    return { ...owner, type: 'reject', error: keptError(report, failure), failure }
  }
  const { usage, unreadFields, assumptions } = report
  const serving: Serving = { unreadFields, assumptions, stated }
  if (reportedCost !== undefined) serving.reportedCost = reportedCost
  const asked: PriceCallRequest = { userId, call, usage, usageSource, serving, now, purpose: 'charge' }
  try {
    return chargePostingOf(owner, await priceFinishedCall(billing, asked))
  } catch (error) {
    if (!(error instanceof BillingError)) throw error
    if (!leavesFailure(error)) return { ...owner, type: 'reject', error }
    const reported = reportedCallOf(call, call.occurredAt ?? now)
    const known = servingOrNothing(serving, call.serviceTier)
    const failed = { reported, usage, usageSource, ...(known !== undefined && { serving: known }) }
    const failure = failedDeductionOf(owner, failed, { reason: error.reason })
    return { ...owner, type: 'reject', error, failure }
  }
}

/** How the call was served. What the provider's body states wins over what the gateway knows. */
function statedBy(served: Served, { geography, speed }: ChargeUsageRequest): Served {
  if (geography === '' && speed === '') return served
  return { ...served, geography: served.geography || geography, speed: served.speed || speed }
}

/** Written out instead of spread, as {@link reportedCallOf} is. */
function chargePostingOf(owner: PostingRequest, rated: RatedCall): ChargePosting {
  const { userId, keyId, idempotencyKey, requestHash, actor } = owner
  return { userId, keyId, idempotencyKey, requestHash, actor, type: 'charge', rated, from: 'call' }
}

/** Says that the call is not lost. */
export function keptError(error: BillingError, { keyId }: Pick<PostingRequest, 'keyId'>): BillingError {
  const failureId = publicIdOf('fl', keyId)
  return new BillingError(
    error.reason,
    `${error.message}; the call is kept as deduction failure ${failureId} until its counts are corrected`,
    { ...(error.field !== undefined && { field: error.field }), metadata: { failure_id: failureId } },
  )
}

/** Impossible input is for the caller to correct; a call that can't be priced is money that is owed. */
function leavesFailure({ reason }: BillingError): boolean {
  return LEAVES_FAILURE.has(reason)
}

const LEAVES_FAILURE: ReadonlySet<string> = new Set([
  'MODEL_PRICE_MISSING',
  'SERVICE_TIER_UNKNOWN',
  'PRICE_ANOMALY',
  'REPORTED_COST_NOT_ALLOWED',
])

/** A stated cost, for the hash of its request. */
export function reportedCostFields(reportedCost: ReportedCost | undefined): RequestFields {
  return { reportedCostNanousd: reportedCost?.reportedNanousd, reportedCostSource: reportedCost?.source }
}

/** Over what was asked, not what was resolved: a retry after a price change is still the same request. */
export function chargeRequestHashOf(request: ChargeUsageRequest): Buffer {
  const { measured, usageSource } = request
  const fields = callFields(request.call)
  fields['idempotencyKey'] = request.idempotencyKey
  fields['userId'] = request.userId
  if ('usage' in measured) fields['usage'] = usageFields(measured.usage)
  else fields['providerUsage'] = { ...measured.providerUsage }
  if (usageSource !== 'unspecified') fields['usageSource'] = usageSource
  fields['geography'] = request.geography
  fields['speed'] = request.speed
  if (request.reportedCost !== undefined) Object.assign(fields, reportedCostFields(request.reportedCost))
  return requestHashOf('ChargeUsage', fields)
}
