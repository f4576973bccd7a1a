import type { OpenItems } from '../../domain/ledger/openItems'
import { gauge } from '../instruments'

// Of the database, so every replica says the same: queries take the highest.

const holds = gauge({ name: 'tollgate_open_holds', help: 'Live holds of all users.' })
const heldNanousd = gauge({
  name: 'tollgate_held_nanousd',
  help: 'What live holds reserve, in nano-USD.',
})
const oldestHoldAge = gauge({
  name: 'tollgate_oldest_hold_age_seconds',
  help: 'Time since the oldest live hold was opened; 0 without holds.',
})
const oldestHoldOverdue = gauge({
  name: 'tollgate_oldest_hold_overdue_seconds',
  help: 'Time since the oldest expired hold that is not settled expired; 0 without one.',
})
const pendingFailures = gauge({
  name: 'tollgate_deduction_failures_pending',
  help: 'Deduction failures that wait to be collected or written off.',
})
const pendingFailuresNanousd = gauge({
  name: 'tollgate_deduction_failures_pending_nanousd',
  help: 'Sum of pending deduction failures, in nano-USD, where a price is known.',
})
const heldBackPriceChanges = gauge({
  name: 'tollgate_price_changes_waiting',
  help: 'Price changes that are held back until a second source or an operator agrees.',
})
const readAt = gauge({
  name: 'tollgate_open_items_read_timestamp_seconds',
  help: 'When the database was last asked for open holds, failures and price changes, since 1970.',
})

export const openItemMetrics = {
  openItems(found: OpenItems): void {
    holds.set(found.holds)
    heldNanousd.set(Number(found.heldNanousd))
    oldestHoldAge.set(found.oldestHoldAgeMs / 1_000)
    oldestHoldOverdue.set(found.oldestHoldOverdueMs / 1_000)
    pendingFailures.set(found.pendingFailures)
    pendingFailuresNanousd.set(Number(found.pendingFailuresNanousd))
    heldBackPriceChanges.set(found.heldBackPriceChanges)
    readAt.set(found.readAt.getTime() / 1_000)
  },
}
