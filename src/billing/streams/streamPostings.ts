import { findHold } from '../../database/holds/holds'
import { findEntry } from '../../database/ledgerEntries'
import { FINAL_REASON } from '../../domain/decide/extend'
import type { SettledBy, SettlePosting } from '../../domain/decide/posting'
import { HOLD_MOVED } from '../../domain/decide/settle'
import { BillingError } from '../../domain/errors'
import type { RatedCall } from '../../domain/ledger/charge'
import type { DeferredCharge } from '../../domain/ledger/deferred'
import type { FinalReason, Hold } from '../../domain/ledger/hold'
import { derivedKeyIdOf, publicIdOf } from '../../domain/ledger/ids'
import { type RequestFields, requestHashOf, usageFields } from '../../domain/ledger/requestHash'
import { maxOf } from '../../domain/money'
import type { Ending, Settlement, StreamEffect, StreamEvent } from '../../domain/stream/state'
import { metrics } from '../../observability/metrics'
import type { Billing } from '../billing'
import { postOrDefer } from '../charges/deferral'
import { rateCall } from '../charges/priceCall'
import { fewAtOnce } from '../withConcurrencyLimit'

/** Raises a stream's hold; what became of it, as the state machine takes it. */
export async function extendHold(
  billing: Billing,
  { hold, wantNanousd, progress }: Extract<StreamEffect, { do: 'extend' }>,
): Promise<StreamEvent> {
  const { sequence, usage } = progress
  try {
    const { hold: extended } = await billing.ledger.post({
      ...derivedKeyOf(hold, 'extend', { wantNanousd, sequence, usage: usageFields(usage) }),
      type: 'extend',
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
    const reason = error.metadata[FINAL_REASON]
    if (reason !== undefined) {
      metrics.streamExtension('denied')
      return { type: 'extension-denied', reason: reason as FinalReason }
    }
    // Whatever else stops it passes, or shows itself at the settlement: the stream goes on within what it holds.
    if (isMoved(error)) return { type: 'moved' }
    metrics.streamExtension('failed')
    return { type: 'extension-failed' }
  }
}

/** Settles a stream at its client's word. */
export async function settleStream(
  billing: Billing,
  { hold, ending }: Extract<StreamEffect, { do: 'settle' }>,
): Promise<StreamEvent> {
  try {
    const call = await rateHold(billing, hold, ending)
    const settledBy = { by: 'client', epoch: hold.epoch } as const
    const outcome = await postOrDefer(
      billing,
      () => settle(billing, hold, { ending, settledBy, call }),
      () => deferredSettlementOf(hold, { call, end: ending.end, now: billing.ledger.now() }),
    )
    if ('deferred' in outcome) return { type: 'deferred', ...outcome }
    return { type: 'settled', settlement: outcome.posted, replayed: false }
  } catch (error) {
    return error instanceof BillingError && isMoved(error) ? { type: 'moved' } : { type: 'failed', error }
  }
}

/** Under the stream's own key: the hold may move before it is settled, and the keys of its postings with it. */
function deferredSettlementOf(
  { userId, keyId, idempotencyKey, requestHash, heldNanousd }: Hold,
  { call, end, now }: { call: RatedCall; end: Ending['end']; now: Date },
): DeferredCharge {
  const uncoveredNanousd = maxOf(call.amountNanousd - heldNanousd, 0n)
  return {
    userId,
    keyId,
    idempotencyKey,
    requestHash,
    acceptedAt: now,
    call,
    uncoveredNanousd,
    stream: { end },
  }
}

/**
 * Settles a hold through the ledger. `call` is the ending's, where it has been rated before.
 *
 * @throws BillingError that {@link isMoved} where the hold isn't any more what `hold` says.
 */
export async function settle(
  billing: Billing,
  hold: Hold,
  { ending, settledBy, call }: { ending: Ending; settledBy: SettledBy; call?: RatedCall },
): Promise<Settlement> {
  const posting: SettlePosting = {
    ...derivedKeyOf(hold, `settle by ${settledBy.by}`, {
      sequence: 'sequence' in settledBy ? settledBy.sequence : undefined,
      usage: usageFields(ending.usage),
      usageSource: ending.usageSource,
      end: ending.end,
    }),
    type: 'settle',
    settledBy,
    call: call ?? (await rateHold(billing, hold, ending)),
    end: ending.end,
  }
  const { entry, hold: settled, replayed } = await billing.ledger.post(posting)
  if (!replayed) {
    metrics.charged(entry)
    metrics.streamSettled(settledBy.by)
  }
  const status = settled?.status
  return {
    entry,
    idempotencyKey: hold.idempotencyKey,
    ...(status?.state === 'settled' &&
      status.amendableUntil !== undefined && { amendableUntil: status.amendableUntil }),
  }
}

/**
 * A stream's whole call, at the price that its open pinned.
 *
 * @throws BillingError PRICE_ANOMALY; MODEL_PRICE_MISSING for a meter without a rate
 */
export async function rateHold(
  billing: Pick<Billing, 'prices' | 'limits'>,
  { open: { call }, keyId }: Hold,
  ending: Ending,
): Promise<RatedCall> {
  const price = await billing.prices.priceById(call.priceId)
  if (price === undefined) throw new Error(`price ${call.priceId} of hold ${keyId} is missing`)
  return rateCall(billing, { call, price }, ending)
}

/** What became of a stream that isn't where its connection left it. */
export async function lookUpStream(
  billing: Billing,
  { hold }: Extract<StreamEffect, { do: 'look up' }>,
): Promise<StreamEvent> {
  const { found, settlement } = await fewAtOnce(async () => {
    const found = await findHold(billing.database, hold)
    return { found, settlement: found && (await settlementOf(billing, found)) }
  })
  if (found === undefined) {
    return { type: 'failed', error: new BillingError('HOLD_NOT_FOUND', 'there is no such hold') }
  }
  return { type: 'found', hold: found, ...(settlement !== undefined && { settlement }) }
}

/** How a hold ended; undefined while it is live. */
export async function settlementOf(
  { database }: Pick<Billing, 'database'>,
  { userId, keyId, idempotencyKey, status }: Hold,
): Promise<Settlement | undefined> {
  if (status.state !== 'settled') return undefined
  const { version, amendableUntil, amendedVersion } = status
  const entry = await findEntry(database, { userId, version })
  const adjustment = amendedVersion && (await findEntry(database, { userId, version: amendedVersion }))
  if (entry === undefined) throw new Error(`the settlement of hold ${keyId} is missing`)
  return {
    entry,
    idempotencyKey,
    ...(amendableUntil !== undefined && { amendableUntil }),
    ...(adjustment && { adjustment }),
  }
}

/** The hold was extended, settled or taken over since it was read: read it again. */
export function isMoved({ reason, metadata }: BillingError): boolean {
  return (
    reason === 'STREAM_FENCED' ||
    reason === 'HOLD_NOT_FOUND' ||
    // The posting of the same number that was faster than this one.
    reason === 'IDEMPOTENCY_KEY_REUSED' ||
    metadata[HOLD_MOVED] !== undefined
  )
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
