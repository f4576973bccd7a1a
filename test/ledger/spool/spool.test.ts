import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeEntry, encodeEntry } from '../../../src/ledger/spool/entryCodec'
import { HEADER } from '../../../src/ledger/spool/frames'
import { registry } from '../../../src/observability/metrics'
import { SetupError } from '../../../src/setupError'
import { FaultyDisk, PowerLossDisk } from '../../support/disks'
import { outcomeOf } from '../../support/ledger'
import { USD } from '../../support/postings'
import { aDeferredCharge, keysIn, openSpool, spoolDir } from '../../support/spools'

let dir: string
let removeDir: () => void

beforeEach(() => {
  ;({ dir, remove: removeDir } = spoolDir())
})

afterEach(() => removeDir())

function segmentsIn(folder = dir): string[] {
  return readdirSync(folder).filter((name) => name.endsWith('.segment'))
}

function keys(count: number): string[] {
  return Array.from({ length: count }, (_, n) => `key-${n}`)
}

async function counted(name: string): Promise<number> {
  const metric = await registry.getSingleMetric(name)?.get()
  return metric?.values.reduce((sum, { value }) => sum + value, 0) ?? 0
}

test('what was accepted is there after the next start, in its order, and its segments go when it is done', async () => {
  const spool = await openSpool(dir, { segmentBytesMax: 4_000 })
  for (const key of keys(30)) expect(await spool.add(aDeferredCharge('ada', key))).toBe(true)
  expect(segmentsIn().length).toBeGreaterThan(3)
  await spool.close()

  const next = await openSpool(dir)
  expect(await keysIn(next)).toEqual(keys(30))
  expect(next.bytes).toBeGreaterThan(30 * 500)
  for (const waiting of next.due(29, 0)) await next.remove(waiting)
  expect(segmentsIn()).toHaveLength(1)
  for (const waiting of next.due(1, 0)) await next.remove(waiting)
  expect(segmentsIn()).toEqual([])
  expect(next.bytes).toBe(0)
  // Continues with new entries.
  await next.add(aDeferredCharge('ada', 'later'))
  await next.close()
  const last = await openSpool(dir)
  expect(await keysIn(last)).toEqual(['later'])
  await last.close()
})

test('an entry keeps who sent it; one of an earlier release names nobody', () => {
  const charge = aDeferredCharge('ada', 'key')
  const { actor: _nobody, ...earlier } = charge
  expect(decodeEntry(encodeEntry({ ...charge, actor: 'gateway-eu' }))).toEqual({
    ...charge,
    actor: 'gateway-eu',
  })
  expect(decodeEntry(encodeEntry(earlier))).toEqual(earlier)
})

test('what was accepted survives a power failure in that moment', async () => {
  const power = new PowerLossDisk()
  const spool = await openSpool(dir, { disk: power.disk, segmentBytesMax: 4_000 })
  const accepted: string[] = []
  for (let round = 0; round < 20; round++) {
    const together = keys(1 + (round % 5)).map((key) => `${round}-${key}`)
    await Promise.all(
      together.map(async (key) => {
        await spool.add(aDeferredCharge('ada', key))
        accepted.push(key)
        // As if it failed right here.
        const promised = [...accepted]
        const left = await openSpool(join(dir, `after-${accepted.length}`), {
          disk: inFolder(power.afterPowerLoss(), accepted.length),
        })
        expect(await keysIn(left)).toEqual(expect.arrayContaining(promised))
        await left.close()
      }),
    )
  }
  await spool.close()
})

/** The same segments under another folder, since the running spool locks the folder itself. */
function inFolder(power: PowerLossDisk, n: number) {
  const moved = (path: string) => path.replace(join(dir, `after-${n}`), dir)
  const { disk } = power
  return {
    ...disk,
    list: (path: string) => disk.list(moved(path)),
    read: (path: string) => disk.read(moved(path)),
    readAt: (path: string, offset: number, length: number) => disk.readAt(moved(path), offset, length),
  }
}

