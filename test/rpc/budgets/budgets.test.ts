import type { TollgateError } from '../../../clients/node/src/errors'
import type { Budget } from '../../../src/wire/generated/tollgate/billing/v1/Budget'
import { USD } from '../../support/postings'
import { INPUT, OUTPUT, type StreamServer, startStreamServer } from '../../support/streamServer'

let server: StreamServer

beforeAll(async () => {
  server = await startStreamServer({ validityMs: 10_000 })
})

afterAll(() => server.stop())

const DAY = { period: 'BUDGET_PERIOD_DAY' } as const
/** What 1,000 input tokens cost. */
const CALL = 1_000n * INPUT

function put(userId: string, budget: Partial<Budget>, idempotencyKey = '') {
  return server.client.putBudget({
    idempotencyKey,
    budget: {
      ...{ userId, budgetId: 'b', window: DAY, action: 'BUDGET_ACTION_ENFORCE' },
      limitNanousd: String(USD),
      ...budget,
    },
  })
}

function charge(
  userId: string,
  idempotencyKey: string,
  call: { apiKeyId?: string; inputTokens?: number } = {},
) {
  const { inputTokens = 1_000, ...rest } = call
  return server.client.chargeUsage({
    userId,
    idempotencyKey,
    model: 'test-model',
    ...rest,
    usage: { inputTokens },
  })
}

describe('PutBudget, ListBudgets and DeleteBudget', () => {
  test('a budget is put, listed, changed and deleted, each an entry of the ledger', async () => {
    const userId = await server.aUser()
    const { budget, restarted } = await put(userId, {
      match: {
        apiKeyIds: ['k'],
        labels: { team: 'search', env: 'prod' },
        models: ['test-*'],
        providers: ['p'],
      },
      groupBy: [{ apiKey: true }, { label: 'user' }],
      window: { period: 'BUDGET_PERIOD_WEEK', timeZone: 'europe/berlin', weekStartsOn: 7 },
      notifyAtPercent: [100, 50],
    })
    expect(restarted).toBe(false)
    expect(budget).toMatchObject({
      ...{
        userId,
        budgetId: 'b',
        generation: 1,
        limitNanousd: '1000000000',
        action: 'BUDGET_ACTION_ENFORCE',
      },
      match: {
        apiKeyIds: ['k'],
        labels: { team: 'search', env: 'prod' },
        models: ['test-*'],
        providers: ['p'],
      },
      groupBy: [
        { by: 'apiKey', apiKey: true },
        { by: 'label', label: 'user' },
      ],
      window: { period: 'BUDGET_PERIOD_WEEK', timeZone: 'Europe/Berlin', weekStartsOn: 7, monthStartsOn: 0 },
      notifyAtPercent: [50, 100],
    })
    expect((await server.client.listBudgets({ userId })).budgets).toEqual([budget])
    expect(await put(userId, { window: DAY })).toMatchObject({ restarted: true, budget: { generation: 2 } })
    expect(await put(userId, { window: DAY, limitNanousd: '5' })).toMatchObject({
      restarted: false,
      budget: { generation: 2, limitNanousd: '5', window: { timeZone: 'UTC' } },
    })
    await server.client.deleteBudget({ userId, budgetId: 'b' })
    expect((await server.client.listBudgets({ userId })).budgets).toEqual([])
    await expect(server.client.deleteBudget({ userId, budgetId: 'b' })).rejects.toMatchObject({
      code: 5,
      reason: 'BUDGET_NOT_FOUND',
    })
    const { entries } = await server.client.listLedgerEntries({ userId, kinds: ['ENTRY_KIND_BUDGET'] })
    expect(entries).toHaveLength(4)
    expect(await server.wrongWith(userId)).toEqual([])
  })

  test('the same request again gets the first answer, and another under its key is refused', async () => {
    const userId = await server.aUser()
    const first = await put(userId, {}, 'key')
    await put(userId, { limitNanousd: '7' })
    expect(await put(userId, {}, 'key')).toEqual(first)
    expect((await server.client.listBudgets({ userId })).budgets).toMatchObject([{ limitNanousd: '7' }])
    await expect(put(userId, { limitNanousd: '8' }, 'key')).rejects.toMatchObject({
      reason: 'IDEMPOTENCY_KEY_REUSED',
    })
    await server.client.deleteBudget({ userId, budgetId: 'b', idempotencyKey: 'gone' })
    await server.client.deleteBudget({ userId, budgetId: 'b', idempotencyKey: 'gone' })
    await expect(charge(userId, 'key')).rejects.toMatchObject({ reason: 'IDEMPOTENCY_KEY_REUSED' })
  })

  test('pages of budgets', async () => {
    const userId = await server.aUser()
    for (const budgetId of ['a', 'b', 'c']) await put(userId, { budgetId })
    const page = await server.client.listBudgets({ userId, pageSize: 2 })
    expect(page.budgets.map(({ budgetId }) => budgetId)).toEqual(['a', 'b'])
    const rest = await server.client.listBudgets({ userId, pageSize: 2, pageToken: page.nextPageToken })
    expect([rest.budgets.map(({ budgetId }) => budgetId), rest.nextPageToken]).toEqual([['c'], ''])
  })

  test('of a user that is not there', async () => {
    const nobody = { code: 5, reason: 'USER_NOT_FOUND' }
    await expect(put('nobody', {})).rejects.toMatchObject(nobody)
    await expect(server.client.listBudgets({ userId: 'nobody' })).rejects.toMatchObject(nobody)
    await expect(server.client.listBudgetUsage({ userId: 'nobody' })).rejects.toMatchObject(nobody)
    await expect(server.client.deleteBudget({ userId: 'nobody', budgetId: 'b' })).rejects.toMatchObject(
      nobody,
    )
  })
})

