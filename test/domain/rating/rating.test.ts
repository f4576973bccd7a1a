import fc from 'fast-check'
import { metersOf } from '../../../src/domain/rating/meters'
import type { Conditions, Meter, Rate, RateCard, UnitRate } from '../../../src/domain/rating/price'
import {
  NO_CONDITIONS,
  PARENT_OF,
  perOf,
  selectRateCard,
  validateRateCards,
} from '../../../src/domain/rating/rateCards'
import { dearestOutputRate } from '../../../src/domain/rating/rateOf'
import { outputTokensAffordable, rate } from '../../../src/domain/rating/rating'
import { checkUsage } from '../../../src/domain/usage/checkUsage'
import { addUnits, sortedUnits, type Units } from '../../../src/domain/usage/units'
import { type Count, NO_USAGE, type Usage } from '../../../src/domain/usage/usage'

const at = new Date('2026-03-01T12:00:00Z')

const casesAsked =
  process.env['PROPERTY_TEST_CASES'] === undefined ? undefined : Number(process.env['PROPERTY_TEST_CASES'])
// However long they take.
if (casesAsked !== undefined) jest.setTimeout(3_600_000)
const noon = { conditions: NO_CONDITIONS, at }

function cardOf(rates: Partial<Record<Meter, bigint>>, conditions: Omit<RateCard, 'rates'> = {}): RateCard {
  const meters = Object.entries(rates) as [Meter, bigint][]
  return {
    ...conditions,
    rates: meters.map(([meter, priceNanousd]) => ({ meter, priceNanousd, per: perOf(meter) })),
  }
}

function amountOf(card: RateCard, usage: Partial<Usage>, markupBasisPoints = 0): bigint {
  const request = { ...noon, usage: { ...NO_USAGE, ...usage } }
  return rate({ rateCards: [card], markupBasisPoints }, request).amountNanousd
}

describe('the rate that a meter has', () => {
  const plain = cardOf({ INPUT_TOKENS: 1_000_000n, OUTPUT_TOKENS: 10_000_000n })
  const children = Object.entries(PARENT_OF) as [Meter, Meter][]

  test.each(children)('%s without a rate is priced as %s', (meter, parent) => {
    const usage = usageOfOnly(meter)
    const own = cardOf({ INPUT_TOKENS: 1n, OUTPUT_TOKENS: 1n, [parent]: 7_000_000n })
    expect(amountOf(own, usage)).toBe(700n)
    expect(
      amountOf(cardOf({ INPUT_TOKENS: 1n, OUTPUT_TOKENS: 1n, [parent]: 7n, [meter]: 9_000_000n }), usage),
    ).toBe(900n)
  })

  test('a parent counts in its own card alone', () => {
    const cards = [cardOf({ OUTPUT_TOKENS: 1n }, { aboveInputTokens: 10n }), plain]
    const usage = { ...NO_USAGE, inputTokens: 11n }
    expect(() => rate({ rateCards: cards, markupBasisPoints: 0 }, { ...noon, usage })).toThrow('INPUT_TOKENS')
  })

  test('a used token meter with neither a rate nor a parent is refused, never free', () => {
    expect(() => amountOf(cardOf({ INPUT_TOKENS: 1n }), { inputTokens: 1n, outputTokens: 1n })).toThrow(
      expect.objectContaining({ reason: 'MODEL_PRICE_MISSING' }),
    )
    expect(amountOf(cardOf({ INPUT_TOKENS: 1_000_000n }), { inputTokens: 1n })).toBe(1n)
  })

  test('requests and web searches cost nothing without a rate, and one request is meant where none is declared', () => {
    const usage = { inputTokens: 1n, webSearches: 3n }
    expect(amountOf(plain, usage)).toBe(1n)
    const priced = cardOf({ INPUT_TOKENS: 1_000_000n, WEB_SEARCHES: 10n, REQUESTS: 100n })
    expect(amountOf(priced, usage)).toBe(131n)
    expect(amountOf(priced, { ...usage, requests: 0n })).toBe(31n)
    expect(amountOf(priced, { ...usage, requests: 4n })).toBe(431n)
    expect(amountOf(priced, {})).toBe(0n)
    expect(amountOf(priced, { requests: 2n })).toBe(200n)
  })

  test('the cache comes off the input first, and a modality has what is left at most', () => {
    const overlapping = {
      inputTokens: 100n,
      cacheReadInputTokens: 90n,
      imageInputTokens: 80n,
      audioInputTokens: 6n,
    }
    expect(Object.fromEntries(metersOf({ ...NO_USAGE, ...overlapping }))).toEqual({
      CACHE_READ_INPUT_TOKENS: 90n,
      AUDIO_INPUT_TOKENS: 6n,
      IMAGE_INPUT_TOKENS: 4n,
      REQUESTS: 1n,
    })
  })
})

