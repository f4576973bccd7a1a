import { sql } from 'kysely'
import { entriesOf, userOf } from '../../support/ledger'
import { USD } from '../../support/postings'
import { expireAll, INPUT, OUTPUT, type StreamServer, startStreamServer } from '../../support/streamServer'

let server: StreamServer

beforeAll(async () => {
  server = await startStreamServer({ validityMs: 60_000 })
})

afterAll(() => server?.stop())

const FORMAT = 'openai.chat'
/** 100 of the 10 output tokens are reasoning. */
const CONTRADICTORY = JSON.stringify({
  model: 'test-model',
  choices: [{ message: { content: 'a secret answer' } }],
  usage: {
    prompt_tokens: 1_000,
    completion_tokens: 10,
    completion_tokens_details: { reasoning_tokens: 100 },
  },
})
const CORRECTED = { inputTokens: 1_000, outputTokens: 110, reasoningOutputTokens: 100 }
const COST = 1_000n * INPUT + 110n * OUTPUT

const charge = (userId: string, json = CONTRADICTORY, format = FORMAT) =>
  server.client.chargeUsage({
    userId,
    idempotencyKey: 'call',
    model: 'test-model',
    providerUsage: { format, json },
  })
const failuresOf = async (userId: string) => (await server.client.listDeductionFailures({ userId })).failures
const retry = (userId: string, failureId: string, corrected: object = {}) =>
  server.client.retryDeductionFailure({ userId, failureId, ...corrected })

async function aKeptCall(): Promise<{ userId: string; failureId: string }> {
  const userId = await server.aUser()
  const error = await charge(userId).catch((refusal) => refusal)
  const [failure] = await failuresOf(userId)
  expect(error).toMatchObject({
    reason: 'IMPOSSIBLE_USAGE',
    metadata: { failure_id: failure?.failureId, field: 'provider_usage.reasoning_output_tokens' },
    message: expect.stringContaining(`kept as deduction failure ${failure?.failureId}`),
  })
  return { userId, failureId: failure?.failureId ?? '' }
}

async function expectCharged(userId: string, amountNanousd: bigint, entries: number): Promise<void> {
  expect((await userOf(server.database, userId)).creditsNanousd).toBe(USD - amountNanousd)
  expect(await entriesOf(server.database, userId)).toHaveLength(entries)
  expect(await server.wrongWith(userId)).toEqual([])
}

test('a call whose counts contradict each other is kept without its texts, and charged nothing', async () => {
  const { userId } = await aKeptCall()
  await expect(charge(userId)).rejects.toMatchObject({ reason: 'IMPOSSIBLE_USAGE' })
  expect(await failuresOf(userId)).toEqual([
    expect.objectContaining({
      reason: 'IMPOSSIBLE_USAGE',
      state: 'FAILURE_STATE_PENDING',
      attempts: 2,
      amountNanousd: '0',
      usage: null,
      problem: expect.stringContaining('provider_usage.reasoning_output_tokens is 100, more than the 10'),
      providerUsage: {
        format: FORMAT,
        json: JSON.stringify([
          {
            model: 'test-model',
            choices: [{ message: {} }],
            usage: JSON.parse(CONTRADICTORY).usage,
          },
        ]),
      },
    }),
  ])
  const { charge: failed } = await server.client.getCharge({ userId, idempotencyKey: 'call' })
  expect(failed).toMatchObject({ status: 'CHARGE_STATUS_FAILED', usage: null })
  await expectCharged(userId, 0n, 1)
})

test('what the gateway itself got wrong leaves nothing behind', async () => {
  const userId = await server.aUser()
  for (const json of ['{', '[]', '{"choices":[]}']) {
    await expect(charge(userId, json)).rejects.toMatchObject({ reason: 'INVALID_FIELD' })
  }
  await expect(charge(userId, '{}', 'acme')).rejects.toMatchObject({ reason: 'UNKNOWN_USAGE_FORMAT' })
  const usage = { inputTokens: 1, cacheReadInputTokens: 2 }
  await expect(
    server.client.chargeUsage({ userId, idempotencyKey: 'call', model: 'test-model', usage }),
  ).rejects.toMatchObject({ reason: 'IMPOSSIBLE_USAGE' })
  expect(await failuresOf(userId)).toEqual([])
})

test('an operator states the counts, and the call is deducted once', async () => {
  const { userId, failureId } = await aKeptCall()
  await expect(retry(userId, failureId)).rejects.toMatchObject({ reason: 'IMPOSSIBLE_USAGE' })
  expect((await failuresOf(userId))[0]).toMatchObject({ attempts: 2, usage: null })
  const corrected = { usage: CORRECTED }
  const answers = await Promise.all(Array.from({ length: 8 }, () => retry(userId, failureId, corrected)))
  for (const { failure } of answers) expect(failure).toMatchObject({ state: 'FAILURE_STATE_RESOLVED' })
  await expectCharged(userId, COST, 2)
  // The gateway's own retry is a replay of what was deducted.
  expect(await charge(userId)).toMatchObject({
    replayed: true,
    charge: {
      amountNanousd: String(COST),
      usageAssumptions: ['an operator corrected the counts'],
      servedModel: 'test-model',
    },
  })
  await expect(retry(userId, failureId, { usage: { inputTokens: 1 } })).rejects.toMatchObject({
    reason: 'ALREADY_DECIDED',
  })
  await expectCharged(userId, COST, 2)
})

