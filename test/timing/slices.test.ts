import { setTimeout as sleep } from 'node:timers/promises'
import { mapInSlices, Slices } from '../../src/timing/slices'

function workFor(ms: number): void {
  const untilMs = performance.now() + ms
  while (performance.now() < untilMs);
}

test('maps in order, and lets others have their turns', async () => {
  const events: string[] = []
  const results = await mapInSlices(['a', 'b', 'c'], (item, index) => {
    workFor(2)
    setImmediate(() => events.push('served'))
    events.push(item)
    return `${item}${index}`
  })
  expect(results).toEqual(['a0', 'b1', 'c2'])
  expect(events).toEqual(['a', 'served', 'b', 'served', 'c', 'served'])
})

test('waits for results that are promised', async () => {
  expect(await mapInSlices([3, 1, 2], (item) => sleep(item, item * 2))).toEqual([6, 2, 4])
})

test('rests for as long as the work took', async () => {
  const slices = new Slices()
  workFor(30)
  const restedFromMs = performance.now()
  await slices.rest()
  // Timers may fire a millisecond early.
  expect(performance.now() - restedFromMs).toBeGreaterThanOrEqual(28)
})
