import { BillingError } from '../errors'
import { divideRoundingHalfUp, minOf, type Nanousd } from '../money'
import type { Usage } from '../usage/usage'
import { metersOf } from './meters'
import type { Conditions, Cost, LineItem, Meter, Price, Rate, RateCard, Rating } from './price'
import { isTokenMeter, PARENT_OF, selectRateCard, TOKENS_PER_RATE } from './rateCards'

/** Costs are summed in parts of a nano-USD this small, so that every rate of every meter is whole. */
const COST_SCALE = TOKENS_PER_RATE
const BASIS_POINTS = 10_000n
/** The same, after markup. */
const CHARGE_SCALE = COST_SCALE * BASIS_POINTS

export type Rates = Pick<Price, 'rateCards' | 'markupBasisPoints'>

export interface RatedRequest {
  usage: Usage
  /** Chooses the card, with `at` and the size of the input. */
  conditions: Conditions & { rateBasisPoints?: number }
  at: Date
}

/** What a checked usage costs, and what for. */
export function rate(price: Rates, request: RatedRequest): Rating {
  return { ...costOf(price, request), lineItems: lineItemsOf(price, request) }
}

/** Exact sum, markup, one rounding half up. */
export function costOf(price: Rates, { usage, conditions, at }: RatedRequest): Cost {
  const card = cardFor(price, { usage, conditions, at })
  let sum = 0n
  let ofTokens = 0n
  eachCost(card, usage, (cost, meter) => {
    sum += cost
    if (isTokenMeter(meter)) ofTokens += cost
  })
  return {
    costNanousd: divideRoundingHalfUp(sum, COST_SCALE),
    amountNanousd: divideRoundingHalfUp(sum * markupOf(price), CHARGE_SCALE),
    tokenCostMicronanousd: ofTokens,
  }
}

/** What each meter has to do with it, exactly. A decimal takes longer than the rest of a rating, so a caller that doesn't show them skips them. */
export function lineItemsOf(price: Rates, { usage, conditions, at }: RatedRequest): LineItem[] {
  const card = cardFor(price, { usage, conditions, at })
  const markup = markupOf(price)
  const lineItems: LineItem[] = []
  eachCost(card, usage, (cost, meter, units, { priceNanousd, per }) => {
    const costNanousd = decimalOf(cost, COST_SCALE)
    const chargedNanousd = markup === BASIS_POINTS ? costNanousd : decimalOf(cost * markup, CHARGE_SCALE)
    // No spread: V8 takes a microsecond for each field that is added to a copy.
    lineItems.push({ meter, units, priceNanousd, per, costNanousd, chargedNanousd })
  })
  return lineItems
}

/** What {@link rate} says it amounts to, without saying of what: a stream asks for it at every stretch. */
export function amountOf(price: Rates, { usage, conditions, at }: RatedRequest): Nanousd {
  const card = cardFor(price, { usage, conditions, at })
  return divideRoundingHalfUp(exactCost(card, usage) * markupOf(price), CHARGE_SCALE)
}

/** The card that prices a request. A tier that an operator maps to a multiple has that multiple of the card's token rates. */
export function cardFor(
  { rateCards }: Pick<Rates, 'rateCards'>,
  { usage, conditions, at }: RatedRequest,
): RateCard {
  const card = selectRateCard(rateCards, { inputTokens: usage.inputTokens, conditions, at })
  const { rateBasisPoints = 10_000 } = conditions
  if (rateBasisPoints === 10_000) return card
  const rates = card.rates.map((each) =>
    isTokenMeter(each.meter)
      ? {
          ...each,
          priceNanousd: divideRoundingHalfUp(each.priceNanousd * BigInt(rateBasisPoints), BASIS_POINTS),
        }
      : each,
  )
  return { ...card, rates }
}

/** A meter that was used, is not part of the tokens and has no rate: a search. */
export function unratedMeterOf(card: RateCard, usage: Usage): Meter | undefined {
  const isRated = card.rates.some(({ meter }) => meter === 'WEB_SEARCHES')
  return usage.webSearches > 0n && !isRated ? 'WEB_SEARCHES' : undefined
}

