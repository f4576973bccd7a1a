import type { Nanousd } from '../money'
import { dayOf, type User } from './user'

const MISSED_WEBHOOK_SIGNS = 3

export interface TrialRules {
  /** Tiers that mean a paid subscription. */
  paidTiers: readonly string[]
  spendNanousdMax: Nanousd
  spendTodayNanousdMax: Nanousd
  requestsMax: bigint
}

/** How many of the four signs of a paid subscription a user shows. */
function paidSignsOf(user: User, paidTiers: readonly string[]): number {
  return [
    user.stripeSubscriptionId !== '',
    user.stripeCustomerId !== '',
    paidTiers.includes(user.tier),
    user.allowanceNanousd > 0n,
  ].filter(Boolean).length
}

/** A trial user with any sign of a paid subscription is billed as paid. */
export function billedAsTrial(user: User, paidTiers: readonly string[]): boolean {
  return user.isTrial && paidSignsOf(user, paidTiers) === 0
}

/** Whether `is_trial` contradicts three or more signs, so that a webhook was probably missed. */
export function webhookWasMissed(user: User, paidTiers: readonly string[]): boolean {
  return user.isTrial && paidSignsOf(user, paidTiers) >= MISSED_WEBHOOK_SIGNS
}

export type TrialRoom =
  | { state: 'expired' }
  /** The amount that may still be forgone. 0 if the requests are used up. */
  | { state: 'running'; roomNanousd: Nanousd }

/** The requests that a trial has used: finished ones, and one for each open stream. */
export function trialRequestsOf(user: Pick<User, 'trialRequests' | 'trialHolds'>): bigint {
  return user.trialRequests + user.trialHolds
}

/** What is left of a trial after its spend and open holds. */
export function trialRoomOf(user: User, { rules, now }: { rules: TrialRules; now: Date }): TrialRoom {
  if (user.trialExpiresAt !== undefined && user.trialExpiresAt <= now) return { state: 'expired' }
  if (trialRequestsOf(user) >= rules.requestsMax) return { state: 'running', roomNanousd: 0n }
  const spentTodayNanousd = user.spentOn === dayOf(now) ? user.trialSpentTodayNanousd : 0n
  const inAll = rules.spendNanousdMax - user.trialSpentNanousd - user.trialHeldNanousd
  const today = rules.spendTodayNanousdMax - spentTodayNanousd - user.trialHeldNanousd
  const roomNanousd = inAll < today ? inAll : today
  return { state: 'running', roomNanousd: roomNanousd > 0n ? roomNanousd : 0n }
}
