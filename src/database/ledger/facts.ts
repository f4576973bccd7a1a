import type { StandingFailure } from '../../domain/decide/posting'
import type { ChargeChanges } from '../../domain/ledger/chargeState'
import type { LedgerEntry } from '../../domain/ledger/entry'
import type { Hold } from '../../domain/ledger/hold'
import type { KeyRef } from '../../domain/ledger/keyRef'
import type { User } from '../../domain/ledger/user'
import type { RowOf } from '../statements/statement'
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
}

/** What the database knows about a batch of postings. */
export interface BatchFacts {
  users: User[]
  known: { requestHash: Buffer; entry: LedgerEntry }[]
  failures: (KeyRef & StandingFailure)[]
  holds: Hold[]
  /** Of the charges in {@link BatchRefs}. */
  changes: { ref: KeyRef; changes: ChargeChanges }[]
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

export function changesFromRow(row: RowOf<typeof READ_CHANGES>): BatchFacts['changes'][number] {
  return {
    ref: { userId: row.user_id, keyId: row.key_id },
    changes: {
      allowanceDeltaNanousd: row.allowance_delta_nanousd,
      creditsDeltaNanousd: row.credits_delta_nanousd,
      refundedNanousd: row.refunded_nanousd,
    },
  }
}
