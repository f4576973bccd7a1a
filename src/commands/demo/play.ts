import Table from 'cli-table3'
import { NANOUSD_PER_USD } from '../../domain/money'
import type { Display } from './display'
import { type DemoGateway, type FinishedCall, type LiveCall, usd } from './gateway'

export interface DemoSummary {
  users: {
    userId: string
    entries: number
    availableNanousd: string
    heldNanousd: string
    discrepancies: number
  }[]
  pendingFailures: number
  balanced: boolean
}

const NAMES = ['ada', 'bob', 'cleo', 'acme']

/** The whole story: what happens at a gateway, and where the money goes. */
export async function playDemo(gateway: DemoGateway, display: Display): Promise<DemoSummary> {
  await display.scene('Three users, with prepaid credits')
  for (const name of ['ada', 'bob', 'cleo']) await gateway.createUser(name)
  await gateway.grant('ada', 'start', 5n * NANOUSD_PER_USD)
  await gateway.grant('bob', 'start', NANOUSD_PER_USD / 50n)
  await gateway.grant('cleo', 'start', 2n * NANOUSD_PER_USD)

  await display.scene('What would it cost? (PriceQuote)')
  await gateway.quote('ada', {
    model: 'gpt-5',
    provider: 'openai',
    inputTokens: 12_000,
    maxOutputTokens: 4_000,
  })
  await gateway.quote('bob', {
    model: 'claude-sonnet-4-5',
    provider: 'anthropic',
    inputTokens: 2_000,
    maxOutputTokens: 4_000,
  })

  await display.scene('Finished calls, with the usage as each provider reports it (ChargeUsage)')
  for (const [name, call] of FINISHED_CALLS) await gateway.charge(name, call)

  await display.scene('The gateway times out and retries the first one, under its key')
  const [retried] = FINISHED_CALLS
  if (retried !== undefined) await gateway.charge(...retried)

  await display.scene("Two calls race for bob's last credits")
  const race = await Promise.all([
    gateway.charge('bob', bobsCall('race-1')),
    gateway.charge('bob', bobsCall('race-2')),
  ])

  await display.scene('A model that nobody has priced: never free, never at a guess')
  await gateway.charge('cleo', { ...bobsCall('unpriced'), model: 'brand-new-model-1', provider: '' })

  await display.scene('Live streams, metered against holds (StreamSettle)')
  await Promise.all([
    gateway.stream('ada', streamOf('ada-1', 'gpt-5', 'openai'), { outputTokens: 2_600 }),
    gateway.stream('cleo', streamOf('cleo-1', 'gemini-2.5-pro', 'google'), {
      outputTokens: 900,
      end: 'STREAM_END_CANCELLED',
    }),
    gateway.stream('bob', streamOf('bob-1', 'gpt-4o', 'openai'), { outputTokens: 2_000 }),
  ])

  await display.scene('A gateway crashes in mid-stream; another takes the stream over, under its key')
  const crashed = streamOf('ada-2', 'gpt-5', 'openai')
  await gateway.stream('ada', crashed, { outputTokens: 2_000, cutAfterTokens: 700 })
  await gateway.stream('ada', crashed, { outputTokens: 1_400 })

  await display.scene('acme pays for its teams, and each has a budget of two cents a day (PutBudget)')
  await gateway.createUser('acme')
  await gateway.grant('acme', 'start', 5n * NANOUSD_PER_USD)
  await gateway.putTeamBudget('acme', NANOUSD_PER_USD / 50n)
  await gateway.charge('acme', teamCall('search', 'team-1'))
  await gateway.charge('acme', teamCall('search', 'team-2'))
  await gateway.charge('acme', teamCall('support', 'team-3'))
  await gateway.showBudgets('acme')

  await display.scene('bob pays; the call that failed is sent again, under its key')
  await gateway.grant('bob', 'top-up', NANOUSD_PER_USD)
  await gateway.charge('bob', bobsCall(race[0] ? 'race-2' : 'race-1'))

  return await closeTheBooks(gateway, display)
}

async function closeTheBooks(gateway: DemoGateway, display: Display): Promise<DemoSummary> {
  await display.scene("bob's ledger: every change of his credits, each from where the one before left off")
  await display.table(await ledgerOf(gateway, 'bob'))

  await display.scene('The books (Reconcile)')
  const users: DemoSummary['users'] = []
  for (const name of NAMES) users.push(await checkBooks(gateway, display, name))
  const failures = await pendingFailures(gateway)
  for (const { userId, model, reason } of failures) {
    await display.line(
      nameOf(userId),
      `not deducted yet, and on the list: a call of ${model} (${reason})`,
      'bad',
    )
  }
  const balanced = users.every(({ discrepancies, heldNanousd }) => discrepancies === 0 && heldNanousd === '0')
  await display.scene(balanced ? 'Everything adds up.' : 'THE BOOKS DO NOT BALANCE.')
  return { users, pendingFailures: failures.length, balanced }
}

