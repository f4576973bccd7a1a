import { callBudgetsOf, giveBackMoves, spendMoves } from '../budget/callBudgets'
import type { BudgetFacts } from '../budget/counter'
import { BillingError } from '../errors'
import { type ChargeOutcome, chargeDetailOf, ratedAmountOf } from '../ledger/charge'
import { type ChargeChanges, collectedOf, countedBy, givenBack, takenBy } from '../ledger/chargeState'
import { shortfallOf } from '../ledger/failure'
import type { Hold } from '../ledger/hold'
import { availableOf, dayOf, type User } from '../ledger/user'
import { maxOf, minOf, type Nanousd } from '../money'
import { deductionOf } from './charge'
import { holdNotFound } from './holdRefusals'
import { balanceAboveMaximum, dailyRoomOf, exceedsMaximum, trialHoldRoomOf } from './limits'
import { type Change, nextEntry } from './nextEntry'
import {
  type AdjustPosting,
  type Decision,
  isPending,
  type Posted,
  type Rules,
  refused,
  type StreamFailures,
} from './posting'

interface AdjustContext {
  user: User
  hold: Hold | undefined
  failures: StreamFailures
  /** Of the stream's charge, since it was settled. */
  changes: ChargeChanges
  budgets: BudgetFacts
  rules: Rules
  at: Date
}

/**
 * Corrects a settlement by expiry to the usage that the client reports late. If it is more, the
 * difference is charged as far as the balance reaches; it is flagged, not limited. If it is less,
 * the difference is returned to the pots that paid. The first correction is final.
 */
export function decideAdjust(posting: AdjustPosting, context: AdjustContext): Decision {
  const { user, hold, failures, at } = context
  if (hold === undefined) return refused(holdNotFound())
  if (!isAmendable(hold, posting, at)) return refused(settlementIsFinal())
  // The client may have sent a chargeable close since the refused one was read.
  if (posting.ignoresAmendWindow === true && !isCloseRefused(failures)) return refused(settlementIsFinal())

  const differenceNanousd = posting.rated.amountNanousd - ratedAmountOf(posting.settlement.charge)
  const adjustment =
    differenceNanousd < 0n
      ? giveBack(posting, context, -differenceNanousd)
      : takeMore(posting, context, differenceNanousd)
  if (exceedsMaximum(user, adjustment.change)) return refused(balanceAboveMaximum('usage'))
  const { user: next, entry } = nextEntry(
    { user, posting, at },
    {
      kind: 'adjustment',
      chargeKeyId: hold.keyId,
      holdKeyId: hold.keyId,
      ...adjustment.change,
      charge: chargeDetailOf(posting.rated, { ...adjustment, trial: hold.trial, end: posting.end }),
    },
  )
  return {
    outcome: 'posted',
    user: next,
    entry,
    hold: {
      ...hold,
      postings: hold.postings + 1,
      usage: posting.rated.usage,
      status: {
        state: 'settled',
        version: posting.settlement.version,
        byExpiry: true,
        amendedVersion: entry.version,
      },
    },
    ...unpaidAfter(posting, { ...context, hold }, adjustment.shortfallNanousd),
  }
}

function isAmendable({ status }: Hold, { settlement, ignoresAmendWindow }: AdjustPosting, at: Date): boolean {
  if (status.state !== 'settled' || status.version !== settlement.version) return false
  if (status.amendedVersion !== undefined) return false
  return ignoresAmendWindow === true || (status.amendableUntil !== undefined && at < status.amendableUntil)
}

/** A refused close is pending. (Releases before this one kept it under the stream's own key, without an amount.) */
function isCloseRefused({ shortfall, refusedClose }: StreamFailures): boolean {
  return isPending(refusedClose) || (isPending(shortfall) && shortfall?.amountNanousd === undefined)
}

function settlementIsFinal(): BillingError {
  return new BillingError('ALREADY_DECIDED', 'the settlement of this stream cannot be amended any more')
}

/** Signed, as the entry records them. */
interface Adjustment extends Omit<ChargeOutcome, 'trial' | 'end'> {
  change: Partial<Change>
}

