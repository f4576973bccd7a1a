import { issueQuote, readQuote } from '../../../src/pricing/quotes'
import { userOf } from '../../support/ledger'
import { aCharge, USD } from '../../support/postings'
import { cardOf } from '../../support/priceBooks'
import { TestStream } from '../../support/streamClients'
import { INPUT, OUTPUT, openOf, type StreamServer, startStreamServer } from '../../support/streamServer'

let server: StreamServer

beforeAll(async () => {
  server = await startStreamServer({ validityMs: 10_000 })
})

afterAll(() => server.stop())

const FIRST_GRANT = 1_000n * INPUT + 100n * OUTPUT

test('a stream of a trial user holds of the trial, takes no credits, and is final at its limit', async () => {
  const userId = await server.aUser(0n, { isTrial: true })
  const stream = await server.open(userId).granted()
  expect(await userOf(server.database, userId)).toMatchObject({
    trialHeldNanousd: FIRST_GRANT,
    heldNanousd: 0n,
  })

  // $1 a day: the input and 99,900 tokens.
  stream.progress(1, 99_800, 1_000)
  await stream.until(({ grant }) => grant.finalReason === 'FINAL_REASON_TRIAL_LIMIT')
  expect(stream.grant.grantedOutputTokens).toBe('99900')
  const second = server.open(userId, { idempotencyKey: 'second' })
  expect(await second.refusal()).toBe('TRIAL_LIMIT_REACHED')

  stream.close({ inputTokens: 1_000, outputTokens: 99_850 })
  const costNanousd = 1_000n * INPUT + 99_850n * OUTPUT
  expect(await stream.settled()).toMatchObject({
    shortfallNanousd: '0',
    charge: { trial: true, amountNanousd: '0', forgoneNanousd: String(costNanousd) },
  })
  expect(await userOf(server.database, userId)).toMatchObject({
    trialSpentNanousd: costNanousd,
    trialHeldNanousd: 0n,
    trialRequests: 1n,
    spentTodayNanousd: 0n,
  })
  expect(await server.wrongWith(userId)).toEqual([])
})

test('a trial that expired is refused; with credits it is billed as paid', async () => {
  const trial = { isTrial: true, trialExpiresAt: new Date('2020-01-01T00:00:00Z') }
  expect(await server.open(await server.aUser(0n, trial)).refusal()).toBe('TRIAL_EXPIRED')
  const userId = await server.aUser(USD, trial)
  const stream = await server.open(userId).granted()
  stream.close({ inputTokens: 1_000 })
  expect((await stream.settled()).charge).toMatchObject({ trial: false, amountNanousd: '1000000' })
})

test('the daily limit counts what streams hold, and makes the last grant final', async () => {
  const userId = await server.aUser(USD, { dailyLimitNanousd: 2n * FIRST_GRANT + 500_000n })
  const first = await server.open(userId, { idempotencyKey: 'first' }).granted()
  const second = await server.open(userId, { idempotencyKey: 'second' }).granted()
  expect(await server.open(userId, { idempotencyKey: 'third' }).refusal()).toBe('DAILY_LIMIT_REACHED')
  await expect(server.billing.ledger.post(aCharge(userId, 'charge', 600_000n))).rejects.toMatchObject({
    reason: 'DAILY_LIMIT_REACHED',
  })
  first.progress(1, 95, 1_000)
  await first.until(({ grant }) => grant.finalReason === 'FINAL_REASON_DAILY_LIMIT')
  expect(first.grant.grantedOutputTokens).toBe('150')

  // What was made is charged all the same, and flagged.
  first.close({ inputTokens: 1_000, outputTokens: 400 })
  expect(await first.settled()).toMatchObject({ shortfallNanousd: '0' })
  const [settlement] = await server.settlementsOf(userId)
  expect(settlement?.charge).toMatchObject({ overDailyLimit: true })
  second.close({})
  await second.settled()
  expect(await server.open(userId, { idempotencyKey: 'fourth' }).refusal()).toBe('DAILY_LIMIT_REACHED')
  expect(await server.wrongWith(userId)).toEqual([])
})

