import {
  mergedParts,
  newParts,
  PARTS_MAX,
  type StreamPart,
  usageOfParts,
} from '../../../src/domain/stream/parts'
import { NO_USAGE } from '../../../src/domain/usage/usage'

const part = (partId: string, sequence: bigint, outputTokens = 1n): StreamPart => ({
  partId,
  sequence,
  usage: { ...NO_USAGE, outputTokens },
})

test.each([
  ['a new part', [], [part('a', 1n)], ['a1']],
  ['a later report of a part', [part('a', 1n)], [part('a', 2n)], ['a2']],
  ['a repeated report', [part('a', 1n)], [part('a', 1n, 9n)], []],
  ['an overtaken report', [part('a', 3n)], [part('a', 2n)], []],
  ['the last of several in one request', [], [part('a', 1n), part('a', 3n), part('a', 2n)], ['a3']],
])('%s', (_what, stored, reported, expected) => {
  expect(newParts(stored, reported).map(({ partId, sequence }) => `${partId}${sequence}`)).toEqual(expected)
})

test('a stream has so many parts and no more', () => {
  const stored = Array.from({ length: PARTS_MAX }, (_, index) => part(`p${index}`, 1n))
  expect(newParts(stored, [part('p0', 2n)])).toHaveLength(1)
  expect(() => newParts(stored, [part('other', 1n)])).toThrow(/at most 1000/)
})

test('the whole is the sum of what stands, and a part is one request unless it states them', () => {
  const stated = { partId: 'b', sequence: 1n, usage: { ...NO_USAGE, inputTokens: 5n, requests: 100n } }
  const parts = mergedParts([part('a', 1n, 3n), part('c', 1n)], [part('a', 2n, 7n), stated])
  expect(usageOfParts(parts)).toEqual({ ...NO_USAGE, inputTokens: 5n, outputTokens: 8n, requests: 102n })
  expect(usageOfParts([])).toEqual(NO_USAGE)
})
