import { BillingError } from '../errors'
import type { Nanousd } from '../money'
import type { Usage } from '../usage/usage'
import type { Cost, RateCard } from './price'
import { isTokenMeter } from './rateCards'

interface Bounds {
  minNanousd: Nanousd
  maxNanousd: Nanousd
}

/** $1e-9 to $0.1 a token, as a rate for a million of them. A unit slip of a thousand leaves these on one side or the other. */
const TOKEN_RATE_BOUNDS: Bounds = { minNanousd: 1_000_000n, maxNanousd: 100_000_000_000_000n }
/** $0.000001 to $10 a web search or request. */
const UNIT_RATE_BOUNDS: Bounds = { minNanousd: 1_000n, maxNanousd: 10_000_000_000n }
/** $0.0001 to $100 for 1,000 tokens, whatever they are. */
const BLENDED_BOUNDS_PER_1K: Bounds = { minNanousd: 100_000n, maxNanousd: 100_000_000_000n }

export type RateAnomaly = 'above' | 'below'

/** A rate out of bounds before markup, or undefined. Zero is free, not an anomaly. */
export function rateAnomaly(
  cards: readonly RateCard[],
  { tokenRateNanousdMax = TOKEN_RATE_BOUNDS.maxNanousd }: { tokenRateNanousdMax?: Nanousd } = {},
): { anomaly: RateAnomaly; description: string } | undefined {
  const tokenBounds = { ...TOKEN_RATE_BOUNDS, maxNanousd: tokenRateNanousdMax }
  for (const { rates } of cards) {
    for (const { meter, priceNanousd } of rates) {
      const bounds = isTokenMeter(meter) ? tokenBounds : UNIT_RATE_BOUNDS
      const unit = isTokenMeter(meter) ? '1,000,000 tokens' : 'unit'
      if (priceNanousd > bounds.maxNanousd) {
        const description = `${meter} at ${priceNanousd} nano-USD per ${unit} is above ${bounds.maxNanousd}`
        return { anomaly: 'above', description }
      }
      if (priceNanousd > 0n && priceNanousd < bounds.minNanousd) {
        const description = `${meter} at ${priceNanousd} nano-USD per ${unit} is below ${bounds.minNanousd} and not zero`
        return { anomaly: 'below', description }
      }
    }
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
  { tokenCostMicronanousd: cost }: Cost,
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