/** A trial forgoes what its limits leave. The rest is charged as far as the balance reaches. */
function takeMore(
  posting: AdjustPosting,
  { user, budgets, rules, at }: AdjustContext,
  moreNanousd: Nanousd,
): Adjustment {
  const isTrial = posting.settlement.charge.trial
  // The stream itself is one of the requests that were made.
  const others = { ...user, trialRequests: user.trialRequests - 1n }
  const trialRoomNanousd = isTrial ? (trialHoldRoomOf(others, rules, at)?.roomNanousd ?? 0n) : 0n
  const forgoneNanousd = minOf(moreNanousd, trialRoomNanousd)
  const dueNanousd = moreNanousd - forgoneNanousd
  const amountNanousd = minOf(dueNanousd, maxOf(availableOf(user), 0n))
  const roomNanousd = dailyRoomOf(user, at)
  return {
    amountNanousd,
    forgoneNanousd,
    shortfallNanousd: dueNanousd - amountNanousd,
    overDailyLimit: roomNanousd !== undefined && amountNanousd > roomNanousd,
    change: {
      ...deductionOf(user, amountNanousd),
      counterMoves: spendMoves(callBudgetsOf(budgets, { call: posting.rated, at }), amountNanousd),
      ...(isTrial && { trial: trialChange(forgoneNanousd) }),
    },
  }
}

/**
 * The difference first reduces the unpaid amount, then the paid amount, and last the amount that a
 * trial has forgone. The paid amount is returned to credits first. What a refund returned is not
 * returned again.
 */
function giveBack(
  posting: AdjustPosting,
  { changes, budgets: { budgets }, at }: AdjustContext,
  lessNanousd: Nanousd,
): Adjustment {
  const { settlement } = posting
  const settled = settlement.charge
  const lessDueNanousd = minOf(lessNanousd, settled.amountNanousd + settled.shortfallNanousd)
  const taken = takenBy(settlement, changes)
  const backNanousd = minOf(maxOf(lessDueNanousd - unpaidOf(posting, changes), 0n), taken.takenNanousd)
  const forgoneNanousd = lessDueNanousd - lessNanousd
  // The spend of another day is not part of today's spend.
  const isToday = dayOf(settlement.createdAt) === dayOf(at)
  return {
    amountNanousd: -backNanousd,
    forgoneNanousd,
    // Includes what was refunded already, so that the three differences add up to that of the ratings.
    shortfallNanousd: backNanousd - lessDueNanousd,
    overDailyLimit: false,
    change: {
      ...givenBack(taken, backNanousd),
      spentDeltaNanousd: isToday ? -minOf(backNanousd, settled.amountNanousd) : 0n,
      counterMoves: giveBackMoves(backNanousd, countedBy(settlement, changes), { budgets, at }),
      ...(settled.trial && { trial: trialChange(forgoneNanousd, isToday ? forgoneNanousd : 0n) }),
    },
  }
}

function trialChange(
  spentDeltaNanousd: Nanousd,
  spentTodayDeltaNanousd = spentDeltaNanousd,
): NonNullable<Change['trial']> {
  return { spentDeltaNanousd, spentTodayDeltaNanousd }
}

/**
 * How much of the settlement was never paid: its shortfall, less what was collected of it since. Read from the entries,
 * because the deduction failure may have been resolved or written off.
 */
function unpaidOf(posting: AdjustPosting, changes: ChargeChanges): Nanousd {
  return posting.settlement.charge.shortfallNanousd - collectedOf(changes)
}

/** The changes to the stream's deduction failures. This close also resolves a refused one. */
function unpaidAfter(
  posting: AdjustPosting,
  { hold, failures, changes }: AdjustContext & { hold: Hold },
  shortfallNanousd: Nanousd,
): Pick<Posted, 'failure' | 'resolvesFailure' | 'resolvesRefusedClose'> {
  const { shortfall, refusedClose } = failures
  const pendingNanousd = isPending(shortfall) ? unpaidOf(posting, changes) : 0n
  const leftNanousd = maxOf(pendingNanousd + shortfallNanousd, 0n)
  const isSame = isPending(shortfall) && leftNanousd === shortfall?.amountNanousd
  return {
    resolvesRefusedClose: isPending(refusedClose),
    ...(leftNanousd === 0n && isPending(shortfall) && { resolvesFailure: true }),
    ...(leftNanousd > 0n && !isSame && { failure: shortfallOf(hold, posting.rated, leftNanousd) }),
  }
}
