import { BillingError } from '../errors'
import { availableOf, dayOf, type User } from '../ledger/user'
import { approximateUsd, type Nanousd } from '../money'

/** What today's limit leaves, open holds counted; undefined = no limit. May be negative after an overrun. */
export function dailyRoomOf(user: User, at: Date): Nanousd | undefined {
  if (user.dailyLimitNanousd === 0n) return undefined
  return user.dailyLimitNanousd - spentTodayOf(user, at) - user.heldNanousd
}

export function spentTodayOf(user: User, at: Date): Nanousd {
  return user.spentOn === dayOf(at) ? user.spentTodayNanousd : 0n
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
