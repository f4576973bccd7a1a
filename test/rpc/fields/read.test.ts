import { BillingError } from '../../../src/domain/errors'
import { enumCodec } from '../../../src/rpc/fields/enumCodec'
import {
  pathOf,
  readCount,
  readId,
  readIdempotencyKey,
  readLabels,
  readNanousd,
  readOptionalId,
  readPage,
  readPublicId,
  readQuoteId,
  readText,
  readTimestamp,
} from '../../../src/rpc/fields/read'

const NUL = '\0'

test.each([
  ['userId', '', 'user_id'],
  ['cacheCreation_1hInputTokens', 'usage.', 'usage.cache_creation_1h_input_tokens'],
  ['priceNanousd', 'rate_cards[2].rates[0].', 'rate_cards[2].rates[0].price_nanousd'],
])('%s under %p is %s in the contract', (key, at, path) => {
  expect(pathOf(key, at)).toBe(path)
})

describe('ids', () => {
  test.each([
    'a',
    'a'.repeat(128),
    'org/user@example.com',
    'Ünïcödé',
    '日本語',
    '🦉'.repeat(128),
    '<>&"\'\\',
  ])('%p is one', (id) => {
    expect(readId({ userId: id }, 'userId')).toBe(id)
  })

  test.each([
    '',
    ' ',
    'a b',
    'a\tb',
    'a\n',
    NUL,
    `a${NUL}b`,
    '\u007f',
    '\u00a0',
    '\u200b',
    '\u202e',
    '\ufeff',
    '\ufffd',
    '\ud800',
    'a'.repeat(129),
    '🦉'.repeat(129),
  ])('%p is none', (id) => {
    expect(refusalOf(() => readId({ userId: id }, 'userId'))).toBe('user_id')
  })

  test('where it may be left out, empty is fine', () => {
    expect(readOptionalId({ provider: '' }, 'provider')).toBe('')
    expect(refusalOf(() => readOptionalId({ provider: ' ' }, 'provider', 'x.'))).toBe('x.provider')
  })
})

describe('keys', () => {
  test.each(['k', 'k'.repeat(128), '!~', 'a/b:c'])('%p is one', (key) => {
    expect(readIdempotencyKey({ idempotencyKey: key }, 'idempotencyKey')).toBe(key)
  })

  test.each(['', 'k'.repeat(129), 'a b', 'é', `a${NUL}`, '\u007f'])('%p is none', (key) => {
    expect(refusalOf(() => readIdempotencyKey({ idempotencyKey: key }, 'idempotencyKey'))).toBe(
      'idempotency_key',
    )
  })
})

test('a quote may be long, but not of anything', () => {
  expect(readQuoteId({ quoteId: `qt_${'x'.repeat(3_000)}` }, 'quoteId')).toHaveLength(3_003)
  expect(readQuoteId({ quoteId: '' }, 'quoteId')).toBe('')
  for (const quoteId of ['x'.repeat(4_097), 'a b', NUL]) {
    expect(refusalOf(() => readQuoteId({ quoteId }, 'quoteId'))).toBe('quote_id')
  }
})

test('a public id gives the id of its key, and only under its own prefix', () => {
  const hex = '0123456789abcdef0123456789abcdef'
  const read = (chargeId: string) => readPublicId({ chargeId }, 'chargeId', { prefix: 'ch' })
  expect(read(`ch_${hex}`)).toBe('01234567-89ab-cdef-0123-456789abcdef')
  for (const chargeId of ['', hex, `hd_${hex}`, `ch_${hex}0`, `ch_${hex.toUpperCase()}`]) {
    expect(refusalOf(() => read(chargeId))).toBe('charge_id')
  }
})

describe('integers', () => {
  test.each([
    ['0', 0n],
    ['1', 1n],
    ['1000000000000', 10n ** 12n],
  ])('%s is a count', (text, count) => {
    expect(readCount({ units: text }, 'units')).toBe(count)
  })

  test.each([
    '-1',
    '1000000000001',
    '9223372036854775807',
    '-9223372036854775808',
    '',
    '1.5',
    '1e3',
    '0x10',
    'NaN',
    ' 1',
  ])('%p is no count', (text) => {
    expect(refusalOf(() => readCount({ units: text }, 'units'))).toBe('units')
  })

  test('money is bounded by what a balance may be', () => {
    const most = (10n ** 18n).toString()
    expect(readNanousd({ limitNanousd: most }, 'limitNanousd')).toBe(10n ** 18n)
    expect(readNanousd({ limitNanousd: '-5' }, 'limitNanousd', { min: -5n })).toBe(-5n)
    for (const text of ['-1', '1000000000000000001', '9223372036854775807', '99999999999999999999', 'x']) {
      expect(refusalOf(() => readNanousd({ limitNanousd: text }, 'limitNanousd'))).toBe('limit_nanousd')
    }
  })
})

