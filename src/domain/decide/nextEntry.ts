import type { CounterMove } from '../budget/counter'
import type { ChargeDetail } from '../ledger/charge'
import { balanceOf, type EntryKind, type LedgerEntry } from '../ledger/entry'
import { entryHashOf } from '../ledger/entryHash'
import type { ProfileText } from '../ledger/profile'
import { availableOf, dayOf, type User } from '../ledger/user'
import { BALANCE_NANOUSD_MAX, maxOf, type Nanousd } from '../money'
import type { PostingRequest } from './posting'

/** What an entry changes. Deltas left out are 0. */
export interface Change {
  kind: EntryKind
  allowanceDeltaNanousd?: Nanousd
  creditsDeltaNanousd?: Nanousd
  heldDeltaNanousd?: Nanousd
  /** Added to what the user spent on the entry's own UTC day. */
  spentDeltaNanousd?: Nanousd
  trial?: {
    spentDeltaNanousd?: Nanousd
    /** Where it differs from `spentDeltaNanousd`: a correction of what was spent on another day. */
    spentTodayDeltaNanousd?: Nanousd
    requestsDelta?: bigint
    heldDeltaNanousd?: Nanousd
    holdsDelta?: bigint
  }
  reason?: string
  chargeKeyId?: string
  holdKeyId?: string
  charge?: ChargeDetail
  /** What was changed of the user beside its money: `user` has it already. */
  profile?: ProfileText
  /** Of the budgets that count it. */
  counterMoves?: readonly CounterMove[]
}

/** Applies a change that was decided: the user's next state, and the entry that records it. */
export function nextEntry(
  { user, posting, at }: { user: User; posting: PostingRequest; at: Date },
  change: Change,
): { user: User; entry: LedgerEntry } {
  const next = nextUser(user, change, at)
  assertSound(user, next, change)

  const entry: LedgerEntry = {
    userId: user.userId,
    version: next.version,
    kind: change.kind,
    keyId: posting.keyId,
    idempotencyKey: posting.idempotencyKey,
    createdAt: at,
    allowanceDeltaNanousd: change.allowanceDeltaNanousd ?? 0n,
    creditsDeltaNanousd: change.creditsDeltaNanousd ?? 0n,
    heldDeltaNanousd: change.heldDeltaNanousd ?? 0n,
    spentTodayDeltaNanousd: change.spentDeltaNanousd ?? 0n,
    balance: balanceOf(next),
    hash: user.lastHash,
  }
  if (change.reason !== undefined) entry.reason = change.reason
  if (change.chargeKeyId !== undefined) entry.chargeKeyId = change.chargeKeyId
  if (change.holdKeyId !== undefined) entry.holdKeyId = change.holdKeyId
  if (change.charge !== undefined) entry.charge = change.charge
  if (change.profile !== undefined) entry.profile = change.profile
  if (posting.actor !== '') entry.actor = posting.actor
  if (change.counterMoves !== undefined && change.counterMoves.length > 0)
    entry.counterMoves = change.counterMoves
  entry.hash = entryHashOf(entry, { requestHash: posting.requestHash, previousHash: user.lastHash })
  next.lastHash = entry.hash
  return { user: next, entry }
}

/** A copy whose fields are set one by one: V8 takes a microsecond for each field of a literal that starts with a spread. */
function nextUser(user: User, change: Change, at: Date): User {
  const { spentDeltaNanousd = 0n, trial } = change
  const next = { ...user }
  const today = dayOf(at)
  if (user.spentOn !== today) {
    next.spentOn = today
    next.spentTodayNanousd = 0n
    next.trialSpentTodayNanousd = 0n
  }
  next.allowanceNanousd += change.allowanceDeltaNanousd ?? 0n
  next.creditsNanousd += change.creditsDeltaNanousd ?? 0n
  next.heldNanousd += change.heldDeltaNanousd ?? 0n
  next.spentTodayNanousd += spentDeltaNanousd
  if (trial !== undefined) {
    next.trialSpentNanousd += trial.spentDeltaNanousd ?? 0n
    next.trialSpentTodayNanousd += trial.spentTodayDeltaNanousd ?? trial.spentDeltaNanousd ?? 0n
    next.trialRequests += trial.requestsDelta ?? 0n
    next.trialHeldNanousd += trial.heldDeltaNanousd ?? 0n
    // Streams that were opened before this was counted end uncounted.
    next.trialHolds = maxOf(next.trialHolds + (trial.holdsDelta ?? 0n), 0n)
  }
  next.lastEntryAt = at
  next.version += 1n
  return next
}

/** A decision that breaks the books is a bug, and must not be written. */
function assertSound(user: User, next: User, { kind }: Change): void {
  if (next.allowanceNanousd < 0n) throw new Error(`allowance of ${user.userId} would fall below zero`)
  if (next.heldNanousd < 0n) throw new Error(`holds of ${user.userId} would fall below zero`)
  if (next.trialHeldNanousd < 0n) throw new Error(`trial holds of ${user.userId} would fall below zero`)
  // A chargeback is a grant that may leave a debt.
  if (kind !== 'grant' && availableOf(next) < 0n && availableOf(next) < availableOf(user)) {
    throw new Error(`available of ${user.userId} would fall below its floor`)
  }
  for (const amountNanousd of [next.allowanceNanousd, next.creditsNanousd, next.spentTodayNanousd]) {
    if (amountNanousd > BALANCE_NANOUSD_MAX || amountNanousd < -BALANCE_NANOUSD_MAX) {
      throw new Error(`a balance of ${user.userId} would leave its range`)
    }
  }
}
