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
}

/** Applies a change that was decided: the user's next state, and the entry that records it. */
export function nextEntry(
  { user, posting, at }: { user: User; posting: PostingRequest; at: Date },
  change: Change,
): { user: User; entry: LedgerEntry } {
  const today = dayOf(at)
  const sameDay = user.spentOn === today
  const spentDeltaNanousd = change.spentDeltaNanousd ?? 0n
  const next: User = {
    ...user,
    allowanceNanousd: user.allowanceNanousd + (change.allowanceDeltaNanousd ?? 0n),
    creditsNanousd: user.creditsNanousd + (change.creditsDeltaNanousd ?? 0n),
    heldNanousd: user.heldNanousd + (change.heldDeltaNanousd ?? 0n),
    spentTodayNanousd: (sameDay ? user.spentTodayNanousd : 0n) + spentDeltaNanousd,
    spentOn: today,
    trialSpentNanousd: user.trialSpentNanousd + (change.trial?.spentDeltaNanousd ?? 0n),
    trialSpentTodayNanousd:
      (sameDay ? user.trialSpentTodayNanousd : 0n) +
      (change.trial?.spentTodayDeltaNanousd ?? change.trial?.spentDeltaNanousd ?? 0n),
    trialRequests: user.trialRequests + (change.trial?.requestsDelta ?? 0n),
    trialHeldNanousd: user.trialHeldNanousd + (change.trial?.heldDeltaNanousd ?? 0n),
    // Streams that were opened before this was counted end uncounted.
    trialHolds: maxOf(user.trialHolds + (change.trial?.holdsDelta ?? 0n), 0n),
    lastEntryAt: at,
    version: user.version + 1n,
  }
  assertSound(user, next, change)

  const entry = {
    userId: user.userId,
    version: next.version,
    kind: change.kind,
    keyId: posting.keyId,
    idempotencyKey: posting.idempotencyKey,
    createdAt: at,
    allowanceDeltaNanousd: change.allowanceDeltaNanousd ?? 0n,
    creditsDeltaNanousd: change.creditsDeltaNanousd ?? 0n,
    heldDeltaNanousd: change.heldDeltaNanousd ?? 0n,
    spentTodayDeltaNanousd: spentDeltaNanousd,
    balance: balanceOf(next),
    ...(change.reason !== undefined && { reason: change.reason }),
    ...(change.chargeKeyId !== undefined && { chargeKeyId: change.chargeKeyId }),
    ...(change.holdKeyId !== undefined && { holdKeyId: change.holdKeyId }),
    ...(change.charge !== undefined && { charge: change.charge }),
    ...(change.profile !== undefined && { profile: change.profile }),
    ...(posting.actor !== '' && { actor: posting.actor }),
  }
  const hash = entryHashOf(entry, { requestHash: posting.requestHash, previousHash: user.lastHash })
  next.lastHash = hash
  return { user: next, entry: { hash, ...entry } }
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
