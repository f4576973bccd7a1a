import { ExtensionDenied, holdNotFound } from '../../domain/decide/holdRefusals'
import type { SettledBy, SettlePosting } from '../../domain/decide/posting'
import { BillingError } from '../../domain/errors'
import type { Actor } from '../../domain/ledger/actor'
import type { RatedCall } from '../../domain/ledger/charge'
import type { DeferredCharge } from '../../domain/ledger/deferred'
import { asChargeEntry } from '../../domain/ledger/entry'
import type { Hold } from '../../domain/ledger/hold'
import { derivedKeyIdOf, publicIdOf } from '../../domain/ledger/ids'
import { keyedRequestOf } from '../../domain/ledger/keyRef'
import { type RequestFields, requestHashOf, usageFields } from '../../domain/ledger/requestHash'
import { servingToJson } from '../../domain/ledger/serving'
import { maxOf } from '../../domain/money'
import type { Ending, Settlement, StreamEffect, StreamEvent } from '../../domain/stream/state'
import { chargeMaxOf } from '../../domain/stream/stretch'
import { metrics } from '../../observability/metrics'
import type { Billing } from '../billing'
import { reportedCostFields } from '../charges/chargeUsage'
import { postOrDefer } from '../charges/deferral'
import { type PinnedPrice, pinnedPriceOf, pinServed } from '../charges/pinPrice'
import { amountOfUsage } from '../charges/rateCall'
import { lacksPrice, type PinnedCost, rateFinishedCall, withReportedCost } from '../charges/reportedCost'
import { rateServedParts } from '../charges/servedParts'
import { findStream, isMoved } from './freshHold'
import { refuseClose } from './refuseClose'

/** Raises a stream's hold. The outcome is an event for the state machine. */
export async function extendHold(
  billing: Billing,
  { hold, wantNanousd, progress }: Omit<Extract<StreamEffect, { do: 'extend' }>, 'do'>,
  actor: Actor,
): Promise<StreamEvent> {
  const { sequence, usage } = progress
  try {
    const { hold: extended } = await billing.ledger.post({
      ...derivedKeyOf(hold, 'extend', { wantNanousd, sequence, usage: usageFields(usage) }),
      type: 'extend',
      actor,
      epoch: hold.epoch,
      wantNanousd,
      sequence,
      usage,
      validityMs: billing.streams.validityMs,
    })
    if (extended === undefined) return { type: 'moved' }
    metrics.streamExtension('extended')
    return { type: 'extended', hold: extended }
  } catch (error) {
    if (!(error instanceof BillingError)) throw error
    if (error instanceof ExtensionDenied) {
      metrics.streamExtension('denied')
      return { type: 'extension-denied', limitedBy: error.limitedBy }
    }
    // Any other reason is transient, or appears again at the settlement: the stream continues within what it holds.
    if (isMoved(error)) return { type: 'moved' }
    metrics.streamExtension('failed')
    return { type: 'extension-failed' }
  }
}

/** Settles a stream at its client's word. */
export async function settleStream(
  billing: Billing,
  { hold, ending }: Pick<Extract<StreamEffect, { do: 'settle' }>, 'hold' | 'ending'>,
  actor: Actor,
): Promise<StreamEvent> {
  let rated: RatedCall
  try {
    rated = await rateHold(billing, hold, ending)
  } catch (error) {
    return error instanceof BillingError
      ? await refuseClose(billing, { hold, ending, error }, actor)
      : { type: 'failed', error }
  }
  try {
    const settledBy = { by: 'client', epoch: hold.epoch } as const
    const outcome = await postOrDefer(
      billing.deferral,
      () => settle(billing, hold, { actor, ending, settledBy, rated }),
      () => deferredSettlementOf(hold, { actor, rated, end: ending.end, now: billing.ledger.now() }),
    )
    if ('deferred' in outcome) return { type: 'deferred', ...outcome }
    return { type: 'settled', settlement: outcome.posted, replayed: false }
  } catch (error) {
    return isMoved(error) ? { type: 'moved' } : { type: 'failed', error }
  }
}

/** Under the stream's own key: the hold may move before it is settled, and the keys of its postings with it. */
function deferredSettlementOf(
  hold: Hold,
  { actor, rated, end, now }: { actor: Actor; rated: RatedCall; end: Ending['end']; now: Date },
): DeferredCharge {
  return {
    ...keyedRequestOf(hold),
    ...(actor !== '' && { actor }),
    acceptedAt: now,
    rated,
    uncoveredNanousd: maxOf(rated.amountNanousd - hold.heldNanousd, 0n),
    stream: { end },
  }
}

