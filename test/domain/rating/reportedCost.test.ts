import {
  amountOfReported,
  checkReportedCost,
  reportedCostRuleOf,
} from '../../../src/domain/rating/reportedCost'

const RULES = [{ provider: 'openrouter' }, { provider: 'xai', markupBasisPoints: 500 }]

test.each([
  ['openrouter', RULES[0]],
  ['OpenRouter', RULES[0]],
  ['xai', RULES[1]],
])('a listed provider is allowed: %s', (provider, rule) => {
  expect(reportedCostRuleOf(RULES, provider)).toEqual(rule)
})

test('a provider of its own rule comes before any provider', () => {
  const rules = [{ provider: '*', markupBasisPoints: 1 }, ...RULES]
  expect(reportedCostRuleOf(rules, 'xai')).toEqual(RULES[1])
  expect(reportedCostRuleOf(rules, '')).toEqual(rules[0])
})

test.each(['', 'openai', 'open'])(
  'any other is refused, and the error names the setting: "%s"',
  (provider) => {
    expect(() => reportedCostRuleOf(RULES, provider)).toThrow(
      expect.objectContaining({
        reason: 'REPORTED_COST_NOT_ALLOWED',
        field: 'reported_cost_nanousd',
        message: expect.stringContaining('TOLLGATE_REPORTED_COST_PROVIDERS'),
      }),
    )
  },
)

test.each([
  [1_000n, 0, 1_000n],
  [1_000n, 500, 1_050n],
  [1n, 4_999, 1n],
  [1n, 5_000, 2n],
])('%d nano-USD at a markup of %d basis points is %d', (reported, markup, amount) => {
  expect(amountOfReported(reported, markup)).toBe(amount)
})

test.each([
  [100n, 100n, undefined],
  [1_000n, 100n, undefined],
  [10n, 100n, undefined],
  [1_001n, 100n, 'above'],
  [9n, 100n, 'below'],
  // Nothing to compare with.
  [1_001n, 0n, undefined],
  [1_001n, undefined, undefined],
])('%d stated beside %d rated', (amountNanousd, ratedAmountNanousd, anomaly) => {
  const check = () => checkReportedCost({ amountNanousd, ratedAmountNanousd }, 10)
  if (anomaly === undefined) expect(check).not.toThrow()
  else expect(check).toThrow(expect.objectContaining({ reason: 'PRICE_ANOMALY', metadata: { anomaly } }))
})
