import { BillingError, invalidField } from '../../domain/errors'
import {
  type CallRequest,
  type PinnedCall,
  type PricedAs,
  type ReportedCall,
  reportedCallOf,
} from '../../domain/ledger/charge'
import type { PinnedOpen } from '../../domain/ledger/hold'
import { NO_SERVING, type Serving, servingOrNothing } from '../../domain/ledger/serving'
import { conditionsOf } from '../../domain/rating/conditions'
import type { Price } from '../../domain/rating/price'
import { metrics } from '../../observability/metrics'
import { cardsSoldBy } from '../../pricing/catalog/catalogData'
import type { PriceQuestion, ResolvedPrice } from '../../pricing/priceBook'
import { checkQuote, readQuote } from '../../pricing/quotes'
import type { Billing } from '../billing'

export type Pricing = Pick<Billing, 'prices' | 'limits'>

export interface PinRequest {
  userId: string
  call: CallRequest
  /** How the call was served, if that is already known. */
  serving?: Serving
  now: Date
  /** With an expired quote, a `charge` has the price in force; an `open` gets QUOTE_EXPIRED. */
  purpose: 'charge' | 'open'
}

/** A call with the price that was pinned for it. */
export interface PinnedPrice {
  call: PinnedCall
  price: Price
}

const DAY_MS = 86_400_000
/**
 * A gateway that was disconnected for this long can still report. Price versions go back further.
 */
const OCCURRED_AGO_MS_MAX = 35 * DAY_MS
/** A gateway's clock may be ahead by this. */
const OCCURRED_AHEAD_MS_MAX = 5 * 60_000

/**
 * Finds a call's price and pins it: `priceCall` without the usage and its cost.
 *
 * @throws BillingError QUOTE_INVALID, QUOTE_MISMATCH, QUOTE_EXPIRED, MODEL_PRICE_MISSING,
 *   SERVICE_TIER_UNKNOWN; INVALID_FIELD for `occurred_at` and `provider`
 */
export async function pinPrice(pricing: Pricing, request: PinRequest): Promise<PinnedPrice> {
  const reported = reportedCallOf(request.call, occurredAtOf(pricing, request))
  const { serving = NO_SERVING } = request
  const quoted = reported.quoteId === '' ? 'none' : await quotedPrice(pricing, request, reported.occurredAt)
  const { resolved, assumptions } =
    typeof quoted === 'object'
      ? { resolved: quoted, assumptions: [] }
      : await priceServed(pricing, reported, serving)
  const { price } = resolved
  const priced: PricedAs = {
    priceId: price.priceId,
    model: resolved.pricedModel,
    provider: resolved.pricedProvider,
    source: price.source,
    markupBasisPoints: price.markupBasisPoints,
    quoteExpired: quoted === 'expired',
  }
  return withServing(pricing, { price, call: { reported, priced } }, assuming(serving, assumptions))
}

/**
 * Prices a call again that was priced before it was made, now that it is known what served it. If
 * the same model and provider served it, its price stays.
 *
 * @throws BillingError SERVICE_TIER_UNKNOWN
 */
export async function pinServed(
  pricing: Pricing,
  { call: { reported, priced }, price }: PinnedPrice,
  serving: Serving,
): Promise<PinnedPrice> {
  const before = {
    price,
    pricedModel: priced.model,
    pricedProvider: priced.provider,
    freeSuffixStripped: false,
  }
  const isQuoted = reported.quoteId !== '' && !priced.quoteExpired && serving.stated.provider === ''
  const { resolved, assumptions } = isQuoted
    ? { resolved: before, assumptions: [] }
    : await chooseServed(pricing, reported, serving, before)
  const now: PricedAs = {
    ...priced,
    priceId: resolved.price.priceId,
    model: resolved.pricedModel,
    provider: resolved.pricedProvider,
    source: resolved.price.source,
    markupBasisPoints: resolved === before ? priced.markupBasisPoints : resolved.price.markupBasisPoints,
  }
  const pinned = { price: resolved.price, call: { reported, priced: now } }
  return withServing(pricing, pinned, assuming(serving, assumptions))
}

function assuming(serving: Serving, assumptions: readonly string[]): Serving {
  return assumptions.length === 0
    ? serving
    : { ...serving, assumptions: [...serving.assumptions, ...assumptions] }
}

/** Chooses among the price's tiers, speeds and geographies. */
function withServing(
  { prices }: Pick<Pricing, 'prices'>,
  { call: { reported, priced }, price }: PinnedPrice,
  serving: Serving,
): PinnedPrice {
  const rated = conditionsOf(cardsSoldBy(serving.stated.provider || sellerOf(reported), price), {
    asked: { serviceTier: reported.serviceTier, speed: '', geography: '' },
    stated: serving.stated,
    provider: serving.stated.provider || reported.provider || priced.provider,
    rules: prices.settings.serviceTiers,
  })
  const { stated, unreadFields, assumptions, reportedCost } = serving
  const next: Serving = { stated, unreadFields, assumptions, rated }
  if (reportedCost !== undefined) next.reportedCost = reportedCost
  const known = servingOrNothing(next, reported.serviceTier)
  return { price, call: known === undefined ? { reported, priced } : { reported, priced, serving: known } }
}