describe('times', () => {
  test.each([
    ['0', 0, '1970-01-01T00:00:00.000Z'],
    ['1767225600', 123_999_999, '2026-01-01T00:00:00.123Z'],
    ['-1', 1_000_000, '1969-12-31T23:59:59.001Z'],
    ['-62135596800', 0, '0001-01-01T00:00:00.000Z'],
    ['253402300799', 999_999_999, '9999-12-31T23:59:59.999Z'],
  ])('%s s and %i ns are %s', (seconds, nanos, text) => {
    expect(readTimestamp({ at: { seconds, nanos } }, 'at')?.toISOString()).toBe(text)
  })

  test.each([
    ['253402300800', 0],
    ['-62135596801', 0],
    ['9223372036854775807', 0],
    ['0', -1],
    ['0', 1_000_000_000],
  ])('%s s and %i ns are no time', (seconds, nanos) => {
    expect(refusalOf(() => readTimestamp({ occurredAt: { seconds, nanos } }, 'occurredAt'))).toBe(
      'occurred_at',
    )
  })

  test('absent is undefined', () => {
    expect(readTimestamp({ at: null }, 'at')).toBeUndefined()
  })
})

test('an enum has its names, and no others', () => {
  const pots = enumCodec({ POT_CREDITS: 'credits' })
  expect(pots.read({ pot: 'POT_CREDITS' }, 'pot')).toBe('credits')
  expect(pots.write('credits')).toBe('POT_CREDITS')
  for (const pot of ['POT_UNSPECIFIED', '', 'toString', 'constructor', 99 as unknown as string]) {
    expect(refusalOf(() => pots.read({ pot }, 'pot'))).toBe('pot')
    expect(refusalOf(() => pots.readName(pot, 'pots[1]'))).toBe('pots[1]')
  }
})

describe('labels', () => {
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`n${n}`, 'v']))

  test.each([
    ['none', {}],
    ['16 pairs', many(16)],
    ['64 characters on each side', { ['n'.repeat(64)]: '🦉'.repeat(64) }],
    ['an empty value', { team: '' }],
  ])('%s are fine', (_, labels) => {
    expect(readLabels({ labels }, 'labels')).toEqual(labels)
  })

  test.each([
    ['17 pairs', many(17)],
    ['a long name', { ['n'.repeat(65)]: '' }],
    ['a long value', { n: 'v'.repeat(65) }],
    ['an empty name', { '': 'v' }],
    ['NUL in a name', { [`n${NUL}`]: 'v' }],
    ['NUL in a value', { n: NUL }],
  ])('%s are refused', (_, labels) => {
    expect(refusalOf(() => readLabels({ labels }, 'labels'))).toBe('labels')
  })
})

test('text for people is bounded and has no NUL', () => {
  expect(readText({ reason: 'Thank you,\n🦉' }, 'reason')).toBe('Thank you,\n🦉')
  for (const reason of [NUL, 'x'.repeat(1_001)]) {
    expect(refusalOf(() => readText({ reason }, 'reason'))).toBe('reason')
  }
})

test('a page has 100 rows unless it says, and at most 1,000', () => {
  expect(readPage({ pageSize: 0, pageToken: '' })).toEqual({ pageSize: 100, pageToken: '' })
  expect(readPage({ pageSize: 1_000, pageToken: 't' })).toEqual({ pageSize: 1_000, pageToken: 't' })
  for (const pageSize of [-1, 1_001]) {
    expect(refusalOf(() => readPage({ pageSize, pageToken: '' }))).toBe('page_size')
  }
})

/** The field that a read was refused for. */
function refusalOf(read: () => unknown): string | undefined {
  try {
    read()
  } catch (error) {
    if (error instanceof BillingError && error.reason === 'INVALID_FIELD') return error.field
    throw error
  }
  throw new Error('it was not refused')
}
