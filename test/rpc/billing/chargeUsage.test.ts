import { Client, credentials } from '@grpc/grpc-js'
import type { TollgateClient } from '../../../clients/node/src/connect'
import { TollgateError } from '../../../clients/node/src/errors'
import { listFailureRows } from '../../../src/database/deductionFailures'
import { services } from '../../../src/wire/definition'
import type { ChargeUsageRequest } from '../../../src/wire/generated/tollgate/billing/v1/ChargeUsageRequest'
import { entriesOf, whatIsWrong } from '../../support/ledger'
import { startTestServer, type TestServer } from '../../support/server'

let server: TestServer
let connections: TollgateClient[]

beforeAll(async () => {
  server = await startTestServer({ withCatalog: true })
  connections = Array.from({ length: 8 }, () => server.connect())
})

afterAll(() => server?.stop())

type Call = ChargeUsageRequest & { userId: string; idempotencyKey: string }

/** $0.15 for a million tokens in, $0.60 for a million out. */
const MINI = { model: 'gpt-4o-mini', provider: 'openai' }

describe('a charge', () => {
  test('takes the allowance first, then the credits, and answers with the receipt', async () => {
    await aUserWith('ada', 400_000n)
    await server.client.grantCredits({
      ...{ userId: 'ada', idempotencyKey: 'plan', pot: 'POT_ALLOWANCE', amountNanousd: 100_000 },
    })
    const { charge, replayed } = await server.client.chargeUsage({
      ...{ ...MINI, userId: 'ada', idempotencyKey: 'c', usage: { inputTokens: 1_000, outputTokens: 500 } },
    })
    expect(replayed).toBe(false)
    expect(charge).toMatchObject({
      status: 'CHARGE_STATUS_DEDUCTED',
      amountNanousd: '450000',
      allowanceNanousd: '100000',
      creditsNanousd: '350000',
      balance: { allowanceNanousd: '0', creditsNanousd: '50000', availableNanousd: '50000' },
    })
    expect(charge?.lineItems).toMatchObject([
      { meter: 'METER_INPUT_TOKENS', units: '1000', costNanousd: '150000' },
      { meter: 'METER_OUTPUT_TOKENS', units: '500', costNanousd: '300000' },
    ])
  })
})

describe('the basic view', () => {
  const call: Call = { ...MINI, userId: 'brief', idempotencyKey: 'c', usage: { inputTokens: 1_000 } }

  beforeAll(() => aUserWith('brief', 1_000_000n))

  test('leaves out line items and usage, and changes nothing else', async () => {
    const { charge: basic } = await server.client.chargeUsage({ ...call, view: 'RECEIPT_VIEW_BASIC' })
    const { charge: full, replayed } = await server.client.chargeUsage(call)
    expect(replayed).toBe(true)
    expect(full).toMatchObject({ lineItems: [{ units: '1000' }], usage: { inputTokens: '1000' } })
    expect(basic).toEqual({ ...full, lineItems: [], usage: null })
  })

  test('is chosen by each call of a batch, and an unknown one names its field', async () => {
    const { results } = await server.client.batchChargeUsage({
      requests: [
        { ...call, view: 'RECEIPT_VIEW_BASIC' },
        { ...call, view: 7 as never },
      ],
    })
    expect(results).toMatchObject([
      { response: { replayed: true, charge: { lineItems: [], usage: null, amountNanousd: '150000' } } },
      { error: { reason: 'INVALID_FIELD', metadata: { field: 'view' } } },
    ])
  })
})

describe('a refused charge', () => {
  beforeAll(async () => {
    await server.client.createUser({ userId: 'poor' })
    await aUserWith('suspended', 1_000_000_000n)
    await server.client.updateUser({ userId: 'suspended', idempotencyKey: 'stop', suspended: true })
    await server.client.createUser({ userId: 'limited', dailyLimitNanousd: 1_000 })
    await server.client.grantCredits({
      ...{ userId: 'limited', idempotencyKey: 'start', pot: 'POT_CREDITS', amountNanousd: 1_000_000_000 },
    })
  })

  test.each([
    ['INSUFFICIENT_CREDITS', 'poor'],
    ['USER_SUSPENDED', 'suspended'],
    ['DAILY_LIMIT_REACHED', 'limited'],
  ])('with %s deducts nothing, and the amount is owed', async (reason, userId) => {
    const before = await creditsOf(userId)
    const call = { ...MINI, userId, idempotencyKey: 'c', usage: { inputTokens: 1_000, outputTokens: 0 } }
    await expect(server.client.chargeUsage(call)).rejects.toMatchObject({ reason })
    expect(await creditsOf(userId)).toBe(before)
    expect((await everythingOf(userId)).failures).toMatchObject([{ reason, amountNanousd: 150_000n }])
  })

  test('of an unknown user is NOT_FOUND', async () => {
    const call = { ...MINI, userId: 'nobody', idempotencyKey: 'c', usage: { inputTokens: 1 } }
    await expect(server.client.chargeUsage(call)).rejects.toMatchObject({ reason: 'USER_NOT_FOUND' })
  })
})

