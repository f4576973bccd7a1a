import { takeOverHold } from '../../database/holds/holds'
import type { OpenPosting, PostingRequest } from '../../domain/decide/posting'
import { BillingError } from '../../domain/errors'
import type { Actor } from '../../domain/ledger/actor'
import type { CallRequest } from '../../domain/ledger/charge'
import { type ChargeEntry, isChargeEntry } from '../../domain/ledger/entry'
import type { Hold, PinnedOpen } from '../../domain/ledger/hold'
import { keyIdOf } from '../../domain/ledger/ids'
import type { KeyRef } from '../../domain/ledger/keyRef'
import { callFields, requestHashOf } from '../../domain/ledger/requestHash'
import { minOf } from '../../domain/money'
import type { Price } from '../../domain/rating/price'
import { anomaly } from '../../domain/stream/refusals'
import type { Settlement } from '../../domain/stream/state'
import { costUpTo, outputTokensMaxOf, type Terms } from '../../domain/stream/stretch'
import type { Units } from '../../domain/usage/units'
import { NO_USAGE } from '../../domain/usage/usage'
import type { Billing } from '../billing'
import type { Deferred } from '../charges/deferral'
import { pinnedPriceOf, pinPrice } from '../charges/pinPrice'
import { withConcurrencyLimit } from '../withConcurrencyLimit'
import { findStream } from './freshHold'

/** The first message of a stream. */
export interface StreamOpenRequest {
  idempotencyKey: string
  userId: string
  call: CallRequest
  /** Best guess of the prompt's size. */
  inputTokens: bigint
  /** 0 = unknown. */
  maxOutputTokens: bigint
  /** Holds the cost of all of them from the start, or refuses. */
  holdsMaxOutputTokens: boolean
  /** Best guess of the named units. */
  units?: Units
  /** How long the hold lives without a report. 0 = one validity. */
  holdSeconds: bigint
}

/** A stream that is this connection's to run, or how it had ended. */
export type Opened =
  | { hold: Hold; terms: Terms }
  | { settlement: Settlement }
  /** Closed while the database was unreachable; the settlement waits on the disk. */
  | Deferred

/**
 * Opens a stream: pins its price and holds the input and a first stretch of output. The same open again takes the stream
 * over from whichever connection had it, or finds its settlement.
 *
 * @throws BillingError as the price book and the ledger have it; a refusal uses up no key.
 */
export async function openStream(
  billing: Billing,
  request: StreamOpenRequest,
  actor: Actor,
): Promise<Opened> {
  const { userId, idempotencyKey } = request
  const base: PostingRequest = {
    actor,
    userId,
    keyId: keyIdOf(userId, idempotencyKey),
    idempotencyKey,
    requestHash: openRequestHashOf(request),
  }
  const waiting = await billing.deferral?.findReplay(base)
  if (waiting !== undefined) return waiting
  let prepared: { posting: OpenPosting; terms: Terms }
  try {
    prepared = await prepare(billing, request, base)
  } catch (error) {
    if (!(error instanceof BillingError)) throw error
    // The key may belong to a running stream, which an expired quote doesn't stop. If not, the ledger refuses with `error`.
    const { entry } = await billing.ledger.post({ ...base, type: 'reject', error })
    if (isChargeEntry(entry)) return chargedWithoutHold(entry)
    return await takeOver(billing, base)
  }
  const { entry, hold, replayed } = await billing.ledger.post(prepared.posting)
  if (isChargeEntry(entry)) return chargedWithoutHold(entry)
  if (replayed || hold === undefined) return await takeOver(billing, base)
  return { hold, terms: prepared.terms }
}

/** Its close was deferred, and then the database was restored to before its open: it was deducted as a charge. */
function chargedWithoutHold(entry: ChargeEntry): Opened {
  return { settlement: { entry, idempotencyKey: entry.idempotencyKey } }
}

/** The rates of a stored stream: of the price version and with the markup that its open pinned. */
export function termsOf(open: PinnedOpen, { rateCards }: Pick<Price, 'rateCards'>): Terms {
  return { open, rates: { rateCards, markupBasisPoints: open.call.priced.markupBasisPoints } }
}

async function prepare(
  billing: Billing,
  request: StreamOpenRequest,
  base: PostingRequest,
): Promise<{ posting: OpenPosting; terms: Terms }> {
  const { userId, call, inputTokens, maxOutputTokens, holdsMaxOutputTokens, units, holdSeconds } = request
  const { validityMs, firstStretchTokens } = billing.streams
  const pinned = await pinPrice(billing, { userId, call, now: billing.ledger.now(), purpose: 'open' })
  const { chargeNanousdMax } = billing.limits
  const { rateCards } = pinned.price
  const open: PinnedOpen = { call: pinned.call, inputTokens, maxOutputTokens, rateCards, chargeNanousdMax }
  if (units !== undefined) open.units = units
  if (holdSeconds > 0n) open.holdSeconds = holdSeconds
  const terms = termsOf(open, pinned.price)
  const minimumNanousd = costUpTo(terms, NO_USAGE, holdsMaxOutputTokens ? maxOutputTokens : 1n)
  if (minimumNanousd > chargeNanousdMax) throw anomaly()
  const firstTokens = holdsMaxOutputTokens
    ? maxOutputTokens
    : minOf(firstStretchTokens, outputTokensMaxOf(terms.open))
  return {
    terms,
    posting: {
      ...base,
      type: 'open',
      open: terms.open,
      minimumNanousd,
      wantNanousd: minOf(costUpTo(terms, NO_USAGE, firstTokens), chargeNanousdMax),
      // A job's connections are watched like any other's, so its hold lives no shorter than theirs.
      validityMs: Math.max(validityMs, Number(holdSeconds) * 1_000),
    },
  }
}

async function takeOver(billing: Billing, ref: KeyRef): Promise<Opened> {
  const taken = await withConcurrencyLimit(() => takeOverHold(billing.database, ref))
  if (taken !== undefined)
    return { hold: taken, terms: termsOf(taken.open, await pinnedPriceOf(billing, taken.open)) }
  const stream = await findStream(billing, ref)
  if (stream?.settlement === undefined) throw new Error('the key of a stream has no hold')
  return { settlement: stream.settlement }
}

/** A stream hashes its open alone: what was asked, not what was resolved. */
function openRequestHashOf({ call, ...request }: StreamOpenRequest): Buffer {
  return requestHashOf('StreamSettle', { ...request, ...callFields(call) })
}