test('a torn tail is tolerated, and kept aside once the rest is done', async () => {
  const spool = await openSpool(dir)
  for (const key of keys(3)) await spool.add(aDeferredCharge('ada', key))
  await spool.close()
  const [name = ''] = segmentsIn()
  const whole = readFileSync(join(dir, name))
  const before = await counted('tollgate_spool_damaged_total')
  for (let cut = 1; cut < whole.length / 3; cut += 37) {
    writeFileSync(join(dir, name), whole.subarray(0, whole.length - cut))
    const next = await openSpool(dir)
    expect(await keysIn(next)).toEqual(keys(2))
    await next.close()
  }
  expect(await counted('tollgate_spool_damaged_total')).toBe(before)
  const last = await openSpool(dir)
  for (const waiting of last.due(9, 0)) await last.remove(waiting)
  await last.close()
  expect(segmentsIn(join(dir, 'quarantine'))).toEqual([name])
})

test('a damaged entry is counted, costs no other, and its segment is kept aside as it is', async () => {
  const spool = await openSpool(dir)
  for (const key of keys(3)) await spool.add(aDeferredCharge('ada', key))
  await spool.close()
  const [name = ''] = segmentsIn()
  const bytes = readFileSync(join(dir, name))
  const at = bytes.indexOf('"idempotencyKey":"key-1"')
  bytes[at] = 0x00
  writeFileSync(join(dir, name), bytes)

  const before = await counted('tollgate_spool_damaged_total')
  const next = await openSpool(dir)
  expect(await counted('tollgate_spool_damaged_total')).toBe(before + 1)
  expect(await keysIn(next)).toEqual(['key-0', 'key-2'])
  for (const waiting of next.due(9, 0)) await next.remove(waiting)
  await next.close()
  expect(segmentsIn()).toEqual([])
  expect(readFileSync(join(dir, 'quarantine', name))).toEqual(bytes)
})

test('what is kept aside is never overwritten, though an emptied folder numbers its segments from the first again', async () => {
  const bytesOf: Buffer[] = []
  for (const key of ['first', 'second', 'third']) {
    const spool = await openSpool(dir)
    await spool.add(aDeferredCharge('ada', key))
    await spool.close()
    const [name = ''] = segmentsIn()
    const bytes = readFileSync(join(dir, name))
    bytes[bytes.indexOf('"idempotencyKey"')] = 0x00
    writeFileSync(join(dir, name), bytes)
    bytesOf.push(bytes)
    await (await openSpool(dir)).close()
    expect(segmentsIn()).toEqual([])
  }
  const aside = join(dir, 'quarantine')
  expect(readdirSync(aside).map((name) => readFileSync(join(aside, name)))).toEqual(bytesOf)
})

test('a disk that is full refuses, and takes more when there is room again', async () => {
  const faulty = new FaultyDisk()
  const spool = await openSpool(dir, { disk: faulty.disk })
  await spool.add(aDeferredCharge('ada', 'before'))
  faulty.bytesLeft = 300
  for (const key of keys(3)) {
    expect(await outcomeOf(spool.add(aDeferredCharge('ada', key)))).toBe('DATABASE_UNAVAILABLE')
  }
  expect(spool.accepts).toBe(false)
  expect(await keysIn(spool)).toEqual(['before'])
  faulty.bytesLeft = Number.POSITIVE_INFINITY
  await spool.add(aDeferredCharge('ada', 'after'))
  expect(spool.accepts).toBe(true)
  await spool.close()
  const next = await openSpool(dir)
  expect(await keysIn(next)).toEqual(['before', 'after'])
  await next.close()
})

