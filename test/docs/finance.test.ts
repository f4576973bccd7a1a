import { runPage } from '../support/pages'
import { cardOf } from '../support/priceBooks'
import { SCOPE_TOKENS } from '../support/program'
import { startTestServer } from '../support/server'

test('the commands of docs/finance.md print what it shows', async () => {
  const server = await startTestServer({ tokens: SCOPE_TOKENS })
  try {
    const client = server.connect('admin-token')
    const rateCards = [cardOf({ INPUT_TOKENS: 3, OUTPUT_TOKENS: 15 })]
    await server.billing.prices.putPrice({ model: 'gpt', provider: '', rateCards })
    const acme = { userId: 'acme' }
    await client.createUser(acme)
    const call = {
      ...{ ...acme, model: 'gpt', apiKeyId: 'key-1', labels: { team: 'search' } },
      ...{ usage: { outputTokens: 100 }, usageSource: 'USAGE_SOURCE_PROVIDER' as const },
    }
    await expect(client.chargeUsage({ ...call, idempotencyKey: 'unpaid' })).rejects.toMatchObject({
      reason: 'INSUFFICIENT_CREDITS',
    })
    await client.grantCredits({
      ...acme,
      idempotencyKey: 'g',
      pot: 'POT_CREDITS',
      amountNanousd: '9000000000',
    })
    await client.chargeUsage({ ...call, idempotencyKey: 'call-1' })
    const run = await runPage('docs/finance.md', {
      TOLLGATE_ADDRESS: server.address,
      TOLLGATE_TOKEN: 'admin-token',
    })
    expect(run).toEqual({ ran: 7, leftOut: [], problem: undefined })
  } finally {
    await server.stop()
  }
}, 240_000)
