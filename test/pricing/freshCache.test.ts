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
  cache.changed(() => true)
  const after = cache.get('model')
  await turn()
  answers[1]?.({ of: 'after' })
  expect(await after).toEqual({ of: 'after' })
  answers[0]?.({ of: 'before' })
  expect(await before).toEqual({ of: 'before' })
  expect(cache.peek('model')).toEqual({ of: 'after' })
})

test('after a change the values that it is about are forgotten, and the others are used where nothing can be loaded', async () => {
  let isReachable = true
  let loads = 0
  const errors: unknown[] = []
  const cache = new FreshCache({
    load: async (key) => {
      loads += 1
      if (!isReachable) throw new Error('unreachable')
      return { of: `${key} ${loads}` }
    },
    ttlMs: 60_000,
    entriesMax: 10,
    nowMs: () => 0,
    onLookup: () => undefined,
    onReloadError: (error) => errors.push(error),
  })
  await Promise.all([cache.get('a'), cache.get('b')])
  cache.changed((_, key) => key === 'a')
  expect(cache.peek('b')).toBeUndefined()
  isReachable = false
  expect(await cache.get('b')).toEqual({ of: 'b 2' })
  expect(errors).toEqual([new Error('unreachable')])
  await expect(cache.get('a')).rejects.toThrow('unreachable')
  isReachable = true
  expect(await cache.get('b')).toEqual({ of: 'b 5' })
  expect(await cache.get('b')).toEqual({ of: 'b 5' })
})

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
