import { runPage } from '../support/pages'
import { SCOPE_TOKENS } from '../support/program'
import { startTestServer } from '../support/server'

test('the commands of docs/budgets.md work', async () => {
  const server = await startTestServer({ tokens: SCOPE_TOKENS })
  try {
    await server.connect('admin-token').createUser({ userId: 'acme' })
    const run = await runPage('docs/budgets.md', {
      TOLLGATE_ADDRESS: server.address,
      TOLLGATE_TOKEN: 'admin-token',
    })
    expect(run).toEqual({ ran: 2, leftOut: [], problem: undefined })
  } finally {
    await server.stop()
  }
}, 240_000)
