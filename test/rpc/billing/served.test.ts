import { whatIsWrong } from '../../support/ledger'
import { startTestServer, type TestServer } from '../../support/server'
import { TestStream } from '../../support/streamClients'

let server: TestServer

beforeAll(async () => {
  server = await startTestServer()
  await server.client.createUser({ userId: 'ada' })
  await server.client.grantCredits({
    ...{ userId: 'ada', idempotencyKey: 'g', pot: 'POT_CREDITS', amountNanousd: '1000000000000' },
  })
  await put('asked', [{ serviceTier: 'priority', ...rates(6, 30) }, rates(3, 15)])
  await put('other', [rates(1, 5)])
})
afterAll(() => server?.stop())

test('the tier that the body states wins over the one that was asked for, and the receipt has both', async () => {
  const charge = await charged(
    'default',
    { serviceTier: 'priority' },
    { service_tier: 'default', usage: used },
  )
  expect(charge).toMatchObject({
    amountNanousd: '4500000',
    serviceTier: 'priority',
    servedServiceTier: 'default',
    servedModel: '',
  })
  expect(await charged('priority', {}, { service_tier: 'priority', usage: used })).toMatchObject({
    amountNanousd: '9000000',
    serviceTier: '',
    servedServiceTier: 'priority',
  })
})

test('a tier without a card is refused, listed, and charged once the price knows it', async () => {
  const call = charged('flex', { serviceTier: 'flex' }, { usage: used })
  await expect(call).rejects.toMatchObject({ reason: 'SERVICE_TIER_UNKNOWN' })
  const { failures } = await server.client.listDeductionFailures({
    userId: 'ada',
    state: 'FAILURE_STATE_PENDING',
  })
  expect(failures).toEqual([
    expect.objectContaining({ idempotencyKey: 'flex', reason: 'SERVICE_TIER_UNKNOWN' }),
  ])
  await put('asked', [
    { serviceTier: 'priority', ...rates(6, 30) },
    { serviceTier: 'flex', ...rates(1.5, 7.5) },
    rates(3, 15),
  ])
  await server.client.retryDeductionFailure({ userId: 'ada', failureId: failures[0]?.failureId ?? '' })
  const { charge } = await server.client.getCharge({ userId: 'ada', idempotencyKey: 'flex' })
  expect(charge).toMatchObject({ amountNanousd: '2250000', status: 'CHARGE_STATUS_DEDUCTED' })
})

test('a body that names another model is charged at that model’s price', async () => {
  expect(await charged('served', {}, { model: 'other', usage: used })).toMatchObject({
    amountNanousd: '1500000',
    model: 'asked',
    pricedModel: 'other',
    servedModel: 'other',
  })
  expect(await charged('unknown', {}, { model: 'nobody-prices-this', usage: used })).toMatchObject({
    amountNanousd: '4500000',
    pricedModel: 'asked',
    servedModel: 'nobody-prices-this',
  })
})

test('counts that nobody read and what was taken for granted are on the receipt, for good', async () => {
  const usage = { prompt_tokens: 1_000, completion_tokens: 0, total_tokens: 1_100, video_tokens: 7 }
  await charged('read', {}, { usage })
  const { charge } = await server.client.getCharge({ userId: 'ada', idempotencyKey: 'read' })
  expect(charge).toMatchObject({
    amountNanousd: '4500000',
    unreadUsageFields: ['video_tokens'],
    usageAssumptions: [expect.stringContaining('total_tokens')],
  })
})

test('a search without a rate is refused, and one at zero is included', async () => {
  const searched = { usage: { ...used, server_tool_use: { web_search_requests: 2 } } }
  const refused = charged('search', { model: 'other' }, searched)
  await expect(refused).rejects.toMatchObject({ reason: 'MODEL_PRICE_MISSING' })
  const included = rates(1, 5).rates.concat({ meter: 'METER_WEB_SEARCHES', priceNanousd: '0', per: '1' })
  await put('searches', [{ rates: included }])
  expect(await charged('included', { model: 'searches' }, searched)).toMatchObject({
    amountNanousd: '1500000',
  })
})

test('a stream that another model finished is settled at that one’s price', async () => {
  const open = {
    userId: 'ada',
    idempotencyKey: 'stream',
    model: 'asked',
    inputTokens: 1_000,
    maxOutputTokens: 100,
  }
  const stream = new TestStream(server.client, open)
  stream.closeWith({
    providerUsage: { format: 'openai.chat', json: JSON.stringify({ model: 'other', usage: used }) },
    end: 'STREAM_END_COMPLETED',
  })
  expect(await stream.ended).toBeUndefined()
  expect(stream.settlement?.charge).toMatchObject({
    amountNanousd: '1500000',
    pricedModel: 'other',
    servedModel: 'other',
  })
})

test('the books agree', async () => {
  expect(await whatIsWrong(server.database, 'ada')).toEqual([])
})

const used = { prompt_tokens: 1_000, completion_tokens: 100, total_tokens: 1_100 }

/** US dollars for a million tokens. */
function rates(input: number, output: number) {
  return {
    rates: [
      { meter: 'METER_INPUT_TOKENS' as const, priceNanousd: String(input * 1e9), per: '1000000' },
      { meter: 'METER_OUTPUT_TOKENS' as const, priceNanousd: String(output * 1e9), per: '1000000' },
    ] as {
      meter: 'METER_INPUT_TOKENS' | 'METER_OUTPUT_TOKENS' | 'METER_WEB_SEARCHES'
      priceNanousd: string
      per: string
    }[],
  }
}

/** From long ago on, so that a failure finds it, too. */
async function put(
  model: string,
  rateCards: ({ serviceTier?: string } & ReturnType<typeof rates>)[],
): Promise<void> {
  const effectiveFrom = { seconds: String(Math.floor(Date.now() / 1_000) - 3_600), nanos: 0 }
  await server.client.putPrice({ model, provider: '', rateCards, effectiveFrom })
}

async function charged(idempotencyKey: string, call: { model?: string; serviceTier?: string }, body: object) {
  const { charge } = await server.client.chargeUsage({
    ...{ userId: 'ada', idempotencyKey, model: 'asked', ...call },
    providerUsage: { format: 'openai.chat', json: JSON.stringify(body) },
  })
  return charge
}
