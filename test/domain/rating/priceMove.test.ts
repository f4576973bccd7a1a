import type { RateCard } from '../../../src/domain/rating/price'
import { agreeWithin, movesMoreThan, rateMoves } from '../../../src/domain/rating/priceMove'
import { cardOf } from '../../support/priceBooks'

const plain = cardOf({ INPUT_TOKENS: 2, OUTPUT_TOKENS: 8 })
const large = { aboveInputTokens: 200_000n, ...cardOf({ INPUT_TOKENS: 4, OUTPUT_TOKENS: 16 }) }
const flex = { serviceTier: 'flex', ...cardOf({ INPUT_TOKENS: 1, OUTPUT_TOKENS: 4 }) }
const night = { daily: { fromMinute: 30, toMinute: 990 }, ...cardOf({ INPUT_TOKENS: 0.5, OUTPUT_TOKENS: 8 }) }

function withUnits(...units: [unit: string, priceNanousd: bigint, per: bigint][]): RateCard {
  return { ...plain, unitRates: units.map(([unit, priceNanousd, per]) => ({ unit, priceNanousd, per })) }
}

function metersMoved(before: RateCard[], after: RateCard[]): string[] {
  return [...new Set(rateMoves(before, after).map(({ of }) => of))].sort()
}

test.each<[string, RateCard[], RateCard[], string[]]>([
  ['nothing', [large, flex, plain], [large, flex, plain], []],
  ['a rate', [plain], [cardOf({ INPUT_TOKENS: 2, OUTPUT_TOKENS: 9 })], ['OUTPUT_TOKENS']],
  ['a card more', [plain], [large, plain], ['INPUT_TOKENS', 'OUTPUT_TOKENS']],
  ['a card less', [large, plain], [plain], ['INPUT_TOKENS', 'OUTPUT_TOKENS']],
  ['a time of day', [plain], [night, plain], ['INPUT_TOKENS']],
  [
    'which of two cards comes first',
    [large, flex, plain],
    [flex, large, plain],
    ['INPUT_TOKENS', 'OUTPUT_TOKENS'],
  ],
  [
    'a rate that was its parent’s',
    [plain],
    [cardOf({ INPUT_TOKENS: 2, OUTPUT_TOKENS: 8, CACHE_READ_INPUT_TOKENS: 0.2 })],
    ['CACHE_READ_INPUT_TOKENS'],
  ],
  [
    'a meter that only one prices',
    [plain],
    [cardOf({ INPUT_TOKENS: 2, OUTPUT_TOKENS: 8, WEB_SEARCHES: 1 })],
    [],
  ],
  [
    'a unit, and one at the same price for another number',
    [withUnits(['image/hd', 80_000_000n, 1n], ['character', 15n, 1n], ['page', 5n, 1n])],
    [withUnits(['image/hd', 90_000_000n, 1n], ['character', 15_000_000n, 1_000_000n])],
    ['1,000,000 image/hd'],
  ],
  [
    'a unit that a wildcard priced',
    [withUnits(['image/*', 80_000_000n, 1n])],
    [withUnits(['image/*', 80_000_000n, 1n], ['image/hd', 90_000_000n, 1n])],
    ['1,000,000 image/hd'],
  ],
])('what moves with %s', (_, before, after, meters) => {
  expect(metersMoved(before, after)).toEqual(meters)
})

test.each([
  [100n, 150n, false],
  [100n, 151n, true],
  [100n, 50n, false],
  [100n, 49n, true],
  [0n, 1n, true],
  [100n, 0n, true],
])('from %s to %s is more than 50 %%: %s', (beforeNanousd, afterNanousd, isMore) => {
  expect(movesMoreThan({ of: 'INPUT_TOKENS', beforeNanousd, afterNanousd }, 50)).toBe(isMore)
})

test('prices agree where every rate does, within the percentage', () => {
  const near = cardOf({ INPUT_TOKENS: 2.02, OUTPUT_TOKENS: 8 })
  const far = cardOf({ INPUT_TOKENS: 2.03, OUTPUT_TOKENS: 8 })
  expect([near, far].map((card) => agreeWithin([plain], [card], 1))).toEqual([true, false])
})
