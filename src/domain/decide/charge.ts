import { callBudgetsOf, spendMoves } from '../budget/callBudgets'
import type { BudgetFacts, CounterMove } from '../budget/counter'
import type { BillingError } from '../errors'
import { chargeDetailOf } from '../ledger/charge'
import { failedDeductionOf } from '../ledger/failure'
import { billedAsTrial, trialRequestsOf, trialRoomOf } from '../ledger/trial'
import { availableOf, type User } from '../ledger/user'
import { minOf, type Nanousd } from '../money'
import {
  dailyRoomOf,
  insufficientCredits,
  suspended,
  tightestCapOf,
  trialExpired,
  trialLimitReached,
  uncountable,
} from './limits'
import { type Change, nextEntry } from './nextEntry'
import { type ChargePosting, type Decision, type Rules, refused } from './posting'

interface Context {
  user: User
  budgets: BudgetFacts
  rules: Rules
  at: Date
}

/** Deducts a finished call, allowance first. A refusal leaves a deduction failure: the call was made. */
export function decideCharge(posting: ChargePosting, context: Context): Decision {
  const { user, rules, at } = context
  const { amountNanousd } = posting.rated
  const refuse = (error: BillingError): Decision =>
    refused(
      error,
      failedDeductionOf(posting, posting.rated, {
        amountNanousd,
        reason: error.reason,
        deferred: posting.from === 'spool',
      }),
    )

  if (user.suspended) return refuse(suspended(user))

  if (billedAsTrial(user, rules.trial.paidTiers)) {
    const room = trialRoomOf(user, { rules: rules.trial, now: at })
    if (room.state === 'running' && trialAdmits(user, rules, amountNanousd, room.roomNanousd)) {
      return post(posting, context, { trial: true, overDailyLimit: false, counterMoves: [] })
    }
    // A trial that is over bills as paid where there is anything to pay with.
    if (availableOf(user) <= 0n) {
      return refuse(room.state === 'expired' ? trialExpired(user) : trialLimitReached(user))
    }
  }

  if (amountNanousd > availableOf(user)) return refuse(insufficientCredits(user, amountNanousd))
  const budgets = callBudgetsOf(context.budgets, { call: posting.rated, at })
  // A free call is never limited, even where an overrun has left less than no room.
  const isLimited = posting.from === 'call' && amountNanousd > 0n
  const cannotCount = isLimited ? uncountable(user, budgets) : undefined
  if (cannotCount !== undefined) return refuse(cannotCount)
  const cap = isLimited ? tightestCapOf(user, budgets, at) : undefined
  if (cap !== undefined && amountNanousd > cap.roomNanousd) return refuse(cap.reached())
  const dailyRoomNanousd = dailyRoomOf(user, at)
  return post(posting, context, {
    trial: false,
    overDailyLimit: dailyRoomNanousd !== undefined && amountNanousd > dailyRoomNanousd,
    counterMoves: spendMoves(budgets, amountNanousd),
  })
}

function trialAdmits(user: User, rules: Rules, amountNanousd: Nanousd, roomNanousd: Nanousd): boolean {
  return trialRequestsOf(user) < rules.trial.requestsMax && amountNanousd <= roomNanousd
}

function post(
  posting: ChargePosting,
  { user, at }: Context,
  {
    trial,
    overDailyLimit,
    counterMoves,
  }: { trial: boolean; overDailyLimit: boolean; counterMoves: readonly CounterMove[] },
): Decision {
  const { rated } = posting
  const amountNanousd = trial ? 0n : rated.amountNanousd
  const forgoneNanousd = trial ? rated.amountNanousd : 0n
  const deduction = deductionOf(user, amountNanousd)
  const change: Change = {
    kind: 'charge',
    allowanceDeltaNanousd: deduction.allowanceDeltaNanousd,
    creditsDeltaNanousd: deduction.creditsDeltaNanousd,
    spentDeltaNanousd: deduction.spentDeltaNanousd,
    chargeKeyId: posting.keyId,
    counterMoves,
    charge: chargeDetailOf(rated, {
      amountNanousd,
      trial,
      forgoneNanousd,
      shortfallNanousd: 0n,
      overDailyLimit,
    }),
  }
  if (trial) change.trial = { spentDeltaNanousd: forgoneNanousd, requestsDelta: 1n }
  const posted = nextEntry({ user, posting, at }, change)
  return { outcome: 'posted', user: posted.user, entry: posted.entry, hold: undefined }
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