test('an operator sends the corrected body, which must make sense', async () => {
  const { userId, failureId } = await aKeptCall()
  const providerUsage = { format: FORMAT, json: CONTRADICTORY }
  await expect(retry(userId, failureId, { providerUsage })).rejects.toMatchObject({
    reason: 'IMPOSSIBLE_USAGE',
  })
  await expect(
    retry(userId, failureId, { usage: { inputTokens: 1, cacheReadInputTokens: 2 } }),
  ).rejects.toMatchObject({ reason: 'IMPOSSIBLE_USAGE' })
  const json = JSON.stringify({ prompt_tokens: 1_000, completion_tokens: 110 })
  await retry(userId, failureId, { providerUsage: { format: FORMAT, json } })
  await expectCharged(userId, COST, 2)
})

test('the gateway sends the corrected call under the same key', async () => {
  const { userId, failureId } = await aKeptCall()
  await charge(userId, JSON.stringify({ prompt_tokens: 1_000, completion_tokens: 110 }))
  expect((await failuresOf(userId))[0]).toMatchObject({ state: 'FAILURE_STATE_RESOLVED' })
  await expect(charge(userId)).rejects.toMatchObject({ reason: 'IDEMPOTENCY_KEY_REUSED' })
  await expect(retry(userId, failureId, { usage: { inputTokens: 7 } })).rejects.toMatchObject({
    reason: 'ALREADY_DECIDED',
  })
  await expectCharged(userId, COST, 2)
})

test('a correction that can’t be paid is owed from then on, and its amount stays', async () => {
  const { userId, failureId } = await aKeptCall()
  const dear = { usage: { inputTokens: 2_000_000 } }
  await expect(retry(userId, failureId, dear)).rejects.toMatchObject({ reason: 'INSUFFICIENT_CREDITS' })
  expect((await failuresOf(userId))[0]).toMatchObject({
    amountNanousd: String(2n * USD),
    usage: { inputTokens: '2000000' },
    providerUsage: null,
    problem: '',
  })
  await expect(retry(userId, failureId, { usage: CORRECTED })).rejects.toMatchObject({
    reason: 'ALREADY_DECIDED',
    message: expect.stringContaining('the amount of this failure is known'),
  })
  await server.client.grantCredits({
    ...{ userId, idempotencyKey: 'more', pot: 'POT_CREDITS', amountNanousd: String(3n * USD) },
  })
  expect((await failuresOf(userId))[0]).toMatchObject({ state: 'FAILURE_STATE_RESOLVED' })
})

test('a body that a later release can read is deducted by a plain retry', async () => {
  const { userId, failureId } = await aKeptCall()
  const json = JSON.stringify([{ prompt_tokens: 1_000, completion_tokens: 110 }])
  await server.database.kysely
    .updateTable('credit_deduction_failures')
    .set({ provider_usage: sql`jsonb_set(provider_usage, '{json}', to_jsonb(${json}::text))` })
    .where('user_id', '=', userId)
    .execute()
  await retry(userId, failureId)
  await expectCharged(userId, COST, 2)
})

describe('a stream', () => {
  const close = { providerUsage: { format: FORMAT, json: CONTRADICTORY } }

  test('whose close contradicts itself stays open, and another close settles it', async () => {
    const userId = await server.aUser()
    const stream = await server.open(userId).granted()
    stream.closeWith(close)
    expect(await stream.refusal()).toBe('IMPOSSIBLE_USAGE')
    expect(await failuresOf(userId)).toEqual([
      expect.objectContaining({ reason: 'IMPOSSIBLE_USAGE', usage: null, idempotencyKey: 'stream' }),
    ])
    const again = await server.open(userId).granted()
    again.close(CORRECTED)
    await again.ended
    expect((await failuresOf(userId))[0]).toMatchObject({ state: 'FAILURE_STATE_RESOLVED' })
    expect((await userOf(server.database, userId)).creditsNanousd).toBe(USD - COST)
  })

  test('that expired is corrected by an operator', async () => {
    const userId = await server.aUser()
    const stream = await server.open(userId).granted()
    stream.progress(1, 5, 1_000)
    await stream.acknowledged(1)
    stream.closeWith(close)
    await stream.refusal()
    const [failure] = await failuresOf(userId)
    await expireAll(server)
    expect((await userOf(server.database, userId)).creditsNanousd).toBe(USD - 1_000n * INPUT - 5n * OUTPUT)
    await expect(retry(userId, failure?.failureId ?? '')).rejects.toMatchObject({
      reason: 'IMPOSSIBLE_USAGE',
    })
    await retry(userId, failure?.failureId ?? '', { usage: CORRECTED })
    expect((await userOf(server.database, userId)).creditsNanousd).toBe(USD - COST)
    expect((await failuresOf(userId))[0]).toMatchObject({ state: 'FAILURE_STATE_RESOLVED' })
    expect(await server.wrongWith(userId)).toEqual([])
  })

  test('whose late close contradicts itself keeps what its expiry settled', async () => {
    const userId = await server.aUser()
    const stream = await server.open(userId).granted()
    stream.progress(1, 5, 1_000)
    await stream.acknowledged(1)
    stream.cancel()
    await stream.ended
    await expireAll(server)
    const late = server.open(userId)
    late.closeWith(close)
    expect(await late.refusal()).toBe('IMPOSSIBLE_USAGE')
    const [failure] = await failuresOf(userId)
    await retry(userId, failure?.failureId ?? '', { usage: CORRECTED })
    expect((await userOf(server.database, userId)).creditsNanousd).toBe(USD - COST)
    expect(await server.wrongWith(userId)).toEqual([])
  })
})