describe('the card that prices a request', () => {
  const cards = [
    cardOf({ INPUT_TOKENS: 4n }, { aboveInputTokens: 200n, serviceTier: 'priority' }),
    cardOf({ INPUT_TOKENS: 3n }, { serviceTier: 'priority' }),
    cardOf({ INPUT_TOKENS: 2n }, { aboveInputTokens: 200n }),
    cardOf({ INPUT_TOKENS: 5n }, { daily: { fromMinute: 22 * 60, toMinute: 6 * 60 } }),
    cardOf({ INPUT_TOKENS: 1n }),
  ]
  test.each([
    [200n, '', '12:00', 1n],
    [201n, '', '12:00', 2n],
    [201n, 'priority', '12:00', 4n],
    [200n, 'priority', '23:00', 3n],
    [200n, 'flex', '12:00', 1n],
    [200n, '', '21:59', 1n],
    [200n, '', '22:00', 5n],
    [200n, '', '05:59', 5n],
    [200n, '', '06:00', 1n],
  ])('%s input tokens, tier "%s", %s UTC', (inputTokens, serviceTier, time, expected) => {
    validateRateCards(cards, 'rate_cards')
    const card = selectRateCard(cards, {
      inputTokens,
      conditions: { ...NO_CONDITIONS, serviceTier },
      at: new Date(`2026-03-01T${time}:00Z`),
    })
    expect(card.rates[0]?.priceNanousd).toBe(expected)
  })

  const served = [
    cardOf({ INPUT_TOKENS: 6n }, { geography: 'us', speed: 'fast' }),
    cardOf({ INPUT_TOKENS: 5n }, { speed: 'fast' }),
    cardOf({ INPUT_TOKENS: 4n }, { geography: 'us' }),
    cardOf({ INPUT_TOKENS: 3n }, { weekdays: [1, 5], daily: { fromMinute: 60, toMinute: 240 } }),
    cardOf({ INPUT_TOKENS: 2n }, { weekdays: [7] }),
    cardOf({ INPUT_TOKENS: 1n }),
  ]
  test.each([
    ['us', 'fast', '2026-11-24T12:00:00Z', 6n],
    ['eu', 'fast', '2026-11-24T12:00:00Z', 5n],
    ['us', '', '2026-11-24T12:00:00Z', 4n],
    ['', '', '2026-11-23T01:00:00Z', 3n],
    ['', '', '2026-11-27T03:59:59Z', 3n],
    ['', '', '2026-11-23T04:00:00Z', 1n],
    ['', '', '2026-11-24T02:00:00Z', 1n],
    ['', '', '2026-11-29T02:00:00Z', 2n],
    ['', '', '2026-11-30T00:59:59Z', 1n],
  ])('served in "%s" at speed "%s", %s', (geography, speed, at, expected) => {
    validateRateCards(served, 'rate_cards')
    const choice = { inputTokens: 1n, conditions: { serviceTier: '', speed, geography }, at: new Date(at) }
    expect(selectRateCard(served, choice).rates[0]?.priceNanousd).toBe(expected)
  })

  const base = cardOf({ INPUT_TOKENS: 1n })
  test.each<[string, RateCard[], string]>([
    [
      'a day that is none',
      [cardOf({ INPUT_TOKENS: 1n }, { weekdays: [1, 8] }), base],
      'rate_cards[0].weekdays_utc[1]',
    ],
    [
      'a day twice',
      [cardOf({ INPUT_TOKENS: 1n }, { weekdays: [2, 2] }), base],
      'rate_cards[0].weekdays_utc[1]',
    ],
    [
      'a week that two others cover',
      [
        cardOf({ INPUT_TOKENS: 1n }, { weekdays: [1, 2, 3, 4, 5] }),
        cardOf({ INPUT_TOKENS: 1n }, { weekdays: [6, 7] }),
        cardOf({ INPUT_TOKENS: 1n }, { weekdays: [7] }),
        base,
      ],
      'rate_cards[2]',
    ],
    ['no card', [], 'rate_cards'],
    [
      'no unconditional card at the end',
      [cardOf({ INPUT_TOKENS: 1n }, { serviceTier: 'flex' })],
      'rate_cards[0]',
    ],
    ['a card behind an unconditional one', [base, base], 'rate_cards[0]'],
    [
      'a higher size behind a lower one',
      [
        cardOf({ INPUT_TOKENS: 1n }, { aboveInputTokens: 5n }),
        cardOf({ INPUT_TOKENS: 1n }, { aboveInputTokens: 9n }),
        base,
      ],
      'rate_cards[1]',
    ],
    [
      'a day that two others cover',
      [
        cardOf({ INPUT_TOKENS: 1n }, { daily: { fromMinute: 0, toMinute: 700 } }),
        cardOf({ INPUT_TOKENS: 1n }, { daily: { fromMinute: 700, toMinute: 0 } }),
        cardOf({ INPUT_TOKENS: 1n }, { daily: { fromMinute: 60, toMinute: 1_000 } }),
        base,
      ],
      'rate_cards[2]',
    ],
    ['a meter twice', [{ rates: [...base.rates, ...base.rates] }], 'rate_cards[0].rates[1].meter'],
    ['a negative price', [cardOf({ INPUT_TOKENS: -1n })], 'rate_cards[0].rates[0].price_nanousd'],
    [
      'another unit',
      [{ rates: [{ meter: 'REQUESTS', priceNanousd: 1n, per: 1_000n }] }],
      'rate_cards[0].rates[0].per',
    ],
    ['no rates', [{ rates: [] }], 'rate_cards[0].rates'],
  ])('%s is refused', (_, refused, field) => {
    expect(() => validateRateCards(refused, 'rate_cards')).toThrow(
      expect.objectContaining({ reason: 'INVALID_FIELD', field }),
    )
  })
})

