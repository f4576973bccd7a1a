import { startTestServer, type TestServer } from '../../support/server'

let server: TestServer

beforeAll(async () => {
  server = await startTestServer()
})

afterAll(() => server?.stop())

describe('a new user', () => {
  test('has nothing, and can be created once', async () => {
    const { user } = await server.client.createUser({
      userId: 'new',
      tier: 'free',
      dailyLimitNanousd: '5',
      overdraftLimitNanousd: '7',
      isTrial: true,
      trialExpiresAt: { seconds: '4102444800', nanos: 0 },
    })
    expect(user).toMatchObject({
      balance: { creditsNanousd: '0', availableNanousd: '7', dailyLimitNanousd: '5', version: '0' },
      billedAsTrial: true,
      trialExpiresAt: { seconds: '4102444800' },
    })
    await expect(server.client.createUser({ userId: 'new' })).rejects.toMatchObject({ reason: 'USER_EXISTS' })
    expect((await server.client.getUser({ userId: 'new' })).user).toEqual(user)
  })

  test('with a subscription is billed as paid', async () => {
    const { user } = await server.client.createUser({
      userId: 'paid',
      isTrial: true,
      stripeSubscriptionId: 'sub_1',
    })
    expect(user).toMatchObject({ isTrial: true, billedAsTrial: false })
  })
})
