import { reconcile } from '../../src/billing/reconcile/reconcile'
import { LedgerConnection } from '../../src/database/ledger/connection'
import { decideBatch } from '../../src/ledger/batch'
import { refsOf } from '../../src/ledger/batchRefs'
import { DatabaseClock, JUMP_MS_MAX } from '../../src/ledger/databaseClock'
import { entriesOf, userOf } from '../support/ledger'
import { aGrant, TRIAL_RULES } from '../support/postings'
import { cardOf } from '../support/priceBooks'
import { startTestServer } from '../support/server'

const DAY_MS = 86_400_000
const TODAY = new Date('2026-03-01T12:00:00Z')

/** Clocks that the test moves: `at` is this process's own clock. */
function clockAt(wall: Date) {
  const clocks = { monotonic: 1_000, wall: wall.getTime() }
  const clock = new DatabaseClock({ monotonicMs: () => clocks.monotonic, wallMs: () => clocks.wall })
  const pass = (ms: number, { wallMs = ms } = {}) => {
    clocks.monotonic += ms
    clocks.wall += wallMs
  }
  return { clock, pass }
}

const later = (ms: number) => new Date(TODAY.getTime() + ms)

describe('the time of the database', () => {
  test('is the last one seen and the time since, whatever this process takes the time for', () => {
    const { clock, pass } = clockAt(later(-400 * DAY_MS))
    clock.observe(TODAY)
    pass(1_500, { wallMs: -DAY_MS })
    expect(clock.now()).toEqual(later(1_500))
  })

  test.each([30 * DAY_MS, 10 * DAY_MS, JUMP_MS_MAX + 1])(
    'that jumps %d ms ahead once is not believed',
    (jumpMs) => {
      const { clock, pass } = clockAt(TODAY)
      clock.observe(TODAY)
      pass(100)
      clock.observe(later(100 + jumpMs))
      expect(clock.now()).toEqual(later(100))
      clock.observe(later(101))
      expect(clock.now()).toEqual(later(101))
    },
  )

  test('is believed where this process slept, or where its own clock says the same', () => {
    const { clock, pass } = clockAt(TODAY)
    clock.observe(TODAY)
    pass(100, { wallMs: 2 * DAY_MS })
    clock.observe(later(2 * DAY_MS))
    expect(clock.now()).toEqual(later(2 * DAY_MS))
  })

  test('moves by a little, and goes back with the database', () => {
    const { clock } = clockAt(TODAY)
    clock.observe(TODAY)
    clock.observe(later(JUMP_MS_MAX))
    expect(clock.now()).toEqual(later(JUMP_MS_MAX))
    clock.observe(later(-60_000))
    expect(clock.now()).toEqual(later(-60_000))
  })
})

test('an entry that is dated ahead is reported, and an update brings its user back to today', async () => {
  const server = await startTestServer()
  const { billing, client, database } = server
  await billing.prices.putPrice({ model: 'm', provider: '', rateCards: [cardOf({ INPUT_TOKENS: 1 })] })
  await client.createUser({ userId: 'ada', dailyLimitNanousd: 1_500_000 })
  // As a server posts it that believes a database whose clock is a month ahead.
  const connection = await LedgerConnection.open(database.connection)
  const grant = aGrant('ada', 'ahead', 1_000_000_000n)
  const facts = await connection.lockAndRead(refsOf([grant]))
  const now = new Date(Date.now() + 30 * DAY_MS)
  await connection.writeAndCommit(decideBatch(facts, [grant], { rules: { trial: TRIAL_RULES }, now }).write)
  await connection.close()

  const kindsOf = async () => {
    const { discrepancies } = await reconcile(billing, { userId: 'ada', pageSize: 1, pageToken: '' })
    return discrepancies.map(({ kind }) => kind)
  }
  const charge = async (idempotencyKey: string) =>
    await client.chargeUsage({ userId: 'ada', idempotencyKey, model: 'm', usage: { inputTokens: 1_000 } })
  await charge('while-ahead')
  expect(await kindsOf()).toEqual(['ENTRY_AHEAD'])
  expect((await userOf(database, 'ada')).lastEntryAt).toEqual(now)

  await client.updateUser({ userId: 'ada' })
  await charge('today')
  expect(await kindsOf()).toEqual([])
  const { lastEntryAt, spentTodayNanousd } = await userOf(database, 'ada')
  expect(Math.abs(lastEntryAt.getTime() - Date.now())).toBeLessThan(60_000)
  expect(spentTodayNanousd).toBe(1_000_000n)
  expect(await entriesOf(database, 'ada')).toHaveLength(4)
  await server.stop()
})
