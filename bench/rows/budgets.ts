import { type Bench, inRounds, loadOf, type RowGroup, withLedger } from '../bench'
import { errorNotes, rates } from '../engineRun'
import type { BudgetSetting } from '../jobs/budgetLoad'
import type { Measured } from '../load'
import { rowOf } from '../row'
import type { UserChoice } from '../users'
import { withWorkers } from '../worker'

const KEYS = 10_000
const COUNTERS = 1_000_000

/** Charges that budgets count, compared with charges that none counts. */
export const budgetRows: RowGroup = async (bench) => {
  const users = { kind: 'uniform', userCount: bench.userCount } as const
  const one = { kind: 'one' } as const
  const { plain, three, hot, hotKeys, few, million } = await inRounds(bench, {
    plain: () => budgetRun(bench, users, { budgets: 'none', keyCount: 1 }),
    three: () => budgetRun(bench, users, { budgets: 'three', keyCount: 1 }),
    hot: () => budgetRun(bench, one, { budgets: 'none', keyCount: KEYS }),
    hotKeys: () => budgetRun(bench, one, { budgets: 'each key', keyCount: KEYS }),
    few: () => budgetRun(bench, one, { budgets: 'each key', keyCount: 10 }),
    million: () => budgetRun(bench, one, { budgets: 'each key', keyCount: 10, furtherCounters: COUNTERS }),
  })
  const shared = { group: 'budgets', unit: '/s' } as const
  return [
    rowOf({
      ...shared,
      what: `charges, ${bench.userCount} users with three matching budgets each`,
      values: rates(three),
      floors: rates(plain),
      floorWhat: 'the same without budgets',
      target: { atLeast: 0.7 },
      notes: errorNotes(three),
    }),
    rowOf({
      ...shared,
      what: `charges of one user, a budget for each of ${KEYS} keys`,
      values: rates(hotKeys),
      floors: rates(hot),
      floorWhat: 'the same without budgets',
      target: { atLeast: 0.6 },
      notes: errorNotes(hotKeys),
    }),
    rowOf({
      ...shared,
      what: 'charges of one user with a million counters',
      values: rates(million),
      floors: rates(few),
      floorWhat: 'of one with ten',
      target: { atLeast: 0.9 },
      notes: errorNotes(million),
    }),
  ]
}

function budgetRun(bench: Bench, users: UserChoice, setting: BudgetSetting): Promise<Measured> {
  return withLedger(bench, { name: `budgets, ${setting.budgets}` }, ({ connection }) =>
    withWorkers(1, (worker) =>
      worker.do('budgetLoad', { connection, users, load: loadOf(bench, 256), setting }),
    ),
  )
}
