import { readConfig } from '../../src/config/config'
import type { ConnectionSettings } from '../../src/database/database'
import type { BudgetDefinition } from '../../src/domain/budget/budget'
import type { PutBudgetPosting } from '../../src/domain/decide/posting'
import { keyIdOf } from '../../src/domain/ledger/ids'
import { LedgerEngine } from '../../src/ledger/engine'
import { nextKey } from '../keys'
import { type Load, type Measured, underLoad } from '../load'
import { query } from '../postgres'
import { type UserChoice, userChooser, userIdOf } from '../users'
import { CALL, nextCharge } from './posting'

/** What users' charges are counted by. */
export interface BudgetSetting {
  /** Budgets of each user. None of them is reached. */
  budgets: 'none' | 'three' | 'each key'
  /** Keys that a user's calls come from. */
  keyCount: number
  /** Counters that the first user has beside those of its calls. */
  furtherCounters?: number
}

const LIMIT_NANOUSD = 10n ** 15n
const PUT_AT_ONCE = 256

/** Charges through one engine, of users with budgets. */
export async function budgetLoad({
  connection,
  users,
  load,
  setting,
}: {
  connection: ConnectionSettings
  users: UserChoice
  load: Load
  setting: BudgetSetting
}): Promise<Measured> {
  const { ledger: settings, trial } = readConfig({})
  const ledger = new LedgerEngine({ ...settings, connection, rules: { trial } })
  await ledger.start()
  const nextUser = userChooser(users)
  try {
    await putBudgets(ledger, users.kind === 'one' ? 1 : users.userCount, definitionsOf(setting))
    await fillCounters(connection, setting.furtherCounters ?? 0)
    const charge = () => {
      const apiKeyId = `key-${Math.floor(Math.random() * setting.keyCount)}`
      return nextCharge(nextUser(), { ...CALL, reported: { ...CALL.reported, apiKeyId } })
    }
    return await underLoad(() => ledger.post(charge()), load)
  } finally {
    await ledger.drain()
  }
}

function definitionsOf({ budgets }: BudgetSetting): BudgetDefinition[] {
  const monthly = {
    match: { apiKeyIds: [], labels: {}, models: [], providers: [] },
    groupBy: [],
    window: { period: 'month', timeZone: 'Europe/Berlin', weekStartsOn: 1, monthStartsOn: 1 },
    limitNanousd: LIMIT_NANOUSD,
    action: 'enforce',
    notifyAtPercent: [50, 80, 100],
  } satisfies Omit<BudgetDefinition, 'budgetId'>
  const eachKey: BudgetDefinition = { ...monthly, budgetId: 'each-key', groupBy: [{ by: 'apiKey' }] }
  if (budgets === 'none') return []
  if (budgets === 'each key') return [eachKey]
  const ofTeam = { ...monthly.match, labels: { team: 'search' } }
  return [{ ...monthly, budgetId: 'all' }, eachKey, { ...monthly, budgetId: 'team', match: ofTeam }]
}

async function putBudgets(
  ledger: LedgerEngine,
  userCount: number,
  definitions: readonly BudgetDefinition[],
): Promise<void> {
  const postings = definitions.flatMap((budget) =>
    Array.from({ length: userCount }, (_, n) => putOf(userIdOf(n + 1), budget)),
  )
  const putOn = async () => {
    for (let posting = postings.pop(); posting !== undefined; posting = postings.pop())
      await ledger.post(posting)
  }
  await Promise.all(Array.from({ length: PUT_AT_ONCE }, putOn))
}

function putOf(userId: string, budget: BudgetDefinition): PutBudgetPosting {
  const idempotencyKey = nextKey()
  const key = { userId, keyId: keyIdOf(userId, idempotencyKey), idempotencyKey }
  return { type: 'put-budget', actor: '', ...key, requestHash: Buffer.alloc(32, 1), budget }
}

/** Counters that have counted nothing lie between the others all the same. */
async function fillCounters(connection: ConnectionSettings, count: number): Promise<void> {
  if (count === 0) return
  await query(
    connection,
    `insert into budget_counters
     select '${userIdOf(1)}', 'each-key', 1, date_trunc('month', now() at time zone 'Europe/Berlin') at time zone 'Europe/Berlin',
       md5(n::text)::uuid, '["k' || n || '"]', 0, 0, 0, null from generate_series(1, ${count}) n`,
  )
  await query(connection, 'vacuum analyze budget_counters')
}
