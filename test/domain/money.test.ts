import { approximateUsd } from '../../src/domain/money'

test.each([
  [0n, '~$0.00'],
  [1n, '~$0.000000001'],
  [-27n, '~-$0.00000003'],
  [950n, '~$0.000001'],
  [330_000n, '~$0.0003'],
  [9_499_999n, '~$0.009'],
  [9_500_000n, '~$0.01'],
  [10_000_000n, '~$0.01'],
  [12_345_678_901n, '~$12.35'],
  [-12_345_678_901n, '~-$12.35'],
])('%d nano-dollars are %s, near enough', (nanousd, text) => {
  expect(approximateUsd(nanousd)).toBe(text)
})
