import { rateAnomaly } from '../../../src/domain/rating/bounds'
import type { RateCard, UnitRate } from '../../../src/domain/rating/price'
import { priceIdOf, rateCardsKey } from '../../../src/domain/rating/priceId'
import { NO_CONDITIONS, validateRateCards } from '../../../src/domain/rating/rateCards'
import { dearestOutputRate } from '../../../src/domain/rating/rateOf'
import { amountOf, cardFor, costOf, outputTokensAffordable, rate } from '../../../src/domain/rating/rating'
import { NO_USAGE, type Usage } from '../../../src/domain/usage/usage'
import { cardOf } from '../../support/priceBooks'

const M = 1_000_000n
const noon = { conditions: NO_CONDITIONS, at: new Date('2026-11-30T12:00:00Z') }

/** Rates in nano-USD for one unit. */
function cardOfUnits(rates: Record<string, bigint>, card: RateCard = { rates: [] }): RateCard {
  const unitRates = Object.entries(rates).map(([unit, priceNanousd]) => ({ unit, priceNanousd, per: 1n }))
  return { ...card, unitRates }
}

function rated(card: RateCard, usage: Partial<Usage>, markupBasisPoints = 0) {
  return rate({ rateCards: [card], markupBasisPoints }, { ...noon, usage: { ...NO_USAGE, ...usage } })
}

test('Whisper: eleven seconds at $0.006 a minute', () => {
  const rating = rated(cardOfUnits({ second: 100_000n }), { units: { second: 11n * M } })
  expect(rating.amountNanousd).toBe(1_100_000n)
  expect(rating.lineItems).toEqual([
    {
      ...{ unit: 'second', unitCount: '11', priceNanousd: 100_000n, per: 1n },
      ...{ costNanousd: '1100000', chargedNanousd: '1100000' },
    },
  ])
})

test('decimals are summed exactly and rounded once, with tokens and markup', () => {
  const card = cardOfUnits({ second: 1n, page: 1n }, cardOf({ INPUT_TOKENS: 0.001, OUTPUT_TOKENS: 0 }))
  const units = { second: 250_000n, page: 249_999n }
  const rating = rated(card, { inputTokens: 1n, units })
  // 1 token at a nano-USD, and 0.499999 of units.
  expect(rating).toMatchObject({ costNanousd: 1n, tokenCostMicronanousd: M })
  expect(rated(card, { inputTokens: 1n, units: { ...units, page: 250_000n } }).costNanousd).toBe(2n)
  expect(rating.lineItems.map(({ costNanousd }) => costNanousd)).toEqual(['1', '0.25', '0.249999'])
  expect(rated(card, { inputTokens: 1n, units }, 1).lineItems.map((line) => line.chargedNanousd)).toEqual([
    '1.0001',
    '0.250025',
    '0.2500239999',
  ])
})

test('a rate for a million units prices a millionth of a nano-dollar', () => {
  const unitRates = [{ unit: 'character', priceNanousd: 15_000_000_001n, per: M }]
  const rating = rated({ rates: [], unitRates }, { units: { character: 1_000n * M } })
  expect(rating.lineItems[0]?.costNanousd).toBe('15000000.001')
  expect(rating.amountNanousd).toBe(15_000_000n)
})

describe('the rate of a qualified unit', () => {
  const card = cardOfUnits({ image: 10n, 'image/hd': 80n, 'image/*': 100n, 'image/hd/*': 90n, page: 1n })

  test.each([
    ['image', 10n],
    ['image/hd', 80n],
    ['image/standard', 100n],
    ['image/1024x1024/low', 100n],
    ['image/hd/1792x1024', 90n],
  ])('%s costs %s', (unit, amount) => {
    expect(rated(card, { units: { [unit]: M } }).amountNanousd).toBe(amount)
  })

  test.each(['page/annotated', 'second', 'imag', 'image_input'])(
    '%s is refused, never billed as another',
    (unit) => {
      expect(() => rated(card, { units: { [unit]: M } })).toThrow(
        expect.objectContaining({
          reason: 'MODEL_PRICE_MISSING',
          message: expect.stringContaining(`the unit ${unit}, which was used`),
          metadata: { unit },
        }),
      )
    },
  )

  test('an unqualified one is not a qualified one', () => {
    expect(() => rated(cardOfUnits({ 'image/*': 1n }), { units: { image: M } })).toThrow('the unit image,')
  })

  test('an operator’s rate of zero includes it', () => {
    expect(
      rated(cardOfUnits({ 'tool_call/*': 0n }), { units: { 'tool_call/search': M } }).amountNanousd,
    ).toBe(0n)
  })

  test('other cards lend no rate', () => {
    const rateCards = [{ ...cardOf({ INPUT_TOKENS: 1 }), serviceTier: 'batch' }, card]
    const request = { at: noon.at, usage: { ...NO_USAGE, units: { image: M } } }
    const batch = { ...NO_CONDITIONS, serviceTier: 'batch' }
    expect(() => costOf({ rateCards, markupBasisPoints: 0 }, { ...request, conditions: batch })).toThrow(
      'image',
    )
  })
})

