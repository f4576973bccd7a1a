import { entriesOf, outcomeOf, userOf } from '../../support/ledger'
import { startTestServer, type TestServer } from '../../support/server'

let server: TestServer
let users = 0

beforeAll(async () => {
  server = await startTestServer()
  const rates = [{ meter: 'METER_INPUT_TOKENS' as const, priceNanousd: '1000000000', per: '1000000' }]
  await server.client.putPrice({ model: 'm', rateCards: [{ rates }] })
})

afterAll(() => server?.stop())

/** A user with 30,000 of allowance and 100,000 of credits, charged 50,000: the id of the charge. */
async function aChargedUser(): Promise<{ userId: string; chargeId: string }> {
  const userId = `user-${++users}`
  await server.client.createUser({ userId })
  const grant = { userId, pot: 'POT_ALLOWANCE', idempotencyKey: 'allowance', amountNanousd: '30000' } as const
  await server.client.grantCredits(grant)
  await server.client.grantCredits({
    ...grant,
    pot: 'POT_CREDITS',
    idempotencyKey: 'credits',
    amountNanousd: '100000',
  })
  const { charge } = await server.client.chargeUsage({
    idempotencyKey: 'call',
    userId,
    model: 'm',
    usage: { inputTokens: '50' },
  })
  return { userId, chargeId: charge?.chargeId ?? '' }
}

async function booksOf(userId: string) {
  const { discrepancies } = await server.client.reconcile({ userId })
  return discrepancies
}

test('a refund goes to the pots that paid, once per key, and stands in the receipt', async () => {
  const { userId, chargeId } = await aChargedUser()
  const request = {
    idempotencyKey: 'refund',
    userId,
    chargeId,
    amountNanousd: '15000',
    reason: 'a bad answer',
  }
  const replies = await Promise.all(Array.from({ length: 10 }, () => server.client.refundCharge(request)))
  expect(replies.filter(({ replayed }) => !replayed)).toHaveLength(1)
  for (const { entry } of replies) {
    expect(entry).toMatchObject({
      kind: 'ENTRY_KIND_REFUND',
      idempotencyKey: 'refund',
      creditsDeltaNanousd: '15000',
      allowanceDeltaNanousd: '0',
      spentTodayDeltaNanousd: '-15000',
      reason: 'a bad answer',
      chargeId,
    })
  }
  expect(await userOf(server.database, userId)).toMatchObject({
    creditsNanousd: 95_000n,
    allowanceNanousd: 0n,
    spentTodayNanousd: 35_000n,
  })
  const { charge } = await server.client.getCharge({ userId, chargeId })
  expect(charge).toMatchObject({ amountNanousd: '50000', refundedNanousd: '15000' })

  // 0 = all that is left.
  const { entry } = await server.client.refundCharge({ idempotencyKey: 'rest', userId, chargeId })
  expect(entry).toMatchObject({ creditsDeltaNanousd: '5000', allowanceDeltaNanousd: '30000' })
  await expect(
    server.client.refundCharge({ idempotencyKey: 'more', userId, chargeId }),
  ).rejects.toMatchObject({ reason: 'REFUND_EXCEEDS_CHARGE' })
  expect(await booksOf(userId)).toEqual([])
})

test('what is refused uses up no key; another request under a used key is refused', async () => {
  const { userId, chargeId } = await aChargedUser()
  const request = { idempotencyKey: 'refund', userId, chargeId }
  await expect(server.client.refundCharge({ ...request, amountNanousd: '50001' })).rejects.toMatchObject({
    reason: 'REFUND_EXCEEDS_CHARGE',
  })
  await server.client.refundCharge({ ...request, amountNanousd: '1' })
  await expect(server.client.refundCharge({ ...request, amountNanousd: '2' })).rejects.toMatchObject({
    reason: 'IDEMPOTENCY_KEY_REUSED',
  })
  await expect(server.client.refundCharge({ ...request, idempotencyKey: 'call' })).rejects.toMatchObject({
    reason: 'IDEMPOTENCY_KEY_REUSED',
  })
})

test('only what was charged can be refunded', async () => {
  const { userId } = await aChargedUser()
  const chargeId = `ch_${'0'.repeat(32)}`
  await expect(
    server.client.refundCharge({ idempotencyKey: 'refund', userId, chargeId }),
  ).rejects.toMatchObject({ reason: 'CHARGE_NOT_FOUND' })
  await expect(
    server.client.refundCharge({ idempotencyKey: 'refund', userId: 'nobody', chargeId }),
  ).rejects.toMatchObject({ reason: 'USER_NOT_FOUND' })
})

test('refunds that race never give back more than was charged', async () => {
  const { userId, chargeId } = await aChargedUser()
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      outcomeOf(
        server.client
          .refundCharge({ idempotencyKey: `refund-${index}`, userId, chargeId, amountNanousd: '9000' })
          .catch((error: { reason: string }) => error.reason),
      ),
    ),
  )
  expect(outcomes.filter((outcome) => typeof outcome === 'object')).toHaveLength(5)
  expect(outcomes.filter((outcome) => outcome === 'REFUND_EXCEEDS_CHARGE')).toHaveLength(15)
  const refunds = (await entriesOf(server.database, userId)).filter(({ kind }) => kind === 'refund')
  expect(refunds).toHaveLength(5)
  expect(await booksOf(userId)).toEqual([])
})
