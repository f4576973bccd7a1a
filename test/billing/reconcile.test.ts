import { sql } from 'kysely'
import { registry } from '../../src/observability/metrics'
import { startTestServer, type TestServer } from '../support/server'

// Whoever writes to the tables by hand is found out: each case tampers with one user's books and names what is to be said.

let server: TestServer
let users = 0

beforeAll(async () => {
  server = await startTestServer()
  await server.client.putPrice({
    model: 'model',
    rateCards: [
      {
        rates: [
          { meter: 'METER_INPUT_TOKENS', priceNanousd: '1000000000', per: '1000000' },
          { meter: 'METER_OUTPUT_TOKENS', priceNanousd: '2000000000', per: '1000000' },
        ],
      },
    ],
  })
})

afterAll(() => server.stop())

/** Granted, and charged three times: four entries. */
async function aUserWithBooks(): Promise<string> {
  const userId = `books-${users++}`
  await server.client.createUser({ userId })
  await server.client.grantCredits({
    userId,
    idempotencyKey: 'start',
    pot: 'POT_CREDITS',
    amountNanousd: '1000000000',
  })
  for (const key of ['a', 'b', 'c']) await charge(userId, key)
  return userId
}

function charge(userId: string, idempotencyKey: string) {
  return server.client.chargeUsage({ userId, idempotencyKey, model: 'model', usage: { inputTokens: 100 } })
}

async function findings(userId: string): Promise<string[]> {
  const { discrepancies } = await server.client.reconcile({ userId })
  return discrepancies.map(({ kind, detail }) => `${kind}: ${detail}`)
}

test('books that nobody touched balance', async () => {
  expect(await findings(await aUserWithBooks())).toEqual([])
})

const cases: { name: string; tamper: (userId: string) => ReturnType<typeof sql>; finds: string }[] = [
  {
    name: 'a balance',
    tamper: (id) => sql`update users set credits_nanousd = credits_nanousd + 1 where user_id = ${id}`,
    finds: 'BALANCE_DRIFT',
  },
  {
    name: 'what is held',
    tamper: (id) => sql`update users set held_nanousd = 5 where user_id = ${id}`,
    finds: 'HOLD_DRIFT',
  },
  {
    name: "the day's spend",
    tamper: (id) => sql`update users set spent_today_nanousd = 0 where user_id = ${id}`,
    finds: 'SPEND_DRIFT',
  },
  {
    name: 'an overdraft limit',
    tamper: (id) => sql`update users set overdraft_limit_nanousd = 100 where user_id = ${id}`,
    finds: 'LIMIT_DRIFT',
  },
  {
    name: 'an entry in the middle',
    tamper: (id) => sql`delete from ledger_entries where user_id = ${id} and version = 3`,
    finds: 'VERSION_GAP',
  },
  {
    name: 'the last entry',
    tamper: (id) => sql`delete from ledger_entries where user_id = ${id} and version = 4`,
    finds: 'VERSION_GAP',
  },
  {
    name: 'an amount, with its deltas',
    tamper: (id) => sql`update ledger_entries set amount_nanousd = 1, credits_delta_nanousd = -1
      where user_id = ${id} and version = 3`,
    finds: 'AMOUNT_DRIFT',
  },
  {
    name: 'who a charge is attributed to',
    tamper: (id) => sql`update ledger_entries set api_key_id = 'other' where user_id = ${id} and version = 3`,
    finds: 'CHAIN_BROKEN',
  },
  {
    name: 'a user row that was set back to an earlier version',
    tamper: (id) => sql`update users u set version = e.version, credits_nanousd = e.credits_nanousd,
        spent_today_nanousd = e.spent_today_nanousd, last_hash = e.hash
      from ledger_entries e where e.user_id = u.user_id and u.user_id = ${id} and e.version = 2`,
    finds: 'VERSION_GAP: the user is at 2, its ledger goes on to 4',
  },
  {
    name: 'an idempotency key that is lost',
    tamper: (id) => sql`delete from idempotency_keys where user_id = ${id} and version = 3`,
    finds: 'KEY_DRIFT: entry 3: no idempotency key points to it',
  },
  {
    name: 'an idempotency key that points elsewhere',
    tamper: (id) => sql`update idempotency_keys set version = 9 where user_id = ${id} and version = 3`,
    finds: 'KEY_DRIFT: entry 3: no idempotency key points to it',
  },
  {
    name: 'an idempotency key too many',
    tamper: (id) => sql`insert into idempotency_keys (user_id, key_id, request_hash, version)
      values (${id}, gen_random_uuid(), '', 9)`,
    finds: 'KEY_DRIFT: 4 entries should have as many idempotency keys, there are 5',
  },
]

