import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { TollgateError } from '../../clients/node/src/errors'
import { Replicas } from '../support/faults/replicas'
import { SCENARIO_MS_MAX, SEED, sized } from '../support/faults/size'
import { Randomness } from '../support/randomness'
import { TestStream } from '../support/streamClients'
import { type TestDatabase, testDatabase } from '../support/testDatabase'

// An organisation of 500 keys calls two servers, which are killed again and again. What its budgets count and hold is read
// from snapshots meanwhile, and never exceeds a limit. No stream uses more than it was granted, so not even by a settlement.

const USER_ID = 'org'
const KEYS = 500
const TEAMS = 5
const IN_FLIGHT = 256
const KILLS = sized({ bounded: 3, full: 12 })
const BETWEEN_KILLS_MS = sized({ bounded: 3_000, full: 10_000 })
/** gpt-4o-mini: $0.15 and $0.60 a million tokens. */
const CALL = { userId: USER_ID, model: 'gpt-4o-mini', provider: 'openai' }
const ORG_LIMIT_NANOUSD = sized({ bounded: 4, full: 40 }) * 1_000_000_000
/** So that every budget is reached by some calls, and the organisation's in the end. */
const TEAM_LIMIT_NANOUSD = ORG_LIMIT_NANOUSD / 4
const KEY_LIMIT_NANOUSD = ORG_LIMIT_NANOUSD / 250

let database: TestDatabase
let replicas: Replicas
const refusals = new Map<string, number>()
let charged = 0
let settled = 0
let calls = 0

beforeAll(async () => {
  database = await testDatabase()
  replicas = new Replicas(database.connection, {
    // What was accepted before it was decided may go above a budget.
    TOLLGATE_DEFERRAL: 'off',
    TOLLGATE_STREAM_VALIDITY_SECONDS: '4',
    TOLLGATE_STREAM_RECORD_SECONDS: '1',
    TOLLGATE_STREAM_SWEEP_SECONDS: '1',
    TOLLGATE_STREAM_FIRST_STRETCH_TOKENS: '500',
  })
})

afterAll(async () => {
  await replicas.remove()
  await database.drop()
})

/** Counters of enforced budgets that are above their limit, in one snapshot. */
async function exceeded(): Promise<string[]> {
  const { rows } = await sql<{ text: string }>`
    select c.budget_id || ' ' || c.group_values || ': ' || c.spent_nanousd || ' + ' || c.held_nanousd as text
    from budget_counters c join budgets b on b.user_id = c.user_id and b.budget_id = c.budget_id and b.generation = c.generation
    where b.definition ->> 'action' = 'enforce'
      and c.spent_nanousd + c.held_nanousd > (b.definition ->> 'limit')::int8`.execute(database.kysely)
  return rows.map(({ text }) => text)
}

async function setUp(): Promise<void> {
  const { client } = replicas.get('left')
  await client.createUser({ userId: USER_ID })
  await client.grantCredits({
    ...{ userId: USER_ID, idempotencyKey: 'start', pot: 'POT_CREDITS' },
    amountNanousd: '1000000000000',
  })
  const budgets = [
    { budgetId: 'org', limitNanousd: ORG_LIMIT_NANOUSD },
    { budgetId: 'each-team', limitNanousd: TEAM_LIMIT_NANOUSD, groupBy: [{ label: 'team' }] },
    { budgetId: 'each-key', limitNanousd: KEY_LIMIT_NANOUSD, groupBy: [{ apiKey: true }] },
    { budgetId: 'watched', limitNanousd: 1, action: 'BUDGET_ACTION_WARN' as const },
  ]
  for (const budget of budgets)
    await client.putBudget({
      budget: {
        ...{ userId: USER_ID, window: { period: 'BUDGET_PERIOD_LIFETIME' }, action: 'BUDGET_ACTION_ENFORCE' },
        ...budget,
      },
    })
}

/** Sends calls one after the other until it is over. */
async function caller(random: Randomness, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const key = random.below(KEYS)
    const call = {
      ...CALL,
      idempotencyKey: `call-${calls++}`,
      apiKeyId: `key-${key}`,
      labels: { team: `team-${key % TEAMS}` },
    }
    try {
      if (random.below(4) === 0) await stream(call, random, isOver)
      else await charge(call, random, isOver)
    } catch (error) {
      if (!(error instanceof TollgateError)) throw error
      refusals.set(error.reason, (refusals.get(error.reason) ?? 0) + 1)
    }
    await sleep(random.below(20))
  }
}

