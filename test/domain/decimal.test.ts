import { scaledDecimalOf } from '../../src/domain/decimal'

test.each<[number | string, number, bigint | undefined]>([
  [0.1 + 0.2, 9, 300_000_000n],
  [3e-7, 15, 300_000_000n],
  ['3e-7', 15, 300_000_000n],
  ['0.0000006000000000000000001', 15, 600_000_000n],
  ['0.00000100000000000000015', 15, 1_000_000_000n],
  [1.5000000000000002e-7, 15, 150_000_000n],
  [0.08333333333333334, 9, 83_333_333n],
  [15, 9, 15_000_000_000n],
  ['-1', 9, -1_000_000_000n],
  ['0', 9, 0n],
  ['0.000', 9, 0n],
  [1e-18, 15, undefined],
  [Number.NaN, 9, undefined],
  [Number.POSITIVE_INFINITY, 9, undefined],
  ['1e9999', 9, undefined],
  ['', 9, undefined],
  ['abc', 9, undefined],
  ['0x10', 9, undefined],
  ['1,5', 9, undefined],
])('%s times 10^%s is %s', (value, powerOfTen, expected) => {
  expect(scaledDecimalOf(value, powerOfTen)).toBe(expected)
})