/**
 * Settles a hold through the ledger. `rated` is the ending's, where it was rated before.
 *
 * @throws BillingError that {@link isMoved} where the hold has changed since it was read.
 */
export async function settle(
  billing: Billing,
  hold: Hold,
  {
    actor,
    ending,
    settledBy,
    rated,
  }: { actor: Actor; ending: Ending; settledBy: SettledBy; rated?: RatedCall },
): Promise<Settlement> {
  const posting: SettlePosting = {
    ...derivedKeyOf(hold, `settle by ${settledBy.by}`, {
      sequence: 'sequence' in settledBy ? settledBy.sequence : undefined,
      ...endingFields(ending),
    }),
    type: 'settle',
    actor,
    settledBy,
    rated: rated ?? (await rateHold(billing, hold, ending)),
    end: ending.end,
  }
  const { hold: settled, replayed, ...posted } = await billing.ledger.post(posting)
  const entry = asChargeEntry(posted.entry)
  if (!replayed) {
    metrics.charged(entry)
    metrics.streamSettled(settledBy.by)
  }
  billing.streamEnds.ended(hold)
  const status = settled?.status
  return {
    entry,
    idempotencyKey: hold.idempotencyKey,
    ...(status?.state === 'settled' &&
      status.amendableUntil !== undefined && { amendableUntil: status.amendableUntil }),
  }
}

/**
 * A stream's whole call, at the price that its open pinned, or at that of the model which served it, and within the limit that
 * applied at the open. Progress that was recorded was accepted, so it is never refused.
 *
 * @throws BillingError PRICE_ANOMALY, SERVICE_TIER_UNKNOWN, REPORTED_COST_NOT_ALLOWED; MODEL_PRICE_MISSING for a meter
 *   without a rate
 */
export async function rateHold(
  billing: Pick<Billing, 'prices' | 'limits'>,
  { open, usage }: Hold,
  ending: Ending,
): Promise<RatedCall> {
  const pinned = { call: open.call, price: await pinnedPriceOf(billing, open) }
  const recordedNanousd = amountOfUsage(pinned, usage)
  const chargeNanousdMax = maxOf(chargeMaxOf(open, billing.limits.chargeNanousdMax), recordedNanousd)
  const pricing = { ...billing, limits: { ...billing.limits, chargeNanousdMax } }
  const parts = ending.serving?.parts
  if (parts !== undefined) return await rateServedParts(pricing, pinned, { ...ending, parts })
  return rateFinishedCall(pricing, await pinEnding(billing, pinned, ending), ending)
}

async function pinEnding(
  billing: Pick<Billing, 'prices' | 'limits'>,
  pinned: PinnedPrice,
  { serving }: Ending,
): Promise<PinnedCost> {
  if (serving === undefined) return pinned
  if (serving.reportedCost === undefined) return await pinServed(billing, pinned, serving)
  const served = await pinServed(billing, pinned, serving).catch((error: unknown): PinnedCost => {
    if (lacksPrice(error)) return { price: undefined, call: { ...pinned.call, serving } }
    throw error
  })
  return withReportedCost(billing, served)
}

/** What became of a stream that isn't where its connection left it. */
export async function lookUpStream(
  billing: Billing,
  { hold }: Extract<StreamEffect, { do: 'look up' }>,
): Promise<StreamEvent> {
  const found = await findStream(billing, hold)
  if (found === undefined) return { type: 'failed', error: holdNotFound() }
  const { settlement } = found
  return { type: 'found', hold: found.hold, ...(settlement !== undefined && { settlement }) }
}

/** What a close said, for the hash of its posting. */
export function endingFields({ usage, usageSource, end, serving }: Ending): RequestFields {
  const parts = serving?.parts && JSON.stringify(servingToJson(serving).parts)
  return { usage: usageFields(usage), usageSource, end, parts, ...reportedCostFields(serving?.reportedCost) }
}

/** The key of a hold's next posting, and what is asked under it. */
export function derivedKeyOf(
  { userId, keyId, postings, epoch }: Hold,
  what: string,
  fields: RequestFields,
): Pick<SettlePosting, 'userId' | 'keyId' | 'idempotencyKey' | 'requestHash' | 'holdKeyId'> {
  const idempotencyKey = `${publicIdOf('hd', keyId)}/${postings + 1}`
  return {
    userId,
    keyId: derivedKeyIdOf(userId, idempotencyKey),
    idempotencyKey,
    requestHash: requestHashOf(`StreamSettle ${what}`, { ...fields, epoch }),
    holdKeyId: keyId,
  }
}