test('after a sync that failed, nothing more is put into that segment', async () => {
  const faulty = new FaultyDisk()
  const spool = await openSpool(dir, { disk: faulty.disk })
  await spool.add(aDeferredCharge('ada', 'before'))
  faulty.syncFails = true
  expect(await outcomeOf(spool.add(aDeferredCharge('ada', 'unsynced')))).toBe('DATABASE_UNAVAILABLE')
  faulty.syncFails = false
  const [first] = segmentsIn()
  await spool.add(aDeferredCharge('ada', 'after'))
  expect(segmentsIn()).toHaveLength(2)
  expect(readFileSync(join(dir, first ?? '')).includes('"after"')).toBe(false)
  expect(await keysIn(spool)).toEqual(['before', 'after'])
  await spool.close()
})

test('it is bounded in bytes, and takes more when something has gone', async () => {
  const spool = await openSpool(dir, { bytesMax: 3_500, segmentBytesMax: 1 })
  const outcomes: (string | boolean)[] = []
  for (const key of keys(6)) outcomes.push(await outcomeOf(spool.add(aDeferredCharge('ada', key))))
  expect(outcomes).toEqual([true, true, true, 'OVERLOADED', 'OVERLOADED', 'OVERLOADED'])
  expect(spool.bytes).toBeLessThanOrEqual(3_500)
  await expect(spool.add(aDeferredCharge('ada', 'more'))).rejects.toMatchObject({
    retryAfterMs: expect.any(Number),
  })
  for (const waiting of spool.due(1, 0)) await spool.remove(waiting)
  expect(await spool.add(aDeferredCharge('ada', 'more'))).toBe(true)
  await spool.close()
})

test('one user may defer only so much, however many at once, and no other pays for it', async () => {
  const spool = await openSpool(dir, { userNanousdMax: 10n * USD })
  const outcomes = await Promise.all(
    keys(15).map((key) => outcomeOf(spool.add(aDeferredCharge('ada', key, 1n * USD)))),
  )
  expect(outcomes.filter((outcome) => outcome === true)).toHaveLength(10)
  expect(outcomes.filter((outcome) => outcome === 'DATABASE_UNAVAILABLE')).toHaveLength(5)
  expect(await spool.add(aDeferredCharge('bob', 'key', 10n * USD))).toBe(true)
  await spool.close()
  // The same after a start.
  const next = await openSpool(dir, { userNanousdMax: 10n * USD })
  expect(await outcomeOf(next.add(aDeferredCharge('ada', 'more', 1n)))).toBe('DATABASE_UNAVAILABLE')
  for (const waiting of next.due(1, 0)) await next.remove(waiting)
  expect(await next.add(aDeferredCharge('ada', 'more', 1n))).toBe(true)
  await next.close()
})

test('a key waits once, and for one request', async () => {
  const spool = await openSpool(dir)
  const twice = await Promise.all([1, 2].map(() => spool.add(aDeferredCharge('ada', 'key', 5n))))
  expect(twice).toEqual([true, false])
  expect(await spool.add(aDeferredCharge('ada', 'key', 5n))).toBe(false)
  expect(await outcomeOf(spool.add(aDeferredCharge('ada', 'key', 6n)))).toBe('IDEMPOTENCY_KEY_REUSED')
  expect(await spool.add(aDeferredCharge('bob', 'key', 6n))).toBe(true)
  expect(spool.size).toBe(2)
  await spool.close()
})

test('the folder belongs to one process, which says who it is', async () => {
  const spool = await openSpool(dir)
  const second = await openSpool(dir).catch((error: Error) => error)
  expect(second).toBeInstanceOf(SetupError)
  expect((second as Error).message).toMatch(
    new RegExp(`process ${process.pid} on .*TOLLGATE_DATA_DIR.*TOLLGATE_DEFERRAL=off`),
  )
  await spool.close()
  await (await openSpool(dir)).close()
})

test('a segment of a later release is neither read nor removed', async () => {
  mkdirSync(dir)
  const later = Buffer.concat([HEADER.subarray(0, -1), Buffer.from([9]), Buffer.from('whatever')])
  writeFileSync(join(dir, '0000000001.segment'), later)
  await expect(openSpool(dir)).rejects.toThrow(/format 9 .*run the release that wrote it/)
  expect(readFileSync(join(dir, '0000000001.segment'))).toEqual(later)
})
