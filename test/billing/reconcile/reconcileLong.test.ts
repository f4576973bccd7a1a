import { sql } from 'kysely'
import { reconcile } from '../../../src/billing/reconcile/reconcile'
import { startTestServer, type TestServer } from '../../support/server'

// Ledgers of more than one page: what is known of one page is not lost in the next.

let server: TestServer
let users = 0

beforeAll(async () => {
  server = await startTestServer()
  await server.client.putPrice({
    model: 'model',
    rateCards: [{ rates: [{ meter: 'METER_INPUT_TOKENS', priceNanousd: '1000000000', per: '1000000' }] }],
  })
})

afterAll(() => server.stop())

const ENTRIES = 25

async function aLongLedger(): Promise<string> {
  const userId = `long-${users++}`
  await server.client.createUser({ userId })
  const grant = { pot: 'POT_CREDITS', amountNanousd: '1000000000' } as const
  await server.client.grantCredits({ userId, idempotencyKey: 'start', ...grant })
  await server.client.updateUser({ userId, idempotencyKey: 'pro', tier: 'pro', suspended: false })
  for (let n = 2; n < ENTRIES; n++) await charge(userId, `call-${n}`)
  return userId
}

function charge(userId: string, idempotencyKey: string) {
  return server.client.chargeUsage({ userId, idempotencyKey, model: 'model', usage: { inputTokens: 100 } })
}

/** Every page's findings, and who is proved by the last. */
async function pagesOf(
  userId: string,
  between: (entries: number) => Promise<unknown> = async () => undefined,
) {
  const found: string[][] = []
  let entries = 0
  let pageToken = ''
  for (;;) {
    const page = await reconcile(server.billing, { userId, pageSize: 1, pageToken, entriesMax: 10 })
    found.push(page.discrepancies.map(({ kind, detail }) => `${kind}: ${detail}`))
    entries += page.entriesChecked
    pageToken = page.nextPageToken
    if (pageToken === '') return { found, entries, proved: page.proved.map(({ version }) => version) }
    await between(entries)
  }
}

const run = (statement: ReturnType<typeof sql>) => statement.execute(server.database.kysely)

test('one that nobody touched is proved to its end', async () => {
  const userId = await aLongLedger()
  expect(await pagesOf(userId)).toEqual({ found: [[], [], []], entries: ENTRIES, proved: [BigInt(ENTRIES)] })
})

test('one that is wrong in its first page leaves no checkpoint after its last', async () => {
  const userId = await aLongLedger()
  await run(sql`update ledger_entries set api_key_id = 'x' where user_id = ${userId} and version = 4`)
  const { found, proved } = await pagesOf(userId)
  expect(found).toEqual([[expect.stringContaining('CHAIN_BROKEN: entry 4')], [], []])
  expect(proved).toEqual([])
})

test('what the first page says of a profile is held against the user after the last', async () => {
  const userId = await aLongLedger()
  await run(sql`update users set tier = 'free' where user_id = ${userId}`)
  expect((await pagesOf(userId)).found.flat()).toEqual(['PROFILE_DRIFT: tier should be "pro", is "free"'])
})

describe('its keys are counted some thousand at a time', () => {
  const tooMany = (userId: string, count: number, version = 999_999) =>
    run(sql`insert into idempotency_keys (user_id, key_id, request_hash, version)
      select ${userId}, gen_random_uuid(), '', ${version} from generate_series(1, ${count})`)

  test('over pages of their own, and all of them', async () => {
    const userId = await aLongLedger()
    await tooMany(userId, 12_000)
    const { found, proved } = await pagesOf(userId)
    expect(found).toEqual([
      ...[[], [], [], []],
      [`KEY_DRIFT: ${ENTRIES} entries should have as many idempotency keys, there are ${ENTRIES + 12_000}`],
    ])
    expect(proved).toEqual([])
  })

  test('one too many of a version that the user has come to', async () => {
    const userId = await aLongLedger()
    await tooMany(userId, 1, 3)
    expect((await pagesOf(userId)).found.flat()).toEqual([
      `KEY_DRIFT: ${ENTRIES} entries should have as many idempotency keys, there are ${ENTRIES + 1}`,
    ])
  })

  test('those of entries that are posted meanwhile are none too many', async () => {
    const userId = await aLongLedger()
    await tooMany(userId, 12_000)
    let calls = 0
    const { found } = await pagesOf(userId, async (entries) => {
      if (entries === ENTRIES) for (let n = 0; n < 20; n++) await charge(userId, `meanwhile-${calls++}`)
    })
    expect(calls).toBe(40)
    expect(found.flat()).toEqual([
      `KEY_DRIFT: ${ENTRIES} entries should have as many idempotency keys, there are ${ENTRIES + 12_000}`,
    ])
  })
})

test('of a short ledger with keys without end, no more are counted than tell', async () => {
  const userId = `long-${users++}`
  await server.client.createUser({ userId })
  await run(sql`insert into idempotency_keys (user_id, key_id, request_hash, version)
    select ${userId}, gen_random_uuid(), '', 9 from generate_series(1, 1000)`)
  const { discrepancies } = await server.client.reconcile({ userId })
  expect(discrepancies.map(({ detail }) => detail)).toEqual([
    '0 entries should have as many idempotency keys, there are 100',
  ])
})

describe("what a trial user spent today is held against the day's entries", () => {
  async function aTrialUser(): Promise<string> {
    const userId = `trial-${users++}`
    await server.client.createUser({ userId, isTrial: true })
    for (const key of ['a', 'b']) await charge(userId, key)
    return userId
  }

  test('it is their sum', async () => {
    const userId = await aTrialUser()
    expect((await server.client.reconcile({ userId })).discrepancies).toEqual([])
  })

  test('anything else is found', async () => {
    const userId = await aTrialUser()
    await run(sql`update users set trial_spent_today_nanousd = 0 where user_id = ${userId}`)
    const { discrepancies } = await server.client.reconcile({ userId })
    expect(discrepancies.map(({ kind, detail }) => `${kind}: ${detail}`)).toEqual([
      'SPEND_DRIFT: spent today in the trial should be 200000 nano-USD, is 0',
    ])
  })
})
