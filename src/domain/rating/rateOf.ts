import { BillingError } from '../errors'
import { isTokenUnit, SEARCH_UNIT, VIDEO_OUTPUT_TOKEN, VIDEO_TOKEN } from '../usage/units'
import type { Usage } from '../usage/usage'
import type { Meter, Rate, RateCard, UnitRate } from './price'
import { isTokenMeter, PARENT_OF, TOKENS_PER_RATE } from './rateCards'

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

/** What a unit without a rate of its own is a kind of: a price of seconds prices every kind of them. */
const KIND_OF: ReadonlyMap<string, string> = new Map([
  ['audio_second', 'second'],
  ['video_second', 'second'],
])

/**
 * A unit's own rate, or the one of all qualified units of its kind: `image/hd/1024x1024` is priced by `image/hd/1024x1024`,
 * by `image/hd/*` or by `image/*`, and never by `image`, which may be cheaper.
 * Seconds of audio or video without either are priced as `second`.
 */
export function ownUnitRateOf({ unitRates = [] }: RateCard, unit: string): UnitRate | undefined {
  for (let name: string | undefined = unit; name !== undefined; name = nextName(name)) {
    const found = unitRates.find((rate) => rate.unit === name)
    if (found !== undefined) return found
  }
  const kind = KIND_OF.get(unit)
  return kind === undefined ? undefined : unitRates.find((rate) => rate.unit === kind)
}

/**
 * What prices a used unit: {@link ownUnitRateOf}. Video tokens are tokens: without a rate of their own they cost what the
 * other tokens of the input or the output do. A rerank's search units without one are requests, as price lists have them.
 *
 * @throws BillingError MODEL_PRICE_MISSING
 */
export function unitRateOf(card: RateCard, unit: string): Omit<UnitRate, 'unit'> {
  const own = ownUnitRateOf(card, unit)
  if (own !== undefined) return own
  if (isTokenUnit(unit)) {
    const tokens = rateOf(card, unit === VIDEO_TOKEN ? 'INPUT_TOKENS' : 'OUTPUT_TOKENS')
    if (tokens !== undefined) return tokens
  }
  const request = unit === SEARCH_UNIT ? rateOf(card, 'REQUESTS') : undefined
  if (request !== undefined) return request
  throw new BillingError(
    'MODEL_PRICE_MISSING',
    `the price has no rate for the unit ${unit}, which was used: put a price with one, of zero where it is included`,
    { metadata: { unit } },
  )
}

/**
 * Whether search units are priced as requests: then a usage that declares no requests has no other one. A usage that
 * declares them has both.
 */
export function areRequestsSearchUnits(card: RateCard, { units = {}, requests }: Usage): boolean {
  return (
    units[SEARCH_UNIT] !== undefined &&
    requests === undefined &&
    ownUnitRateOf(card, SEARCH_UNIT) === undefined
  )
}

/** `image/hd/1024x1024`, `image/hd/*`, `image/*`. */
function nextName(name: string): string | undefined {
  const qualified = name.endsWith('/*') ? name.slice(0, -2) : name
  const slash = qualified.lastIndexOf('/')
  return slash === -1 ? undefined : `${qualified.slice(0, slash)}/*`
}

/**
 * The rate that no output token exceeds, whatever priced part of the output it is. Undefined of a card that prices named
 * units and no output.
 */
export function dearestOutputRate({ rates, unitRates = [] }: RateCard): Rate | UnitRate | undefined {
  const candidates = [
    ...rates.filter(({ meter }) => meter === 'OUTPUT_TOKENS' || PARENT_OF[meter] === 'OUTPUT_TOKENS'),
    ...unitRates.filter(({ unit }) => unit === VIDEO_OUTPUT_TOKEN),
  ]
  const [first] = candidates
  if (first === undefined) return unitRates.length === 0 ? missingRate('OUTPUT_TOKENS') : undefined
  return candidates.reduce(
    (dearest, candidate) => (perMillionOf(candidate) > perMillionOf(dearest) ? candidate : dearest),
    first,
  )
}

/** The rate of a further token of plain output. Undefined as {@link dearestOutputRate} is. */
export function plainOutputRate(card: RateCard): Rate | undefined {
  const own = card.rates.find(({ meter }) => meter === 'OUTPUT_TOKENS')
  return own ?? (card.unitRates === undefined ? missingRate('OUTPUT_TOKENS') : undefined)
}

function perMillionOf({ priceNanousd, per }: Pick<Rate, 'priceNanousd' | 'per'>): bigint {
  return priceNanousd * (TOKENS_PER_RATE / per)
}