describe('rounding and markup', () => {
  test('one rounding, half up, at the very end', () => {
    const card = cardOf({ INPUT_TOKENS: 500_000n, OUTPUT_TOKENS: 500_000n })
    expect(amountOf(card, { inputTokens: 1n, outputTokens: 1n })).toBe(1n)
    expect(amountOf(card, { inputTokens: 1n })).toBe(1n)
    expect(amountOf(cardOf({ INPUT_TOKENS: 499_999n }), { inputTokens: 1n })).toBe(0n)
  })

  test('markup is on the exact cost, and both amounts are on the lines', () => {
    const card = cardOf({ INPUT_TOKENS: 1_500_000n, OUTPUT_TOKENS: 2_000_000n })
    const usage = { ...NO_USAGE, inputTokens: 1n, outputTokens: 1n }
    const rating = rate({ rateCards: [card], markupBasisPoints: 1_000 }, { ...noon, usage })
    expect(rating).toMatchObject({ costNanousd: 4n, amountNanousd: 4n })
    expect(rating.lineItems.map(({ costNanousd, chargedNanousd }) => [costNanousd, chargedNanousd])).toEqual([
      ['1.5', '1.65'],
      ['2', '2.2'],
    ])
  })
})

describe('for any price and usage', () => {
  test('rating equals a sum of fractions', () => {
    let cases = 0
    fc.assert(
      fc.property(anyCard(), anyUsage(), fc.integer({ min: 0, max: 20_000 }), (card, usage, markup) => {
        cases += 1
        checkUsage(usage, 'usage')
        expect(amountOf(card, usage, markup)).toBe(oracle(card, usage, markup))
      }),
      bounded(),
    )
    expect(cases).toBeGreaterThanOrEqual(casesAsked ?? 1)
  })

  test('the card is the first whose conditions hold, and prices the whole call', () => {
    let cases = 0
    fc.assert(
      fc.property(
        anyCards(),
        anyUsage(),
        anyConditions(),
        fc.date({
          min: new Date('2026-01-01T00:00:00Z'),
          max: new Date('2027-12-31T00:00:00Z'),
          noInvalidDate: true,
        }),
        (rateCards, usage, conditions, when) => {
          cases += 1
          const request = { usage, conditions, at: when }
          expect(rate({ rateCards, markupBasisPoints: 0 }, request).amountNanousd).toBe(
            oracle(cardByHand(rateCards, request), usage, 0),
          )
        },
      ),
      bounded(),
    )
    expect(cases).toBeGreaterThanOrEqual(casesAsked ?? 1)
  })

  test('one more token, search or request never costs less', () => {
    const grown = fc.constantFrom<Count>('inputTokens', 'outputTokens', 'webSearches', 'requests')
    fc.assert(
      fc.property(anyCard(), anyUsage(), grown, fc.bigInt(1n, 1_000_000n), (card, usage, count, more) => {
        const larger = { ...usage, requests: 1n, [count]: (usage[count] ?? 1n) + more }
        expect(amountOf(card, larger) >= amountOf(card, { ...usage, requests: 1n })).toBe(true)
      }),
      bounded(),
    )
  })

  test('two requests cost what one of both would, up to the rounding', () => {
    fc.assert(
      fc.property(anyCard(), disjointUsage(), disjointUsage(), (card, first, second) => {
        const { units: ofFirst, ...firstCounts } = first
        const units = addUnits(ofFirst, second.units)
        const both = {
          ...Object.fromEntries(
            Object.keys(firstCounts).map((count) => [
              count,
              (first[count as Count] ?? 0n) + (second[count as Count] ?? 0n),
            ]),
          ),
          ...(units !== undefined && { units }),
        } as unknown as Usage
        const difference = amountOf(card, both) - amountOf(card, first) - amountOf(card, second)
        expect(difference >= -1n && difference <= 1n).toBe(true)
      }),
      bounded(),
    )
  })

  test('the lines add up to the cost, to the last digit', () => {
    fc.assert(
      fc.property(
        anyCard(),
        anyUsage(),
        fc.integer({ min: 0, max: 20_000 }),
        (card, usage, markupBasisPoints) => {
          const rating = rate({ rateCards: [card], markupBasisPoints }, { ...noon, usage })
          const sum = (shares: string[]): bigint => shares.reduce((total, share) => total + scaled(share), 0n)
          const half = 5n * 10n ** 15n
          const rounded = (total: bigint): bigint => (total + half) / (2n * half)
          expect(rounded(sum(rating.lineItems.map((line) => line.costNanousd)))).toBe(rating.costNanousd)
          expect(rounded(sum(rating.lineItems.map((line) => line.chargedNanousd)))).toBe(rating.amountNanousd)
        },
      ),
      bounded(),
    )
  })

  test('a budget buys exactly the tokens that it buys', () => {
    const budget = fc.bigInt(0n, 10n ** 13n)
    fc.assert(
      fc.property(
        anyCard(),
        anyUsage(),
        budget,
        fc.integer({ min: 0, max: 20_000 }),
        (card, usage, budgetNanousd, markupBasisPoints) => {
          const price = { rateCards: [card], markupBasisPoints }
          const costOf = (outputTokens: bigint): bigint =>
            amountOf(card, { ...usage, outputTokens }, markupBasisPoints)
          const tokens = outputTokensAffordable({
            ...noon,
            price,
            usage,
            budgetNanousd,
            maxOutputTokens: 10n ** 12n,
            furtherTokens: 'plain',
          })
          expect(tokens >= usage.outputTokens).toBe(true)
          if (tokens > usage.outputTokens) expect(costOf(tokens) <= budgetNanousd).toBe(true)
          if (tokens < 10n ** 12n) expect(costOf(tokens + 1n) > budgetNanousd).toBe(true)
          const cautious = outputTokensAffordable({
            ...noon,
            price,
            usage,
            budgetNanousd,
            maxOutputTokens: 10n ** 12n,
            furtherTokens: 'dearest',
          })
          expect(cautious <= tokens).toBe(true)
        },
      ),
      bounded(),
    )
  })

  test('what a budget buys is exact on both sides of a size’s cliff', () => {
    const cards = [
      cardOf({ INPUT_TOKENS: 2_000_000n, OUTPUT_TOKENS: 20_000_000n }, { aboveInputTokens: 200_000n }),
      cardOf({ INPUT_TOKENS: 1_000_000n, OUTPUT_TOKENS: 10_000_000n, REASONING_OUTPUT_TOKENS: 40_000_000n }),
    ]
    const tokensFor = (inputTokens: bigint, furtherTokens: 'plain' | 'dearest' = 'plain'): bigint =>
      outputTokensAffordable({
        ...noon,
        price: { rateCards: cards, markupBasisPoints: 0 },
        usage: { ...NO_USAGE, inputTokens },
        budgetNanousd: 500_000n,
        maxOutputTokens: 100_000n,
        furtherTokens,
      })
    expect(tokensFor(200_000n)).toBe(30_000n)
    expect(tokensFor(200_000n, 'dearest')).toBe(7_500n)
    expect(tokensFor(200_001n)).toBe(4_999n)
    expect(tokensFor(300_000n)).toBe(0n)
    expect(tokensFor(1n)).toBe(49_999n)
  })
})