/** The provider that the call names, which may sell at another one's price. */
function sellerOf({ provider, model }: ReportedCall): string {
  return provider || model.slice(0, Math.max(model.indexOf('/'), 0))
}

interface ServedPrice {
  resolved: ResolvedPrice
  assumptions: string[]
}

/** The price of the model that served the call, or else of the requested model. */
async function priceServed(
  { prices }: Pick<Pricing, 'prices'>,
  reported: ReportedCall,
  serving: Serving,
): Promise<ServedPrice> {
  const { model, provider, occurredAt } = reported
  const question = { model, provider, at: occurredAt }
  if (serving.stated.model === '' && serving.stated.provider === '') {
    return { resolved: await resolveFor(prices, question, serving), assumptions: [] }
  }
  return await chooseServed({ prices }, reported, serving, await prices.find(question))
}

/**
 * A call that states its cost can be charged without a price, so its absence is not reported.
 *
 * @throws BillingError MODEL_PRICE_MISSING
 */
async function resolveFor(
  prices: Pricing['prices'],
  question: PriceQuestion,
  { reportedCost }: Serving,
): Promise<ResolvedPrice> {
  if (reportedCost === undefined) return await prices.resolve(question)
  const found = await prices.find(question)
  if (found !== undefined) return found
  throw new BillingError('MODEL_PRICE_MISSING', `no price is known for ${question.model}`)
}

/**
 * The model that the provider names decides if it has its own price. An operator's price gives way
 * only to another operator's price, because a model that is sold under an operator's own name is
 * always served by another model. A stated provider overrides this.
 */
async function chooseServed(
  { prices }: Pick<Pricing, 'prices'>,
  reported: ReportedCall,
  serving: Serving,
  asked: ResolvedPrice | undefined,
): Promise<ServedPrice> {
  const { stated } = serving
  const provider = stated.provider || reported.provider || (asked?.pricedProvider ?? '')
  const model = stated.model || reported.model
  const served =
    model === reported.model && provider === reported.provider
      ? undefined
      : await prices.find({ model, provider, at: reported.occurredAt })
  if (asked === undefined) {
    const question = { model: reported.model, provider: reported.provider, at: reported.occurredAt }
    if (served === undefined) {
      return { resolved: await resolveFor(prices, question, serving), assumptions: [] }
    }
    return {
      resolved: served,
      assumptions: [`charged as ${model}, which served it: the model that was asked for has no price`],
    }
  }
  if (served === undefined || served.price.priceId === asked.price.priceId) {
    return { resolved: asked, assumptions: [] }
  }
  const isNamed = stated.provider !== ''
  if (!isNamed && asked.price.source === 'operator' && served.price.source !== 'operator') {
    return { resolved: asked, assumptions: [] }
  }
  if (served.pricedModel !== asked.pricedModel) metrics.servedOtherModel()
  return { resolved: served, assumptions: [] }
}

/**
 * The price version that a call or a quote names.
 *
 * @throws BillingError MODEL_PRICE_MISSING if it is not stored. Nothing deletes versions, but a
 *   failover may lose one.
 */
export async function requirePrice(
  { prices }: Pick<Billing, 'prices'>,
  { priceId }: Pick<PricedAs, 'priceId'>,
): Promise<Price> {
  const price = await prices.priceById(priceId)
  if (price === undefined)
    throw new BillingError('MODEL_PRICE_MISSING', `the price version ${priceId} is lost`)
  return price
}

/**
 * The price that a stream's open pinned. If its version was lost, the copy in the open replaces it.
 */
export async function pinnedPriceOf(
  billing: Pick<Billing, 'prices'>,
  { rateCards, call }: PinnedOpen,
): Promise<Price> {
  const { priceId, model, provider, source, markupBasisPoints } = call.priced
  const stored = await billing.prices.priceById(priceId)
  if (stored !== undefined || rateCards === undefined)
    return stored ?? (await requirePrice(billing, call.priced))
  if (source === 'reported') throw new Error('a stream was opened without a price')
  const effectiveFrom = call.reported.occurredAt
  return { priceId, model, provider, source, markupBasisPoints, effectiveFrom, rateCards: [...rateCards] }
}

/** @throws BillingError INVALID_FIELD */
export function occurredAtOf(
  { prices }: Pick<Pricing, 'prices'>,
  { call: { occurredAt }, now }: PinRequest,
): Date {
  if (occurredAt === undefined) {
    // The later of the ledger's clock and the price book's, so that a price put just now applies.
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
  const price = await prices.priceById(quote.priceId)
  // A failover lost the version. The quote is treated as expired.
  if (price === undefined) {
    if (request.purpose === 'charge') return 'expired'
    throw new BillingError('QUOTE_EXPIRED', "the quote's price no longer exists; ask for another quote")
  }
  const { markupBasisPoints, pricedModel, pricedProvider } = quote
  return { price: { ...price, markupBasisPoints }, pricedModel, pricedProvider, freeSuffixStripped: false }
}
