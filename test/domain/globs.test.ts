import { matchesPart, matchesWhole } from '../../src/domain/globs'

test.each([
  ['gpt-4', 'gpt-4', true],
  ['gpt-4', 'GPT-4', true],
  ['gpt-4o', 'gpt-4', false],
  ['gpt-4o', 'gpt-4*', true],
  ['gpt-4', 'gpt-4*', true],
  ['openai/gpt-4', '*gpt-4', true],
  ['openai/gpt-4o', '*gpt-4', false],
  ['openai/gpt-4o-mini', '*gpt*mini', true],
  ['openai/mini-gpt', '*gpt*mini', false],
  ['aba', 'ab*ba', false],
  ['abba', 'ab*ba', true],
  ['aXbXb', 'a*b', true],
  ['anything', '*', true],
  ['anything', '**', true],
  ['a.b', 'a?b', false],
  ['a+b', 'a+b*', true],
])('%s matches the glob %s: %s', (model, glob, expected) => {
  expect(matchesWhole(model, [glob])).toBe(expected)
})

test('a pattern without a star matches any part of a name', () => {
  expect(matchesPart('openai/gpt-4o', ['o1-', 'gpt-4'])).toBe(true)
  expect(matchesPart('openai/gpt-4o', ['gpt-4*'])).toBe(false)
})

test('a glob with many stars is matched in no time', () => {
  const startedMs = performance.now()
  const glob = `${'*a'.repeat(64)}*b`
  for (let call = 0; call < 100; call++) expect(matchesWhole('a'.repeat(128), [glob])).toBe(false)
  expect(performance.now() - startedMs).toBeLessThan(1_000)
})