type Call = typeof CALL & { idempotencyKey: string; apiKeyId: string; labels: Record<string, string> }

/** Sends a call until it is answered: a server that was killed may have charged it. */
async function charge(call: Call, random: Randomness, isOver: () => boolean): Promise<void> {
  const usage = { inputTokens: 1_000, outputTokens: 500 + random.below(5_000) }
  for (;;) {
    try {
      await anyClient(random).chargeUsage({ ...call, usage })
      charged += 1
      return
    } catch (error) {
      if (!(error instanceof TollgateError) || isRefusal(error) || isOver()) throw error
      await sleep(20)
    }
  }
}

/** Uses no more than it is granted. One that is cut expires at its last progress. */
async function stream(call: Call, random: Randomness, isOver: () => boolean): Promise<void> {
  const opened = new TestStream(anyClient(random), { ...call, inputTokens: 1_000 })
  const running = await opened.granted()
  for (let sequence = 1; sequence < 8 && !isOver(); sequence++) {
    const { grantedOutputTokens, finalReason } = running.grant
    running.progress(sequence, Math.max(1, Number(grantedOutputTokens) - random.below(50)), 1_000)
    if (finalReason !== 'FINAL_REASON_UNSPECIFIED') break
    await sleep(10 + random.below(30))
  }
  running.close({
    inputTokens: 1_000,
    outputTokens: Math.min(Number(running.grant.grantedOutputTokens), 4_000),
  })
  await running.settled()
  settled += 1
}

function anyClient(random: Randomness) {
  return random.oneOf(replicas.clients)
}

function isRefusal({ reason }: TollgateError): boolean {
  return (
    reason === 'BUDGET_REACHED' || reason === 'INSUFFICIENT_CREDITS' || reason === 'IDEMPOTENCY_KEY_REUSED'
  )
}

test(
  'budgets of an organisation are limits for all callers, whatever is killed',
  async () => {
    const random = new Randomness(`${SEED} budgets`)
    const names = ['left', 'right']
    await Promise.all(names.map((name) => replicas.start(name)))
    await setUp()
    let isOver = false
    let snapshots = 0
    const wrong: string[] = []
    const watcher = (async () => {
      while (!isOver) {
        wrong.push(...(await exceeded()))
        snapshots += 1
        await sleep(5)
      }
    })()
    const callers = Array.from({ length: IN_FLIGHT }, (_, n) =>
      caller(new Randomness(`${SEED} budgets ${n}`), () => isOver),
    )
    for (let kill = 0; kill < KILLS; kill++) {
      await sleep(BETWEEN_KILLS_MS / 2 + random.below(BETWEEN_KILLS_MS))
      const name = random.oneOf(names)
      await replicas.kill(name)
      await replicas.start(name)
    }
    await sleep(BETWEEN_KILLS_MS)
    isOver = true
    await Promise.all(callers)
    await watcher

    const { client } = replicas.get('left')
    while ((await client.listHolds({ pageSize: 1 })).holds.length > 0) await sleep(200)
    process.stderr.write(
      `budgets: ${calls} calls, ${charged} charges and ${settled} streams accepted, ` +
        `${[...refusals].map(([reason, times]) => `${times} ${reason}`).join(', ')}; ` +
        `${KILLS} server kills, ${snapshots} snapshots (seed ${SEED})\n`,
    )
    expect(wrong).toEqual([])
    expect(await exceeded()).toEqual([])
    expect(snapshots).toBeGreaterThan(100)
    expect(refusals.get('BUDGET_REACHED')).toBeGreaterThan(100)
    expect(settled).toBeGreaterThan(50)
    expect((await client.reconcile({ userId: USER_ID })).discrepancies).toEqual([])
    const { usages } = await client.listBudgetUsage({ userId: USER_ID, pageSize: 1_000 })
    const org = usages.find(({ budgetId }) => budgetId === 'org')
    // It is used up but for less than one call, so it was the limit.
    expect(Number(org?.spentNanousd)).toBeGreaterThan(ORG_LIMIT_NANOUSD - 10_000_000)
    const teams = usages.filter(({ budgetId }) => budgetId === 'each-team')
    expect(teams.reduce((sum, { spentNanousd }) => sum + Number(spentNanousd), 0)).toBe(
      Number(org?.spentNanousd),
    )
  },
  SCENARIO_MS_MAX,
)
