import type { Discrepancy, DiscrepancyKind } from '../../domain/reconcile'
import { counter, counters, seriesBy } from '../instruments'

const users = counter({
  name: 'tollgate_reconcile_users_total',
  help: 'Users whose books were proved by this process.',
})
const entries = counter({
  name: 'tollgate_reconcile_entries_total',
  help: 'Ledger entries that were proved for that.',
})
const KINDS = Object.keys({
  VERSION_GAP: 0,
  BALANCE_DRIFT: 0,
  SPEND_DRIFT: 0,
  HOLD_DRIFT: 0,
  CHAIN_BROKEN: 0,
  AMOUNT_DRIFT: 0,
  OVER_DAILY_LIMIT: 0,
  KEY_DRIFT: 0,
  LIMIT_DRIFT: 0,
} satisfies Record<DiscrepancyKind, 0>) as DiscrepancyKind[]
const discrepancies = seriesBy(
  counters({
    name: 'tollgate_reconcile_discrepancies_total',
    help: "Things in users' books that do not add up, by kind; counted each time they are found.",
  }),
  'kind',
  KINDS,
)

export const reconciliationMetrics = {
  reconciled(found: { users: number; entries: number; discrepancies: readonly Discrepancy[] }): void {
    users.add(found.users)
    entries.add(found.entries)
    for (const { kind } of found.discrepancies) discrepancies[kind].add()
  },
}
