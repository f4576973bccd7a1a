import { BillingError, invalidField } from '../../domain/errors'
import type { RatedCall } from '../../domain/ledger/charge'
import type { PinnedCall } from '../../domain/ledger/hold'
import { approximateUsd } from '../../domain/money'
import { checkBlendedCost } from '../../domain/rating/bounds'
import type { LineItem, Price, Rating } from '../../domain/rating/price'
import { NO_CONDITIONS } from '../../domain/rating/rateCards'
import { costOf, lineItemsOf, type RatedRequest, type Rates, rate } from '../../domain/rating/rating'
import type { Usage, UsageSource } from '../../domain/usage/usage'
import { guardedAnomaly, guardedCheapCall } from '../../pricing/guards'
import type { ResolvedPrice } from '../../pricing/priceBook'
import { checkQuote, readQuote } from '../../pricing/quotes'
import type { Billing } from '../billing'

export type Pricing = Pick<Billing, 'prices' | 'limits'>

export interface PinRequest {
  userId: string
  model: string
  provider: string
  serviceTier: string
  quoteId: string
  apiKeyId: string
  labels: Readonly<Record<string, string>>
  /** Absent = now. */
  occurredAt?: Date
  now: Date
  /** An expired quote falls back to the price in force for a `charge`, and is QUOTE_EXPIRED for an `open`. */
  purpose: 'charge' | 'open'
}

export interface PriceCallRequest extends PinRequest {
  usage: Usage
  usageSource: UsageSource
}

/** A call with all that its cost follows from but the usage, and the price itself. */
export interface PinnedPrice {
  call: PinnedCall
  price: Price
}

const DAY_MS = 86_400_000
/** A price that long ago can still be told, and a gateway that was cut off that long can still report. */
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
 * All of `priceCall` but the usage and its cost.
 *
 * @throws BillingError QUOTE_INVALID, QUOTE_MISMATCH, QUOTE_EXPIRED, MODEL_PRICE_MISSING; INVALID_FIELD for `occurred_at` and
 *   `provider`
 */
export async function pinPrice(pricing: Pricing, request: PinRequest): Promise<PinnedPrice> {
  const occurredAt = occurredAtOf(pricing, request)
  const quoted = request.quoteId === '' ? 'none' : await quotedPrice(pricing, request, occurredAt)
  const resolved =
    typeof quoted === 'object'
      ? quoted
      : await pricing.prices.resolve({ model: request.model, provider: request.provider, at: occurredAt })
  const { price } = resolved
  return {
    price,
    call: {
      model: request.model,
      pricedModel: resolved.pricedModel,
      provider: request.provider,
      pricedProvider: resolved.pricedProvider,
      priceId: price.priceId,
      priceSource: price.source,
      markupBasisPoints: price.markupBasisPoints,
      serviceTier: request.serviceTier,
      occurredAt,
      quoteId: request.quoteId,
      quoteExpired: quoted === 'expired',
      apiKeyId: request.apiKeyId,
      labels: request.labels,
    },
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
  { usage, usageSource }: { usage: Usage; usageSource: UsageSource },
): RatedCall {
  const cost = costOf(ratesOf(call, price), requestOf({ usage, ...call }))
  const { amountNanousd, costNanousd } = cost
  const { suspiciouslyCheap } = orReported(call, () => {
    if (amountNanousd > limits.chargeNanousdMax) throw tooDear(amountNanousd, limits.chargeNanousdMax)
    return checkBlendedCost(cost, usage)
  })
  if (suspiciouslyCheap) guardedCheapCall(call)
  return { usage, usageSource, costNanousd, amountNanousd, ...call }
}

type Rated = Pick<RatedCall, 'markupBasisPoints' | 'usage' | 'serviceTier' | 'occurredAt'>

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
  { markupBasisPoints }: Pick<Rated, 'markupBasisPoints'>,
  { rateCards }: Pick<Price, 'rateCards'>,
): Rates {
  return { rateCards, markupBasisPoints }
}

function requestOf({ usage, serviceTier, occurredAt }: Rated): RatedRequest {
  return { usage, conditions: { ...NO_CONDITIONS, serviceTier }, at: occurredAt }
}

function occurredAtOf({ prices }: Pick<Pricing, 'prices'>, { occurredAt, now }: PinRequest): Date {
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
  const quote = readQuote(await prices.quoteKey(), request.quoteId)
  checkQuote(quote, request)
  if (quote.expiresAt <= occurredAt) {
    if (request.purpose === 'charge') return 'expired'
    throw new BillingError('QUOTE_EXPIRED', `the quote was good until ${quote.expiresAt.toISOString()}`)
  }
  const price = await prices.priceById(quote.priceId)
  if (price === undefined) throw new Error(`the signed quote names ${quote.priceId}, which is not stored`)
  const { markupBasisPoints, pricedModel, pricedProvider } = quote
  return { price: { ...price, markupBasisPoints }, pricedModel, pricedProvider, freeSuffixStripped: false }
}

function orReported<T>(call: PinnedCall, check: () => T): T {
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