describe('ChargeUsage', () => {
  test('a refusal names budget, group, window and reset, and leaves a deduction failure', async () => {
    const userId = await server.aUser()
    await put(userId, { limitNanousd: String(CALL + 1n), groupBy: [{ apiKey: true }] })
    const { charge: paid } = await charge(userId, 'c-1', { apiKeyId: 'k' })
    expect(paid?.budgets).toEqual([{ budgetId: 'b', groupValues: ['k'], over: false }])
    const error = await charge(userId, 'c-2', { apiKeyId: 'k' }).catch((refusal: TollgateError) => refusal)
    expect(error).toMatchObject({
      code: 8,
      reason: 'BUDGET_REACHED',
      details: { quotaViolations: [expect.anything()] },
    })
    const { metadata, retryAfterMs = 0 } = error as TollgateError
    const midnight = new Date(Math.ceil((Date.now() + 1) / 86_400_000) * 86_400_000)
    expect(metadata).toMatchObject({
      ...{ user_id: userId, budget_id: 'b', group_values: '["k"]', window: 'day' },
      resets_at: midnight.toISOString(),
    })
    expect(Math.abs(retryAfterMs - (midnight.getTime() - Date.now()))).toBeLessThan(60_000)
    await charge(userId, 'other', { apiKeyId: 'k-2' })

    const { failures } = await server.client.listDeductionFailures({ userId })
    expect(failures).toMatchObject([
      { reason: 'BUDGET_REACHED', idempotencyKey: 'c-2', amountNanousd: String(CALL) },
    ])
    // It was made, so it is charged above the budget when it is tried again, and flagged.
    await server.client.retryDeductionFailure({ userId, failureId: failures[0]?.failureId ?? '' })
    const { charge: late } = await server.client.getCharge({ userId, idempotencyKey: 'c-2' })
    expect(late?.budgets).toEqual([{ budgetId: 'b', groupValues: ['k'], over: true }])
    expect(await server.wrongWith(userId)).toEqual([])
  })

  test('a model without a price does not slip past the budget: it counts once it is charged', async () => {
    const userId = await server.aUser()
    await put(userId, { limitNanousd: '1' })
    const call = { userId, idempotencyKey: 'c', model: 'late-model', usage: { inputTokens: 1_000 } }
    await expect(server.client.chargeUsage(call)).rejects.toMatchObject({ reason: 'MODEL_PRICE_MISSING' })
    const rates = [{ meter: 'METER_INPUT_TOKENS' as const, priceNanousd: '1000000000', per: '1000000' }]
    await server.client.putPrice({ model: 'late-model', rateCards: [{ rates }] })
    await expect(server.client.chargeUsage(call)).rejects.toMatchObject({ reason: 'BUDGET_REACHED' })
    const [failure] = (await server.client.listDeductionFailures({ userId })).failures
    await server.client.retryDeductionFailure({ userId, failureId: failure?.failureId ?? '' })
    const { usages } = await server.client.listBudgetUsage({ userId })
    expect(usages).toMatchObject([{ spentNanousd: '1000000' }])
  })
})

