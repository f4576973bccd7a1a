import { failedDeductionOf } from '../ledger/failure'
import { billedAsTrial, trialRoomOf } from '../ledger/trial'
import { availableOf, type User } from '../ledger/user'
import { minOf, type Nanousd } from '../money'
import {
  dailyLimitReached,
  dailyRoomOf,
  insufficientCredits,
  suspended,
  trialExpired,
  trialLimitReached,
} from './limits'
import { nextEntry } from './nextEntry'
import type { ChargePosting, Decision, Rules } from './posting'
import { refused } from './refused'

/** It was accepted before anybody could look whether it can be paid. */
export function isDeferred({ enforceDailyLimit, retriesFailure }: ChargePosting): boolean {
  return !enforceDailyLimit && retriesFailure !== true
}

interface Context {
  user: User
  rules: Rules
  at: Date
}

/** Deducts a finished call, allowance first. A refusal leaves a deduction failure: the call was made. */
export function decideCharge(posting: ChargePosting, context: Context): Decision {
  const { user, rules, at } = context
  const { call } = posting
  const refuse = (error: ReturnType<typeof suspended>): Decision =>
    refused(
      error,
      failedDeductionOf(posting, call, {
        amountNanousd: call.amountNanousd,
        reason: error.reason,
        deferred: isDeferred(posting),
      }),
    )

  if (user.suspended) return refuse(suspended(user))

  if (billedAsTrial(user, rules.trial.paidTiers)) {
    const room = trialRoomOf(user, { rules: rules.trial, now: at })
    if (room.state === 'running' && trialAdmits(user, rules, call.amountNanousd, room.roomNanousd)) {
      return post(posting, context, { trial: true, overDailyLimit: false })
    }
    // A trial that is over bills as paid where there is anything to pay with.
    if (availableOf(user) <= 0n) {
      return refuse(room.state === 'expired' ? trialExpired(user) : trialLimitReached(user))
    }
  }

  if (call.amountNanousd > availableOf(user)) return refuse(insufficientCredits(user, call.amountNanousd))
  const roomNanousd = dailyRoomOf(user, at)
  const overDailyLimit = roomNanousd !== undefined && call.amountNanousd > roomNanousd
  // What costs nothing is spent by nobody, also where an overrun has left less than no room.
  const isLimited = posting.enforceDailyLimit && call.amountNanousd > 0n
  if (overDailyLimit && isLimited) return refuse(dailyLimitReached(user, at))
  return post(posting, context, { trial: false, overDailyLimit })
}

function trialAdmits(user: User, rules: Rules, amountNanousd: Nanousd, roomNanousd: Nanousd): boolean {
  return user.trialRequests < rules.trial.requestsMax && amountNanousd <= roomNanousd
}

function post(
  posting: ChargePosting,
  { user, at }: Context,
  { trial, overDailyLimit }: { trial: boolean; overDailyLimit: boolean },
): Decision {
  const { call } = posting
  const amountNanousd = trial ? 0n : call.amountNanousd
  const forgoneNanousd = trial ? call.amountNanousd : 0n
  const posted = nextEntry(
    user,
    {
      kind: 'charge',
      keyId: posting.keyId,
      idempotencyKey: posting.idempotencyKey,
      requestHash: posting.requestHash,
      ...deductionOf(user, amountNanousd),
      ...(trial && { trial: { spentDeltaNanousd: forgoneNanousd, requestsDelta: 1n, heldDeltaNanousd: 0n } }),
      chargeKeyId: posting.keyId,
      // New fields first: V8 takes a microsecond for each that is added to a finished copy.
      charge: { trial, forgoneNanousd, shortfallNanousd: 0n, overDailyLimit, ...call, amountNanousd },
    },
    at,
  )
  return { outcome: 'posted', ...posted, hold: undefined }
}

/** Splits an amount over the pots: allowance first, the rest from credits. */
export function deductionOf(
  user: User,
  amountNanousd: Nanousd,
): { allowanceDeltaNanousd: Nanousd; creditsDeltaNanousd: Nanousd; spentDeltaNanousd: Nanousd } {
  const fromAllowanceNanousd = minOf(user.allowanceNanousd, amountNanousd)
  return {
    allowanceDeltaNanousd: -fromAllowanceNanousd,
    creditsDeltaNanousd: -(amountNanousd - fromAllowanceNanousd),
    spentDeltaNanousd: amountNanousd,
  }
}
