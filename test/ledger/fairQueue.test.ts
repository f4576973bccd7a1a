import fc from 'fast-check'
import { FairQueue } from '../../src/ledger/fairQueue'

test("a user's backlog does not stand in front of another's single item", () => {
  const queue = new FairQueue<string>()
  for (let n = 0; n < 1_000; n++) queue.push('hot', `hot-${n}`)
  queue.push('quiet', 'quiet')
  expect(queue.take(10)).toContain('quiet')
})

test('users take turns, and continue where they stopped', () => {
  const queue = new FairQueue<string>()
  for (const item of ['a1', 'a2', 'a3', 'b1', 'c1', 'c2']) queue.push(item.slice(0, 1), item)
  expect([queue.take(4), queue.take(4), queue.take(4)]).toEqual([['a1', 'b1', 'c1', 'a2'], ['c2', 'a3'], []])
})

test('everything comes out once, and each user’s in order', () => {
  const users = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 60 })
  fc.assert(
    fc.property(users, fc.integer({ min: 1, max: 9 }), (userIds, max) => {
      const queue = new FairQueue<{ userId: string; n: number }>()
      userIds.forEach((userId, n) => {
        queue.push(userId, { userId, n })
      })
      const taken: { userId: string; n: number }[] = []
      while (queue.length > 0) taken.push(...queue.take(max))
      expect(taken).toHaveLength(userIds.length)
      for (const userId of new Set(userIds)) {
        const order = taken.filter((item) => item.userId === userId).map(({ n }) => n)
        expect(order).toEqual(order.toSorted((a, b) => a - b))
      }
    }),
  )
})
