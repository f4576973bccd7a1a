import { createHash } from 'node:crypto'
import type { LedgerEntry } from '../../../src/domain/ledger/entry'
import { entryHashOf, genesisHashOf, hashFits } from '../../../src/domain/ledger/entryHash'

// Hashes are for ever: what is written here is what stands in ledgers.

const REQUEST_HASH = createHash('sha256').update('a request').digest()
const chained = { requestHash: REQUEST_HASH, previousHash: genesisHashOf('ada') }

const ENTRY: Omit<LedgerEntry, 'hash'> = {
  userId: 'ada',
  version: 1n,
  kind: 'grant',
  keyId: '00000000-0000-4000-8000-000000000001',
  idempotencyKey: 'grant-1',
  createdAt: new Date('2026-03-01T12:00:00Z'),
  allowanceDeltaNanousd: 0n,
  creditsDeltaNanousd: 5n,
  heldDeltaNanousd: 0n,
  spentTodayDeltaNanousd: 0n,
  balance: {
    allowanceNanousd: 0n,
    creditsNanousd: 5n,
    heldNanousd: 0n,
    spentTodayNanousd: 0n,
    dailyLimitNanousd: 0n,
    overdraftLimitNanousd: 0n,
  },
  reason: 'hello',
}

const CONTENT =
  '3:ada' +
  '1:1' +
  '5:grant' +
  '36:00000000-0000-4000-8000-000000000001' +
  '7:grant-1' +
  '13:1772366400000' +
  '1:01:51:01:0' +
  '1:01:51:01:01:01:0' +
  '5:hello' +
  '---'

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).update(chained.previousHash).digest()
}

test('version 2 is the request, the content and the hash before it', () => {
  const written = sha256(`tollgate entry 2\n64:${REQUEST_HASH.toString('hex')}${CONTENT}`)
  expect(entryHashOf(ENTRY, chained)).toEqual(written)
  expect(hashFits({ ...ENTRY, hash: written }, chained)).toBe(true)
})

test('version 1 was without the request, and still stands', () => {
  const written = sha256(`tollgate entry 1\n${CONTENT}`)
  expect(hashFits({ ...ENTRY, hash: written }, chained)).toBe(true)
  expect(hashFits({ ...ENTRY, hash: written, reason: 'other' }, chained)).toBe(false)
})

test.each([
  ['another request', {}, { ...chained, requestHash: Buffer.alloc(32) }],
  ['another entry before it', {}, { ...chained, previousHash: Buffer.alloc(32) }],
  ['another amount', { creditsDeltaNanousd: 6n }, chained],
])('%s has another hash', (_what, changed, chainedToday) => {
  const hash = entryHashOf(ENTRY, chained)
  expect(hashFits({ ...ENTRY, ...changed, hash }, chainedToday)).toBe(false)
})
