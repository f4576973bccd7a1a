import type { TollgateClient } from '../../../clients/node/src/connect'
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
    ['an unused key', { idempotencyKey: 'unused' }],
    ['an unknown id', { chargeId: `ch_${'0'.repeat(32)}` }],
    ['the key of a grant', { idempotencyKey: 'g' }],
  ])('is not found under %s', async (_, by) => {
    await expect(client.getCharge({ userId: 'gil', ...by })).rejects.toMatchObject({
      reason: 'CHARGE_NOT_FOUND',
    })
  })

  test('is not found for an unknown user', async () => {
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

function grant(userId: string, idempotencyKey: string, nanousd: number) {
  return client.grantCredits({ userId, idempotencyKey, pot: 'POT_CREDITS', amountNanousd: nanousd })
}

/** 1,000 nano-USD. */
function charge(userId: string, idempotencyKey: string) {
  return client.chargeUsage({ userId, idempotencyKey, model: 'm', usage: { inputTokens: '1' } })
}
