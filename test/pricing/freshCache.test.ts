import { FreshCache } from '../../src/pricing/freshCache'

test('what was being read when something changed answers its callers, and is not kept', async () => {
  const answers: ((value: { of: string }) => void)[] = []
  const cache = new FreshCache({
    load: () => new Promise<{ of: string }>((resolve) => answers.push(resolve)),
    ttlMs: 60_000,
    entriesMax: 10,
    nowMs: () => 0,
    onLookup: () => undefined,
    onReloadError: () => undefined,
  })
  const before = cache.get('model')
  await turn()
  cache.clear()
  const after = cache.get('model')
  await turn()
  answers[1]?.({ of: 'after' })
  expect(await after).toEqual({ of: 'after' })
  answers[0]?.({ of: 'before' })
  expect(await before).toEqual({ of: 'before' })
  expect(cache.peek('model')).toEqual({ of: 'after' })
})

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
