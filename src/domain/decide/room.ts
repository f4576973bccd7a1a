import type { FinalReason } from '../ledger/hold'
import { trialRoomOf } from '../ledger/trial'
import { availableOf, type User } from '../ledger/user'
import { maxOf, minOf, type Nanousd } from '../money'
import { dailyRoomOf } from './limits'
import type { Rules } from './posting'

/** How much more can be held, and what stops it there. Never negative. */
export interface Room {
  roomNanousd: Nanousd
  limitedBy: FinalReason
}

/** Room for a hold on credits: what is available, within what today's limit leaves. */
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
