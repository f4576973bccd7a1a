import { BillingError } from '../../domain/errors'
import type { RatedCall, ReportedCall } from '../../domain/ledger/charge'
import { ratedAsOf } from '../../domain/ledger/serving'
import { approximateUsd, type Nanousd } from '../../domain/money'
import { checkBlendedCost } from '../../domain/rating/bounds'
import type { Cost, LineItem, Meter, Price, Rating } from '../../domain/rating/price'
import {
  cardFor,
  costOf,
  lineItemsOf,
  type RatedRequest,
  type Rates,
  rate,
  unratedMeterOf,
} from '../../domain/rating/rating'
import type { Usage } from '../../domain/usage/usage'
import { reportCheapCall, reportPriceAnomaly } from '../../pricing/guards'
import type { PinnedPrice, Pricing } from './pinPrice'

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
  const { reported, priced, serving } = call
  const request = requestOf(call, usage)
  checkRated({ price, request })
  const cost = costOf(ratesOf(call, price), request)
  const { amountNanousd, costNanousd } = cost
  boundedCost({ limits }, { reported, cost, usage })
  const rated: RatedCall = { reported, priced, usage, usageSource, costNanousd, amountNanousd }
  if (serving !== undefined) rated.serving = serving
  return rated
}

/** @throws BillingError MODEL_PRICE_MISSING for a meter without a rate and without a parent */
export function checkRated({
  price,
  request,
}: {
  price: Pick<Price, 'rateCards'>
  request: RatedRequest
}): void {
  const unrated = unratedMeterOf(cardFor(price, request), request.usage)
  if (unrated !== undefined) throw unratedMeter(unrated)
}

/**
 * Checks a cost against the bounds, and reports one that is out of them.
 *
 * @param check another bound
 * @throws BillingError PRICE_ANOMALY
 */
export function boundedCost(
  { limits }: Pick<Pricing, 'limits'>,
  { reported, cost, usage }: { reported: ReportedCall; cost: BoundedCost; usage: Usage },
  check?: () => void,
): void {
  const { amountNanousd } = cost
  const { suspiciouslyCheap } = orReported(reported, () => {
    if (amountNanousd > limits.chargeNanousdMax) throw tooDear(amountNanousd, limits.chargeNanousdMax)
    check?.()
    return checkBlendedCost(cost, usage)
  })
  if (suspiciouslyCheap) reportCheapCall(reported)
}

type BoundedCost = Pick<Cost, 'amountNanousd' | 'tokenCostMicronanousd'>

/** The cost of a call with this usage. It checks no bounds. */
export function amountOfUsage({ call, price }: PinnedPrice, usage: Usage): Nanousd {
  return costOf(ratesOf(call, price), requestOf(call, usage)).amountNanousd
}

function unratedMeter(meter: Meter): BillingError {
  return new BillingError(
    'MODEL_PRICE_MISSING',
    `the price has no rate for ${meter.toLowerCase().replaceAll('_', ' ')}, which were used: put a price with one, of zero where they are included`,
    { metadata: { meter } },
  )
}

type Rated = Pick<RatedCall, 'reported' | 'priced' | 'usage' | 'serving'>

/** Rates a call again at the version that it names. Returns the same amount, and the line items. */
export function rateAgain(call: Rated, price: Pick<Price, 'rateCards'>): Rating {
  return rate(ratesOf(call, price), requestOf(call, call.usage))
}

/** The line items alone, which a receipt shows. */
export function lineItemsAgain(call: Rated, price: Pick<Price, 'rateCards'>): LineItem[] {
  return lineItemsOf(ratesOf(call, price), requestOf(call, call.usage))
}

/** The markup is the one that was pinned with the call. */
function ratesOf(
  { priced: { markupBasisPoints } }: Pick<Rated, 'priced'>,
  { rateCards }: Pick<Price, 'rateCards'>,
): Rates {
  return { rateCards, markupBasisPoints }
}

export function requestOf(call: Pick<Rated, 'reported' | 'serving'>, usage: Usage): RatedRequest {
  return { usage, conditions: ratedAsOf(call), at: call.reported.occurredAt }
}

function orReported<T>(call: ReportedCall, check: () => T): T {
  try {
    return check()
  } catch (error) {
    if (error instanceof BillingError && error.reason === 'PRICE_ANOMALY')
      reportPriceAnomaly(call, error.message)
    throw error
  }
}

function tooDear(amountNanousd: bigint, maxNanousd: bigint): BillingError {
  return new BillingError(
    'PRICE_ANOMALY',
    `the call would cost ${approximateUsd(amountNanousd)}, more than one charge may (${approximateUsd(maxNanousd)})`,
  )
}
