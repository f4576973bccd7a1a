import { decimalTextOf } from '../decimal'
import { divideRoundingHalfUp, minOf, type Nanousd } from '../money'
import { isTokenUnit, MICROUNITS, unitCountOf } from '../usage/units'
import type { Usage } from '../usage/usage'
import { billedUnitsOf, metersOf } from './meters'
import type { Conditions, Cost, LineItem, Meter, Price, Rate, RateCard, Rating, UnitRate } from './price'
import { isTokenMeter, selectRateCard, TOKENS_PER_RATE } from './rateCards'
import { areRequestsSearchUnits, dearestOutputRate, plainOutputRate, rateOf, unitRateOf } from './rateOf'

/** Costs are summed in parts of a nano-USD this small, so that every rate of every meter is whole. */
const COST_SCALE = TOKENS_PER_RATE
/** So are costs with named units: millionths of a unit, at rates for up to a million. */
const UNIT_COST_SCALE = COST_SCALE * MICROUNITS
const BASIS_POINTS = 10_000n

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
  const { sum, ofTokens, scale } = exactCost(cardFor(price, { usage, conditions, at }), usage)
  return {
    costNanousd: divideRoundingHalfUp(sum, scale),
    amountNanousd: divideRoundingHalfUp(sum * markupOf(price), scale * BASIS_POINTS),
    tokenCostMicronanousd: ofTokens,
  }
}

/** A usage at a price of its own. */
export interface PartToRate {
  price: Rates
  request: RatedRequest
}

/** Several usages as one cost: summed exactly, each with its markup, and rounded once, half up. */
export function costOfParts(parts: readonly PartToRate[]): Cost {
  let sum = 0n
  let charged = 0n
  let ofTokens = 0n
  for (const { price, request } of parts) {
    const exact = exactCost(cardFor(price, request), request.usage)
    const cost = exact.sum * (UNIT_COST_SCALE / exact.scale)
    sum += cost
    charged += cost * markupOf(price)
    ofTokens += exact.ofTokens
  }
  return {
    costNanousd: divideRoundingHalfUp(sum, UNIT_COST_SCALE),
    amountNanousd: divideRoundingHalfUp(charged, UNIT_COST_SCALE * BASIS_POINTS),
    tokenCostMicronanousd: ofTokens,
  }
}

/** What each meter has to do with it, exactly. A decimal takes longer than the rest of a rating, so a caller that doesn't show them skips them. */
export function lineItemsOf(price: Rates, { usage, conditions, at }: RatedRequest): LineItem[] {
  const card = cardFor(price, { usage, conditions, at })
  const markup = markupOf(price)
  const lineItems: LineItem[] = []
  eachCost(card, usage, (cost, meter, units, { priceNanousd, per }) => {
    const costNanousd = decimalTextOf(cost, COST_SCALE)
    const chargedNanousd = chargedOf(cost, costNanousd, { markup, scale: COST_SCALE })
    // No spread: V8 takes a microsecond for each field that is added to a copy.
    lineItems.push({ meter, units, priceNanousd, per, costNanousd, chargedNanousd })
  })
  eachUnitCost(card, usage, (cost, unit, micro, { priceNanousd, per }) => {
    const costNanousd = decimalTextOf(cost, UNIT_COST_SCALE)
    const chargedNanousd = chargedOf(cost, costNanousd, { markup, scale: UNIT_COST_SCALE })
    lineItems.push({ unit, unitCount: unitCountOf(micro), priceNanousd, per, costNanousd, chargedNanousd })
  })
  return lineItems
}

function chargedOf(
  cost: bigint,
  costNanousd: string,
  { markup, scale }: { markup: bigint; scale: bigint },
): string {
  return markup === BASIS_POINTS ? costNanousd : decimalTextOf(cost * markup, scale * BASIS_POINTS)
}

/** What {@link rate} says it amounts to, without saying of what: a stream asks for it at every stretch. */
export function amountOf(price: Rates, { usage, conditions, at }: RatedRequest): Nanousd {
  const card = cardFor(price, { usage, conditions, at })
  const { sum, scale } = exactCost(card, usage)
  return divideRoundingHalfUp(sum * markupOf(price), scale * BASIS_POINTS)
}

/** The card that prices a request. A tier that an operator maps to a multiple has that multiple of the card's token rates. */
export function cardFor(
  { rateCards }: Pick<Rates, 'rateCards'>,
  { usage, conditions, at }: RatedRequest,
): RateCard {
  const card = selectRateCard(rateCards, { inputTokens: usage.inputTokens, conditions, at })
  const { rateBasisPoints = 10_000 } = conditions
  if (rateBasisPoints === 10_000) return card
  const multiplied = <T extends { priceNanousd: Nanousd }>(each: T): T => ({
    ...each,
    priceNanousd: divideRoundingHalfUp(each.priceNanousd * BigInt(rateBasisPoints), BASIS_POINTS),
  })
  const rates = card.rates.map((each) => (isTokenMeter(each.meter) ? multiplied(each) : each))
  const { unitRates } = card
  if (unitRates === undefined) return { ...card, rates }
  return {
    ...card,
    rates,
    unitRates: unitRates.map((each) => (isTokenUnit(each.unit) ? multiplied(each) : each)),
  }
}

