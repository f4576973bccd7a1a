import { execFileSync } from 'node:child_process'
import { startTestServer, type TestServer } from '../support/server'
let server: TestServer
beforeAll(async () => { server = await startTestServer({ withCatalog: true }) }, 60000)
afterAll(() => server?.stop())
test('smoke', async () => {
  const c = server.client
  console.log(await c.createUser({ userId: 'ada' }))
  console.log(await c.grantCredits({ userId: 'ada', idempotencyKey: 'g1', pot: 'POT_CREDITS', amountNanousd: '5000000000' }))
  console.log(JSON.stringify(await c.priceQuote({ userId: 'ada', model: 'gpt-4o', usage: { inputTokens: 1000, outputTokens: 500 } }), null, 1))
  console.log(await c.chargeUsage({ userId: 'ada', idempotencyKey: 'c1', model: 'gpt-4o', usage: { inputTokens: 1000, outputTokens: 500 }, labels: { a: 'b', ['__proto__']: 'x' } }))
  console.log((await c.getCharge({ userId: 'ada', idempotencyKey: 'c1' })).charge?.amountNanousd)
  console.log(await c.listLedgerEntries({ userId: 'ada', pageSize: 1 }))
  console.log(await c.reconcile({}))
  await c.updateUser({ userId: 'ada' }).catch((e) => console.log(e.reason, e.message, e.code))
  await c.getUser({ userId: '' }).catch((e) => console.log(e.reason, e.message, e.code, e.fieldViolations))
  for (const args of [['curl','--list-methods'],['curl']]) {
  }
})