test('a quote holds its price for the whole stream, whatever the price becomes', async () => {
  const userId = await server.aUser()
  const card = (dollars: number) => ({
    model: 'quoted-model',
    provider: '',
    rateCards: [cardOf({ INPUT_TOKENS: dollars, OUTPUT_TOKENS: 10 * dollars })],
  })
  await server.billing.prices.putPrice(card(1))
  const { quoteId } = await server.client.priceQuote({ model: 'quoted-model', userId })
  await server.billing.prices.putPrice(card(2))

  const quoted = await server.open(userId, { model: 'quoted-model', quoteId }).granted()
  const plain = await server.open(userId, { model: 'quoted-model', idempotencyKey: 'plain' }).granted()
  for (const stream of [quoted, plain]) stream.close({ inputTokens: 1_000, outputTokens: 10 })
  expect((await quoted.settled()).charge).toMatchObject({
    amountNanousd: '1100000',
    quoteId,
    quoteExpired: false,
  })
  expect((await plain.settled()).charge).toMatchObject({ amountNanousd: '2200000' })

  const { billing } = server
  const key = await billing.prices.quoteKey()
  const expired = issueQuote(key, {
    ...readQuote(key, quoteId),
    expiresAt: new Date(billing.ledger.now().getTime() - 1),
  })
  const late = { model: 'quoted-model', quoteId: expired }
  expect(await server.open(userId, { ...late, idempotencyKey: 'late' }).refusal()).toBe('QUOTE_EXPIRED')
  expect(await server.open(userId, { ...late, model: 'test-model', idempotencyKey: 'late' }).refusal()).toBe(
    'QUOTE_MISMATCH',
  )
  expect(await server.wrongWith(userId)).toEqual([])
})

test('a quote that expires while the stream runs does not keep it from being resumed', async () => {
  const userId = await server.aUser()
  const { billing } = server
  const key = await billing.prices.quoteKey()
  const { quoteId: id } = await server.client.priceQuote({ model: 'test-model', userId })
  const quoteId = issueQuote(key, {
    ...readQuote(key, id),
    expiresAt: new Date(billing.ledger.now().getTime() + 300),
  })
  const stream = await server.open(userId, { quoteId }).granted()
  stream.progress(1, 20, 1_000)
  await stream.acknowledged(1)
  stream.cancel()
  await stream.ended
  while (billing.ledger.now() < readQuote(key, quoteId).expiresAt) await new Promise(setImmediate)
  const resumed = await server.open(userId, { quoteId }).granted()
  resumed.close()
  expect((await resumed.settled()).charge).toMatchObject({ amountNanousd: '1200000', quoteId })
})

test("a close may carry the provider's own usage object", async () => {
  const userId = await server.aUser()
  const json = JSON.stringify({ usage: { prompt_tokens: 900, completion_tokens: 40 } })
  const stream = await server.open(userId).granted()
  stream.closeWith({ providerUsage: { format: 'openai.chat', json }, usageSource: 'USAGE_SOURCE_PROVIDER' })
  expect((await stream.settled()).charge).toMatchObject({
    amountNanousd: String(900n * INPUT + 40n * OUTPUT),
    usageSource: 'USAGE_SOURCE_PROVIDER',
  })

  const garbled = await server.open(userId, { idempotencyKey: 'garbled' }).granted()
  garbled.progress(1, 20, 1_000)
  garbled.closeWith({ providerUsage: { format: 'unheard-of', json } })
  expect(await garbled.refusal()).toBe('UNKNOWN_USAGE_FORMAT')
  const resumed = await server.open(userId, { idempotencyKey: 'garbled' }).granted()
  expect(resumed.grant.acknowledgedSequence).toBe('1')
  resumed.close()
  await resumed.settled()
  expect(await server.wrongWith(userId)).toEqual([])
})

test('progress on the wire, duplicated, dropped and in any order, comes to one and the same cost', async () => {
  const userId = await server.aUser(10n * USD)
  const last = 12
  await Promise.all(
    Array.from({ length: 100 }, async (_, index) => {
      const stream = await new TestStream(server.client, {
        ...openOf(userId),
        idempotencyKey: `s-${index}`,
      }).granted()
      for (const sequence of scrambled(last, index)) stream.progress(sequence, sequence * 25, 1_000)
      stream.halfClose()
      expect((await stream.settled()).charge).toMatchObject({
        amountNanousd: String(1_000n * INPUT + 300n * OUTPUT),
      })
    }),
  )
  expect(await server.settlementsOf(userId)).toHaveLength(100)
  expect(await server.wrongWith(userId)).toEqual([])
})

/** Some of the numbers up to `last`, some of them often, `last` itself among them. */
function scrambled(last: number, seed: number): number[] {
  let state = seed * 2_654_435_761 + 1
  const random = (max: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * max)
  }
  const sent = Array.from({ length: 20 }, () => 1 + random(last))
  sent.splice(random(sent.length), 0, last)
  return sent
}
