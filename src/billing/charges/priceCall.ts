import { BillingError, invalidField } from '../../domain/errors'
import type { CallRequest, PinnedCall, PricedAs, RatedCall, ReportedCall } from '../../domain/ledger/charge'
import type { RequestFields } from '../../domain/ledger/requestHash'
import { approximateUsd } from '../../domain/money'
import { checkBlendedCost } from '../../domain/rating/bounds'
import type { LineItem, Price, Rating } from '../../domain/rating/price'
import { NO_CONDITIONS } from '../../domain/rating/rateCards'
import { costOf, lineItemsOf, type RatedRequest, type Rates, rate } from '../../domain/rating/rating'
import { guardedAnomaly, guardedCheapCall } from '../../pricing/guards'
import type { ResolvedPrice } from '../../pricing/priceBook'
import { checkQuote, readQuote } from '../../pricing/quotes'
import type { Billing } from '../billing'

export type Pricing = Pick<Billing, 'prices' | 'limits'>

export interface PinRequest {
  userId: string
  call: CallRequest
  now: Date
  /** An expired quote falls back to the price in force for a `charge`, and is QUOTE_EXPIRED for an `open`. */
  purpose: 'charge' | 'open'
}

export type PriceCallRequest = PinRequest & Pick<RatedCall, 'usage' | 'usageSource'>

/** A call with the price that was pinned for it. */
export interface PinnedPrice {
  call: PinnedCall
  price: Price
}

const DAY_MS = 86_400_000
/** A gateway that was cut off for that long can still report. Price versions go back further. */
const OCCURRED_AGO_MS_MAX = 35 * DAY_MS
/** A gateway's clock may be ahead by this. */
const OCCURRED_AHEAD_MS_MAX = 5 * 60_000

/**
 * A finished call, priced at the quote that it cites, or at what was in force when it was made.
 *
 * @throws BillingError as `pinPrice`; PRICE_ANOMALY; MODEL_PRICE_MISSING for a meter without a rate
 */
export async function priceCall(pricing: Pricing, request: PriceCallRequest): Promise<RatedCall> {
  return rateCall(pricing, await pinPrice(pricing, request), request)
}

/**
 * Finds a call's price and pins it: `priceCall` without the usage and its cost.
 *
 * @throws BillingError QUOTE_INVALID, QUOTE_MISMATCH, QUOTE_EXPIRED, MODEL_PRICE_MISSING; INVALID_FIELD for `occurred_at` and
 *   `provider`
 */
export async function pinPrice(pricing: Pricing, request: PinRequest): Promise<PinnedPrice> {
  const reported: ReportedCall = { ...request.call, occurredAt: occurredAtOf(pricing, request) }
  const { model, provider, quoteId, occurredAt } = reported
  const quoted = quoteId === '' ? 'none' : await quotedPrice(pricing, request, occurredAt)
  const resolved =
    typeof quoted === 'object' ? quoted : await pricing.prices.resolve({ model, provider, at: occurredAt })
  const { price } = resolved
  const priced: PricedAs = {
    priceId: price.priceId,
    model: resolved.pricedModel,
    provider: resolved.pricedProvider,
    source: price.source,
    markupBasisPoints: price.markupBasisPoints,
    quoteExpired: quoted === 'expired',
  }
  return { price, call: { reported, priced } }
}

/**
 * The price version that a call or a quote names.
 *
 * @throws Error where it is not stored: versions are never deleted
 */
export async function requirePrice(
  { prices }: Pick<Billing, 'prices'>,
  { priceId }: Pick<PricedAs, 'priceId'>,
): Promise<Price> {
  const price = await prices.priceById(priceId)
  if (price === undefined) throw new Error(`price ${priceId} is missing`)
  return price
}

/** A call for the hash of its request. An empty label's value is marked, so that it isn't left out like an unset field. */
export function callFields({ labels, ...call }: CallRequest): RequestFields {
  return {
    ...call,
    labels: Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, `=${value}`])),
  }
}

/**
 * Rates a checked usage at a pinned price, within the bounds.
 *
 * @throws BillingError PRICE_ANOMALY; MODEL_PRICE_MISSING for a meter without a rate
 */
