import { findHold, type HoldRecord, recordHolds, takeOverHold } from '../../../src/database/holds/holds'
import type { LedgerEngine } from '../../../src/ledger/engine'
import { givenUser, startLedger } from '../../support/ledger'
import { aGrant, anOpen, aSettlement } from '../../support/postings'
import { output } from '../../support/streams'
import { type TestDatabase, testDatabase } from '../../support/testDatabase'

let database: TestDatabase
let ledger: LedgerEngine
let count = 0

beforeAll(async () => {
  database = await testDatabase()
  ledger = await startLedger(database.connection)
  await givenUser(database, 'ada')
  await ledger.post(aGrant('ada', 'start', 1_000_000n))
})

afterAll(async () => {
  await ledger.drain()
  await database.drop()
})

async function anOpenHold() {
  const open = anOpen('ada', `stream-${++count}`, { minimumNanousd: 1n, wantNanousd: 10n })
  await ledger.post(open)
  return open
}

function recordOf(keyId: string, overrides: Partial<HoldRecord> = {}): HoldRecord {
  const progress = { sequence: 5n, usage: output(50n) }
  return { userId: 'ada', keyId, epoch: 1, progress, renewForMs: 0, detach: false, ...overrides }
}

test('the progress of the highest sequence is recorded; an older one undoes nothing', async () => {
  const { keyId } = await anOpenHold()
  expect(await recordHolds(database, [recordOf(keyId)])).toMatchObject([{ sequence: 5n }])
  const older = recordOf(keyId, { progress: { sequence: 4n, usage: output(99n) } })
  expect(await recordHolds(database, [older])).toMatchObject([{ sequence: 5n }])
  const kept = await findHold(database, { userId: 'ada', keyId })
  expect(kept).toMatchObject({ sequence: 5n, usage: { outputTokens: 50n } })
  const newer = recordOf(keyId, { progress: { sequence: 6n, usage: output(40n) } })
  await recordHolds(database, [newer])
  expect(await findHold(database, { userId: 'ada', keyId })).toMatchObject({
    sequence: 6n,
    usage: { outputTokens: 40n },
  })
})

test('a connection that lost its stream records nothing, whatever else is in the batch', async () => {
  const lost = await anOpenHold()
  const kept = await anOpenHold()
  expect(await takeOverHold(database, lost)).toMatchObject({ epoch: 2 })
  const records = [recordOf(lost.keyId, { detach: true }), recordOf(kept.keyId)]
  const [ofLost, ofKept] = await recordHolds(database, records)
  expect(ofLost).toBeUndefined()
  expect(ofKept).toMatchObject({ sequence: 5n })
  expect(await findHold(database, lost)).toMatchObject({ sequence: 0n, status: { state: 'open' } })
})

test('an ended stream is neither recorded nor taken over', async () => {
  const open = await anOpenHold()
  await ledger.post(aSettlement(open, 1, { amountNanousd: 3n }))
  expect(await recordHolds(database, [recordOf(open.keyId)])).toEqual([undefined])
  expect(await takeOverHold(database, open)).toBeUndefined()
  expect(await findHold(database, open)).toMatchObject({
    epoch: 1,
    sequence: 0n,
    status: { state: 'settled' },
  })
})

test('a renewal moves the expiry later, never earlier', async () => {
  const { keyId } = await anOpenHold()
  const before = (await findHold(database, { userId: 'ada', keyId }))?.expiresAt ?? new Date(0)
  const [shorter] = await recordHolds(database, [recordOf(keyId, { renewForMs: 1_000 })])
  expect(shorter?.expiresAt).toEqual(before)
  const [longer] = await recordHolds(database, [recordOf(keyId, { renewForMs: 3_600_000 })])
  expect(longer?.expiresAt.getTime()).toBeGreaterThan(before.getTime() + 3_000_000)
})

test('each of many concurrent takeovers gets its own epoch', async () => {
  const open = await anOpenHold()
  const taken = await Promise.all(Array.from({ length: 8 }, () => takeOverHold(database, open)))
  expect(taken.map((hold) => hold?.epoch).sort()).toEqual([2, 3, 4, 5, 6, 7, 8, 9])
})
