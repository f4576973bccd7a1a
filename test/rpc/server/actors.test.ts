import { setTimeout as sleep } from 'node:timers/promises'
import type { TollgateClient } from '../../../clients/node/src/connect'
import { reconcile } from '../../../src/billing/reconcile/reconcile'
import { hashOfToken, type Token } from '../../../src/rpc/server/auth'
import type { Scope } from '../../../src/rpc/server/scopes'
import { type BreakableNetwork, breakableNetwork } from '../../support/breakableNetwork'
import { givenUser } from '../../support/ledger'
import { startTestServer, type TestServer } from '../../support/server'
import { spoolDir } from '../../support/spools'
import { TestStream } from '../../support/streamClients'
import { expireAll, openOf } from '../../support/streamServer'

// Who asked for each change: the name of the token is in its ledger entry, and in the entry's hash.

const TOKENS = [
  tokenFor('operations', 'admin'),
  tokenFor('finance', 'admin'),
  tokenFor('gateway-eu', 'gateway'),
  tokenFor('gateway-us', 'gateway'),
]
const GRANT = { pot: 'POT_CREDITS', amountNanousd: 1_000_000_000 } as const

let server: TestServer
let network: BreakableNetwork
let removeDir: () => void
let operations: TollgateClient
let finance: TollgateClient
let eu: TollgateClient
let us: TollgateClient
let users = 0

function tokenFor(name: string, ...scopes: Scope[]): Token {
  return { name, scopes, hash: hashOfToken(`token-of-${name}`) }
}

beforeAll(async () => {
  const { dir, remove } = spoolDir()
  removeDir = remove
  server = await startTestServer({
    tokens: TOKENS,
    streams: { sweepIntervalMs: 3_600_000, firstStretchTokens: 100n },
    spool: { dir },
    async network(connection) {
      network = await breakableNetwork(connection)
      return network.connection
    },
  })
  operations = server.connect('token-of-operations')
  finance = server.connect('token-of-finance')
  eu = server.connect('token-of-gateway-eu')
  us = server.connect('token-of-gateway-us')
  await operations.putPrice({
    model: 'test-model',
    rateCards: [
      {
        rates: [
          { meter: 'METER_INPUT_TOKENS', priceNanousd: 1_000_000_000, per: 1_000_000 },
          { meter: 'METER_OUTPUT_TOKENS', priceNanousd: 10_000_000_000, per: 1_000_000 },
        ],
      },
    ],
  })
})

afterAll(async () => {
  network?.restore()
  await server?.stop()
  network?.close()
  removeDir?.()
})

async function aUser(): Promise<string> {
  const userId = `user-${++users}`
  await operations.createUser({ userId })
  await operations.grantCredits({ ...GRANT, userId, idempotencyKey: 'credits' })
  return userId
}

const callOf = (userId: string, idempotencyKey: string) => ({
  userId,
  idempotencyKey,
  model: 'test-model',
  usage: { inputTokens: 1_000 },
})

/** `<kind> <actor>` of each entry, oldest first; and the books are proved, hashes included. */
async function actorsOf(userId: string): Promise<string[]> {
  const { entries } = await operations.listLedgerEntries({ userId })
  const { discrepancies } = await reconcile(server.billing, { userId, pageSize: 10, pageToken: '' })
  expect(discrepancies).toEqual([])
  return entries
    .map(({ kind, actor }) => `${kind.replace('ENTRY_KIND_', '').toLowerCase()} ${actor}`)
    .reverse()
}

