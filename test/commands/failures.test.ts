import { cardOf } from '../support/priceBooks'
import { operatorOf, SCOPE_TOKENS } from '../support/program'
import { startTestServer, type TestServer } from '../support/server'

// Every step is a process of its own; on a loaded machine each takes seconds.
jest.setTimeout(120_000)

let server: TestServer
const { tollgate, succeeding, lines } = operatorOf(() => server)

beforeAll(async () => {
  server = await startTestServer({ tokens: SCOPE_TOKENS })
  await server.billing.prices.putPrice({
    model: 'gpt',
    provider: '',
    rateCards: [cardOf({ INPUT_TOKENS: 1_000 })],
  })
})

afterAll(() => server?.stop())

/** A user who owes two calls of $0.001. */
async function aDebtor(userId: string): Promise<string[]> {
  const client = server.connect('admin-token')
  await client.createUser({ userId })
  for (const idempotencyKey of ['one', 'two']) {
    const call = { userId, idempotencyKey, model: 'gpt', usage: { inputTokens: 1 } }
    await expect(client.chargeUsage(call)).rejects.toMatchObject({ reason: 'INSUFFICIENT_CREDITS' })
  }
  const { failures } = await client.listDeductionFailures({ userId })
  return failures.map(({ failureId }) => failureId)
}

test('a failure is retried, or written off with a note', async () => {
  const [one = '', two = ''] = await aDebtor('ada')
  expect(await tollgate(['failures', 'retry', 'ada', one])).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining('needs ~$0.001'),
  })
  server.billing.collectsOnGrant = false
  await succeeding(['grant', 'ada', '0.0015'])
  server.billing.collectsOnGrant = true
  expect(await succeeding(['failures', 'retry', 'ada', one])).toBe(
    `${one}: $0.001 is deducted from ada by admin\n`,
  )
  expect(await succeeding(['failures', 'write-off', 'ada', two, '--note', 'goodwill'])).toBe(
    `${two}: $0.001 of ada is written off by admin (goodwill)\n`,
  )
  expect(await lines(['failures', 'list', '--user', 'ada', '--state', 'all'])).toMatchObject([
    { failureId: one, state: 'FAILURE_STATE_RESOLVED' },
    { failureId: two, state: 'FAILURE_STATE_WRITTEN_OFF', note: 'goodwill' },
  ])
})

test('nothing is written off without a note', async () => {
  const [one = ''] = await aDebtor('bob')
  expect(await tollgate(['failures', 'write-off', 'bob', one])).toMatchObject({
    stderr: expect.stringContaining("required option '--note <text>' not specified"),
  })
})

test('a call whose counts contradict each other is corrected', async () => {
  const client = server.connect('admin-token')
  await client.createUser({ userId: 'eve' })
  await client.grantCredits({
    ...{ userId: 'eve', idempotencyKey: 'g', pot: 'POT_CREDITS', amountNanousd: '1000000000' },
  })
  const json = JSON.stringify({ prompt_tokens: 1, prompt_tokens_details: { cached_tokens: 2 } })
  const call = { userId: 'eve', idempotencyKey: 'one', model: 'gpt' }
  await expect(
    client.chargeUsage({ ...call, providerUsage: { format: 'openai.chat', json } }),
  ).rejects.toMatchObject({ reason: 'IMPOSSIBLE_USAGE' })
  const [failure] = (await client.listDeductionFailures({ userId: 'eve' })).failures
  const id = failure?.failureId ?? ''
  expect(await succeeding(['failures', 'list', '--user', 'eve'])).toContain('more than the 1 of')
  expect(await tollgate(['failures', 'retry', 'eve', id, '--cache-read', '2'])).toMatchObject({
    stderr: expect.stringContaining('state all that the call used'),
  })
  expect(await tollgate(['failures', 'retry', 'eve', id, '--body', '-'])).toMatchObject({
    stderr: expect.stringContaining('--body and --format belong together'),
  })
  await succeeding(['failures', 'retry', 'eve', id, '--input', '2', '--cache-read', '2'])
  const { charge } = await client.getCharge({ userId: 'eve', idempotencyKey: 'one' })
  expect(charge).toMatchObject({
    amountNanousd: '2000000',
    usage: { inputTokens: '2', cacheReadInputTokens: '2' },
  })
})
