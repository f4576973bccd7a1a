import { setTimeout as sleep } from 'node:timers/promises'
import { BillingError } from '../../../src/domain/errors'
import type { DeferredCharge } from '../../../src/domain/ledger/deferred'
import { type Disk, realDisk } from '../../../src/ledger/spool/disk'
import { SpoolDrainer } from '../../../src/ledger/spool/drainer'
import { type Delivered, drainRound } from '../../../src/ledger/spool/drainRound'
import type { Spool } from '../../../src/ledger/spool/spool'
import { aDeferredCharge, keysIn, openSpool, spoolDir } from '../../support/spools'

let removeDir: () => void
let spool: Spool
let drainer: SpoolDrainer | undefined

beforeEach(async () => {
  const { dir, remove } = spoolDir()
  removeDir = remove
  spool = await openSpool(dir)
})

afterEach(async () => {
  await drainer?.finish(performance.now())
  drainer = undefined
  await spool.close()
  removeDir()
})

function unavailable(): BillingError {
  return new BillingError('DATABASE_UNAVAILABLE', 'away')
}

async function fill(count: number): Promise<void> {
  for (let n = 0; n < count; n++) await spool.add(aDeferredCharge(`user-${n}`, `key-${n}`))
}

test('an entry that fails for a reason of its own keeps no other, and waits ever longer', async () => {
  await fill(10)
  const deliver = async ({ userId }: DeferredCharge): Promise<Delivered> => {
    if (userId === 'user-0') throw new Error('a bug')
    if (userId === 'user-1') throw new BillingError('CONCURRENT_MODIFICATION', 'a lock that somebody keeps')
    if (userId === 'user-2') throw unavailable()
    return 'deducted'
  }
  const nowMs = performance.now()
  expect(await drainRound(spool, deliver, { limit: 4, nowMs })).toEqual({
    delivered: 1,
    postponed: 2,
    unavailable: 1,
  })
  expect(await drainRound(spool, deliver, { limit: 100, nowMs })).toEqual({
    delivered: 6,
    postponed: 0,
    unavailable: 1,
  })
  expect((await keysIn(spool)).sort()).toEqual(['key-0', 'key-1', 'key-2'])
  const delays: number[] = []
  for (let attempt = 0; attempt < 12; attempt++) {
    const [waiting] = spool.due(9, Number.POSITIVE_INFINITY).filter(({ userId }) => userId === 'user-0')
    delays.push(Math.round((waiting?.notBeforeMs ?? 0) - performance.now()))
    await drainRound(spool, deliver, { limit: 9, nowMs: Number.POSITIVE_INFINITY })
  }
  for (const [attempt, delayMs] of delays.entries()) {
    const fullMs = Math.min(1_000 * 2 ** attempt, 300_000)
    // A second for the machine; the jitter takes at most a half.
    expect(delayMs).toBeLessThanOrEqual(fullMs)
    expect(delayMs).toBeGreaterThanOrEqual(fullMs / 2 - 1_000)
  }
})

test.each(['EMFILE', 'ENFILE', 'ENOMEM'])(
  'an entry that cannot be read for want of resources (%s) is read again later, and is no damage',
  async (code) => {
    const { dir, remove } = spoolDir()
    let isShort = true
    const disk: Disk = {
      ...realDisk,
      async readAt(...place) {
        if (isShort) throw Object.assign(new Error(code), { code })
        return await realDisk.readAt(...place)
      },
    }
    const short = await openSpool(dir, { disk })
    try {
      await short.add(aDeferredCharge('ada', 'key'))
      const delivered: string[] = []
      const deliver = async ({ idempotencyKey }: DeferredCharge): Promise<Delivered> => {
        delivered.push(idempotencyKey)
        return 'deducted'
      }
      const round = { limit: 9, nowMs: Number.POSITIVE_INFINITY }
      expect(await drainRound(short, deliver, round)).toEqual({ delivered: 0, postponed: 0, unavailable: 1 })
      expect(short.size).toBe(1)
      isShort = false
      expect(await drainRound(short, deliver, round)).toMatchObject({ delivered: 1 })
      expect(delivered).toEqual(['key'])
      expect(await realDisk.list(dir)).toEqual(['lock'])
    } finally {
      await short.close()
      remove()
    }
  },
)

test('a database that is unreachable is asked one entry at a time, another each time, and never given up', async () => {
  await fill(300)
  const asked: string[] = []
  let isAway = true
  drainer = new SpoolDrainer(spool, async ({ userId }) => {
    asked.push(userId)
    if (isAway) throw unavailable()
    return 'deducted'
  })
  drainer.start()
  while (asked.length < 257) await sleep(20)
  // The first batch is how it learned.
  expect(new Set(asked).size).toBe(257)
  expect(spool.size).toBe(300)
  isAway = false
  drainer.databaseAnswers()
  while (spool.size > 0) await sleep(20)
  // What comes later is tried at once.
  await spool.add(aDeferredCharge('later', 'key'))
  drainer.added()
  while (spool.size > 0) await sleep(20)
  expect(asked.at(-1)).toBe('later')
})

test('at the end it tries everything until its time is over, and leaves the rest on the disk', async () => {
  await fill(3)
  drainer = new SpoolDrainer(spool, async ({ userId }) => {
    if (userId === 'user-1') throw unavailable()
    return 'deducted'
  })
  await drainer.finish(performance.now() + 600)
  expect(await keysIn(spool)).toEqual(['key-1'])
})
