import { COUNTERS_MAX } from '../budget/budget'
import { type CallBudgets, needsTooManyCounters, tightestBudgetOf } from '../budget/callBudgets'
import type { MatchedBudget } from '../budget/matchBudgets'
import { BillingError, invalidField } from '../errors'
import type { Final } from '../ledger/hold'
import { trialRoomOf } from '../ledger/trial'
import { availableOf, dayOf, type User } from '../ledger/user'
import { approximateUsd, BALANCE_NANOUSD_MAX, maxOf, minOf, type Nanousd } from '../money'
import type { Rules } from './posting'

/** How much more can be held, never negative, and what limits it. */
export interface Room {
  roomNanousd: Nanousd
  limitedBy: Final
}

/** Room for a hold on credits: the available balance, or less if the daily limit or a budget leaves less. */
export function creditsRoomOf(user: User, budgets: CallBudgets, at: Date): Room {
  const availableNanousd = maxOf(availableOf(user), 0n)
  const cap = tightestCapOf(user, budgets, at)
  if (cap === undefined || availableNanousd <= cap.roomNanousd) {
    return { roomNanousd: availableNanousd, limitedBy: { reason: 'credits' } }
  }
  return { roomNanousd: minOf(availableNanousd, maxOf(cap.roomNanousd, 0n)), limitedBy: cap.limitedBy }
}

/** Why budgets refuse to count a call at all. Undefined = they can count it. */
export function uncountable({ userId }: User, budgets: CallBudgets): BillingError | undefined {
  if (!needsTooManyCounters(budgets)) return undefined
  return new BillingError(
    'BUDGET_REACHED',
    `the budgets of this user have ${COUNTERS_MAX} counters, which is the most; group a budget by less, or delete one`,
    { metadata: { user_id: userId } },
  )
}

/** A limit of what a call may spend in a window of time, and the refusal of a call that needs more than its room. */
interface Cap extends Room {
  reached: () => BillingError
}

/** Of the daily limit and the budgets that count a call, the one with the least room, which may be negative. */
export function tightestCapOf(user: User, budgets: CallBudgets, at: Date): Cap | undefined {
  const daily = dailyCapOf(user, at)
  const budget = budgetCapOf(user, budgets, at)
  if (daily === undefined || budget === undefined) return daily ?? budget
  return budget.roomNanousd < daily.roomNanousd ? budget : daily
}

function dailyCapOf(user: User, at: Date): Cap | undefined {
  const roomNanousd = dailyRoomOf(user, at)
  if (roomNanousd === undefined) return undefined
  return { roomNanousd, limitedBy: { reason: 'daily-limit' }, reached: () => dailyLimitReached(user, at) }
}

function budgetCapOf({ userId }: User, budgets: CallBudgets, at: Date): Cap | undefined {
  const found = tightestBudgetOf(budgets)
  if (found === undefined) return undefined
  const { tightest, leftNanousd } = found
  return {
    // What its own stream holds already is no room for more.
    roomNanousd: leftNanousd - (budgets.hold?.heldNanousd ?? 0n),
    limitedBy: { reason: 'budget', budgetId: tightest.budget.budgetId },
    reached: () => budgetReached(userId, tightest, at),
  }
}

export const TRIAL_LIMIT: Final = { reason: 'trial-limit' }

/** Room for a hold on a trial's limit; undefined once the trial has expired. */
export function trialHoldRoomOf(user: User, rules: Rules, at: Date): Room | undefined {
  const room = trialRoomOf(user, { rules: rules.trial, now: at })
  return room.state === 'expired' ? undefined : { roomNanousd: room.roomNanousd, limitedBy: TRIAL_LIMIT }
}

/**
 * What is left of the daily limit after today's spend and open holds. Undefined = no limit. It may
 * be negative after an overrun.
 */
