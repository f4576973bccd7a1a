import { BillingError, invalidField } from '../errors'
import type { FinalReason } from '../ledger/hold'
import { trialRoomOf } from '../ledger/trial'
import { availableOf, dayOf, type User } from '../ledger/user'
import { approximateUsd, BALANCE_NANOUSD_MAX, maxOf, minOf, type Nanousd } from '../money'
import type { Rules } from './posting'

/** How much more can be held, never negative, and what limits it. */
export interface Room {
  roomNanousd: Nanousd
  limitedBy: FinalReason
}

/** Room for a hold on credits: the available balance, or less if the daily limit leaves less. */
export function creditsRoomOf(user: User, at: Date): Room {
  const availableNanousd = maxOf(availableOf(user), 0n)
  const dailyNanousd = dailyRoomOf(user, at)
  if (dailyNanousd === undefined || availableNanousd <= dailyNanousd) {
    return { roomNanousd: availableNanousd, limitedBy: 'credits' }
  }
  return { roomNanousd: minOf(availableNanousd, maxOf(dailyNanousd, 0n)), limitedBy: 'daily-limit' }
}

/** Room for a hold on a trial's limit; undefined once the trial has expired. */
export function trialHoldRoomOf(user: User, rules: Rules, at: Date): Room | undefined {
  const room = trialRoomOf(user, { rules: rules.trial, now: at })
  return room.state === 'expired' ? undefined : { roomNanousd: room.roomNanousd, limitedBy: 'trial-limit' }
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