/** A meter's own rate or its parent's. Undefined only of the per-unit meters, which cost nothing without a rate. */
export function rateOf(card: RateCard, meter: Meter): Rate | undefined {
  for (let name: Meter | undefined = meter; name !== undefined; name = PARENT_OF[name]) {
    const own = card.rates.find((candidate) => candidate.meter === name)
    if (own !== undefined) return own
  }
  return isTokenMeter(meter) ? missingRate(meter) : undefined
}

function missingRate(meter: Meter): never {
  throw new BillingError('MODEL_PRICE_MISSING', `the price has no rate for ${meter}, which was used`, {
    metadata: { meter },
  })
}

/** The rate that no output token exceeds, whatever priced part of the output it is. */
export function dearestOutputRate(card: RateCard): Rate {
  const rates = card.rates.filter(
    ({ meter }) => meter === 'OUTPUT_TOKENS' || PARENT_OF[meter] === 'OUTPUT_TOKENS',
  )
  return rates.reduce(
    (dearest, candidate) => (candidate.priceNanousd > dearest.priceNanousd ? candidate : dearest),
    rates[0] ?? missingRate('OUTPUT_TOKENS'),
  )
}

export interface AffordableRequest extends RatedRequest {
  price: Rates
  budgetNanousd: Nanousd
  /** The answer is at most this. */
  maxOutputTokens: bigint
  /** The assumed rate of a further token: the plain output rate, or the highest one of the card. */
  furtherTokens: 'plain' | 'dearest'
}

/**
 * The most output tokens in total that the budget pays, besides everything else in the usage.
 * Output that the usage already has is priced as reported. Exact: one more token would exceed the
 * budget.
 */
export function outputTokensAffordable(request: AffordableRequest): bigint {
  const { price, usage, conditions, at, budgetNanousd, maxOutputTokens } = request
  const card = cardFor(price, { usage, conditions, at })
  const room = costMax(budgetNanousd, price.markupBasisPoints) - exactCost(card, usage)
  if (room < 0n || maxOutputTokens <= usage.outputTokens) return usage.outputTokens
  const further =
    request.furtherTokens === 'dearest' ? dearestOutputRate(card) : rateOf(card, 'OUTPUT_TOKENS')
  const tokenCost = further === undefined ? 0n : scaledCost(1n, further)
  return tokenCost === 0n ? maxOutputTokens : minOf(usage.outputTokens + room / tokenCost, maxOutputTokens)
}

/** The greatest scaled cost whose charge still rounds to the budget: 2·cost·markup + scale < 2·scale·(budget + 1). */
function costMax(budgetNanousd: Nanousd, markupBasisPoints: number): bigint {
  if (budgetNanousd < 0n) return -1n
  const markup = BASIS_POINTS + BigInt(markupBasisPoints)
  return (CHARGE_SCALE * (2n * budgetNanousd + 1n) - 1n) / (2n * markup)
}

function exactCost(card: RateCard, usage: Usage): bigint {
  let sum = 0n
  eachCost(card, usage, (cost) => {
    sum += cost
  })
  return sum
}

/** Every meter of a usage that the card prices, with what it costs, scaled. */
function eachCost(
  card: RateCard,
  usage: Usage,
  visit: (cost: bigint, meter: Meter, units: bigint, rate: Rate) => void,
): void {
  for (const [meter, units] of metersOf(usage)) {
    const meterRate = rateOf(card, meter)
    if (meterRate !== undefined) visit(scaledCost(units, meterRate), meter, units, meterRate)
  }
}

/** In units of 1 / COST_SCALE nano-USD. `per` divides the scale: rate cards are validated. */
function scaledCost(units: bigint, { priceNanousd, per }: Rate): bigint {
  return units * priceNanousd * (COST_SCALE / per)
}

function markupOf({ markupBasisPoints }: Pick<Rates, 'markupBasisPoints'>): bigint {
  return BASIS_POINTS + BigInt(markupBasisPoints)
}

/** `numerator / scale` as an exact decimal string; `scale` is a power of ten. */
function decimalOf(numerator: bigint, scale: bigint): string {
  const whole = numerator / scale
  const rest = numerator - whole * scale
  if (rest === 0n) return whole.toString()
  // Written with a leading 1, the rest keeps its zeros.
  const decimals = (scale + rest).toString().slice(1).replace(/0+$/, '')
  return `${whole}.${decimals}`
}
