import { entriesOf, userOf } from '../../support/ledger'
import { startTestServer, type TestServer } from '../../support/server'

let server: TestServer
let users = 0

beforeAll(async () => {
  server = await startTestServer()
  const rates = [{ meter: 'METER_INPUT_TOKENS' as const, priceNanousd: '1000000000', per: '1000000' }]
  await server.client.putPrice({ model: 'm', rateCards: [{ rates }] })
})

afterAll(() => server?.stop())

async function aTrialUser(): Promise<string> {
  const userId = `user-${++users}`
  await server.client.createUser({
    userId,
    isTrial: true,
    trialExpiresAt: { seconds: '4102444800', nanos: 0 },
  })
  return userId
}

test('only what is set changes, in an entry of the ledger', async () => {
  const userId = await aTrialUser()
  const { user } = await server.client.updateUser({
    userId,
    dailyLimitNanousd: '700',
    overdraftLimitNanousd: '50',
  })
  expect(user).toMatchObject({
    isTrial: true,
    trialExpiresAt: { seconds: '4102444800' },
    overdraftLimitNanousd: '50',
    balance: { dailyLimitNanousd: '700', availableNanousd: '50' },
  })
  const [entry] = await entriesOf(server.database, userId)
  expect(entry).toMatchObject({
    kind: 'profile',
    profile: { daily_limit_nanousd: '700', overdraft_limit_nanousd: '50' },
    balance: { dailyLimitNanousd: 700n, overdraftLimitNanousd: 50n },
  })
  expect((await server.client.reconcile({ userId })).discrepancies).toEqual([])
})

test('a paid subscription ends the trial; fields can be emptied', async () => {
  const userId = await aTrialUser()
  const paid = await server.client.updateUser({
    userId,
    stripeCustomerId: 'cus_1',
    clearTrialExpiresAt: true,
  })
  expect(paid.user).toMatchObject({ billedAsTrial: false, trialExpiresAt: null, stripeCustomerId: 'cus_1' })
  const emptied = await server.client.updateUser({ userId, stripeCustomerId: '' })
  expect(emptied.user).toMatchObject({ billedAsTrial: true, stripeCustomerId: '' })
})

test('a key takes effect once, and names one request', async () => {
  const userId = await aTrialUser()
  const request = { userId, idempotencyKey: 'pro', tier: 'pro' }
  await Promise.all(Array.from({ length: 10 }, () => server.client.updateUser(request)))
  expect(await entriesOf(server.database, userId)).toHaveLength(1)
  await server.client.updateUser({ userId, tier: 'free' })
  // Sent again, late: it doesn't take back what was said since.
  expect((await server.client.updateUser(request)).user).toMatchObject({ tier: 'free' })
  await expect(server.client.updateUser({ ...request, tier: '' })).rejects.toMatchObject({
    reason: 'IDEMPOTENCY_KEY_REUSED',
  })
  await expect(server.client.updateUser({ ...request, suspended: false })).rejects.toMatchObject({
    reason: 'IDEMPOTENCY_KEY_REUSED',
  })
})

test('a suspended user is refused from the next call on', async () => {
  const userId = await aTrialUser()
  await server.client.updateUser({ userId, suspended: true })
  const call = { userId, idempotencyKey: 'call', model: 'm', usage: { inputTokens: '1' } }
  await expect(server.client.chargeUsage(call)).rejects.toMatchObject({ reason: 'USER_SUSPENDED' })
  await server.client.updateUser({ userId, suspended: false })
  expect((await server.client.chargeUsage(call)).charge).toMatchObject({ trial: true })
})

test('changes that race with charges are lost neither way', async () => {
  const userId = await aTrialUser()
  await server.client.grantCredits({
    userId,
    idempotencyKey: 'g',
    pot: 'POT_CREDITS',
    amountNanousd: '1000000',
  })
  await server.client.updateUser({ userId, isTrial: false })
  await Promise.all(
    Array.from({ length: 30 }, (_, index) =>
      index % 3 === 0
        ? server.client.updateUser({
            userId,
            idempotencyKey: `u${index}`,
            overdraftLimitNanousd: String(index),
          })
        : server.client.chargeUsage({
            userId,
            idempotencyKey: `c${index}`,
            model: 'm',
            usage: { inputTokens: '1' },
          }),
    ),
  )
  const user = await userOf(server.database, userId)
  expect(user).toMatchObject({ creditsNanousd: 980_000n, version: 32n, isTrial: false })
  const last = (await entriesOf(server.database, userId)).filter(({ kind }) => kind === 'profile').at(-1)
  expect(user.overdraftLimitNanousd).toBe(last?.balance.overdraftLimitNanousd)
  expect((await server.client.reconcile({ userId })).discrepancies).toEqual([])
})

test.each([
  [{ userId: 'nobody', tier: 'pro' }, { reason: 'USER_NOT_FOUND' }],
  [
    { userId: 'x', clearTrialExpiresAt: true, trialExpiresAt: { seconds: '1', nanos: 0 } },
    { reason: 'INVALID_FIELD', message: expect.stringContaining('clear_trial_expires_at') },
  ],
])('%j is refused', async (request, error) => {
  await expect(server.client.updateUser(request)).rejects.toMatchObject(error)
})
