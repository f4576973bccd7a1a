import { checkBlendedCost, checkRateBounds, rateAnomaly } from '../../../src/domain/rating/bounds'
import type { Meter } from '../../../src/domain/rating/price'
import { NO_CONDITIONS, perOf } from '../../../src/domain/rating/rateCards'
import { rate } from '../../../src/domain/rating/rating'
import { NO_USAGE } from '../../../src/domain/usage/usage'

const TOKEN_RATE_MIN = 1_000_000n
const TOKEN_RATE_MAX = 100_000_000_000_000n

function cardsOf(meter: Meter, priceNanousd: bigint) {
  return [{ rates: [{ meter, priceNanousd, per: perOf(meter) }] }]
}

test.each<[Meter, bigint, string | undefined]>([
  ['INPUT_TOKENS', TOKEN_RATE_MAX, undefined],
  ['INPUT_TOKENS', TOKEN_RATE_MAX + 1n, 'above'],
  ['OUTPUT_TOKENS', TOKEN_RATE_MIN, undefined],
  ['OUTPUT_TOKENS', TOKEN_RATE_MIN - 1n, 'below'],
  ['CACHE_READ_INPUT_TOKENS', 1n, 'below'],
  ['IMAGE_OUTPUT_TOKENS', 0n, undefined],
  ['WEB_SEARCHES', 10_000_000_000n, undefined],
  ['WEB_SEARCHES', 10_000_000_001n, 'above'],
  ['REQUESTS', 1_000n, undefined],
  ['REQUESTS', 999n, 'below'],
  ['REQUESTS', 0n, undefined],
])('%s at %s is %s', (meter, priceNanousd, anomaly) => {
  const cards = cardsOf(meter, priceNanousd)
  expect(rateAnomaly(cards)?.anomaly).toBe(anomaly)
  if (anomaly === undefined) expect(() => checkRateBounds(cards)).not.toThrow()
  else expect(() => checkRateBounds(cards)).toThrow(expect.objectContaining({ reason: 'PRICE_ANOMALY' }))
})

describe('the blended cost of 1,000 tokens', () => {
  const usage = { ...NO_USAGE, inputTokens: 1_000n, webSearches: 1n }
  const ratingAt = (perThousandNanousd: bigint) =>
    rate(
      {
        rateCards: [
          {
            rates: [
              { meter: 'INPUT_TOKENS' as const, priceNanousd: perThousandNanousd * 1_000n, per: 1_000_000n },
              { meter: 'WEB_SEARCHES' as const, priceNanousd: 10_000_000_000n, per: 1n },
            ],
          },
        ],
        markupBasisPoints: 10_000,
      },
      { usage, conditions: NO_CONDITIONS, at: new Date() },
    )

  test('counts tokens alone, before markup', () => {
    expect(checkBlendedCost(ratingAt(100_000_000_000n), usage)).toEqual({ suspiciouslyCheap: false })
    expect(() => checkBlendedCost(ratingAt(100_000_000_001n), usage)).toThrow('$100 per 1,000')
  })

  test('below $0.0001 it is suspicious, but for nothing at all', () => {
    expect(checkBlendedCost(ratingAt(100_000n), usage)).toEqual({ suspiciouslyCheap: false })
    expect(checkBlendedCost(ratingAt(99_999n), usage)).toEqual({ suspiciouslyCheap: true })
    expect(checkBlendedCost(ratingAt(0n), usage)).toEqual({ suspiciouslyCheap: false })
    expect(checkBlendedCost(ratingAt(1n), { ...NO_USAGE, webSearches: 1n })).toEqual({
      suspiciouslyCheap: false,
    })
  })
})
