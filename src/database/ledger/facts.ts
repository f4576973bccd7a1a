import type { Budget, StoredBudget } from '../../domain/budget/budget'
import { type Counter, moveFromJson } from '../../domain/budget/counter'
import type { FailureFacts } from '../../domain/decide/posting'
import type { ChargeChanges } from '../../domain/ledger/chargeState'
import type { LedgerEntry } from '../../domain/ledger/entry'
import type { Hold } from '../../domain/ledger/hold'
import type { KeyRef } from '../../domain/ledger/keyRef'
import type { User } from '../../domain/ledger/user'
import { budgetFromRow } from '../budgets'
import type { RowOf } from '../statements/statement'
import type { UserCounterRef } from './budgetColumns'
import type { READ_STORED_BUDGETS } from './budgetStatements'
import type { READ_CHANGES, READ_FAILURES, READ_KEYS } from './readStatements'
import { entryFromRow } from './rows'

/** What a batch of postings is decided on. */
export interface BatchRefs {
  userIds: string[]
  /** The keys that the postings take effect under. */
  keys: KeyRef[]
  /** The keys that their deduction failures are listed under. */
  failures: KeyRef[]
  holds: KeyRef[]
  /** Charges whose refunds and adjustments count. */
  charges?: KeyRef[]
  /** Budgets that are put or deleted. */
  budgets?: { userId: string; budgetId: string }[]
}

/** What the database knows about a batch of postings. */
export interface BatchFacts {
  users: User[]
  known: { requestHash: Buffer; entry: LedgerEntry }[]
  failures: (KeyRef & FailureFacts)[]
  holds: Hold[]
  /** Of the charges in {@link BatchRefs}. */
  changes: { ref: KeyRef; changes: ChargeChanges }[]
  /** The rows of the budgets in {@link BatchRefs}. */
  storedBudgets: { userId: string; budget: StoredBudget }[]
  /** Absent = no user of the batch has budgets, or none of them counts what it posts. */
  budgets?: BudgetBatchFacts
}

/** The users of a batch that have budgets, and the counters that its postings may move. */
export interface BudgetBatchFacts {
  budgets: ReadonlyMap<string, readonly Budget[]>
  /** Those that were read: undefined = there is none yet. */
  counters: { ref: UserCounterRef; counter: Counter | undefined }[]
  /** How many counters each of the users has. Absent = none. */
  counterTotals: ReadonlyMap<string, bigint>
}

export function knownFromRow(row: RowOf<typeof READ_KEYS>): BatchFacts['known'][number] {
  return { requestHash: row.request_hash, entry: entryFromRow(row) }
}

export function failureFromRow(row: RowOf<typeof READ_FAILURES>): BatchFacts['failures'][number] {
  return {
    userId: row.user_id,
    keyId: row.key_id,
    state: row.state,
    requestHash: row.request_hash,
    isOfStream: row.is_of_stream,
    deferred: row.deferred,
    ...(row.amount_nanousd !== null && { amountNanousd: row.amount_nanousd }),
  }
}

export function storedBudgetFromRow(
  row: RowOf<typeof READ_STORED_BUDGETS>,
): BatchFacts['storedBudgets'][number] {
  return { userId: row.user_id, budget: { ...budgetFromRow(row), deleted: row.deleted } }
}

export function changesFromRow(row: RowOf<typeof READ_CHANGES>): BatchFacts['changes'][number] {
  return {
    ref: { userId: row.user_id, keyId: row.key_id },
    changes: {
      allowanceDeltaNanousd: row.allowance_delta_nanousd,
      creditsDeltaNanousd: row.credits_delta_nanousd,
      refundedNanousd: row.refunded_nanousd,
      counterMoves: (row.counter_moves ?? []).flat().map(moveFromJson),
    },
  }
}