describe('one key', () => {
  const call: Call = {
    userId: 'one-key',
    idempotencyKey: 'the-call',
    model: 'gpt-4o-2024-11-20',
    provider: 'openai',
    usage: { inputTokens: 1_000, cacheReadInputTokens: 400, outputTokens: 100 },
    apiKeyId: 'key-1',
    labels: { zone: 'eu-west', team: 'search', a: '1' },
  }

  beforeAll(() => aUserWith('one-key', 1_000_000_000n))

  test('sent by 100 callers at once is charged once, and all get the same receipt, byte for byte', async () => {
    const rawClient = new Client(server.address, credentials.createInsecure())
    const answers = await Promise.all(Array.from({ length: 100 }, () => rawChargeUsage(rawClient, call)))
    rawClient.close()
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1)
    expect(new Set(answers.map(({ charge }) => charge)).size).toBe(1)
    expect(await entriesOf(server.database, 'one-key')).toHaveLength(2)
    expect(await creditsOf('one-key')).toBe(1_000_000_000n - 600n * 2_500n - 400n * 1_250n - 100n * 10_000n)
    expect(await whatIsWrong(server.database, 'one-key')).toEqual([])
  })

  test('with another request is refused, and nothing is written', async () => {
    const before = await everythingOf('one-key')
    for (const other of [
      { usage: { inputTokens: 1_001, outputTokens: 100 } },
      { model: 'gpt-4o-mini' },
      { provider: 'azure' },
      { labels: { team: 'mail' } },
      { usage: { inputTokens: 100_000_000, outputTokens: 100 } },
      { model: 'a-model-without-a-price' },
    ]) {
      await expect(caller(0).chargeUsage({ ...call, ...other })).rejects.toMatchObject({
        code: 6,
        reason: 'IDEMPOTENCY_KEY_REUSED',
      })
    }
    expect(await everythingOf('one-key')).toEqual(before)
  })

  test('raced by many different requests: one takes effect, the others write nothing', async () => {
    for (let round = 0; round < 20; round++) {
      const userId = `race-${round}`
      await aUserWith(userId, 1_000_000_000n)
      const outcomes = await Promise.all(
        Array.from({ length: 16 }, (_, n) =>
          receiptOrReason(
            caller(n).chargeUsage({ ...call, userId, usage: { inputTokens: 1_000 + n, outputTokens: 1 } }),
          ),
        ),
      )
      const receipts = outcomes.filter((outcome) => typeof outcome !== 'string')
      expect(receipts).toHaveLength(1)
      expect(outcomes.filter((outcome) => outcome === 'IDEMPOTENCY_KEY_REUSED')).toHaveLength(15)
      expect(await creditsOf(userId)).toBe(1_000_000_000n - BigInt(receipts[0]?.charge?.amountNanousd ?? 0))
      expect(await everythingOf(userId)).toMatchObject({ failures: [], entries: { length: 2 } })
      expect(await whatIsWrong(server.database, userId)).toEqual([])
    }
  })
})

const caller = (n: number): TollgateClient => connections[n % connections.length] ?? server.client

async function aUserWith(userId: string, creditsNanousd: bigint): Promise<void> {
  await server.client.createUser({ userId })
  await server.client.grantCredits({
    userId,
    idempotencyKey: 'start',
    pot: 'POT_CREDITS',
    amountNanousd: String(creditsNanousd),
  })
}

type Receipt = Awaited<ReturnType<TollgateClient['chargeUsage']>>

async function receiptOrReason(answer: Promise<Receipt>): Promise<Receipt | string> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof TollgateError) return error.reason
    throw error
  }
}

/** The bytes of the receipt as they came, and apart from them the field behind it: whether it was a replay. */
async function rawChargeUsage(
  client: Client,
  call: ChargeUsageRequest,
): Promise<{ charge: string; replayed: boolean }> {
  const { path, requestSerialize } = services['tollgate.billing.v1.BillingService'].ChargeUsage
  const bytes = await new Promise<Buffer>((resolve, reject) => {
    const asTheyAre = (answer: Buffer) => answer
    client.makeUnaryRequest(path, requestSerialize, asTheyAre, call, (error, answer) =>
      answer === undefined ? reject(error) : resolve(answer),
    )
  })
  // Its tag, and 0 or 1.
  const [charge, replayed] = [bytes.subarray(0, -2), bytes.subarray(-2).toString('hex')]
  expect(['1000', '1001']).toContain(replayed)
  return { charge: charge.toString('hex'), replayed: replayed === '1001' }
}

async function creditsOf(userId: string): Promise<bigint> {
  const { user } = await server.client.getUser({ userId })
  return BigInt(user?.balance?.creditsNanousd ?? -1)
}

async function everythingOf(userId: string) {
  return {
    user: (await server.client.getUser({ userId })).user,
    entries: await entriesOf(server.database, userId),
    failures: await listFailureRows(server.database, { userId }, { after: undefined, limit: 100 }),
  }
}