async function checkBooks(
  gateway: DemoGateway,
  display: Display,
  name: string,
): Promise<DemoSummary['users'][number]> {
  const userId = gateway.userIdOf(name)
  const { entriesChecked, discrepancies } = await gateway.client.reconcile({ userId })
  const { user } = await gateway.client.getUser({ userId })
  const { availableNanousd = '0', heldNanousd = '0' } = user?.balance ?? {}
  const verdict =
    discrepancies.length === 0
      ? 'balance'
      : `DO NOT BALANCE: ${discrepancies.map(({ detail }) => detail).join('; ')}`
  await display.line(
    name,
    `${entriesChecked} entries ${verdict}; available ${usd(availableNanousd)}, held ${usd(heldNanousd)}`,
    discrepancies.length === 0 ? 'good' : 'bad',
  )
  return {
    userId,
    entries: Number(entriesChecked),
    availableNanousd,
    heldNanousd,
    discrepancies: discrepancies.length,
  }
}

async function ledgerOf(gateway: DemoGateway, name: string): Promise<string> {
  const { entries } = await gateway.client.listLedgerEntries({
    userId: gateway.userIdOf(name),
    pageSize: 100,
  })
  const table = new Table({
    head: ['', 'kind', 'key', 'credits', 'held', 'available'],
    style: { head: [], border: [] },
  })
  for (const entry of entries.toReversed()) {
    table.push([
      entry.version,
      entry.kind.replace('ENTRY_KIND_', '').toLowerCase(),
      entry.idempotencyKey.startsWith('hd_') ? 'of the stream' : entry.idempotencyKey,
      usd(entry.creditsDeltaNanousd),
      usd(entry.heldDeltaNanousd),
      usd(entry.balance?.availableNanousd),
    ])
  }
  return table.toString()
}

async function pendingFailures(gateway: DemoGateway) {
  const lists = await Promise.all(
    NAMES.map((name) =>
      gateway.client.listDeductionFailures({
        userId: gateway.userIdOf(name),
        state: 'FAILURE_STATE_PENDING',
      }),
    ),
  )
  return lists.flatMap(({ failures }) => failures)
}

function nameOf(userId: string): string {
  return userId.slice(userId.lastIndexOf('-') + 1)
}

function streamOf(key: string, model: string, provider: string): LiveCall {
  return { key: `stream-${key}`, model, provider, inputTokens: 800, maxOutputTokens: 4_000 }
}

/** About a cent and a half: two of them are more than bob has. */
function bobsCall(key: string): FinishedCall {
  const usage = { prompt_tokens: 2_400, completion_tokens: 720 }
  return { key, model: 'gpt-4o', provider: 'openai', format: 'openai.chat', usage }
}

/** About a cent and a half, too: a second one is more than is left of two cents. */
function teamCall(team: string, key: string): FinishedCall {
  return { ...bobsCall(key), team }
}

const FINISHED_CALLS: readonly [string, FinishedCall][] = [
  [
    'ada',
    {
      key: 'call-1',
      model: 'gpt-5',
      provider: 'openai',
      format: 'openai.chat',
      usage: {
        prompt_tokens: 11_400,
        completion_tokens: 1_250,
        prompt_tokens_details: { cached_tokens: 9_000 },
        completion_tokens_details: { reasoning_tokens: 800 },
      },
    },
  ],
  [
    'cleo',
    {
      key: 'call-2',
      model: 'claude-sonnet-4-5',
      provider: 'anthropic',
      format: 'anthropic.messages',
      usage: {
        input_tokens: 320,
        cache_creation_input_tokens: 14_000,
        cache_read_input_tokens: 0,
        output_tokens: 610,
      },
    },
  ],
  [
    'cleo',
    {
      key: 'call-3',
      model: 'gemini-2.5-flash',
      provider: 'google',
      format: 'gemini',
      usage: {
        usageMetadata: { promptTokenCount: 5_200, candidatesTokenCount: 480, thoughtsTokenCount: 1_100 },
      },
    },
  ],
  [
    'ada',
    {
      key: 'call-4',
      model: 'deepseek-chat',
      provider: 'deepseek',
      format: 'deepseek',
      usage: {
        prompt_tokens: 7_000,
        completion_tokens: 900,
        prompt_cache_hit_tokens: 6_000,
        prompt_cache_miss_tokens: 1_000,
      },
    },
  ],
]