describe('ListBudgetUsage', () => {
  test('shows each counter of the window, page by page, and other windows by their time', async () => {
    const userId = await server.aUser()
    await put(userId, {
      budgetId: 'all',
      limitNanousd: '7000000000',
      window: { period: 'BUDGET_PERIOD_LIFETIME' },
    })
    await put(userId, { budgetId: 'each', groupBy: [{ apiKey: true }] })
    expect((await server.client.listBudgetUsage({ userId })).usages).toMatchObject([
      {
        budgetId: 'all',
        groupValues: [],
        spentNanousd: '0',
        heldNanousd: '0',
        limitNanousd: '7000000000',
        windowTo: null,
      },
    ])
    for (const apiKeyId of ['a', 'b', 'c']) await charge(userId, `c-${apiKeyId}`, { apiKeyId })
    const seen: string[] = []
    let pageToken = ''
    do {
      const page = await server.client.listBudgetUsage({ userId, pageSize: 2, pageToken })
      for (const { budgetId, groupValues, spentNanousd } of page.usages)
        seen.push([budgetId, ...groupValues, BigInt(spentNanousd) / CALL].join(' '))
      pageToken = page.nextPageToken
    } while (pageToken !== '')
    expect(seen.sort()).toEqual(['all 3', 'each a 1', 'each b 1', 'each c 1'])
    const yesterday = { seconds: Math.floor(Date.now() / 1_000) - 86_400 }
    const { usages } = await server.client.listBudgetUsage({ userId, budgetId: 'each', at: yesterday })
    expect(usages).toEqual([])
    await expect(server.client.listBudgetUsage({ userId, budgetId: 'none' })).rejects.toMatchObject({
      reason: 'BUDGET_NOT_FOUND',
    })
  })

  test('shows what streams hold', async () => {
    const userId = await server.aUser()
    await put(userId, {})
    const stream = await server.open(userId).granted()
    const { usages } = await server.client.listBudgetUsage({ userId })
    expect(usages).toMatchObject([{ spentNanousd: '0', heldNanousd: String(1_000n * INPUT + 100n * OUTPUT) }])
    stream.close({ inputTokens: 1_000 })
    expect((await stream.settled()).charge).toMatchObject({ budgets: [{ budgetId: 'b', over: false }] })
    expect((await server.client.listBudgetUsage({ userId })).usages).toMatchObject([
      { spentNanousd: String(CALL), heldNanousd: '0' },
    ])
  })
})

