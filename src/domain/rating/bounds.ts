import { BillingError } from '../errors'
import type { Nanousd } from '../money'
import { isTokenUnit } from '../usage/units'
import type { Usage } from '../usage/usage'
import type { Cost, RateCard } from './price'
import { isTokenMeter, TOKENS_PER_RATE } from './rateCards'

interface Bounds {
  minNanousd: Nanousd
  maxNanousd: Nanousd
}

/** $1e-9 to $0.1 a token, as a rate for a million of them. A unit slip of a thousand leaves these on one side or the other. */
const TOKEN_RATE_BOUNDS: Bounds = { minNanousd: 1_000_000n, maxNanousd: 100_000_000_000_000n }
/** $0.000001 to $10 a web search or request. */
const UNIT_RATE_BOUNDS: Bounds = { minNanousd: 1_000n, maxNanousd: 10_000_000_000n }
/** For one unit of a kind, whatever its qualifiers. A unit slip of a thousand leaves most of these. */
const BOUNDS_OF_UNIT: ReadonlyMap<string, Bounds> = new Map([
  // $1e-9 to $0.001.
  ...boundsOfEach(['character', 'output_character', 'pixel'], { minNanousd: 1n, maxNanousd: 1_000_000n }),
  // $1e-7 to $10.
  ...boundsOfEach(['second', 'audio_second', 'video_second'], {
    minNanousd: 100n,
    maxNanousd: 10_000_000_000n,
  }),
  // $1e-6 to $10.
  ...boundsOfEach(['image', 'image_input', 'page', 'search_unit', 'tool_call'], {
    minNanousd: 1_000n,
    maxNanousd: 10_000_000_000n,
  }),
])
/** $1e-9 to $1,000 of anything else. */
const OTHER_UNIT_BOUNDS: Bounds = { minNanousd: 1n, maxNanousd: 1_000_000_000_000n }
/** $0.0001 to $100 for 1,000 tokens, whatever they are. */
const BLENDED_BOUNDS_PER_1K: Bounds = { minNanousd: 100_000n, maxNanousd: 100_000_000_000n }

export type RateAnomaly = 'above' | 'below'

/** A rate out of bounds before markup, or undefined. Zero is free, not an anomaly. */
export function rateAnomaly(
  cards: readonly RateCard[],
  { tokenRateNanousdMax = TOKEN_RATE_BOUNDS.maxNanousd }: { tokenRateNanousdMax?: Nanousd } = {},
): { anomaly: RateAnomaly; description: string } | undefined {
  const tokenBounds = { ...TOKEN_RATE_BOUNDS, maxNanousd: tokenRateNanousdMax }
  for (const { rates, unitRates = [] } of cards) {
    for (const { meter, priceNanousd } of rates) {
      const found = isTokenMeter(meter)
        ? anomalyOf({ name: meter, priceNanousd, of: '1,000,000 tokens' }, tokenBounds)
        : anomalyOf({ name: meter, priceNanousd, of: 'unit' }, UNIT_RATE_BOUNDS)
      if (found !== undefined) return found
    }
    for (const { unit, priceNanousd, per } of unitRates) {
      const of = per === 1n ? 'unit' : `${per} units`
      const found = anomalyOf({ name: unit, priceNanousd, of }, boundsOf(unit, per, tokenBounds))
      if (found !== undefined) return found
    }
  }
  return undefined
}

/** For `per` of a unit. */
function boundsOf(unit: string, per: bigint, tokenBounds: Bounds): Bounds {
  const [kind = unit] = unit.split('/')
  if (isTokenUnit(unit)) {
    const ofMillion = TOKENS_PER_RATE / per
    const { minNanousd, maxNanousd } = tokenBounds
    return { minNanousd: minNanousd / ofMillion, maxNanousd: maxNanousd / ofMillion }
  }
  const { minNanousd, maxNanousd } = BOUNDS_OF_UNIT.get(kind) ?? OTHER_UNIT_BOUNDS
  return { minNanousd: minNanousd * per, maxNanousd: maxNanousd * per }
}

function anomalyOf(
  { name, priceNanousd, of }: { name: string; priceNanousd: Nanousd; of: string },
  { minNanousd, maxNanousd }: Bounds,
): { anomaly: RateAnomaly; description: string } | undefined {
  const what = `${name} at ${priceNanousd} nano-USD per ${of}`
  if (priceNanousd > maxNanousd) return { anomaly: 'above', description: `${what} is above ${maxNanousd}` }
  if (priceNanousd > 0n && priceNanousd < minNanousd) {
    return { anomaly: 'below', description: `${what} is below ${minNanousd} and not zero` }
  }
  return undefined
}

/** Refuses rates outside the bounds with PRICE_ANOMALY. */
export function checkRateBounds(cards: readonly RateCard[]): void {
  const found = rateAnomaly(cards)
  if (found !== undefined) {
    throw new BillingError('PRICE_ANOMALY', `${found.description}: check the units`, {
      metadata: { anomaly: found.anomaly },
    })
  }
}

/**
 * Compares what the tokens of a call cost on average, before markup, with what tokens cost anywhere. Above: PRICE_ANOMALY.
 * Below and not free: the caller charges it, and has it counted and reported.
 */
export function checkBlendedCost(
  { tokenCostMicronanousd: cost }: Pick<Cost, 'tokenCostMicronanousd'>,
  usage: Usage,
): { suspiciouslyCheap: boolean } {
  const tokens = usage.inputTokens + usage.outputTokens
  if (tokens === 0n) return { suspiciouslyCheap: false }
  const perThousandTimesMillion = cost * 1_000n
  if (perThousandTimesMillion > BLENDED_BOUNDS_PER_1K.maxNanousd * tokens * 1_000_000n) {
    throw new BillingError('PRICE_ANOMALY', 'the tokens of this call would cost more than $100 per 1,000', {
      metadata: { anomaly: 'above' },
    })
  }
  const isBelow = perThousandTimesMillion < BLENDED_BOUNDS_PER_1K.minNanousd * tokens * 1_000_000n
  return { suspiciouslyCheap: isBelow && cost > 0n }
}

function boundsOfEach(units: readonly string[], bounds: Bounds): [string, Bounds][] {
  return units.map((unit) => [unit, bounds])
}