test.each<[string, Record<string, bigint>, bigint]>([
  ['audio_second', { second: 3n }, 3n],
  ['video_second', { second: 3n, audio_second: 5n }, 3n],
  ['audio_second', { second: 3n, audio_second: 5n }, 5n],
])('%s with the rates %j costs %s', (unit, rates, amount) => {
  expect(rated(cardOfUnits(rates), { units: { [unit]: M } }).amountNanousd).toBe(amount)
})

test('a second is no second of audio, and qualified seconds are no seconds', () => {
  expect(() => rated(cardOfUnits({ audio_second: 1n }), { units: { second: M } })).toThrow('second')
  const usage = { units: { 'video_second/1080p': M } }
  expect(() => rated(cardOfUnits({ second: 1n, video_second: 1n }), usage)).toThrow('video_second/1080p')
})

test('search units without a rate are the requests of the call', () => {
  const requests = cardOf({ REQUESTS: 2 })
  const fee = requests.rates[0]?.priceNanousd ?? 0n
  const units = { search_unit: 3n * M }
  expect(rated(requests, { units }).amountNanousd).toBe(3n * fee)
  expect(rated(requests, { units, requests: 1n }).amountNanousd).toBe(4n * fee)
  expect(rated(cardOfUnits({ search_unit: 5n }, requests), { units }).amountNanousd).toBe(fee + 15n)
  expect(() => rated(cardOf({ INPUT_TOKENS: 1 }), { units })).toThrow('search_unit')
})

describe('video tokens', () => {
  const plain = cardOf({
    INPUT_TOKENS: 0.2,
    OUTPUT_TOKENS: 3,
    IMAGE_INPUT_TOKENS: 0.45,
    CACHE_READ_INPUT_TOKENS: 0.02,
  })
  const unitRates: UnitRate[] = [{ unit: 'video_token', priceNanousd: 12_000_000_000n, per: M }]
  const priced = { ...plain, unitRates }

  test('have their own rate', () => {
    const usage = { inputTokens: 660n, units: { video_token: 660n * M } }
    expect(rated(priced, usage).amountNanousd).toBe(7_920_000n)
    expect(rated(priced, { ...usage, inputTokens: 760n }).amountNanousd).toBe(7_940_000n)
  })

  test('without one cost what the input does, and the line says so', () => {
    const rating = rated(plain, { inputTokens: 660n, units: { video_token: 660n * M } })
    expect(rating.amountNanousd).toBe(132_000n)
    expect(rating.lineItems).toMatchObject([
      { unit: 'video_token', unitCount: '660', priceNanousd: 200_000_000n },
    ])
  })

  test('come off the input after the cache and the other modalities', () => {
    const rating = rated(priced, {
      ...{ inputTokens: 100n, cacheReadInputTokens: 30n, imageInputTokens: 40n },
      units: { video_token: 50n * M },
    })
    expect(rating.lineItems).toMatchObject([
      { meter: 'CACHE_READ_INPUT_TOKENS', units: 30n },
      { meter: 'IMAGE_INPUT_TOKENS', units: 40n },
      { unit: 'video_token', unitCount: '30' },
    ])
  })

  test('of the output come off it, and are what a further token may cost', () => {
    const card = { ...plain, unitRates: [{ unit: 'video_output_token', priceNanousd: 17_500n, per: 1n }] }
    const usage = { outputTokens: 10n, units: { video_output_token: 4n * M } }
    expect(rated(card, usage).amountNanousd).toBe(6n * 3_000n + 4n * 17_500n)
    expect(dearestOutputRate(card)).toMatchObject({ unit: 'video_output_token' })
  })

  test('count among the tokens of the call, and a tier’s multiple is theirs too', () => {
    const conditions = { ...NO_CONDITIONS, rateBasisPoints: 5_000 }
    const card = cardFor(
      {
        rateCards: [{ ...priced, unitRates: [...unitRates, { unit: 'second', priceNanousd: 10n, per: 1n }] }],
      },
      { usage: NO_USAGE, conditions, at: noon.at },
    )
    expect(card.unitRates?.map(({ priceNanousd }) => priceNanousd)).toEqual([6_000_000_000n, 10n])
    const usage = { inputTokens: 1n, units: { video_token: M } }
    expect(rated(priced, usage).tokenCostMicronanousd).toBe(12_000_000_000n)
  })
})

