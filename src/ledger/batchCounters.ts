import type { UserCounterRef } from '../database/ledger/budgetColumns'
import type { BatchFacts } from '../database/ledger/facts'
import type { Budget } from '../domain/budget/budget'
import type { CounterRef } from '../domain/budget/counter'
import { matchBudgets } from '../domain/budget/matchBudgets'
import type { Posting } from '../domain/decide/posting'
import type { PinnedCall } from '../domain/ledger/charge'
import { countedBy, UNCHANGED } from '../domain/ledger/chargeState'
import type { LedgerEntry } from '../domain/ledger/entry'
import type { Hold } from '../domain/ledger/hold'
import { keyRefText } from '../domain/ledger/keyRef'
import { changedChargeRefOf, holdRefOf } from './batchRefs'

interface Context {
  facts: BatchFacts
  /** By user. */
  budgets: ReadonlyMap<string, readonly Budget[]>
  now: Date
}

/** All counters that the postings of a batch may move, some of them more than once. */
export function countersOf(postings: readonly Posting[], context: Context): UserCounterRef[] {
  const { facts, budgets, now } = context
  const holds = new Map(facts.holds.map((hold) => [keyRefText(hold), hold]))
  const changes = new Map(facts.changes.map(({ ref, changes }) => [keyRefText(ref), changes]))
  const timesOf = new Map(facts.users.map(({ userId, lastEntryAt }) => [userId, timesFrom(lastEntryAt, now)]))
  return postings.flatMap((posting): UserCounterRef[] => {
    const { userId } = posting
    const ofUser = budgets.get(userId)
    if (ofUser === undefined) return []
    const holdRef = holdRefOf(posting)
    const hold = holdRef && holds.get(keyRefText(holdRef))
    const chargeRef = changedChargeRefOf(posting)
    const counted = countedBy(
      chargeOf(posting) ?? {},
      (chargeRef && changes.get(keyRefText(chargeRef))) ?? UNCHANGED,
    )
    const call = callOf(posting, hold)
    const matched =
      call === undefined
        ? []
        : (timesOf.get(userId) ?? []).flatMap((at) => matchBudgets(ofUser, call, at).map(({ ref }) => ref))
    const refs: CounterRef[] = [...matched, ...(hold?.counters ?? []), ...counted]
    return refs.map((ref) => ({ ...ref, userId }))
  })
}

/**
 * The times that the batch's entries may have. They are those of the user's last entry where that is later than now, until an
 * update brings the user back.
 */
function timesFrom(lastEntryAt: Date, now: Date): Date[] {
  return lastEntryAt > now ? [now, lastEntryAt] : [now]
}

/** The call that budgets count. */
function callOf(posting: Posting, hold: Hold | undefined): PinnedCall | undefined {
  switch (posting.type) {
    case 'charge':
    case 'settle':
    case 'adjust':
      return posting.rated
    case 'open':
      return posting.open.call
    case 'extend':
      return hold?.open.call
    case 'collect':
      return posting.settlement.charge
    default:
      return undefined
  }
}

/** The entry of the charge that a posting may give back to the counters that counted it. */
function chargeOf(posting: Posting): LedgerEntry | undefined {
  if (posting.type === 'refund') return posting.charge
  return posting.type === 'adjust' ? posting.settlement : undefined
}
