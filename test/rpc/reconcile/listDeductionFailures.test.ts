import type { TollgateClient } from '../../../clients/node/src/connect'
import { everyPage } from '../../support/everyPage'
import { startTestServer, type TestServer } from '../../support/server'

let server: TestServer
let client: TollgateClient

beforeAll(async () => {
  server = await startTestServer()
  client = server.client
  const rate = { priceNanousd: '1000000000', per: '1000000' }
  await client.putPrice({
    model: 'm',
    rateCards: [
      {
        rates: [
          { meter: 'METER_INPUT_TOKENS', ...rate },
          { meter: 'METER_OUTPUT_TOKENS', ...rate },
        ],
      },
    ],
  })
})

afterAll(() => server?.stop())

test('failures are listed oldest first, page by page, of one user or of all', async () => {
  for (const userId of ['poor', 'another']) await client.createUser({ userId })
  await charge('another', 'a1').catch(() => undefined)
  for (const n of [1, 2, 3, 4]) await charge('poor', `p${n}`).catch(() => undefined)
  const pages = await everyPage((pageToken) =>
    client.listDeductionFailures({ userId: 'poor', pageSize: 2, pageToken }),
  )
  expect(pages.map(({ failures }) => failures.map(({ idempotencyKey }) => idempotencyKey))).toEqual([
    ['p1', 'p2'],
    ['p3', 'p4'],
  ])
  const all = await client.listDeductionFailures({})
  expect(all.failures.map(({ userId }) => userId)).toContain('another')
})

/** 1,000 nano-USD. */
function charge(userId: string, idempotencyKey: string) {
  return client.chargeUsage({ userId, idempotencyKey, model: 'm', usage: { inputTokens: '1' } })
}
