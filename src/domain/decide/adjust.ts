import { BillingError } from '../errors'
import { type ChargeOutcome, chargeDetailOf } from '../ledger/charge'
import { type ChargeChanges, collectedOf, givenBack, takenBy } from '../ledger/chargeState'
import { shortfallOf } from '../ledger/failure'
import type { Hold } from '../ledger/hold'
import { availableOf, dayOf, type User } from '../ledger/user'
import { maxOf, minOf, type Nanousd } from '../money'
import { deductionOf } from './charge'
import { holdNotFound } from './holdRefusals'
import { dailyRoomOf } from './limits'
import { type Change, nextEntry } from './nextEntry'
import { type AdjustPosting, type Decision, type Posted, refused, type StandingFailure } from './posting'

interface AdjustFacts {
  user: User
  hold: Hold | undefined
  /** Of the stream. */
  failure: StandingFailure | undefined
  /** Of the stream's charge, since it was settled. */
  changes: ChargeChanges
  at: Date
}

/**
 * Corrects a settlement by expiry to what the client reports late. More than was settled is charged as far as the balance
 * goes, flagged and not limited; less goes back to the pots that paid. The first correction is final.
 */
export function decideAdjust(
  posting: AdjustPosting,
  { user, hold, failure, changes, at }: AdjustFacts,
): Decision {
  if (hold === undefined) return refused(holdNotFound())
  if (!isAmendable(hold, posting, at)) return refused(settlementIsFinal())
  // The refused close was read before. By now its client may have sent a close that could be charged.
  if (posting.ignoresAmendWindow === true && !isRefusedClose(failure)) return refused(settlementIsFinal())

  const adjustment = hold.trial
    ? adjustTrial(posting, at)
    : adjustCredits(posting, { user, changes, unpaidNanousd: unpaidOf(posting, changes), at })
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
    ...unpaidAfter(posting, { hold, failure, changes, shortfallNanousd: adjustment.shortfallNanousd }),
  }
}

function isAmendable({ status }: Hold, { settlement, ignoresAmendWindow }: AdjustPosting, at: Date): boolean {
  if (status.state !== 'settled' || status.version !== settlement.version) return false
  if (status.amendedVersion !== undefined) return false
  return ignoresAmendWindow === true || (status.amendableUntil !== undefined && at < status.amendableUntil)
}

/** A failure without an amount: the close could not be rated. */
function isRefusedClose(failure: StandingFailure | undefined): boolean {
  return failure?.state === 'pending' && failure.amountNanousd === undefined
}

function settlementIsFinal(): BillingError {
  return new BillingError('ALREADY_DECIDED', 'the settlement of this stream cannot be amended any more')
}

/** Signed, as the entry records them. */
interface Adjustment extends Omit<ChargeOutcome, 'trial' | 'end'> {
  change: Partial<Change>
}

function adjustCredits(
  posting: AdjustPosting,
  {
    user,
    changes,
    unpaidNanousd,
    at,
  }: { user: User; changes: ChargeChanges; unpaidNanousd: Nanousd; at: Date },
): Adjustment {
  const settled = posting.settlement.charge
  const differenceNanousd = posting.rated.amountNanousd - settled.amountNanousd - settled.shortfallNanousd
  if (differenceNanousd < 0n)
    return giveBack(posting, { changes, unpaidNanousd, lessNanousd: -differenceNanousd, at })

  const amountNanousd = minOf(differenceNanousd, maxOf(availableOf(user), 0n))
  const roomNanousd = dailyRoomOf(user, at)
  return {
    amountNanousd,
    forgoneNanousd: 0n,
    shortfallNanousd: differenceNanousd - amountNanousd,
    overDailyLimit: roomNanousd !== undefined && amountNanousd > roomNanousd,
    change: deductionOf(user, amountNanousd),
  }
}

/**
 * The difference first reduces what is still unpaid. Only the rest was ever taken, and goes back, to credits first. What a
 * refund gave back before doesn't go back again.
 */
function giveBack(
  posting: AdjustPosting,
  {
    changes,
    unpaidNanousd,
    lessNanousd,
    at,
  }: { changes: ChargeChanges; unpaidNanousd: Nanousd; lessNanousd: Nanousd; at: Date },
): Adjustment {
  const { settlement } = posting
  const taken = takenBy(settlement, changes)
  const backNanousd = minOf(maxOf(lessNanousd - unpaidNanousd, 0n), taken.takenNanousd)
  const spentNanousd = minOf(backNanousd, posting.settlement.charge.amountNanousd)
  return {
    amountNanousd: -backNanousd,
    forgoneNanousd: 0n,
    // Includes what was refunded already, so that the three differences add up to that of the ratings.
    shortfallNanousd: backNanousd - lessNanousd,
    overDailyLimit: false,
    change: {
      ...givenBack(taken, backNanousd),
      // What was spent on another day is not part of today's spend.
      spentDeltaNanousd: isOfDay(settlement.createdAt, at) ? -spentNanousd : 0n,
    },
  }
}

function adjustTrial(posting: AdjustPosting, at: Date): Adjustment {
  const forgoneNanousd = posting.rated.amountNanousd - posting.settlement.charge.forgoneNanousd
  const isOfToday = forgoneNanousd > 0n || isOfDay(posting.settlement.createdAt, at)
  return {
    amountNanousd: 0n,
    forgoneNanousd,
    shortfallNanousd: 0n,
    overDailyLimit: false,
    change: {
      trial: {
        spentDeltaNanousd: forgoneNanousd,
        spentTodayDeltaNanousd: isOfToday ? forgoneNanousd : 0n,
        requestsDelta: 0n,
        heldDeltaNanousd: 0n,
      },
    },
  }
}

/**
 * How much of the settlement was never paid: its shortfall, less what was collected of it since. Read from the entries,
 * because the deduction failure may be that of a refused close by now.
 */
function unpaidOf(posting: AdjustPosting, changes: ChargeChanges): Nanousd {
  return posting.settlement.charge.shortfallNanousd - collectedOf(changes)
}

/** What happens to the deduction failure under the stream's key. This close also answers one that was refused. */
function unpaidAfter(
  posting: AdjustPosting,
  {
    hold,
    failure,
    changes,
    shortfallNanousd,
  }: {
    hold: Hold
    failure: StandingFailure | undefined
    changes: ChargeChanges
    shortfallNanousd: Nanousd
  },
): Pick<Posted, 'failure' | 'resolvesFailure'> {
  const isPending = failure?.state === 'pending'
  const pendingNanousd = isPending ? unpaidOf(posting, changes) : 0n
  const leftNanousd = maxOf(pendingNanousd + shortfallNanousd, 0n)
  if (leftNanousd === 0n) return isPending ? { resolvesFailure: true } : {}
  return isPending && leftNanousd === failure.amountNanousd
    ? {}
    : { failure: shortfallOf(hold, posting.rated, leftNanousd) }
}

function isOfDay(then: Date, at: Date): boolean {
  return dayOf(then) === dayOf(at)
}