test('the dearest output rate is that of any part of the output', () => {
  const card = cardOf({
    INPUT_TOKENS: 9n,
    OUTPUT_TOKENS: 2n,
    IMAGE_OUTPUT_TOKENS: 5n,
    REASONING_OUTPUT_TOKENS: 1n,
  })
  expect(dearestOutputRate(card)).toMatchObject<Partial<Rate>>({
    meter: 'IMAGE_OUTPUT_TOKENS',
    priceNanousd: 5n,
  })
  expect(() => dearestOutputRate(cardOf({ INPUT_TOKENS: 1n }))).toThrow('OUTPUT_TOKENS')
})

/** As many cases as are asked for, or as fit into the time. The seed is in the message of a failure. */
function bounded(): fc.Parameters<unknown> {
  if (casesAsked !== undefined) return { numRuns: casesAsked }
  const limitMs = Number(process.env['PROPERTY_TEST_MS'] ?? 1_500)
  return { numRuns: 1_000_000, interruptAfterTimeLimit: limitMs, markInterruptAsFailure: false }
}

const TIERS = ['priority', 'flex', 'batch']
const PLACES = ['us', 'eu']
const SPEEDS = ['fast']

/** Any cards under any conditions, and at last a plain one. */
function anyCards(): fc.Arbitrary<RateCard[]> {
  const day = fc.tuple(fc.nat(1_439), fc.nat(1_439)).filter(([from, to]) => from !== to)
  const conditions = fc.record(
    {
      aboveInputTokens: fc.bigInt(0n, 10n ** 7n),
      serviceTier: fc.constantFrom(...TIERS),
      geography: fc.constantFrom(...PLACES),
      speed: fc.constantFrom(...SPEEDS),
      weekdays: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
      daily: day.map(([fromMinute, toMinute]) => ({ fromMinute, toMinute })),
    },
    { requiredKeys: [] },
  )
  const conditional = fc.tuple(anyCard(), conditions).map(([card, held]) => ({ ...card, ...held }))
  return fc
    .tuple(fc.array(conditional, { maxLength: 6 }), anyCard())
    .map(([cards, plain]) => [...cards, plain])
}

