import type { Meter, Rate, RateCard } from '../domain/rating/price'
import { perOf } from '../domain/rating/rateCards'

/**
 * Rates of cache writes that a source states only in part.
 *
 * - Writing to Claude's cache for an hour costs twice the input, at every provider; for five minutes 1.25 times
 *   (https://platform.claude.com/docs/en/build-with-claude/prompt-caching#pricing, read 2026-11-30). A source that has only
 *   the five minutes' rate would otherwise price the hour at it.
 * - OpenRouter's price of a write to Gemini's cache is the storage alone, on top of the input
 *   (https://openrouter.ai/docs/features/prompt-caching, read 2026-11-30: "input price + 5 minutes of storage"). It shows in
 *   a write that is cheaper than the input.
 * - A write at zero beside a paid input has no fee of its own: the tokens cost what the input does.
 */
export function withCacheWriteRates(
  card: RateCard,
  { provider, model }: { provider: string; model: string },
): RateCard {
  let { rates } = card
  const [input, write] = [priceIn(rates, 'INPUT_TOKENS'), priceIn(rates, 'CACHE_CREATION_INPUT_TOKENS')]
  if (input === undefined || input === 0n || write === undefined) return card
  if (write === 0n) rates = rates.filter(({ meter }) => meter !== 'CACHE_CREATION_INPUT_TOKENS')
  else if (provider === 'openrouter' && isGemini(model) && write < input) {
    rates = withPrice(rates, 'CACHE_CREATION_INPUT_TOKENS', input + write)
  }
  if (isClaude(model) && priceIn(rates, 'CACHE_CREATION_1H_INPUT_TOKENS') === undefined) {
    rates = [
      ...rates,
      {
        meter: 'CACHE_CREATION_1H_INPUT_TOKENS',
        priceNanousd: 2n * input,
        per: perOf('CACHE_CREATION_1H_INPUT_TOKENS'),
      },
    ]
  }
  return { ...card, rates }
}

function isClaude(model: string): boolean {
  return /claude/i.test(model)
}

function isGemini(model: string): boolean {
  return /gemini/i.test(model)
}

function priceIn(rates: readonly Rate[], meter: Meter): bigint | undefined {
  return rates.find((rate) => rate.meter === meter)?.priceNanousd
}

function withPrice(rates: readonly Rate[], meter: Meter, priceNanousd: bigint): Rate[] {
  return rates.map((rate) => (rate.meter === meter ? { ...rate, priceNanousd } : rate))
}
