import { startTestServer, type TestServer } from '../../support/server'

let server: TestServer

beforeAll(async () => {
  server = await startTestServer({ withCatalog: true })
})

afterAll(() => server?.stop())

test('a grant adds to its pot, and answers with the entry', async () => {
  await server.client.createUser({ userId: 'ada' })
  const { entry, replayed } = await grant('ada', 'g1', { pot: 'POT_ALLOWANCE', amountNanousd: 5 })
  await grant('ada', 'g2', { amountNanousd: 7, reason: 'order 1' })
  expect(replayed).toBe(false)
  expect(entry).toMatchObject({
    ...{ kind: 'ENTRY_KIND_GRANT', version: '1', allowanceDeltaNanousd: '5', creditsDeltaNanousd: '0' },
    balance: { allowanceNanousd: '5', creditsNanousd: '0', availableNanousd: '5' },
  })
  expect(await potsOf('ada')).toEqual(['5', '7'])
})

test('the same grant sent again is answered with the first entry, and adds nothing', async () => {
  await server.client.createUser({ userId: 'again' })
  const { entry } = await grant('again', 'g', { amountNanousd: 5 })
  expect(await grant('again', 'g', { amountNanousd: 5 })).toEqual({ entry, replayed: true })
  expect(await potsOf('again')).toEqual(['0', '5'])
})

test.each([
  ['amount', { amountNanousd: 6 }],
  ['pot', { amountNanousd: 5, pot: 'POT_ALLOWANCE' as const }],
  ['reason', { amountNanousd: 5, reason: 'another' }],
])('the same key with another %s is refused', async (what, other) => {
  const userId = `other-${what}`
  await server.client.createUser({ userId })
  await grant(userId, 'g', { amountNanousd: 5 })
  await expect(grant(userId, 'g', other)).rejects.toMatchObject({ reason: 'IDEMPOTENCY_KEY_REUSED' })
  expect(await potsOf(userId)).toEqual(['0', '5'])
})

test('the key of a charge cannot be used for a grant', async () => {
  await server.client.createUser({ userId: 'one-key' })
  await grant('one-key', 'start', { amountNanousd: 1_000_000_000 })
  await server.client.chargeUsage({
    ...{ userId: 'one-key', idempotencyKey: 'the-call', model: 'gpt-4o-2024-11-20', provider: 'openai' },
    usage: { inputTokens: 1_000, outputTokens: 100 },
  })
  const before = (await server.client.getUser({ userId: 'one-key' })).user
  await expect(grant('one-key', 'the-call', { amountNanousd: 1 })).rejects.toMatchObject({
    code: 6,
    reason: 'IDEMPOTENCY_KEY_REUSED',
  })
  expect((await server.client.getUser({ userId: 'one-key' })).user).toEqual(before)
})

test('a negative grant takes credits back, down to the floor and no further', async () => {
  await server.client.createUser({ userId: 'back' })
  await grant('back', 'g', { amountNanousd: 5 })
  await expect(grant('back', 'too-much', { amountNanousd: -6 })).rejects.toMatchObject({
    reason: 'INSUFFICIENT_CREDITS',
  })
  await grant('back', 'all', { amountNanousd: -5 })
  expect(await potsOf('back')).toEqual(['0', '0'])
})

test('a renewal sets the pot to the amount, whatever was left', async () => {
  await server.client.createUser({ userId: 'renewed' })
  await grant('renewed', 'march', { pot: 'POT_ALLOWANCE', amountNanousd: 5 })
  const { entry } = await grant('renewed', 'april', {
    ...{ pot: 'POT_ALLOWANCE', amountNanousd: 3, mode: 'GRANT_MODE_SET' },
  })
  expect(entry).toMatchObject({ allowanceDeltaNanousd: '-2' })
  expect(await potsOf('renewed')).toEqual(['3', '0'])
})

test('a grant to an unknown user is NOT_FOUND', async () => {
  await expect(grant('nobody', 'g', { amountNanousd: 1 })).rejects.toMatchObject({ reason: 'USER_NOT_FOUND' })
})

type Grant = Parameters<TestServer['client']['grantCredits']>[0]

function grant(userId: string, idempotencyKey: string, rest: Grant) {
  return server.client.grantCredits({ userId, idempotencyKey, pot: 'POT_CREDITS', ...rest })
}

async function potsOf(userId: string): Promise<(string | undefined)[]> {
  const { user } = await server.client.getUser({ userId })
  return [user?.balance?.allowanceNanousd, user?.balance?.creditsNanousd]
}
