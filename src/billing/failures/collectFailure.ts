import { findHold } from '../../database/holds/holds'
import { BillingError } from '../../domain/errors'
import type { RatedCall } from '../../domain/ledger/charge'
import type { DeductionFailure } from '../../domain/ledger/failure'
import type { Hold } from '../../domain/ledger/hold'
import { derivedKeyIdOf, publicIdOf } from '../../domain/ledger/ids'
import { requestHashOf, usageFields } from '../../domain/ledger/requestHash'
import type { Ending } from '../../domain/stream/state'
import { metrics } from '../../observability/metrics'
import type { Billing } from '../billing'
import { type PinnedPrice, pinPrice, rateCall } from '../charges/priceCall'
import { streamEnded } from '../streams/streamEnds'
import { derivedKeyOf, isMoved, rateHold, settle, settlementOf } from '../streams/streamPostings'

const ATTEMPTS_MAX = 3

/**
 * Deducts what stands in the list of deduction failures, at the price it was refused at: under the call's own key, so that it
 * can't be deducted twice. It is flagged where it goes over the daily limit, and not limited: the call was made long ago.
 *
 * @throws BillingError what it is refused with now; it stays in the list
 */
export async function deductFailed(billing: Billing, failure: DeductionFailure): Promise<void> {
  if (failure.holdKeyId === undefined) return await chargeAgain(billing, failure)
  const { userId, holdKeyId } = failure
  for (let attempt = 1; ; attempt++) {
    const hold = await findHold(billing.database, { userId, keyId: holdKeyId })
    if (hold === undefined)
      throw new BillingError('HOLD_NOT_FOUND', 'the stream of this failure is not there')
    try {
      return await (failure.amountNanousd === undefined
        ? closeAgain(billing, { hold, failure })
        : collectShortfall(billing, hold))
    } catch (error) {
      if (attempt === ATTEMPTS_MAX || !(error instanceof BillingError && isMoved(error))) throw error
    }
  }
}

async function chargeAgain(billing: Billing, failure: DeductionFailure): Promise<void> {
  const { userId, keyId, idempotencyKey, requestHash } = failure
  const owner = { userId, keyId, idempotencyKey, requestHash, retriesFailure: true }
  let call: RatedCall
  try {
    call = await callOf(billing, failure)
  } catch (error) {
    if (!(error instanceof BillingError)) throw error
    // Counts as an attempt, and finds out whether the key has been charged meanwhile.
    await billing.ledger.post({
      ...owner,
      type: 'reject',
      error,
      failure: { ...failure, reason: error.reason },
    })
    return
  }
  if (failure.amountNanousd !== undefined && failure.amountNanousd !== call.amountNanousd) throw onlyPart()
  const { entry, replayed } = await billing.ledger.post({
    ...owner,
    type: 'charge',
    call,
    enforceDailyLimit: false,
  })
  if (!replayed) metrics.charged(entry)
}

/** At the price that it had; where it had none, at that of the time when it was made, or else at today's. */
async function callOf(billing: Billing, failure: DeductionFailure): Promise<RatedCall> {
  return rateCall(billing, (await pinnedOf(billing, failure)) ?? (await pinAgain(billing, failure)), failure)
}

async function pinnedOf(billing: Billing, failure: DeductionFailure): Promise<PinnedPrice | undefined> {
  const { priceId, pricing } = failure
  if (priceId === undefined || pricing === undefined) return undefined
  const price = await billing.prices.priceById(priceId)
  if (price === undefined) throw new Error(`price ${priceId} of a deduction failure is missing`)
  return { call: { ...askedOf(failure), ...pricing, priceId, occurredAt: failure.occurredAt }, price }
}

async function pinAgain(billing: Billing, failure: DeductionFailure): Promise<PinnedPrice> {
  const { userId, occurredAt, createdAt } = failure
  const request = { ...askedOf(failure), userId, purpose: 'charge' } as const
  try {
    // As of when it was first seen: it has not become too old by waiting here.
    return await pinPrice(billing, { ...request, occurredAt, now: createdAt })
  } catch (error) {
    if (!(error instanceof BillingError && error.reason === 'MODEL_PRICE_MISSING')) throw error
    const { call, price } = await pinPrice(billing, { ...request, now: billing.ledger.now() })
    return { call: { ...call, occurredAt }, price }
  }
}

/** What the gateway said of the call, beside its usage. */
function askedOf({ model, provider, serviceTier, quoteId, apiKeyId, labels }: DeductionFailure) {
  return { model, provider, serviceTier, quoteId, apiKeyId, labels }
}

/** What a settlement that could not be amended any more lacks is less than its call costs. */
function onlyPart(): BillingError {
  return new BillingError(
    'ALREADY_DECIDED',
    'the rest of this call has been charged; take what is missing with a negative grant, and write this off',
  )
}

/** What a stream's settlement fell short of. */
async function collectShortfall(billing: Billing, hold: Hold): Promise<void> {
  const settlement = await settlementOf(billing, hold)
  if (settlement === undefined) throw new Error(`hold ${hold.keyId} fell short, and is not settled`)
  const { userId, keyId, postings } = hold
  const idempotencyKey = `${publicIdOf('fl', keyId)}/${postings + 1}`
  const { entry, replayed } = await billing.ledger.post({
    type: 'collect',
    userId,
    keyId: derivedKeyIdOf(userId, idempotencyKey),
    idempotencyKey,
    requestHash: requestHashOf('RetryDeductionFailure collect', { holdId: publicIdOf('hd', keyId) }),
    holdKeyId: keyId,
    holdPostings: postings,
    settlement: settlement.entry,
  })
  if (!replayed) metrics.adjusted(entry)
}

/** A close that was refused as it came: it ends the stream, or corrects its settlement, for good. */
async function closeAgain(
  billing: Billing,
  { hold, failure }: { hold: Hold; failure: DeductionFailure },
): Promise<void> {
  const { usage, usageSource } = failure
  const ending: Ending = { usage, usageSource, end: 'unspecified' }
  const settlement = await settlementOf(billing, hold)
  if (settlement === undefined) {
    await settle(billing, hold, { ending, settledBy: { by: 'operator', sequence: hold.sequence } })
    streamEnded(hold)
    return
  }
  const { entry, replayed } = await billing.ledger.post({
    ...derivedKeyOf(hold, 'close again', { usage: usageFields(usage), usageSource }),
    type: 'adjust',
    settlement: settlement.entry,
    call: await rateHold(billing, hold, ending),
    end: settlement.entry.charge?.end ?? 'unspecified',
    atAnyTime: true,
  })
  if (!replayed) metrics.adjusted(entry)
}
