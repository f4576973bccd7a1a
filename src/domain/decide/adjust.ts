import { BillingError } from '../errors'
import { type ChargeChanges, collectedOf, givenBack, takenBy } from '../ledger/chargeState'
import { shortfallOf } from '../ledger/failure'
import type { Hold } from '../ledger/hold'
import { availableOf, dayOf, type User } from '../ledger/user'
import { maxOf, minOf, type Nanousd } from '../money'
import { deductionOf } from './charge'
import { dailyRoomOf } from './limits'
import { type Change, nextEntry } from './nextEntry'
import type { AdjustPosting, Decision, Posted, StandingFailure } from './posting'
import { refused } from './refused'

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
 * Corrects a settlement by expiry to what the client says it should have been. More than was settled is charged as far as
 * the balance goes, flagged and not limited; less goes back to the pots that paid. The first correction is final.
 */
export function decideAdjust(
  posting: AdjustPosting,
  { user, hold, failure, changes, at }: AdjustFacts,
): Decision {
  if (hold === undefined) return refused(new BillingError('HOLD_NOT_FOUND', 'there is no such hold'))
  if (!isAmendable(hold, posting, at)) return refused(settlementIsFinal())
  // Whoever retries a refused close has read it before: by now its client may have had the last word.
  if (posting.atAnyTime === true && !isRefusedClose(failure)) return refused(settlementIsFinal())

  const adjustment = hold.trial
    ? adjustTrial(posting, at)
    : adjustCredits(posting, { user, changes, unpaidNanousd: unpaidOf(posting, changes), at })
  const { change, overDailyLimit, ...detail } = adjustment
  const { user: next, entry } = nextEntry(
    user,
    {
      kind: 'adjustment',
      keyId: posting.keyId,
      idempotencyKey: posting.idempotencyKey,
      requestHash: posting.requestHash,
      chargeKeyId: hold.keyId,
      holdKeyId: hold.keyId,
      ...change,
      charge: { ...posting.call, ...detail, trial: hold.trial, overDailyLimit, end: posting.end },
    },
    at,
  )
  return {
    outcome: 'posted',
    user: next,
    entry,
    hold: {
      ...hold,
      postings: hold.postings + 1,
      usage: posting.call.usage,
      status: {
        state: 'settled',
        version: posting.settlement.version,
        byExpiry: true,
        amendedVersion: entry.version,
      },
    },
    ...unpaidAfter(posting, { hold, failure, changes, shortfallNanousd: detail.shortfallNanousd }),
  }
}

function isAmendable({ status }: Hold, { settlement, atAnyTime }: AdjustPosting, at: Date): boolean {
  if (status.state !== 'settled' || status.version !== settlement.version) return false
  if (status.amendedVersion !== undefined) return false
  return atAnyTime === true || (status.amendableUntil !== undefined && at < status.amendableUntil)
}

/** One whose amount nobody could tell. */
function isRefusedClose(failure: StandingFailure | undefined): boolean {
  return failure?.state === 'pending' && failure.amountNanousd === undefined
}

function settlementIsFinal(): BillingError {
  return new BillingError('ALREADY_DECIDED', 'the settlement of this stream cannot be amended any more')
}

/** Signed, as the entry records them. */
interface Adjustment {
  amountNanousd: Nanousd
  forgoneNanousd: Nanousd
  shortfallNanousd: Nanousd
  overDailyLimit: boolean
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
  const settled = chargeOf(posting)
  const differenceNanousd = posting.call.amountNanousd - settled.amountNanousd - settled.shortfallNanousd
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
 * What was not paid yet is not owed any more; only the rest was ever taken, and goes back: to credits first. What a refund
 * gave back doesn't go back again.
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
  const spentNanousd = minOf(backNanousd, chargeOf(posting).amountNanousd)
  return {
    amountNanousd: -backNanousd,
    forgoneNanousd: 0n,
    // With what was refunded already: the three differences add up to that of the ratings.
    shortfallNanousd: backNanousd - lessNanousd,
    overDailyLimit: false,
    change: {
      ...givenBack(taken, backNanousd),
      // Another day's spend is no part of today's.
      spentDeltaNanousd: isOfDay(settlement.createdAt, at) ? -spentNanousd : 0n,
    },
  }
}

function adjustTrial(posting: AdjustPosting, at: Date): Adjustment {
  const forgoneNanousd = posting.call.amountNanousd - chargeOf(posting).forgoneNanousd
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
 * How much of the settlement was never paid: its shortfall, less what was collected of it since. The books say so; the deduction
 * failure may stand for a close that was refused by now, and says nothing of what was paid before.
 */
function unpaidOf(posting: AdjustPosting, changes: ChargeChanges): Nanousd {
  return chargeOf(posting).shortfallNanousd - collectedOf(changes)
}

/** What becomes of the deduction failure under the stream's key. This close also answers for one that was refused. */
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
    : { failure: shortfallOf(hold, posting.call, leftNanousd) }
}

export function chargeOf({ settlement }: Pick<AdjustPosting, 'settlement'>) {
  if (settlement.charge === undefined) throw new Error(`entry ${settlement.version} is no settlement`)
  return settlement.charge
}

function isOfDay(then: Date, at: Date): boolean {
  return dayOf(then) === dayOf(at)
}
