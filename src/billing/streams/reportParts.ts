import { type RecordedParts, recordParts } from '../../database/holds/holdParts'
import { findHold } from '../../database/holds/holds'
import { HoldMoved, holdNotFound } from '../../domain/decide/holdRefusals'
import type { Actor } from '../../domain/ledger/actor'
import type { StreamEnd } from '../../domain/ledger/charge'
import type { Hold } from '../../domain/ledger/hold'
import type { KeyRef } from '../../domain/ledger/keyRef'
import { minOf, type Nanousd } from '../../domain/money'
import type { StreamPart } from '../../domain/stream/parts'
import { anomaly } from '../../domain/stream/refusals'
import type { Ending, StreamEvent } from '../../domain/stream/state'
import { chargeMaxOf } from '../../domain/stream/stretch'
import type { Billing } from '../billing'
import type { Caller } from '../caller'
import { pinnedPriceOf } from '../charges/pinPrice'
import { amountOfUsage } from '../charges/rateCall'
import { amendStream } from './amendStream'
import { type StoredStream, withFreshHold } from './freshHold'
import {
  type DeferredMessage,
  deferredMessageOf,
  type SettledMessage,
  settledMessageOf,
} from './streamMessages'
import { extendHold, settleStream } from './streamPostings'

export interface ReportPartsRequest extends KeyRef {
  parts: readonly StreamPart[]
  /** Settles the stream after these parts. */
  closes: boolean
  end: StreamEnd
}

export interface ReportPartsResult extends RecordedParts {
  /** Of all parts so far. */
  costNanousd: Nanousd
  /** Set where the stream is settled. */
  ended?: SettledMessage | DeferredMessage
}

/**
 * Reports parts of a stream from any process, and settles it where that is asked. Its usage is the sum of its parts, each
 * the last that was reported of it. Credits are held for what the parts cost beyond the hold, as far as they reach.
 *
 * @throws BillingError HOLD_NOT_FOUND; PRICE_ANOMALY; ALREADY_DECIDED for a new part of a stream that is settled for good
 */
export async function reportParts(
  billing: Billing,
  { parts, closes, end, ...ref }: ReportPartsRequest,
  { actor }: Caller,
): Promise<ReportPartsResult> {
  const opened = await findHold(billing.database, ref)
  if (opened === undefined) throw holdNotFound()
  const { open } = opened
  const pinned = { call: open.call, price: await pinnedPriceOf(billing, open) }
  const maxNanousd = chargeMaxOf(open, billing.limits.chargeNanousdMax)
  const recorded = await recordParts(billing.database, ref, {
    parts,
    renewForMs: billing.streams.validityMs,
    check(usage) {
      if (amountOfUsage(pinned, usage) > maxNanousd) throw anomaly()
    },
  })
  if (recorded === undefined) throw holdNotFound()
  const { hold, usage } = recorded
  const costNanousd = amountOfUsage(pinned, usage)
  if (!closes && hold.status.state !== 'settled') {
    const wantNanousd = minOf(costNanousd, maxNanousd)
    return { ...recorded, costNanousd, hold: await withHeld(billing, hold, { wantNanousd, actor }) }
  }
  const ending: Ending = { usage, usageSource: 'unspecified', end }
  const ended = await endOf(billing, ref, { ending, closes, actor })
  return { ...recorded, costNanousd, ended }
}

/** What the parts cost is held, so that nothing else spends it before the stream is settled. */
async function withHeld(
  billing: Billing,
  hold: Hold,
  { wantNanousd, actor }: { wantNanousd: Nanousd; actor: Actor },
): Promise<Hold> {
  if (wantNanousd <= hold.heldNanousd) return hold
  const { sequence, usage } = hold
  const event = await extendHold(billing, { hold, wantNanousd, progress: { sequence, usage } }, actor)
  // Denied or moved: the settlement charges as far as the balance reaches, and the next report tries again.
  return event.type === 'extended' ? event.hold : hold
}

async function endOf(
  billing: Billing,
  ref: KeyRef,
  close: { ending: Ending; closes: boolean; actor: Actor },
): Promise<SettledMessage | DeferredMessage> {
  const event = await withFreshHold(billing, ref, (stream) => endStream(billing, stream, close))
  if (event.type === 'settled') return await settledMessageOf(billing, { ...event, do: 'send settled' })
  if (event.type === 'deferred') return await deferredMessageOf(billing, { ...event, do: 'send deferred' })
  throw event.type === 'failed' ? event.error : new Error(`a close came to ${event.type}`)
}

/** A part that came since the stream was read has moved it, so it is read again. */
async function endStream(
  billing: Billing,
  { hold, settlement }: StoredStream,
  { ending, closes, actor }: { ending: Ending; closes: boolean; actor: Actor },
): Promise<StreamEvent> {
  if (settlement === undefined) {
    const ended = await settleStream(billing, { hold, ending: { ...ending, usage: hold.usage } }, actor)
    if (ended.type === 'moved') throw new HoldMoved()
    return ended
  }
  return closes && settlement.amendableUntil !== undefined
    ? await amendStream(billing, { settlement, ending }, actor)
    : { type: 'settled', settlement, replayed: true }
}
