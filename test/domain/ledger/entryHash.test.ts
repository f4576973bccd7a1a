import { createHash } from 'node:crypto'
import type { ChargeDetail } from '../../../src/domain/ledger/charge'
import type { LedgerEntry } from '../../../src/domain/ledger/entry'
import { entryHashOf, genesisHashOf, hashFits } from '../../../src/domain/ledger/entryHash'
import { servingToJson } from '../../../src/domain/ledger/serving'
import { NOTHING_SERVED } from '../../../src/domain/usage/served'
import { aCall } from '../../support/postings'

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

const CHARGE: ChargeDetail = {
  ...aCall(5n),
  trial: false,
  forgoneNanousd: 0n,
  shortfallNanousd: 0n,
  overDailyLimit: false,
  serving: { stated: { ...NOTHING_SERVED, model: 'gpt-4o-mini' }, unreadFields: [], assumptions: [] },
}

const CHARGE_CONTENT =
  '6:gpt-4o6:gpt-4o6:openai6:openai7:price-17:catalog1:00:13:1772366400000' +
  '0:5:false5:key-119:[["team","search"]]8:provider' +
  '1:51:02:[]1:51:55:false1:0-1:05:false'

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

test('version 4 has who asked for it', () => {
  const written = sha256(`tollgate entry 4\n64:${REQUEST_HASH.toString('hex')}${CONTENT}10:gateway-eu-`)
  const entry = { ...ENTRY, actor: 'gateway-eu' }
  expect(entryHashOf(entry, chained)).toEqual(written)
  expect(hashFits({ ...entry, hash: written }, chained)).toBe(true)
  expect(hashFits({ ...entry, hash: written, actor: 'gateway-us' }, chained)).toBe(false)
  expect(hashFits({ ...ENTRY, hash: written }, chained)).toBe(false)
})

test('in version 4, a charge also has how it was served, or a mark', () => {
  const { serving, ...charge } = CHARGE
  const hashes = [CHARGE, charge].map((each) => entryHashOf({ ...ENTRY, charge: each, actor: 'a' }, chained))
  const [served, unserved] = [serving && JSON.stringify(servingToJson(serving)), undefined].map((each) =>
    sha256(
      `tollgate entry 4\n64:${REQUEST_HASH.toString('hex')}${CONTENT}${CHARGE_CONTENT}${each === undefined ? '-' : `${each.length}:${each}`}1:a-`,
    ),
  )
  expect(hashes).toEqual([served, unserved])
})

test.each([1, 2, 3])('an actor that is added to an entry of version %i is noticed', (version) => {
  const entry = version === 3 ? { ...ENTRY, charge: CHARGE } : ENTRY
  const hash = version === 1 ? sha256(`tollgate entry 1\n${CONTENT}`) : entryHashOf(entry, chained)
  expect(hashFits({ ...entry, hash }, chained)).toBe(true)
  expect(hashFits({ ...entry, hash, actor: 'operations' }, chained)).toBe(false)
})

test.each([
  ['another request', {}, { ...chained, requestHash: Buffer.alloc(32) }],
  ['another entry before it', {}, { ...chained, previousHash: Buffer.alloc(32) }],
  ['another amount', { creditsDeltaNanousd: 6n }, chained],
])('%s has another hash', (_what, changed, chainedToday) => {
  const hash = entryHashOf(ENTRY, chained)
  expect(hashFits({ ...ENTRY, ...changed, hash }, chainedToday)).toBe(false)
})

test('version 4 has what an entry moved in counters, after who asked for it', () => {
  const move = {
    ...{ budgetId: 'all', generation: 1, windowFrom: new Date(0), groupValues: ['key-1'] },
    ...{ spentDeltaNanousd: 5n, heldDeltaNanousd: -7n, over: true },
  }
  const moves =
    '[{"budget":"all","generation":1,"window":0,"group":["key-1"],"spent":"5","held":"-7","over":true}]'
  const content = `${CONTENT}-${moves.length}:${moves}`
  const written = sha256(`tollgate entry 4\n64:${REQUEST_HASH.toString('hex')}${content}`)
  expect(entryHashOf({ ...ENTRY, counterMoves: [move] }, chained)).toEqual(written)
  expect(entryHashOf({ ...ENTRY, counterMoves: [{ ...move, over: false }] }, chained)).not.toEqual(written)
})