function anyConditions(): fc.Arbitrary<Conditions> {
  return fc.record({
    serviceTier: fc.constantFrom('', ...TIERS),
    geography: fc.constantFrom('', ...PLACES),
    speed: fc.constantFrom('', ...SPEEDS),
  })
}

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

/** By the text of a date, one condition after the other. */
function cardByHand(
  cards: readonly RateCard[],
  { usage, conditions, at: when }: { usage: Usage; conditions: Conditions; at: Date },
): RateCard {
  const [weekday = '', , , , time = ''] = when.toUTCString().split(' ')
  const clock = time.slice(0, 5)
  const text = (minute: number) =>
    `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
  for (const card of cards) {
    const { aboveInputTokens, serviceTier, geography, speed, weekdays, daily } = card
    let holds = aboveInputTokens === undefined || usage.inputTokens > aboveInputTokens
    for (const [needed, given] of [
      [serviceTier, conditions.serviceTier],
      [geography, conditions.geography],
      [speed, conditions.speed],
    ]) {
      holds &&= needed === undefined || needed === given
    }
    holds &&= weekdays === undefined || weekdays.some((day) => `${WEEKDAYS[day - 1]},` === weekday)
    if (daily !== undefined) {
      const [from, to] = [text(daily.fromMinute), text(daily.toMinute)]
      holds &&= from < to ? clock >= from && clock < to : clock >= from || clock < to
    }
    if (holds) return card
  }
  throw new Error('the last card has no conditions')
}

/** The oracle knows nothing of meters or scales: fractions, added one by one, in lowest terms. */
function oracle(card: RateCard, usage: Usage, markupBasisPoints: number): bigint {
  const price = (meters: Meter[]): Rate => {
    const found = meters
      .map((meter) => card.rates.find((each) => each.meter === meter))
      .find((each) => each !== undefined)
    return found ?? { meter: 'INPUT_TOKENS', priceNanousd: 0n, per: 1n }
  }
  const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b)
  const cachedAudio = usage.audioCacheReadInputTokens
  const cachedImage = smaller(usage.imageCacheReadInputTokens, usage.cacheReadInputTokens - cachedAudio)
  let left = usage.inputTokens - usage.cacheReadInputTokens - usage.cacheCreationInputTokens
  const freshAudio = smaller(usage.audioInputTokens - usage.audioCacheReadInputTokens, left)
  left -= freshAudio
  const freshImage = smaller(usage.imageInputTokens - usage.imageCacheReadInputTokens, left)
  left -= freshImage
  const oneHour = usage.cacheCreation1hInputTokens
  const text =
    usage.outputTokens -
    usage.reasoningOutputTokens -
    usage.audioOutputTokens -
    usage.imageOutputTokens -
    usage.citationOutputTokens
  const used = Object.entries(usage).some(([, count]) => count !== 0n)
  const { video_token: video = 0n, video_output_token: videoOutput = 0n, ...others } = usage.units ?? {}
  const freshVideo = smaller(video / 1_000_000n, left)
  left -= freshVideo
  const unitPrice = (names: string[], meters: Meter[] = []): { priceNanousd: bigint; per: bigint } =>
    names
      .map((name) => card.unitRates?.find(({ unit }) => unit === name))
      .find((each) => each !== undefined) ?? price(meters)
  const terms: [bigint, { priceNanousd: bigint; per: bigint }][] = [
    [left, price(['INPUT_TOKENS'])],
    [freshAudio, price(['AUDIO_INPUT_TOKENS', 'INPUT_TOKENS'])],
    [freshImage, price(['IMAGE_INPUT_TOKENS', 'INPUT_TOKENS'])],
    [
      usage.cacheReadInputTokens - cachedAudio - cachedImage,
      price(['CACHE_READ_INPUT_TOKENS', 'INPUT_TOKENS']),
    ],
    [cachedAudio, price(['AUDIO_CACHE_READ_INPUT_TOKENS', 'CACHE_READ_INPUT_TOKENS', 'INPUT_TOKENS'])],
    [cachedImage, price(['IMAGE_CACHE_READ_INPUT_TOKENS', 'CACHE_READ_INPUT_TOKENS', 'INPUT_TOKENS'])],
    [usage.cacheCreationInputTokens - oneHour, price(['CACHE_CREATION_INPUT_TOKENS', 'INPUT_TOKENS'])],
    [oneHour, price(['CACHE_CREATION_1H_INPUT_TOKENS', 'CACHE_CREATION_INPUT_TOKENS', 'INPUT_TOKENS'])],
    [text - videoOutput / 1_000_000n, price(['OUTPUT_TOKENS'])],
    [usage.reasoningOutputTokens, price(['REASONING_OUTPUT_TOKENS', 'OUTPUT_TOKENS'])],
    [usage.audioOutputTokens, price(['AUDIO_OUTPUT_TOKENS', 'OUTPUT_TOKENS'])],
    [usage.imageOutputTokens, price(['IMAGE_OUTPUT_TOKENS', 'OUTPUT_TOKENS'])],
    [usage.citationOutputTokens, price(['CITATION_OUTPUT_TOKENS', 'OUTPUT_TOKENS'])],
    [usage.webSearches, price(['WEB_SEARCHES'])],
    [usage.requests ?? (used ? 1n : 0n), price(['REQUESTS'])],
    [freshVideo, unitPrice(['video_token'], ['INPUT_TOKENS'])],
    [videoOutput / 1_000_000n, unitPrice(['video_output_token'], ['OUTPUT_TOKENS'])],
    ...Object.entries(others).map(([name, micro]): [bigint, { priceNanousd: bigint; per: bigint }] => {
      const { priceNanousd, per } = unitPrice([name, name.replace(/[^/]*$/, '*')])
      return [micro, { priceNanousd, per: per * 1_000_000n }]
    }),
  ]
  let [numerator, denominator] = [0n, 1n]
  for (const [units, { priceNanousd, per }] of terms) {
    numerator = numerator * per + units * priceNanousd * denominator
    denominator *= per
    const common = gcd(numerator, denominator)
    numerator /= common
    denominator /= common
  }
  numerator *= 10_000n + BigInt(markupBasisPoints)
  denominator *= 10_000n
  const [floor, rest] = [numerator / denominator, numerator % denominator]
  return 2n * rest >= denominator ? floor + 1n : floor
}

function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b]
  while (y !== 0n) [x, y] = [y, x % y]
  return x === 0n ? 1n : x
}

/** Times 10^16: a millionth of a unit, at a rate for a million of them, marked up by a hundredth of a percent. */
function scaled(decimal: string): bigint {
  const [whole = '0', decimals = ''] = decimal.split('.')
  return BigInt(whole + decimals.padEnd(16, '0'))
}

function usageOfOnly(meter: Meter): Partial<Usage> {
  const tokens = 100n
  const parts: Partial<Record<Meter, Partial<Usage>>> = {
    CACHE_READ_INPUT_TOKENS: { cacheReadInputTokens: tokens },
    CACHE_CREATION_INPUT_TOKENS: { cacheCreationInputTokens: tokens },
    CACHE_CREATION_1H_INPUT_TOKENS: { cacheCreationInputTokens: tokens, cacheCreation1hInputTokens: tokens },
    AUDIO_INPUT_TOKENS: { audioInputTokens: tokens },
    IMAGE_INPUT_TOKENS: { imageInputTokens: tokens },
    AUDIO_CACHE_READ_INPUT_TOKENS: {
      cacheReadInputTokens: tokens,
      audioInputTokens: tokens,
      audioCacheReadInputTokens: tokens,
    },
    IMAGE_CACHE_READ_INPUT_TOKENS: {
      cacheReadInputTokens: tokens,
      imageInputTokens: tokens,
      imageCacheReadInputTokens: tokens,
    },
    REASONING_OUTPUT_TOKENS: { reasoningOutputTokens: tokens },
    AUDIO_OUTPUT_TOKENS: { audioOutputTokens: tokens },
    IMAGE_OUTPUT_TOKENS: { imageOutputTokens: tokens },
    CITATION_OUTPUT_TOKENS: { citationOutputTokens: tokens },
  }
  return meter.includes('OUTPUT')
    ? { outputTokens: tokens, ...parts[meter] }
    : { inputTokens: tokens, ...parts[meter] }
}

function anyCard(): fc.Arbitrary<RateCard> {
  const optional = Object.keys(PARENT_OF).concat('WEB_SEARCHES', 'REQUESTS') as Meter[]
  const price = fc.bigInt(0n, 10n ** 12n)
  return fc
    .tuple(price, price, fc.dictionary(fc.constantFrom(...optional), price))
    .chain(([input, output, others]) =>
      anyUnitRates().map((unitRates) => {
        const card = cardOf({ INPUT_TOKENS: input, OUTPUT_TOKENS: output, ...others })
        return { ...card, unitRates }
      }),
    )
}

const PLAIN_UNITS = ['second', 'page', 'image/hd', 'image/1024x1024', 'tool_call/run_code']

/** For every unit that a usage here may have: video tokens and `image/hd` also without a rate of their own. */
function anyUnitRates(): fc.Arbitrary<UnitRate[]> {
  const amount = fc.record({
    priceNanousd: fc.bigInt(0n, 10n ** 12n),
    per: fc.constantFrom(1n, 10n, 1_000n, 1_000_000n),
  })
  const needed = ['second', 'page', 'image/*', 'tool_call/run_code']
  const optional = fc.subarray(['video_token', 'video_output_token', 'image/hd'])
  return optional.chain((more) =>
    fc.tuple(...[...needed, ...more].map((unit) => amount.map((each) => ({ unit, ...each })))),
  )
}

/** Counts with up to six decimals, and as many video tokens as the totals have room for. */
function anyUnits({ inputTokens, video }: { inputTokens: bigint; video: bigint }): fc.Arbitrary<Units> {
  return fc
    .tuple(
      fc.dictionary(fc.constantFrom(...PLAIN_UNITS), fc.bigInt(1n, 10n ** 13n)),
      fc.bigInt(0n, inputTokens),
      fc.bigInt(0n, video),
    )
    .map(([plain, input, output]) =>
      sortedUnits({
        ...plain,
        ...(input > 0n && { video_token: input * 1_000_000n }),
        ...(output > 0n && { video_output_token: output * 1_000_000n }),
      }),
    )
}

/** What `checkUsage` lets pass, overlapping parts included; a third of it without named units. */
function anyUsage(): fc.Arbitrary<Usage> {
  return anyCounts().chain((usage) => {
    const video =
      usage.outputTokens -
      usage.reasoningOutputTokens -
      usage.audioOutputTokens -
      usage.imageOutputTokens -
      usage.citationOutputTokens
    return fc
      .option(anyUnits({ inputTokens: usage.inputTokens, video }), { nil: undefined, freq: 2 })
      .map((units) => (units === undefined || Object.keys(units).length === 0 ? usage : { ...usage, units }))
  })
}

function anyCounts(): fc.Arbitrary<Usage> {
  const count = fc.bigInt(0n, 10n ** 7n)
  const share = fc.bigInt(0n, 1_000n)
  const of = (total: bigint, permille: bigint): bigint => (total * permille) / 1_000n
  return fc
    .tuple(
      count,
      count,
      fc.array(share, { minLength: 13, maxLength: 13 }),
      fc.option(count, { nil: undefined }),
    )
    .map(
      ([
        inputTokens,
        outputTokens,
        [
          r = 0n,
          w = 0n,
          h = 0n,
          a = 0n,
          ar = 0n,
          m = 0n,
          mr = 0n,
          o1 = 0n,
          o2 = 0n,
          o3 = 0n,
          o4 = 0n,
          s = 0n,
        ] = [],
        requests,
      ]) => {
        const cacheReadInputTokens = of(inputTokens, r)
        const cacheCreationInputTokens = of(inputTokens - cacheReadInputTokens, w)
        const audioInputTokens = of(inputTokens, a)
        const imageInputTokens = of(inputTokens, m)
        const least = (x: bigint, y: bigint): bigint => (x < y ? x : y)
        return {
          inputTokens,
          outputTokens,
          cacheReadInputTokens,
          cacheCreationInputTokens,
          cacheCreation1hInputTokens: of(cacheCreationInputTokens, h),
          audioInputTokens,
          audioCacheReadInputTokens: of(least(audioInputTokens, cacheReadInputTokens), ar),
          imageInputTokens,
          imageCacheReadInputTokens: of(least(imageInputTokens, cacheReadInputTokens), mr),
          reasoningOutputTokens: of(outputTokens, o1 / 4n),
          audioOutputTokens: of(outputTokens, o2 / 4n),
          imageOutputTokens: of(outputTokens, o3 / 4n),
          citationOutputTokens: of(outputTokens, o4 / 4n),
          webSearches: s,
          ...(requests !== undefined && { requests }),
        }
      },
    )
}

/** Modalities that overlap the cache are not additive: how much of a part is fresh depends on the rest. */
function disjointUsage(): fc.Arbitrary<Usage> {
  return anyUsage().map(({ units: { video_token: _video, ...units } = {}, ...usage }) => ({
    ...usage,
    ...(Object.keys(units).length > 0 && { units }),
    audioInputTokens: 0n,
    audioCacheReadInputTokens: 0n,
    imageInputTokens: 0n,
    imageCacheReadInputTokens: 0n,
    requests: 1n,
  }))
}
