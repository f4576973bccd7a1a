import fc from 'fast-check'
import type { BudgetMatch } from '../../../src/domain/budget/budget'
import { matchBudgets } from '../../../src/domain/budget/matchBudgets'
import { matchingAtMost } from '../../../src/domain/budget/overlap'
import { aBudget } from '../../support/budgets'
import { aCall } from '../../support/postings'

const some = (values: string[]) => fc.subarray(values, { maxLength: 2 })
const match: fc.Arbitrary<BudgetMatch> = fc.record({
  apiKeyIds: some(['k1', 'k2', 'k3']),
  labels: fc.dictionary(fc.constantFrom('team', 'env'), fc.constantFrom('a', 'b'), { maxKeys: 2 }),
  models: some(['gpt-4o', 'gpt-4*', 'o3', 'O3-mini', '*']),
  providers: some(['openai', 'azure']),
})

test('no call ever matches more budgets than the bound says', () => {
  fc.assert(
    fc.property(
      fc.array(match, { maxLength: 12 }),
      fc.record({
        apiKeyId: fc.constantFrom('k1', 'k2', ''),
        labels: fc.dictionary(fc.constantFrom('team', 'env'), fc.constantFrom('a', 'b'), { maxKeys: 2 }),
        model: fc.constantFrom('gpt-4o', 'o3', 'o3-mini', 'gpt-4.1'),
        provider: fc.constantFrom('openai', 'azure'),
      }),
      (matches, { apiKeyId, labels, model, provider }) => {
        const plain = aCall(1n)
        const call = {
          ...plain,
          reported: { ...plain.reported, apiKeyId, labels },
          priced: { ...plain.priced, model, provider },
        }
        const budgets = matches.map((each, n) => ({
          ...aBudget({ budgetId: `b-${n}`, match: each }),
          generation: 1,
        }))
        expect(matchBudgets(budgets, call, new Date()).length).toBeLessThanOrEqual(matchingAtMost(matches))
      },
    ),
    { numRuns: 2_000 },
  )
})

test.each<[string, Partial<BudgetMatch>[], number]>([
  ['all calls, twice', [{}, {}], 2],
  ['two teams', [{ labels: { team: 'a' } }, { labels: { team: 'b' } }], 1],
  ['a team and a key', [{ labels: { team: 'a' } }, { apiKeyIds: ['k'] }], 2],
  ['two keys each, one of them the same', [{ apiKeyIds: ['a', 'b'] }, { apiKeyIds: ['b', 'c'] }], 2],
  ['two models', [{ models: ['gpt-4o'] }, { models: ['gpt-5'] }], 1],
  ['a model and a glob that matches it', [{ models: ['GPT-4o'] }, { models: ['gpt*'] }], 2],
  ['a model and a glob that does not', [{ models: ['o3'] }, { models: ['gpt*'] }], 1],
  ['two globs, whatever they match', [{ models: ['a*'] }, { models: ['b*'] }], 2],
  ['two providers', [{ providers: ['openai'] }, { providers: ['azure'] }], 1],
])('%s', (_what, matches, most) => {
  expect(matchingAtMost(matches.map((each) => ({ ...aBudget().match, ...each })))).toBe(most)
})
