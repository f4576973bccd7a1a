import type { TollgateClient } from '../../../clients/node/src/connect'
import type { ListLedgerEntriesRequest } from '../../../src/wire/generated/tollgate/billing/v1/ListLedgerEntriesRequest'
import { everyPage } from '../../support/everyPage'
import { startTestServer, type TestServer } from '../../support/server'

let server: TestServer
let client: TollgateClient

beforeAll(async () => {
  server = await startTestServer()
  client = server.client
  const rate = { priceNanousd: '1000000000', per: '1000000' }
  await client.putPrice({
    model: 'm',
    rateCards: [
      {
        rates: [
          { meter: 'METER_INPUT_TOKENS', ...rate },
          { meter: 'METER_OUTPUT_TOKENS', ...rate },
        ],
      },
    ],
  })
})

afterAll(() => server?.stop())

describe("a user's ledger", () => {
  beforeAll(async () => {
    await client.createUser({ userId: 'ada' })
    await grant('ada', 'g1', 10_000)
    for (const n of [1, 2, 3, 4]) await charge('ada', `c${n}`, { apiKeyId: n % 2 === 0 ? 'even' : 'odd' })
    await grant('ada', 'g2', 10_000)
  })

  test('is listed newest first, page by page, each entry once', async () => {
    const pages = await everyPage((pageToken) =>
      client.listLedgerEntries({ userId: 'ada', pageSize: 4, pageToken }),
    )
    expect(pages.map(({ entries }) => entries.map(({ version }) => version))).toEqual([
      ['6', '5', '4', '3'],
      ['2', '1'],
    ])
  })

  test.each([99, 100, 101, 199, 200, 250])(
    'of 250 entries is listed whole, in pages of %d, which are read in parts',
    async (pageSize) => {
      const userId = `long-${pageSize}`
      await client.createUser({ userId })
      await Promise.all(Array.from({ length: 250 }, (_, n) => grant(userId, `g${n}`, 1)))
      const pages = await everyPage((pageToken) => client.listLedgerEntries({ userId, pageSize, pageToken }))
      expect(pages).toHaveLength(Math.ceil(250 / pageSize))
      const versions = pages.flatMap(({ entries }) => entries.map(({ version }) => Number(version)))
      expect(versions).toEqual(Array.from({ length: 250 }, (_, n) => 250 - n))
    },
  )

  test('continues at the same entry, whatever was posted since', async () => {
    await client.createUser({ userId: 'eve' })
    for (const n of [1, 2, 3]) await grant('eve', `g${n}`, 1)
    const first = await client.listLedgerEntries({ userId: 'eve', pageSize: 2 })
    await grant('eve', 'g4', 1)
    const second = await client.listLedgerEntries({
      userId: 'eve',
      pageSize: 2,
      pageToken: first.nextPageToken,
    })
    expect(second.entries.map(({ version }) => version)).toEqual(['1'])
    expect(second.nextPageToken).toBe('')
  })

  test.each<[Omit<ListLedgerEntriesRequest, 'userId'>, string[]]>([
    [{ kinds: ['ENTRY_KIND_GRANT'] }, ['g2', 'g1']],
    [{ kinds: ['ENTRY_KIND_GRANT', 'ENTRY_KIND_CHARGE'], apiKeyId: 'even' }, ['c4', 'c2']],
    [{ apiKeyId: 'odd' }, ['c3', 'c1']],
    [{ apiKeyId: 'nobody' }, []],
    [{ from: { seconds: '4102444800' } }, []],
    [{ until: { seconds: '4102444800' }, kinds: ['ENTRY_KIND_GRANT'] }, ['g2', 'g1']],
    [{ until: { seconds: '1' } }, []],
  ])('can be filtered by %j', async (filter, keys) => {
    const { entries } = await client.listLedgerEntries({ userId: 'ada', ...filter })
    expect(entries.map(({ idempotencyKey }) => idempotencyKey)).toEqual(keys)
  })

  test('from is inclusive and until exclusive', async () => {
    const { entries } = await client.listLedgerEntries({ userId: 'ada' })
    const third = entries.find(({ version }) => version === '3')?.createdAt ?? null
    const from = await client.listLedgerEntries({ userId: 'ada', from: third })
    const until = await client.listLedgerEntries({ userId: 'ada', until: third })
    expect(from.entries.map(({ version }) => version)).toContain('3')
    expect(until.entries.map(({ version }) => version)).not.toContain('3')
    expect(from.entries.length + until.entries.length).toBe(entries.length)
  })

  test('shows each charge with the receipt that the charge itself gave', async () => {
    const { charge: receipt } = await client.getCharge({ userId: 'ada', idempotencyKey: 'c2' })
    const { entries } = await client.listLedgerEntries({
      userId: 'ada',
      kinds: ['ENTRY_KIND_CHARGE'],
      apiKeyId: 'even',
    })
    const entry = entries.find(({ idempotencyKey }) => idempotencyKey === 'c2')
    expect(entry?.charge).toEqual(receipt)
    expect(entry).toMatchObject({ creditsDeltaNanousd: '-1000', chargeId: receipt?.chargeId })
    expect(entry?.hash).toHaveLength(32)
  })
})

function grant(userId: string, idempotencyKey: string, nanousd: number) {
  return client.grantCredits({ userId, idempotencyKey, pot: 'POT_CREDITS', amountNanousd: nanousd })
}

/** 1,000 nano-USD. */
function charge(userId: string, idempotencyKey: string, rest: { apiKeyId?: string } = {}) {
  return client.chargeUsage({ userId, idempotencyKey, model: 'm', usage: { inputTokens: '1' }, ...rest })
}