export function dailyRoomOf(user: User, at: Date): Nanousd | undefined {
  if (user.dailyLimitNanousd === 0n) return undefined
  return user.dailyLimitNanousd - spentTodayOf(user, at) - user.heldNanousd
}

export function spentTodayOf(user: User, at: Date): Nanousd {
  return user.spentOn === dayOf(at) ? user.spentTodayNanousd : 0n
}

/** Whether a pot would be out of its range after a change. */
export function exceedsMaximum(
  user: User,
  change: { allowanceDeltaNanousd?: Nanousd; creditsDeltaNanousd?: Nanousd },
): boolean {
  const pots = [
    user.allowanceNanousd + (change.allowanceDeltaNanousd ?? 0n),
    user.creditsNanousd + (change.creditsDeltaNanousd ?? 0n),
  ]
  return pots.some((nanousd) => nanousd > BALANCE_NANOUSD_MAX || nanousd < -BALANCE_NANOUSD_MAX)
}

export function balanceAboveMaximum(field: string): BillingError {
  return invalidField(field, 'would take the balance out of its range of ±10^18 nano-USD')
}

export function insufficientCredits(user: User, neededNanousd: Nanousd): BillingError {
  return new BillingError(
    'INSUFFICIENT_CREDITS',
    `needs ${approximateUsd(neededNanousd)}, available ${approximateUsd(availableOf(user))}; grant credits and send the same request again`,
    {
      metadata: {
        user_id: user.userId,
        needed: approximateUsd(neededNanousd),
        available: approximateUsd(availableOf(user)),
      },
    },
  )
}

export function dailyLimitReached(user: User, at: Date): BillingError {
  return new BillingError(
    'DAILY_LIMIT_REACHED',
    `the daily limit of ${approximateUsd(user.dailyLimitNanousd)} is reached; it starts afresh at midnight UTC`,
    {
      retryAfterMs: msUntilMidnight(at),
      metadata: { user_id: user.userId, daily_limit: approximateUsd(user.dailyLimitNanousd) },
    },
  )
}

/** For one budget of those that are reached: the one with the least room. */
function budgetReached(userId: string, { budget, ref, window }: MatchedBudget, at: Date): BillingError {
  const of =
    ref.groupValues.length === 0
      ? ''
      : ` of ${ref.groupValues.map((value) => JSON.stringify(value)).join(', ')}`
  const resets = window.to === undefined ? 'it never resets' : `it resets at ${window.to.toISOString()}`
  return new BillingError(
    'BUDGET_REACHED',
    `budget ${JSON.stringify(budget.budgetId)}${of} is reached: its limit is ${approximateUsd(budget.limitNanousd)}; ${resets}`,
    {
      ...(window.to !== undefined && { retryAfterMs: window.to.getTime() - at.getTime() }),
      metadata: {
        user_id: userId,
        budget_id: budget.budgetId,
        group_values: JSON.stringify(ref.groupValues),
        window: budget.window.period,
        window_from: window.from.toISOString(),
        ...(window.to !== undefined && { resets_at: window.to.toISOString() }),
        limit: approximateUsd(budget.limitNanousd),
      },
    },
  )
}

export function suspended(user: User): BillingError {
  return new BillingError('USER_SUSPENDED', 'the user is suspended; nothing new is accepted for it', {
    metadata: { user_id: user.userId },
  })
}

export function trialExpired(user: User): BillingError {
  return new BillingError(
    'TRIAL_EXPIRED',
    'the trial has expired; grant credits or record the subscription',
    {
      metadata: { user_id: user.userId },
    },
  )
}

export function trialLimitReached(user: User): BillingError {
  return new BillingError(
    'TRIAL_LIMIT_REACHED',
    'the limits of the trial are reached; grant credits or record the subscription',
    { metadata: { user_id: user.userId } },
  )
}

function msUntilMidnight(at: Date): number {
  const msPerDay = 86_400_000
  return msPerDay - (at.getTime() % msPerDay)
}
