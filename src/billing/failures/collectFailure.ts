import { BillingError } from '../../domain/errors'
import type { Actor } from '../../domain/ledger/actor'
import type { RatedCall } from '../../domain/ledger/charge'
import { asChargeEntry } from '../../domain/ledger/entry'
import type { DeductionFailure } from '../../domain/ledger/failure'
import { derivedKeyIdOf, publicIdOf } from '../../domain/ledger/ids'
import { keyedRequestOf } from '../../domain/ledger/keyRef'
import { requestHashOf, usageFields } from '../../domain/ledger/requestHash'
import { maxOf } from '../../domain/money'
import type { Ending } from '../../domain/stream/state'
import { metrics } from '../../observability/metrics'
import type { Billing } from '../billing'
import { pinPrice, requirePrice } from '../charges/pinPrice'
import { lacksPrice, type PinnedCost, pinReported, rateFinishedCall } from '../charges/reportedCost'
import { rateServedParts } from '../charges/servedParts'
import { type StoredStream, withFreshHold } from '../streams/freshHold'
import { derivedKeyOf, rateHold, settle } from '../streams/streamPostings'
import { type CountedFailure, countedFailureOf } from './countedFailure'

/**
 * Deducts a pending deduction failure at the price it was refused at, under the call's own key, so that it can't be deducted
 * twice. A deduction over the daily limit is flagged, not limited: the call was made long ago. `failure` may have a usage
 * that an operator corrected.
 *
 * @throws BillingError why it is refused now; the failure stays in the list
 */
export async function collectFailure(
  billing: Billing,
  failure: DeductionFailure,
  actor: Actor,
): Promise<void> {
  const { userId, holdKeyId } = failure
  if (holdKeyId === undefined) return await chargeAgain(billing, failure, actor)
  await withFreshHold(billing, { userId, keyId: holdKeyId }, (stream) =>
    failure.amountNanousd === undefined
      ? closeAgain(billing, stream, { failure: countedFailureOf(failure), actor })
      : collectShortfall(billing, stream, actor),
  )
}

async function chargeAgain(billing: Billing, failure: DeductionFailure, actor: Actor): Promise<void> {
  const owner = { ...keyedRequestOf(failure), actor }
  let rated: RatedCall
  try {
    rated = await rateAsFailed(billing, countedFailureOf(failure))
  } catch (error) {
    if (!(error instanceof BillingError)) throw error
    // Counts as an attempt, and finds out whether the key has been charged meanwhile.
    await billing.ledger.post({
      ...owner,
      type: 'reject',
      from: 'retry',
      error,
      failure: { ...failure, reason: error.reason },
    })
    return
  }
  if (failure.amountNanousd !== undefined && failure.amountNanousd !== rated.amountNanousd) throw onlyPart()
  const { entry, replayed } = await billing.ledger.post({ ...owner, type: 'charge', from: 'retry', rated })
  if (!replayed) metrics.charged(asChargeEntry(entry))
}

/** An amount that was accepted before is not refused by a limit that was lowered since. */
function limitsOf({ limits }: Billing, { amountNanousd = 0n }: DeductionFailure): Billing['limits'] {
  return { ...limits, chargeNanousdMax: maxOf(limits.chargeNanousdMax, amountNanousd) }
}

/** At the price that the call had. Where it had none: at the price at the time of the call, or else at today's. */
async function rateAsFailed(billing: Billing, failure: CountedFailure): Promise<RatedCall> {
  const { userId, reported, priced, serving, createdAt } = failure
  if (priced !== undefined) {
    const call = { reported, priced, ...(serving !== undefined && { serving }) }
    const pricing = { ...billing, limits: limitsOf(billing, failure) }
    const price = priced.source === 'reported' ? undefined : await requirePrice(billing, priced)
    const parts = serving?.parts
    return parts === undefined || price === undefined
      ? rateFinishedCall(pricing, { call, price }, failure)
      : await rateServedParts(pricing, { call, price }, { ...failure, parts })
  }
  const pin = serving?.reportedCost === undefined ? pinPrice : pinReported
  const request = { userId, purpose: 'charge', ...(serving !== undefined && { serving }) } as const
  let pinned: PinnedCost
  try {
    // As of when it was first seen: it has not become too old by waiting here.
    pinned = await pin(billing, { ...request, call: reported, now: createdAt })
  } catch (error) {
    if (!lacksPrice(error)) throw error
    const { occurredAt: _then, ...call } = reported
    const today = await pin(billing, { ...request, call, now: billing.ledger.now() })
    pinned = { call: { ...today.call, reported }, price: today.price }
  }
  return rateFinishedCall(billing, pinned, failure)
}

/** What a settlement lacks that could not be amended any more is less than its call costs. */
function onlyPart(): BillingError {
  return new BillingError(
    'ALREADY_DECIDED',
    'the rest of this call has been charged; take what is missing with a negative grant, and write this off',
  )
}

/** Collects what a stream's settlement fell short of. */
async function collectShortfall(
  billing: Billing,
  { hold, settlement }: StoredStream,
  actor: Actor,
): Promise<void> {
  if (settlement === undefined) throw new Error(`hold ${hold.keyId} fell short, and is not settled`)
  const { userId, keyId, postings } = hold
  const idempotencyKey = `${publicIdOf('fl', keyId)}/${postings + 1}`
  const { entry, replayed } = await billing.ledger.post({
    type: 'collect',
    actor,
    userId,
    keyId: derivedKeyIdOf(userId, idempotencyKey),
    idempotencyKey,
    requestHash: requestHashOf('RetryDeductionFailure collect', { holdId: publicIdOf('hd', keyId) }),
    holdKeyId: keyId,
    holdPostings: postings,
    settlement: settlement.entry,
  })
  if (!replayed) metrics.adjusted(asChargeEntry(entry))
}

/** Settles a stream by a close that was refused, or corrects its settlement by it, for good. */
async function closeAgain(
  billing: Billing,
  { hold, settlement }: StoredStream,
  { failure, actor }: { failure: CountedFailure; actor: Actor },
): Promise<void> {
  const { usage, usageSource, serving } = failure
  const ending: Ending = { usage, usageSource, end: 'unspecified', ...(serving !== undefined && { serving }) }
  if (settlement === undefined) {
    await settle(billing, hold, { actor, ending, settledBy: { by: 'operator', sequence: hold.sequence } })
    return
  }
  const { entry, replayed } = await billing.ledger.post({
    ...derivedKeyOf(hold, 'close again', { usage: usageFields(usage), usageSource }),
    type: 'adjust',
    actor,
    settlement: settlement.entry,
    rated: await rateHold(billing, hold, ending),
    end: settlement.entry.charge.end ?? 'unspecified',
    ignoresAmendWindow: true,
  })
  if (!replayed) metrics.adjusted(asChargeEntry(entry))
}
