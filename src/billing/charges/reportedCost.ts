import { BillingError } from '../../domain/errors'
import { type PinnedCall, type RatedCall, reportedCallOf } from '../../domain/ledger/charge'
import { NO_SERVING, type ReportedCost } from '../../domain/ledger/serving'
import type { Nanousd } from '../../domain/money'
import type { Price } from '../../domain/rating/price'
import {
  amountOfReported,
  checkReportedCost,
  type ReportedCostRule,
  reportedCostRuleOf,
} from '../../domain/rating/reportedCost'
import type { Usage } from '../../domain/usage/usage'
import { occurredAtOf, type PinnedPrice, type PinRequest, type Pricing, pinPrice } from './pinPrice'
import { type PriceCallRequest, priceCall } from './priceCall'
import { amountOfUsage, boundedCost, checkRated, rateCall, requestOf } from './rateCall'

/*
 * A cost that the gateway states beside a usage (OpenRouter's `usage.cost`, a line of an invoice). It is charged in place of
 * what the usage costs at the price, which is kept beside it.
 */

/** A call that may have no price. */
export type PinnedCost = { call: PinnedCall; price: Price | undefined }

/**
 * Prices a finished call: by the cost that it states, or else as {@link priceCall}.
 *
 * @throws BillingError as `priceCall`; REPORTED_COST_NOT_ALLOWED
 */
export async function priceFinishedCall(pricing: Pricing, request: PriceCallRequest): Promise<RatedCall> {
  if (request.serving?.reportedCost === undefined) return await priceCall(pricing, request)
  return rateFinishedCall(pricing, await pinReported(pricing, request), request)
}

/** Rates a pinned call: by the cost that it states, or else by its usage. */
export function rateFinishedCall(
  pricing: Pricing,
  { call, price }: PinnedCost,
  measured: Pick<RatedCall, 'usage' | 'usageSource'>,
): RatedCall {
  const reportedCost = call.serving?.reportedCost
  if (reportedCost !== undefined) return rateReported(pricing, { call, price, reportedCost }, measured)
  if (price === undefined) throw new Error('a call has neither a price nor a stated cost')
  return rateCall(pricing, { call, price }, measured)
}

/** Whether a failure to find a price leaves a stated cost chargeable. */
export function lacksPrice(error: unknown): boolean {
  return error instanceof BillingError && HAS_NO_PRICE.has(error.reason)
}

const HAS_NO_PRICE: ReadonlySet<string> = new Set(['MODEL_PRICE_MISSING', 'SERVICE_TIER_UNKNOWN'])

/** A call that states its cost, with the price that it has, if any. @throws BillingError REPORTED_COST_NOT_ALLOWED */
export async function pinReported(pricing: Pricing, request: PinRequest): Promise<PinnedCost> {
  const pinned = await pinPrice(pricing, request).catch((error: unknown) => {
    if (lacksPrice(error)) return undefined
    throw error
  })
  // The default price is no price of the model: it says nothing about what its calls cost.
  if (pinned !== undefined && pinned.price.source !== 'default') return withReportedCost(pricing, pinned)
  const { call, serving = NO_SERVING } = request
  const { model, provider } = call
  const { markupBasisPoints } = pricing.prices.settings
  return withReportedCost(pricing, {
    price: undefined,
    call: {
      reported: reportedCallOf(call, occurredAtOf(pricing, request)),
      priced: { priceId: '', model, provider, source: 'reported', markupBasisPoints, quoteExpired: false },
      serving,
    },
  })
}

/** Applies the operator's rule. @throws BillingError REPORTED_COST_NOT_ALLOWED */
export function withReportedCost(
  { prices }: Pick<Pricing, 'prices'>,
  { call, price }: PinnedCost,
): PinnedCost {
  if (call.reported.quoteId !== '') throw quoteIsPromised()
  const { markupBasisPoints = call.priced.markupBasisPoints } = ruleFor(prices.settings.reportedCosts, call)
  return { price, call: { ...call, priced: { ...call.priced, markupBasisPoints } } }
}

function ruleFor(
  rules: readonly ReportedCostRule[],
  { serving = NO_SERVING, reported, priced }: PinnedCall,
): ReportedCostRule {
  return reportedCostRuleOf(rules, serving.stated.provider || reported.provider || priced.provider)
}

function rateReported(
  { prices, limits }: Pricing,
  { call, price, reportedCost }: PinnedCost & { reportedCost: ReportedCost },
  { usage, usageSource }: Pick<RatedCall, 'usage' | 'usageSource'>,
): RatedCall {
  const { reported, priced, serving = NO_SERVING } = call
  const { reportedNanousd } = reportedCost
  const amountNanousd = amountOfReported(reportedNanousd, priced.markupBasisPoints)
  const ratedAmountNanousd = price && ratedAmountOf({ call, price }, usage)
  const cost = { amountNanousd, tokenCostMicronanousd: reportedNanousd * 1_000_000n }
  // Where it was rated before, it was accepted, and a bound that was lowered since doesn't apply.
  const isAccepted = reportedCost.ratedAmountNanousd !== undefined
  boundedCost({ limits }, { reported, cost, usage }, () => {
    if (isAccepted) return
    checkReportedCost({ amountNanousd, ratedAmountNanousd }, prices.settings.reportedCostTimesMax)
  })
  const { ratedAmountNanousd: _before, ...stated } = reportedCost
  return {
    reported,
    priced,
    usage,
    usageSource,
    costNanousd: reportedNanousd,
    amountNanousd,
    serving: {
      ...serving,
      reportedCost: { ...stated, ...(ratedAmountNanousd !== undefined && { ratedAmountNanousd }) },
    },
  }
}

/** Undefined where the price has no rate for a part of the usage. */
function ratedAmountOf(pinned: PinnedPrice, usage: Usage): Nanousd | undefined {
  try {
    checkRated({ price: pinned.price, request: requestOf(pinned.call, usage) })
    return amountOfUsage(pinned, usage)
  } catch (error) {
    if (lacksPrice(error)) return undefined
    throw error
  }
}

function quoteIsPromised(): BillingError {
  return new BillingError(
    'REPORTED_COST_NOT_ALLOWED',
    'the quote promises its price: leave reported_cost_nanousd out, or the quote_id',
    { field: 'reported_cost_nanousd' },
  )
}