export function rateCall(
  { limits }: Pick<Pricing, 'limits'>,
  { call, price }: PinnedPrice,
  { usage, usageSource }: Pick<RatedCall, 'usage' | 'usageSource'>,
): RatedCall {
  const { reported, priced } = call
  const cost = costOf(ratesOf(call, price), requestOf({ reported, usage }))
  const { amountNanousd, costNanousd } = cost
  const { suspiciouslyCheap } = orReported(reported, () => {
    if (amountNanousd > limits.chargeNanousdMax) throw tooDear(amountNanousd, limits.chargeNanousdMax)
    return checkBlendedCost(cost, usage)
  })
  if (suspiciouslyCheap) guardedCheapCall(reported)
  return { reported, priced, usage, usageSource, costNanousd, amountNanousd }
}

type Rated = Pick<RatedCall, 'reported' | 'priced' | 'usage'>

/** Rates a call again, at the version that it names: the same amount, and its line items. */
export function rateAgain(call: Rated, price: Pick<Price, 'rateCards'>): Rating {
  return rate(ratesOf(call, price), requestOf(call))
}

/** The line items alone, which a receipt shows. */
export function lineItemsAgain(call: Rated, price: Pick<Price, 'rateCards'>): LineItem[] {
  return lineItemsOf(ratesOf(call, price), requestOf(call))
}

/** The markup is the one that was pinned with the call. */
function ratesOf(
  { priced: { markupBasisPoints } }: Pick<Rated, 'priced'>,
  { rateCards }: Pick<Price, 'rateCards'>,
): Rates {
  return { rateCards, markupBasisPoints }
}

function requestOf({ usage, reported: { serviceTier, occurredAt } }: Omit<Rated, 'priced'>): RatedRequest {
  return { usage, conditions: { ...NO_CONDITIONS, serviceTier }, at: occurredAt }
}

function occurredAtOf({ prices }: Pick<Pricing, 'prices'>, { call: { occurredAt }, now }: PinRequest): Date {
  if (occurredAt === undefined) {
    // By the later of the ledger's clock and the price book's, so that a price put a moment ago counts.
    const priceBookNow = prices.now()
    return priceBookNow > now ? priceBookNow : now
  }
  if (occurredAt.getTime() < now.getTime() - OCCURRED_AGO_MS_MAX) {
    throw invalidField('occurred_at', 'must not be more than 35 days ago')
  }
  if (occurredAt.getTime() > now.getTime() + OCCURRED_AHEAD_MS_MAX) {
    throw invalidField('occurred_at', 'must not be more than 5 minutes ahead')
  }
  return occurredAt
}

/** The quote's price, unless it had expired when the call was made. */
async function quotedPrice(
  { prices }: Pick<Pricing, 'prices'>,
  request: PinRequest,
  occurredAt: Date,
): Promise<ResolvedPrice | 'expired'> {
  const { userId, call } = request
  const quote = readQuote(await prices.quoteKey(), call.quoteId)
  checkQuote(quote, { userId, ...call })
  if (quote.expiresAt <= occurredAt) {
    if (request.purpose === 'charge') return 'expired'
    throw new BillingError('QUOTE_EXPIRED', `the quote was good until ${quote.expiresAt.toISOString()}`)
  }
  const price = await requirePrice({ prices }, quote)
  const { markupBasisPoints, pricedModel, pricedProvider } = quote
  return { price: { ...price, markupBasisPoints }, pricedModel, pricedProvider, freeSuffixStripped: false }
}

function orReported<T>(call: ReportedCall, check: () => T): T {
  try {
    return check()
  } catch (error) {
    if (error instanceof BillingError && error.reason === 'PRICE_ANOMALY') guardedAnomaly(call, error.message)
    throw error
  }
}

function tooDear(amountNanousd: bigint, maxNanousd: bigint): BillingError {
  return new BillingError(
    'PRICE_ANOMALY',
    `the call would cost ${approximateUsd(amountNanousd)}, more than one charge may (${approximateUsd(maxNanousd)})`,
  )
}
