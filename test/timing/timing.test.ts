import { setTimeout as sleep } from 'node:timers/promises'
import { BillingError, isTransient } from '../../src/domain/errors'
import { backoffMs } from '../../src/timing/backoff'
import { Poller } from '../../src/timing/poller'

test('a delay doubles with every failure up to its maximum, and keeps a random share above a half', () => {
  const fullMs = [100, 200, 400, 800, 1_000, 1_000]
  for (const [index, full] of fullMs.entries()) {
    for (let n = 0; n < 100; n++) {
      const delayMs = backoffMs(index + 1, { firstMs: 100, maxMs: 1_000 })
      expect(delayMs).toBeGreaterThanOrEqual(full / 2)
      expect(delayMs).toBeLessThanOrEqual(full)
    }
  }
  expect(backoffMs(1_000_000, { firstMs: 100, maxMs: 1_000 })).toBeLessThanOrEqual(1_000)
})

test('a poller never overlaps itself, survives work that fails, and waits for it when it stops', async () => {
  let runs = 0
  let atOnce = 0
  const poller = new Poller({
    name: 'test',
    intervalMs: 1,
    work: async () => {
      expect(++atOnce).toBe(1)
      await sleep(5)
      atOnce--
      if (++runs === 2) throw new Error('a bug')
    },
  })
  poller.start({ firstAfterMs: 0 })
  while (runs < 4) await sleep(5)
  await poller.stop()
  expect(atOnce).toBe(0)
  const stoppedAt = runs
  await sleep(20)
  expect(runs).toBe(stoppedAt)
})

test('an error is transient where nothing was decided', () => {
  expect(isTransient(new BillingError('DATABASE_UNAVAILABLE', ''))).toBe(true)
  expect(isTransient(new BillingError('INSUFFICIENT_CREDITS', ''))).toBe(false)
})
