import { findHold, takeOverHold } from '../../database/holds/holds'
import type { OpenPosting } from '../../domain/decide/posting'
import { BillingError } from '../../domain/errors'
import type { LedgerEntry } from '../../domain/ledger/entry'
import type { Hold, PinnedOpen } from '../../domain/ledger/hold'
import { keyIdOf } from '../../domain/ledger/ids'
import { requestHashOf } from '../../domain/ledger/requestHash'
import { minOf } from '../../domain/money'
import type { Price } from '../../domain/rating/price'
import { anomaly } from '../../domain/stream/refusals'
import type { Settlement } from '../../domain/stream/state'
import { costUpTo, outputTokensMaxOf, type Terms } from '../../domain/stream/stretch'
import { NO_USAGE } from '../../domain/usage/usage'
import type { Billing } from '../billing'
import { labelFields } from '../charges/chargeUsage'
import type { Deferred } from '../charges/deferral'
import { pinPrice } from '../charges/priceCall'
import { fewAtOnce } from '../withConcurrencyLimit'
import { settlementOf } from './streamPostings'

/** The first message of a stream. Strings that weren't given are empty. */
export interface StreamOpenRequest {
  idempotencyKey: string
  userId: string
  model: string
  provider: string
  quoteId: string
  serviceTier: string
  apiKeyId: string
  labels: Readonly<Record<string, string>>
  /** Best guess of the prompt's size. */
  inputTokens: bigint
  /** 0 = unknown. */
  maxOutputTokens: bigint
  /** Holds the cost of all of them from the start, or refuses. */
  holdsMaxOutputTokens: boolean
}

/** A stream that is this connection's to run, or how it had ended. */
export type Opened =
  | { hold: Hold; terms: Terms }
  | { settlement: Settlement }
  /** Closed while the database was away; the settlement waits on the disk. */
  | Deferred

/**
 * Opens a stream: pins its price and holds the input and a first stretch of output. The same open again takes the stream
 * over from whichever connection had it, or finds its settlement.
 *
 * @throws BillingError as the price book and the ledger have it; a refusal uses up no key.
 */
export async function openStream(billing: Billing, request: StreamOpenRequest): Promise<Opened> {
  const { userId, idempotencyKey } = request
  const base = {
    userId,
    keyId: keyIdOf(userId, idempotencyKey),
    idempotencyKey,
    requestHash: openRequestHashOf(request),
  }
  const waiting = await billing.deferral?.find(base)
  if (waiting !== undefined) return waiting
  let prepared: { posting: OpenPosting; terms: Terms }
  try {
    prepared = await prepare(billing, request, base)
  } catch (error) {
    if (!(error instanceof BillingError)) throw error
    // The key may be of a stream that runs: an expired quote doesn't stop that. The ledger refuses with `error` if not.
    const { entry } = await billing.ledger.post({ ...base, type: 'reject', error })
    if (entry.kind === 'charge') return chargedWithoutHold(entry)
    return await fewAtOnce(async () => takeOver(billing, await findHold(billing.database, base)))
  }
  const { entry, hold, replayed } = await billing.ledger.post(prepared.posting)
  if (entry.kind === 'charge') return chargedWithoutHold(entry)
  if (replayed || hold === undefined) return await fewAtOnce(() => takeOver(billing, hold))
  return { hold, terms: prepared.terms }
}

/** Its close was deferred, and then the books were set back to before it was opened: it was deducted as a charge. */
function chargedWithoutHold(entry: LedgerEntry): Opened {
  return { settlement: { entry, idempotencyKey: entry.idempotencyKey } }
}

/** The rates of a stored stream: of the price version and with the markup that its open pinned. */
export function termsOf(open: PinnedOpen, { rateCards }: Pick<Price, 'rateCards'>): Terms {
  return { open, rates: { rateCards, markupBasisPoints: open.call.markupBasisPoints } }
}

async function prepare(
  billing: Billing,
  { inputTokens, maxOutputTokens, holdsMaxOutputTokens, ...request }: StreamOpenRequest,
  base: Pick<OpenPosting, 'userId' | 'keyId' | 'idempotencyKey' | 'requestHash'>,
): Promise<{ posting: OpenPosting; terms: Terms }> {
  const { validityMs, firstStretchTokens } = billing.streams
  const { idempotencyKey: _key, ...call } = request
  const pinned = await pinPrice(billing, { now: billing.ledger.now(), purpose: 'open', ...call })
  const terms = termsOf({ call: pinned.call, inputTokens, maxOutputTokens }, pinned.price)
  const minimumNanousd = costUpTo(terms, NO_USAGE, holdsMaxOutputTokens ? maxOutputTokens : 1n)
  if (minimumNanousd > billing.limits.chargeNanousdMax) throw anomaly()
  const firstTokens = holdsMaxOutputTokens
    ? maxOutputTokens
    : minOf(firstStretchTokens, outputTokensMaxOf(terms.open))
  return {
    terms,
    // New fields first: V8 takes a microsecond for each that is added to a finished copy.
    posting: {
      type: 'open',
      open: terms.open,
      minimumNanousd,
      wantNanousd: minOf(costUpTo(terms, NO_USAGE, firstTokens), billing.limits.chargeNanousdMax),
      validityMs,
      ...base,
    },
  }
}

async function takeOver(billing: Billing, known: Hold | undefined): Promise<Opened> {
  if (known === undefined) throw new Error('the key of a stream has no hold')
  const ended = await settlementOf(billing, known)
  if (ended !== undefined) return { settlement: ended }
  const taken = await takeOverHold(billing.database, known)
  if (taken !== undefined) return { hold: taken, terms: await storedTermsOf(billing, taken) }
  // It ended since it was read, and an end is for ever.
  return await takeOver(billing, await findHold(billing.database, known))
}

async function storedTermsOf({ prices }: Pick<Billing, 'prices'>, { open, keyId }: Hold): Promise<Terms> {
  const price = await prices.priceById(open.call.priceId)
  if (price === undefined) throw new Error(`price ${open.call.priceId} of hold ${keyId} is missing`)
  return termsOf(open, price)
}

/** A stream hashes its open alone, over what was asked, not what was resolved. */
function openRequestHashOf({ labels, ...request }: StreamOpenRequest): Buffer {
  return requestHashOf('StreamSettle', { ...request, labels: labelFields(labels) })
}