test.each(cases)('tampering is found: $name', async ({ tamper, finds }) => {
  const userId = await aUserWithBooks()
  await tamper(userId).execute(server.database.kysely)
  expect(await findings(userId)).toContainEqual(expect.stringContaining(finds))
})

test('one lost entry is one gap, not one for each that follows', async () => {
  const userId = await aUserWithBooks()
  for (let n = 0; n < 20; n++) await charge(userId, `more-${n}`)
  await sql`delete from ledger_entries where user_id = ${userId} and version = 3`.execute(
    server.database.kysely,
  )
  expect((await findings(userId)).filter((finding) => finding.startsWith('VERSION_GAP'))).toHaveLength(1)
  expect((await findings(userId)).length).toBeLessThan(8)
})

describe('a quote says what the charge would', () => {
  async function quoteAndCharge(userId: string): Promise<[boolean, string]> {
    const call = { model: 'model', usage: { inputTokens: 1_000_000, outputTokens: 100 } }
    const { affordable, affordableOutputTokens } = await server.client.priceQuote({ ...call, userId })
    const charged = await server.client.chargeUsage({ ...call, userId, idempotencyKey: 'the-call' }).then(
      () => true,
      () => false,
    )
    expect(affordable).toBe(charged)
    return [affordable, affordableOutputTokens]
  }

  test.each([
    { name: 'credits', user: {}, credits: '2000000000', expected: [true, '100'] },
    { name: 'no credits', user: {}, credits: '0', expected: [false, '0'] },
    {
      name: 'a daily limit below the cost',
      user: { dailyLimitNanousd: '1000000100' },
      credits: '9000000000',
      expected: [false, '0'],
    },
    {
      name: 'a daily limit for a part',
      user: { dailyLimitNanousd: '1000020000' },
      credits: '9000000000',
      expected: [false, '10'],
    },
    { name: 'a trial that has not the room', user: { isTrial: true }, credits: '0', expected: [false, '0'] },
  ])('with $name', async ({ user, credits, expected }) => {
    const userId = `quoted-${users++}`
    await server.client.createUser({ userId, ...user })
    if (credits !== '0') {
      await server.client.grantCredits({
        userId,
        idempotencyKey: 'start',
        pot: 'POT_CREDITS',
        amountNanousd: credits,
      })
    }
    expect(await quoteAndCharge(userId)).toEqual(expected)
  })

  test('in a trial, which pays with nothing', async () => {
    const userId = `quoted-${users++}`
    await server.client.createUser({ userId, isTrial: true })
    const call = { model: 'model', usage: { inputTokens: 1_000, outputTokens: 100 } }
    expect(await server.client.priceQuote({ ...call, userId })).toMatchObject({
      affordable: true,
      affordableOutputTokens: '100',
    })
    expect(await server.client.chargeUsage({ ...call, userId, idempotencyKey: 'k' })).toMatchObject({
      charge: { trial: true },
    })
  })
})

test('what is found is counted', async () => {
  const userId = await aUserWithBooks()
  const before = await countedDrift()
  await sql`update users set credits_nanousd = credits_nanousd + 1 where user_id = ${userId}`.execute(
    server.database.kysely,
  )
  await findings(userId)
  expect(await countedDrift()).toBe(before + 1)
})

async function countedDrift(): Promise<number> {
  const page = await registry.getSingleMetricAsString('tollgate_reconcile_discrepancies_total')
  return Number(/kind="BALANCE_DRIFT"\} (\d+)/.exec(page)?.[1])
}