test('an entry has the name of the token that asked for it, and so has the receipt', async () => {
  const userId = await aUser()
  const { charge } = await eu.chargeUsage(callOf(userId, 'call-1'))
  expect(charge?.actor).toBe('gateway-eu')
  await us.batchChargeUsage({ requests: [callOf(userId, 'call-2')] })
  await operations.updateUser({ userId, tier: 'pro' })
  await operations.refundCharge({ userId, idempotencyKey: 'refund', chargeId: charge?.chargeId ?? '' })
  expect(await actorsOf(userId)).toEqual([
    'grant operations',
    'charge gateway-eu',
    'charge gateway-us',
    'profile operations',
    'refund operations',
  ])
  const again = await operations.getCharge({ userId, idempotencyKey: 'call-2' })
  expect(again.charge?.actor).toBe('gateway-us')
})

test('a retry by another token is the same request, and the first one stays its actor', async () => {
  const userId = await aUser()
  await eu.chargeUsage(callOf(userId, 'call'))
  const { charge, replayed } = await us.chargeUsage(callOf(userId, 'call'))
  expect({ replayed, actor: charge?.actor }).toEqual({ replayed: true, actor: 'gateway-eu' })
  expect(await actorsOf(userId)).toEqual(['grant operations', 'charge gateway-eu'])
})

test('each entry of a stream has the token of the connection that caused it', async () => {
  const userId = await aUser()
  const opened = await new TestStream(eu, openOf(userId)).granted()
  opened.progress(1, 90, 1_000)
  await opened.until(({ grants }) => grants.length > 1)
  opened.cancel()
  const taken = await new TestStream(us, openOf(userId)).granted()
  taken.close({ inputTokens: 1_000, outputTokens: 95 })
  expect((await taken.settled()).charge?.actor).toBe('gateway-us')
  expect(await actorsOf(userId)).toEqual([
    'grant operations',
    'hold gateway-eu',
    'hold gateway-eu',
    'settlement gateway-us',
  ])
})

test('tollgate settles a stream that expires; who closes it late amends it', async () => {
  const userId = await aUser()
  const stream = await new TestStream(eu, openOf(userId)).granted()
  stream.cancel()
  await expireAll(server)
  const late = await new TestStream(us, openOf(userId)).until(({ settlements }) => settlements.length > 0)
  expect(late.settlement?.charge?.actor).toBe('tollgate')
  late.close({ inputTokens: 1_000, outputTokens: 10 })
  await late.until(({ settlements }) => settlements.length > 1)
  expect(await actorsOf(userId)).toEqual([
    'grant operations',
    'hold gateway-eu',
    'settlement tollgate',
    'adjustment gateway-us',
  ])
})

test('an operator settles a hold, and retries a failure; after a grant, tollgate collects what is owed', async () => {
  const userId = await aUser()
  const stream = await new TestStream(eu, openOf(userId)).granted()
  await operations.settleHold({ userId, holdId: stream.grant.holdId })
  const poor = `user-${++users}`
  await givenUser(server.database, poor)
  for (const key of ['call-1', 'call-2']) await expect(eu.chargeUsage(callOf(poor, key))).rejects.toThrow()
  await operations.updateUser({ userId: poor, overdraftLimitNanousd: 1_000_000 })
  const { failures } = await operations.listDeductionFailures({ userId: poor })
  await operations.retryDeductionFailure({ userId: poor, failureId: failures[0]?.failureId ?? '' })
  await operations.grantCredits({ ...GRANT, userId: poor, idempotencyKey: 'credits' })
  expect(await actorsOf(userId)).toEqual(['grant operations', 'hold gateway-eu', 'settlement operations'])
  expect(await actorsOf(poor)).toEqual([
    'profile operations',
    'charge operations',
    'grant operations',
    'charge tollgate',
  ])
})

