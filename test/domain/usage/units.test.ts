import { checkUsage } from '../../../src/domain/usage/checkUsage'
import { isRatedUnitName, isUnitName, readUnits, unitCountOf } from '../../../src/domain/usage/units'
import { addUsages, NO_USAGE, type Usage, usageFromParts, usageParts } from '../../../src/domain/usage/usage'

const M = 1_000_000n

test.each<[Record<string, string>, Record<string, bigint> | undefined]>([
  [{}, undefined],
  [{ second: '0', page: '0.000000' }, undefined],
  [{ second: '11' }, { second: 11n * M }],
  [
    { audio_second: '12.5', 'image/hd': '2' },
    { audio_second: 12_500_000n, 'image/hd': 2n * M },
  ],
  [{ second: '0.000001' }, { second: 1n }],
  [{ character: '1000000000000' }, { character: 10n ** 12n * M }],
  [{ 'tool_call/Run.Code-1:x_y': '007' }, { 'tool_call/Run.Code-1:x_y': 7n * M }],
])('%j is read', (counts, units) => {
  expect(readUnits(counts, 'usage.units')).toEqual(units)
})

test.each([
  ['page', '-1', 'usage.units["page"] must not be negative'],
  ['page', '1.0000001', 'usage.units["page"] must be a decimal number with at most six places'],
  ['page', '1e3', 'usage.units["page"] must be a decimal number'],
  ['page', '1,5', 'usage.units["page"] must be a decimal number'],
  ['page', ' 1', 'usage.units["page"] must be a decimal number'],
  ['page', '.5', 'usage.units["page"] must be a decimal number'],
  ['page', '', 'usage.units["page"] must be a decimal number'],
  ['page', 'NaN', 'usage.units["page"] must be a decimal number'],
  ['page', '1000000000000.000001', 'usage.units["page"] must be at most 1000000000000'],
  ['page', '9'.repeat(5_000), 'usage.units["page"] must be a decimal number'],
  ['video_token', '1.5', 'usage.units["video_token"] must be a whole number'],
  ['', '1', 'usage.units[""] is no name of a unit'],
  ['Page', '1', 'usage.units["Page"] is no name of a unit'],
  ['2nd', '1', 'usage.units["2nd"] is no name of a unit'],
  ['image/', '1', 'usage.units["image/"] is no name of a unit'],
  ['image/*', '1', 'usage.units["image/*"] is no name of a unit'],
  ['image hd', '1', 'usage.units["image hd"] is no name of a unit'],
  ['__proto__', '1', 'usage.units["__proto__"] is no name of a unit'],
  ['i\nmage', '1', 'usage.units["i\\nmage"] is no name of a unit'],
  [`a${'b'.repeat(128)}`, '1', 'is no name of a unit'],
])('%j: %j is refused', (name, count, message) => {
  const counts = Object.fromEntries([[name, count]])
  expect(() => readUnits(counts, 'usage.units')).toThrow(
    expect.objectContaining({ reason: 'INVALID_FIELD', message: expect.stringContaining(message) }),
  )
})

test('32 units are read, 33 are refused', () => {
  const many = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`tool_call/t${index}`, '1']))
  expect(Object.keys(readUnits(many(32), 'usage.units') ?? {})).toHaveLength(32)
  expect(() => readUnits(many(33), 'usage.units')).toThrow('usage.units must be at most 32 units')
})

test('a rate may name all qualified units of a kind, a usage may not', () => {
  expect(['image', 'image/hd', 'image/*', 'image/hd/*'].map(isRatedUnitName)).toEqual(Array(4).fill(true))
  expect(['*', '/*', 'image/*/hd', 'image*'].map(isRatedUnitName)).toEqual(Array(4).fill(false))
  expect(['image/*', 'image/hd'].map(isUnitName)).toEqual([false, true])
})

test.each([
  [1n, '0.000001'],
  [12_500_000n, '12.5'],
  [2n * M, '2'],
  [10n * M + 10n, '10.00001'],
])('%s millionths are written as %s', (micro, text) => {
  expect(unitCountOf(micro)).toBe(text)
})

describe('a usage with units', () => {
  const units = { 'image/hd': 2n * M, audio_second: 12_500_000n }
  const usage: Usage = { ...NO_USAGE, inputTokens: 5n, units }

  test('is stored by parts and read back, whatever their order', () => {
    const parts = usageParts(usage)
    expect(parts).toEqual({ 'unit:image/hd': '2', 'unit:audio_second': '12.5' })
    const read = usageFromParts(5n, 0n, parts)
    expect(read).toEqual(usage)
    const reversed = Object.fromEntries(Object.entries(parts).reverse())
    expect(Object.keys(usageParts(usageFromParts(5n, 0n, reversed)))).toEqual([
      'unit:audio_second',
      'unit:image/hd',
    ])
  })

  test('without units there are no parts for them, and none are read', () => {
    expect(usageParts({ ...NO_USAGE, webSearches: 1n })).toEqual({ webSearches: '1' })
    expect('units' in usageFromParts(1n, 2n, { webSearches: '1' })).toBe(false)
  })

  test('is added to another unit by unit', () => {
    const more = addUsages(usage, { ...NO_USAGE, units: { 'image/hd': M, page: 3n * M } })
    expect(more.units).toEqual({ 'image/hd': 3n * M, audio_second: 12_500_000n, page: 3n * M })
    expect('units' in addUsages(NO_USAGE, NO_USAGE)).toBe(false)
    expect(addUsages(NO_USAGE, usage).units).toEqual(units)
  })
})

test.each<[Partial<Usage>, string | undefined]>([
  [{ inputTokens: 660n, units: { video_token: 660n * M } }, undefined],
  [
    { inputTokens: 659n, units: { video_token: 660n * M } },
    'usage.units["video_token"] is 660, more than the 659 of usage.input_tokens that it can be a part of',
  ],
  [
    { units: { video_token: M } },
    'usage.units["video_token"] is 1, more than the 0 of usage.input_tokens that it can be a part of',
  ],
  [{ outputTokens: 10n, reasoningOutputTokens: 4n, units: { video_output_token: 6n * M } }, undefined],
  [
    { outputTokens: 10n, reasoningOutputTokens: 4n, units: { video_output_token: 7n * M } },
    'usage.units["video_output_token"] is 7, more than the 6 of usage.output_tokens that it can be a part of',
  ],
  [{ units: { second: 10n ** 18n } }, undefined],
  [{ units: { second: 10n ** 18n + 1n } }, 'usage.units["second"] must be at most 1000000000000'],
])('tokens of video are parts of the totals: %j', (counts, message) => {
  const check = () => checkUsage({ ...NO_USAGE, ...counts }, 'usage')
  if (message === undefined) expect(check).not.toThrow()
  else expect(check).toThrow(message)
})
