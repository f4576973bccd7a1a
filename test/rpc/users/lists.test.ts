import type { TollgateClient } from '../../../clients/node/src/connect'
import type { ListLedgerEntriesRequest } from '../../../src/wire/generated/tollgate/billing/v1/ListLedgerEntriesRequest'
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

  test('goes on where it was, whatever was posted since', async () => {
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

describe('a charge', () => {
  beforeAll(async () => {
    await client.createUser({ userId: 'gil' })
    await grant('gil', 'g', 1_000)
  })

  test('is found by its key and by its id', async () => {
    const { charge: made } = await charge('gil', 'c')
    expect(await client.getCharge({ userId: 'gil', idempotencyKey: 'c' })).toEqual({ charge: made })
    expect(await client.getCharge({ userId: 'gil', chargeId: made?.chargeId ?? '' })).toEqual({
      charge: made,
    })
  })

  test('that was refused is FAILED, and names its failure', async () => {
    await expect(charge('gil', 'too-dear')).rejects.toMatchObject({ reason: 'INSUFFICIENT_CREDITS' })
    const { charge: failed } = await client.getCharge({ userId: 'gil', idempotencyKey: 'too-dear' })
    const { failures } = await client.listDeductionFailures({ userId: 'gil' })
    expect(failed).toMatchObject({
      status: 'CHARGE_STATUS_FAILED',
      idempotencyKey: 'too-dear',
      failureId: failures[0]?.failureId,
      chargeId: failures[0]?.chargeId,
      amountNanousd: '0',
      balance: null,
    })
    expect(failures).toMatchObject([
      { reason: 'INSUFFICIENT_CREDITS', state: 'FAILURE_STATE_PENDING', amountNanousd: '1000', attempts: 1 },
    ])
  })

  test('that could be deducted later is the receipt again, under the same id', async () => {
    const { charge: failed } = await client.getCharge({ userId: 'gil', idempotencyKey: 'too-dear' })
    await grant('gil', 'more', 1_000)
    await charge('gil', 'too-dear')
    const { charge: made } = await client.getCharge({ userId: 'gil', idempotencyKey: 'too-dear' })
    expect(made).toMatchObject({
      status: 'CHARGE_STATUS_DEDUCTED',
      chargeId: failed?.chargeId,
      failureId: '',
    })
    const pending = await client.listDeductionFailures({ userId: 'gil', state: 'FAILURE_STATE_PENDING' })
    const resolved = await client.listDeductionFailures({ userId: 'gil', state: 'FAILURE_STATE_RESOLVED' })
    expect([pending.failures, resolved.failures]).toMatchObject([[], [{ idempotencyKey: 'too-dear' }]])
  })

  test.each([
    ['a key that nobody used', { idempotencyKey: 'unused' }],
    ['an id that nobody has', { chargeId: `ch_${'0'.repeat(32)}` }],
    ['the key of a grant', { idempotencyKey: 'g' }],
  ])('is not found under %s', async (_, by) => {
    await expect(client.getCharge({ userId: 'gil', ...by })).rejects.toMatchObject({
      reason: 'CHARGE_NOT_FOUND',
    })
  })

  test('of a user that is not there', async () => {
    await expect(client.getCharge({ userId: 'nobody', idempotencyKey: 'c' })).rejects.toMatchObject({
      reason: 'USER_NOT_FOUND',
    })
  })
})

describe('a settled stream', () => {
  test('is a charge under the key of its open; while it runs, it is a hold', async () => {
    await client.createUser({ userId: 'sam' })
    await grant('sam', 'g', 1_000_000)
    const stream = client.streamSettle()
    const events = stream.events[Symbol.asyncIterator]()
    stream.open({ idempotencyKey: 's', userId: 'sam', model: 'm', inputTokens: '10' })
    const { value: opened } = await events.next()
    const { holds } = await client.listHolds({ userId: 'sam' })
    expect(holds).toMatchObject([{ holdId: opened?.grant?.holdId, idempotencyKey: 's', model: 'm' }])
    await expect(client.getCharge({ userId: 'sam', idempotencyKey: 's' })).rejects.toMatchObject({
      reason: 'CHARGE_NOT_FOUND',
    })

    stream.close({ sequence: '1', usage: { inputTokens: '20' }, end: 'STREAM_END_COMPLETED' })
    const { value: settled } = await events.next()
    const { charge: receipt } = await client.getCharge({ userId: 'sam', idempotencyKey: 's' })
    expect(receipt).toEqual(settled?.settled?.charge)
    expect(receipt).toMatchObject({
      idempotencyKey: 's',
      amountNanousd: '20000',
      holdId: opened?.grant?.holdId,
      end: 'STREAM_END_COMPLETED',
    })
    expect((await client.listHolds({ userId: 'sam' })).holds).toEqual([])
    const { entries } = await client.listLedgerEntries({ userId: 'sam', pageSize: 1 })
    expect(entries).toMatchObject([{ kind: 'ENTRY_KIND_SETTLEMENT', charge: receipt }])
  })
})

describe('lists of everything', () => {
  test('users come by id, page by page, and by prefix', async () => {
    for (const n of [1, 2, 3, 4, 5]) await client.createUser({ userId: `list-%_${n}` })
    await client.createUser({ userId: 'list-other' })
    const pages = await everyPage((pageToken) =>
      client.listUsers({ userIdPrefix: 'list-%_', pageSize: 2, pageToken }),
    )
    expect(pages.map(({ users }) => users.map(({ userId }) => userId))).toEqual([
      ['list-%_1', 'list-%_2'],
      ['list-%_3', 'list-%_4'],
      ['list-%_5'],
    ])
  })

  test('failures come oldest first, page by page, of one user or of all', async () => {
    await client.createUser({ userId: 'poor' })
    for (const n of [1, 2, 3, 4]) await charge('poor', `p${n}`).catch(() => undefined)
    const pages = await everyPage((pageToken) =>
      client.listDeductionFailures({ userId: 'poor', pageSize: 2, pageToken }),
    )
    expect(pages.map(({ failures }) => failures.map(({ idempotencyKey }) => idempotencyKey))).toEqual([
      ['p1', 'p2'],
      ['p3', 'p4'],
    ])
    const all = await client.listDeductionFailures({})
    expect(all.failures.map(({ userId }) => userId)).toContain('gil')
  })
})

describe('a new user', () => {
  test('has nothing, and is there once', async () => {
    const { user } = await client.createUser({
      userId: 'new',
      tier: 'free',
      dailyLimitNanousd: '5',
      overdraftLimitNanousd: '7',
      isTrial: true,
      trialExpiresAt: { seconds: '4102444800', nanos: 0 },
    })
    expect(user).toMatchObject({
      balance: { creditsNanousd: '0', availableNanousd: '7', dailyLimitNanousd: '5', version: '0' },
      billedAsTrial: true,
      trialExpiresAt: { seconds: '4102444800' },
    })
    await expect(client.createUser({ userId: 'new' })).rejects.toMatchObject({ reason: 'USER_EXISTS' })
    expect((await client.getUser({ userId: 'new' })).user).toEqual(user)
  })

  test('with a sign of a subscription is billed as paid', async () => {
    const { user } = await client.createUser({ userId: 'paid', isTrial: true, stripeSubscriptionId: 'sub_1' })
    expect(user).toMatchObject({ isTrial: true, billedAsTrial: false })
  })
})

async function everyPage<Page extends { nextPageToken: string }>(
  read: (pageToken: string) => Promise<Page>,
): Promise<Page[]> {
  const pages = [await read('')]
  for (let token = pages[0]?.nextPageToken; token !== ''; token = pages.at(-1)?.nextPageToken) {
    pages.push(await read(token ?? ''))
  }
  return pages
}

function grant(userId: string, idempotencyKey: string, nanousd: number) {
  return client.grantCredits({ userId, idempotencyKey, pot: 'POT_CREDITS', amountNanousd: nanousd })
}

/** 1,000 nano-USD. */
function charge(userId: string, idempotencyKey: string, rest: { apiKeyId?: string } = {}) {
  return client.chargeUsage({ userId, idempotencyKey, model: 'm', usage: { inputTokens: '1' }, ...rest })
}