test('a failure says who wrote it off, or whose request deducted it', async () => {
  const userId = `user-${++users}`
  await givenUser(server.database, userId)
  for (const key of ['call-1', 'call-2', 'call-3'])
    await expect(eu.chargeUsage(callOf(userId, key))).rejects.toThrow()
  const listed = async () => (await operations.listDeductionFailures({ userId })).failures
  const [first] = await listed()
  expect(first?.actor).toBe('')
  await operations.writeOffDeductionFailure({ userId, failureId: first?.failureId ?? '', note: 'a gift' })
  await operations.updateUser({ userId, overdraftLimitNanousd: 1_000_000 })
  await us.chargeUsage(callOf(userId, 'call-2'))
  await operations.grantCredits({ ...GRANT, userId, idempotencyKey: 'credits' })
  expect((await listed()).map(({ state, actor }) => `${state} ${actor}`)).toEqual([
    'FAILURE_STATE_WRITTEN_OFF operations',
    'FAILURE_STATE_RESOLVED gateway-us',
    'FAILURE_STATE_RESOLVED tollgate',
  ])
})

describe('a price says who put it, and who ended it', () => {
  const rateCardsOf = (priceNanousd: number) => [
    { rates: [{ meter: 'METER_INPUT_TOKENS' as const, priceNanousd, per: 1_000_000 }] },
  ]

  test('as an operator puts and ends it', async () => {
    const first = { model: 'put', rateCards: rateCardsOf(1_000_000) }
    const { price } = await operations.putPrice(first)
    expect(price).toMatchObject({ actor: 'operations', endedBy: '' })
    // The same again is the same version, also from another token.
    expect((await finance.putPrice(first)).price).toEqual(price)
    await finance.putPrice({ model: 'put', rateCards: rateCardsOf(2_000_000) })
    expect(
      (await operations.getPrice({ model: 'put', at: price?.effectiveFrom ?? null })).price,
    ).toMatchObject({
      actor: 'operations',
      endedBy: 'finance',
    })
    expect((await operations.endPrice({ model: 'put' })).price).toMatchObject({
      actor: 'finance',
      endedBy: 'operations',
    })
  })

  test('as a list changes it, and as an operator decides what was held back', async () => {
    const listOf = (usd: string) => ({
      format: 'openrouter',
      json: JSON.stringify({
        data: ['a', 'b', 'c'].map((id) => ({ id, pricing: { prompt: usd, completion: usd } })),
      }),
    })
    await operations.importPrices(listOf('0.000001'))
    await finance.importPrices(listOf('0.0000011'))
    await finance.importPrices(listOf('0.000009'))
    const held = (await operations.listPriceChanges({ state: 'PRICE_CHANGE_STATE_HELD_BACK' })).changes
    expect(held.map(({ actor }) => actor)).toEqual(['', '', ''])
    const [first, second] = held.map(({ changeId }) => changeId)
    const approved = await operations.decidePriceChange({ changeId: first ?? '', approve: true })
    expect(approved.change).toMatchObject({ actor: 'operations', after: { actor: 'operations' } })
    await finance.decidePriceChange({ changeId: second ?? '', approve: false })
    const { changes } = await operations.listPriceChanges({})
    expect(
      changes.map(({ state, actor }) => `${state.replace('PRICE_CHANGE_STATE_', '')} ${actor}`).sort(),
    ).toEqual([
      'APPLIED finance',
      'APPLIED finance',
      'APPLIED finance',
      'APPLIED operations',
      'HELD_BACK ',
      'REJECTED finance',
    ])
  })
})

test('a deferred charge keeps the name of who sent it', async () => {
  const userId = await aUser()
  await eu.chargeUsage(callOf(userId, 'first'))
  network.break()
  const deferred = await us.chargeUsage(callOf(userId, 'call'))
  expect(deferred.charge).toMatchObject({ status: 'CHARGE_STATUS_DEFERRED', actor: 'gateway-us' })
  network.restore()
  // Asked for by another token, while it waits and afterwards.
  for (;;) {
    const { charge } = await operations
      .getCharge({ userId, idempotencyKey: 'call' })
      .catch(() => ({ charge: null }))
    if (charge?.status === 'CHARGE_STATUS_DEDUCTED') break
    await sleep(50)
  }
  expect(await actorsOf(userId)).toEqual(['grant operations', 'charge gateway-eu', 'charge gateway-us'])
})