/** A meter that was used, is not part of the tokens and has no rate: a search. */
export function unratedMeterOf(card: RateCard, usage: Usage): Meter | undefined {
  const isRated = card.rates.some(({ meter }) => meter === 'WEB_SEARCHES')
  return usage.webSearches > 0n && !isRated ? 'WEB_SEARCHES' : undefined
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
 * The most output tokens in total that the budget pays, in addition to everything else in the usage.
 * Output that the usage already has is priced as reported. Exact: one more token would exceed the
 * budget.
 */
export function outputTokensAffordable(request: AffordableRequest): bigint {
  const { price, usage, conditions, at, budgetNanousd, maxOutputTokens } = request
  const card = cardFor(price, { usage, conditions, at })
  const { sum, scale } = exactCost(card, usage)
  const room = costMax(budgetNanousd, price.markupBasisPoints, scale) - sum
  if (room < 0n || maxOutputTokens <= usage.outputTokens) return usage.outputTokens
  const further = request.furtherTokens === 'dearest' ? dearestOutputRate(card) : plainOutputRate(card)
  const tokenCost = further === undefined ? 0n : scaledCost(1n, further) * (scale / COST_SCALE)
  return tokenCost === 0n ? maxOutputTokens : minOf(usage.outputTokens + room / tokenCost, maxOutputTokens)
}

/** The greatest scaled cost whose charge still rounds to the budget: 2·cost·markup + scale < 2·scale·(budget + 1). */
function costMax(budgetNanousd: Nanousd, markupBasisPoints: number, scale: bigint): bigint {
  if (budgetNanousd < 0n) return -1n
  const markup = BASIS_POINTS + BigInt(markupBasisPoints)
  return (scale * BASIS_POINTS * (2n * budgetNanousd + 1n) - 1n) / (2n * markup)
}

/** The sum, in parts of 1 / scale nano-USD; and what of it is for tokens, in parts of 1 / COST_SCALE. */
function exactCost(card: RateCard, usage: Usage): { sum: bigint; ofTokens: bigint; scale: bigint } {
  let sum = 0n
  let ofTokens = 0n
  eachCost(card, usage, (cost, meter) => {
    sum += cost
    if (isTokenMeter(meter)) ofTokens += cost
  })
  if (usage.units === undefined) return { sum, ofTokens, scale: COST_SCALE }
  sum *= MICROUNITS
  eachUnitCost(card, usage, (cost, unit) => {
    sum += cost
    if (isTokenUnit(unit)) ofTokens += cost / MICROUNITS
  })
  return { sum, ofTokens, scale: UNIT_COST_SCALE }
}

/** Every meter of a usage that the card prices, with what it costs, scaled. */
function eachCost(
  card: RateCard,
  usage: Usage,
  visit: (cost: bigint, meter: Meter, units: bigint, rate: Rate) => void,
): void {
  const skipped = usage.units !== undefined && areRequestsSearchUnits(card, usage) ? 'REQUESTS' : undefined
  for (const [meter, units] of metersOf(usage)) {
    if (meter === skipped) continue
    const meterRate = rateOf(card, meter)
    if (meterRate !== undefined) visit(scaledCost(units, meterRate), meter, units, meterRate)
  }
}

/** Every named unit of a usage, with what it costs in units of 1 / UNIT_COST_SCALE nano-USD. */
function eachUnitCost(
  card: RateCard,
  usage: Usage,
  visit: (cost: bigint, unit: string, micro: bigint, rate: Omit<UnitRate, 'unit'>) => void,
): void {
  const { units } = usage
  if (units === undefined) return
  for (const [unit, micro] of billedUnitsOf({ ...usage, units })) {
    const unitRate = unitRateOf(card, unit)
    visit(scaledCost(micro, unitRate), unit, micro, unitRate)
  }
}

/** In units of 1 / COST_SCALE nano-USD. `per` divides the scale: rate cards are validated. */
function scaledCost(units: bigint, { priceNanousd, per }: Pick<Rate, 'priceNanousd' | 'per'>): bigint {
  return units * priceNanousd * (COST_SCALE / per)
}

function markupOf({ markupBasisPoints }: Pick<Rates, 'markupBasisPoints'>): bigint {
  return BASIS_POINTS + BigInt(markupBasisPoints)
}