test('what a budget buys leaves the units paid', () => {
  const card = cardOfUnits({ second: 1_000n }, cardOf({ INPUT_TOKENS: 1, OUTPUT_TOKENS: 10 }))
  const asked = { ...noon, price: { rateCards: [card], markupBasisPoints: 0 }, maxOutputTokens: 1_000n }
  const usage = { ...NO_USAGE, units: { second: 10_500_000n } }
  const affordable = (budgetNanousd: bigint) =>
    outputTokensAffordable({ ...asked, usage, budgetNanousd, furtherTokens: 'plain' })
  expect([10_499n, 10_500n, 20_499n, 20_500n].map(affordable)).toEqual([0n, 0n, 0n, 1n])
  const secondsAlone = { rateCards: [cardOfUnits({ second: 1_000n })], markupBasisPoints: 0 }
  for (const furtherTokens of ['plain', 'dearest'] as const) {
    expect(
      outputTokensAffordable({ ...asked, price: secondsAlone, usage, budgetNanousd: 20_000n, furtherTokens }),
    ).toBe(1_000n)
  }
  expect(amountOf(secondsAlone, { ...noon, usage })).toBe(10_500n)
})

describe('a card of units', () => {
  const base = cardOfUnits({ second: 1n })

  test('needs no rate of tokens', () => {
    expect(() => validateRateCards([base], 'rate_cards')).not.toThrow()
  })

  test.each<[string, RateCard, string]>([
    ['no rate at all', { rates: [], unitRates: [] }, 'rate_cards[0].rates must have at least one rate'],
    ['a name that is none', cardOfUnits({ 'Image HD': 1n }), 'rate_cards[0].rates[0].unit must have'],
    [
      'a unit twice',
      { rates: [], unitRates: [...(base.unitRates ?? []), ...(base.unitRates ?? [])] },
      'rate_cards[0].rates[1].unit repeats second',
    ],
    [
      'a negative rate',
      cardOfUnits({ second: -1n }),
      'rate_cards[0].rates[0].price_nanousd must not be negative',
    ],
    [
      'a number of units that is no power of ten',
      { ...cardOf({ INPUT_TOKENS: 1 }), unitRates: [{ unit: 'second', priceNanousd: 1n, per: 60n }] },
      'rate_cards[0].rates[1].per must be a power of ten from 1 to 1000000 for second',
    ],
  ])('with %s is refused', (_, card, message) => {
    expect(() => validateRateCards([card], 'rate_cards')).toThrow(message)
  })

  test('is another price than one without them, and one without keeps its id', () => {
    const card = cardOf({ INPUT_TOKENS: 1 })
    expect(rateCardsKey([card])).toBe(' "" :INPUT_TOKENS=1000000000/1000000')
    expect(rateCardsKey([{ ...card, ...base, rates: card.rates }])).not.toBe(rateCardsKey([card]))
    const named = { model: 'm', provider: 'p', source: 'operator', effectiveFrom: noon.at } as const
    expect(priceIdOf({ ...named, rateCards: [base] })).not.toBe(
      priceIdOf({ ...named, rateCards: [cardOfUnits({ page: 1n })] }),
    )
  })
})

test.each<[string, bigint, bigint, string | undefined]>([
  ['second', 100_000n, 1n, undefined],
  ['second', 10_000_000_001n, 1n, 'second at 10000000001 nano-USD per unit is above 10000000000'],
  ['second', 99n, 1n, 'second at 99 nano-USD per unit is below 100 and not zero'],
  ['image/hd', 80_000_000n, 1n, undefined],
  ['image/hd', 999n, 1n, 'image/hd at 999 nano-USD per unit is below 1000 and not zero'],
  ['character', 15_000_000_000n, M, undefined],
  ['character', 15_000_000_000n, 1n, 'character at 15000000000 nano-USD per unit is above 1000000'],
  ['gpu_hour', 4_000_000_000n, 1n, undefined],
  ['gpu_hour', 10n ** 12n + 1n, 1n, 'is above 1000000000000'],
  ['video_token', 12_000_000_000n, M, undefined],
  ['video_token', 12_000n, 1n, undefined],
  ['video_token', 12_000_000_000n, 1n, 'video_token at 12000000000 nano-USD per unit is above 100000000'],
  ['page', 0n, 1n, undefined],
])('%s at %s nano-USD for %s: %s', (unit, priceNanousd, per, description) => {
  const found = rateAnomaly([{ rates: [], unitRates: [{ unit, priceNanousd, per }] }])
  if (description === undefined) expect(found).toBeUndefined()
  else expect(found?.description).toContain(description)
})
