import type { TollgateClient } from '../../../clients/node/src/connect'
import { TollgateError } from '../../../clients/node/src/errors'
import { listFailureRows } from '../../../src/database/deductionFailures'
import type { ChargeUsageRequest } from '../../../src/wire/generated/tollgate/billing/v1/ChargeUsageRequest'
import { entriesOf, inFlight, whatIsWrong } from '../../support/ledger'
import { startTestServer, type TestServer } from '../../support/server'

// Many callers at once, over gRPC, on prices of the bundled catalog.

const CALLERS = 64

let server: TestServer
let connections: TollgateClient[]

beforeAll(async () => {
  server = await startTestServer({ withCatalog: true })
  connections = Array.from({ length: 8 }, () => server.connect())
})

afterAll(() => server?.stop())

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

type CrowdCall = ChargeUsageRequest & { userId: string; idempotencyKey: string }

/** $0.15 and $0.60, $2.50 and $10, $1 and $5 for a million tokens in and out. */
const MODELS = [
  { model: 'gpt-4o-mini', provider: 'openai', inputNanousd: 150n, outputNanousd: 600n },
  { model: 'gpt-4o', provider: 'openai', inputNanousd: 2_500n, outputNanousd: 10_000n },
  { model: 'claude-haiku-4-5', provider: 'anthropic', inputNanousd: 1_000n, outputNanousd: 5_000n },
] as const

/** No two of a user's calls are alike. */
function theCall(n: number): { call: CrowdCall; costNanousd: bigint } {
  const { model, provider, inputNanousd, outputNanousd } = MODELS[n % 3] ?? MODELS[0]
  const usage = { inputTokens: 200 + (n % 997), outputTokens: 20 + (n % 89) }
  return {
    call: {
      userId: n % 2 === 0 ? 'crowd-0' : `crowd-${1 + (n % 19)}`,
      idempotencyKey: `call-${n}`,
      model,
      provider,
      usage,
    },
    costNanousd: BigInt(usage.inputTokens) * inputNanousd + BigInt(usage.outputTokens) * outputNanousd,
  }
}

test('64 callers, 20 users of whom one takes half, 5,000 charges, credits that run out midway', async () => {
  const calls = Array.from({ length: 5_000 }, (_, n) => theCall(n))
  const userIds = Array.from({ length: 20 }, (_, n) => `crowd-${n}`)
  const startOf = new Map<string, bigint>()
  for (const userId of userIds) {
    const wantedNanousd = calls
      .filter(({ call }) => call.userId === userId)
      .reduce((sum, { costNanousd }) => sum + costNanousd, 0n)
    startOf.set(userId, wantedNanousd / 2n)
    await aUserWith(userId, wantedNanousd / 2n)
  }

  const outcomes = await inFlight(
    CALLERS,
    calls.map(
      ({ call }, n) =>
        () =>
          receiptOrReason(caller(n).chargeUsage(call)),
    ),
  )

  const charged = outcomes.flatMap((outcome, n) => (typeof outcome === 'string' ? [] : [{ outcome, n }]))
  const refused = outcomes.flatMap((outcome, n) => (typeof outcome === 'string' ? [{ outcome, n }] : []))
  expect(new Set(refused.map(({ outcome }) => outcome))).toEqual(new Set(['INSUFFICIENT_CREDITS']))
  expect(refused.length).toBeGreaterThan(1_000)
  expect(charged.length).toBeGreaterThan(1_000)
  for (const { outcome, n } of charged) {
    expect(outcome.replayed).toBe(false)
    expect(outcome.charge?.amountNanousd).toBe(String(calls[n]?.costNanousd))
  }

  for (const userId of userIds) {
    const isTheirs = ({ n }: { n: number }) => calls[n]?.call.userId === userId
    const entries = await entriesOf(server.database, userId)
    const charges = entries.filter(({ kind }) => kind === 'charge')
    // Every key once, every version once, and no unacknowledged entry.
    expect(charges.map(({ idempotencyKey }) => idempotencyKey).sort()).toEqual(
      charged
        .filter(isTheirs)
        .map(({ n }) => `call-${n}`)
        .sort(),
    )
    expect(entries.map(({ version }) => version)).toEqual(entries.map((_, index) => BigInt(index + 1)))
    for (const { balance } of entries) expect(balance.creditsNanousd).toBeGreaterThanOrEqual(0n)

    const deducted = charged
      .filter(isTheirs)
      .reduce((sum, { outcome }) => sum + BigInt(outcome.charge?.amountNanousd ?? 0), 0n)
    expect(charges.reduce((sum, { creditsDeltaNanousd }) => sum - creditsDeltaNanousd, 0n)).toBe(deducted)
    const { user } = await server.client.getUser({ userId })
    expect(BigInt(user?.balance?.creditsNanousd ?? -1)).toBe((startOf.get(userId) ?? 0n) - deducted)
    expect(await whatIsWrong(server.database, userId)).toEqual([])

    const failures = await listFailureRows(
      server.database,
      { userId },
      { after: undefined, limit: calls.length },
    )
    expect(failures.map(failureText).sort()).toEqual(
      refused
        .filter(isTheirs)
        .map(({ n }) => `call-${n} pending ${calls[n]?.costNanousd}`)
        .sort(),
    )
  }
  expect(await discrepancies()).toEqual([])
}, 120_000)

type Receipt = Awaited<ReturnType<TollgateClient['chargeUsage']>>

async function receiptOrReason(answer: Promise<Receipt>): Promise<Receipt | string> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof TollgateError) return error.reason
    throw error
  }
}

function failureText(failure: Awaited<ReturnType<typeof listFailureRows>>[number]): string {
  return `${failure.idempotencyKey} ${failure.state} ${failure.amountNanousd}`
}

async function discrepancies(): Promise<object[]> {
  const found: object[] = []
  let pageToken = ''
  do {
    const page = await server.client.reconcile({ pageSize: 7, pageToken })
    found.push(...page.discrepancies)
    pageToken = page.nextPageToken
  } while (pageToken !== '')
  return found
}