describe('streams', () => {
  test('a budget makes the last grant final and names itself; what is made beyond it is charged and flagged', async () => {
    const userId = await server.aUser()
    await put(userId, { budgetId: 'wide' })
    await put(userId, { limitNanousd: String(1_000n * INPUT + 150n * OUTPUT) })
    const stream = await server.open(userId).granted()
    stream.progress(1, 95, 1_000)
    await stream.until(({ grant }) => grant.finalReason === 'FINAL_REASON_BUDGET')
    expect(stream.grant).toMatchObject({ grantedOutputTokens: '150', limitingBudgetId: 'b' })
    expect(await server.open(userId, { idempotencyKey: 'second' }).refusal()).toBe('BUDGET_REACHED')
    stream.close({ inputTokens: 1_000, outputTokens: 400 })
    expect(await stream.settled()).toMatchObject({
      shortfallNanousd: '0',
      charge: {
        budgets: [
          { budgetId: 'b', over: true },
          { budgetId: 'wide', over: false },
        ],
      },
    })
    expect(await server.wrongWith(userId)).toEqual([])
  })

  test('an open that a budget covers in part is final from the start', async () => {
    const userId = await server.aUser()
    await put(userId, { limitNanousd: String(1_000n * INPUT + 10n * OUTPUT) })
    const stream = await server.open(userId).granted()
    expect(stream.grant).toMatchObject({
      finalReason: 'FINAL_REASON_BUDGET',
      grantedOutputTokens: '10',
      limitingBudgetId: 'b',
    })
    // It says so again on another connection.
    stream.cancel()
    await stream.ended
    const again = await server.open(userId).granted()
    expect(again.grant).toMatchObject({ finalReason: 'FINAL_REASON_BUDGET', limitingBudgetId: 'b' })
  })
})

test('a refund gives room back', async () => {
  const userId = await server.aUser()
  await put(userId, { limitNanousd: String(CALL) })
  const { charge: paid } = await charge(userId, 'c-1')
  await expect(charge(userId, 'c-2')).rejects.toMatchObject({ reason: 'BUDGET_REACHED' })
  await server.client.refundCharge({ userId, idempotencyKey: 'r', chargeId: paid?.chargeId ?? '' })
  await charge(userId, 'c-2')
  expect(await server.wrongWith(userId)).toEqual([])
})

describe('PriceQuote', () => {
  const quote = (userId: string, call: object = {}) =>
    server.client.priceQuote({
      ...{ userId, model: 'test-model', usage: { inputTokens: 1_000 }, maxOutputTokens: 100 },
      ...call,
    })

  test('says the least over balance and every matching budget, and which budget bounds it', async () => {
    const userId = await server.aUser()
    await put(userId, {
      budgetId: 'k',
      limitNanousd: String(CALL + 40n * OUTPUT),
      match: { apiKeyIds: ['k'] },
    })
    await put(userId, { budgetId: 'wide', limitNanousd: String(CALL + 70n * OUTPUT) })
    await put(userId, { budgetId: 'warns', limitNanousd: '0', action: 'BUDGET_ACTION_WARN' })
    expect(await quote(userId)).toMatchObject({
      ...{ affordable: false, affordableOutputTokens: '70', limitingBudgetId: 'wide' },
    })
    expect(await quote(userId, { apiKeyId: 'k' })).toMatchObject({
      ...{ affordable: false, affordableOutputTokens: '40', limitingBudgetId: 'k' },
    })
    expect(await quote(userId, { maxOutputTokens: 60 })).toMatchObject({
      ...{ affordable: true, affordableOutputTokens: '60', limitingBudgetId: '' },
    })
    await put(userId, { budgetId: 'team', limitNanousd: '0', match: { labels: { team: 'x' } } })
    expect(await quote(userId, { labels: { team: 'x' } })).toMatchObject({
      ...{ affordable: false, affordableOutputTokens: '0', limitingBudgetId: 'team' },
    })
  })

  test('credits that run out first are no budget', async () => {
    const userId = await server.aUser(CALL + 10n * OUTPUT)
    await put(userId, {})
    expect(await quote(userId)).toMatchObject({
      ...{ affordable: false, affordableOutputTokens: '10', limitingBudgetId: '' },
    })
  })
})
