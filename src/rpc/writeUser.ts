import type { Billing } from '../billing/billing'
import { billedAsTrial } from '../domain/trial'
import { dayOf, type User } from '../domain/user'
import type { User as WireUser } from '../wire/generated/tollgate/billing/v1/User'
import { timestampToWire, userBalanceToWire } from './write'

/** As of now, by the database's clock. */
export function userToWire({ ledger, rules }: Pick<Billing, 'ledger' | 'rules'>, user: User): WireUser {
  const now = ledger.now()
  const trialSpentTodayNanousd = user.spentOn === dayOf(now) ? user.trialSpentTodayNanousd : 0n
  return {
    userId: user.userId,
    balance: userBalanceToWire(user, now),
    tier: user.tier,
    stripeCustomerId: user.stripeCustomerId,
    stripeSubscriptionId: user.stripeSubscriptionId,
    isTrial: user.isTrial,
    ...(user.trialExpiresAt !== undefined && { trialExpiresAt: timestampToWire(user.trialExpiresAt) }),
    overdraftLimitNanousd: user.overdraftLimitNanousd.toString(),
    createdAt: timestampToWire(user.createdAt),
    billedAsTrial: billedAsTrial(user, rules.trial.paidTiers),
    trialSpentNanousd: user.trialSpentNanousd.toString(),
    trialSpentTodayNanousd: trialSpentTodayNanousd.toString(),
    trialRequests: user.trialRequests.toString(),
    trialHeldNanousd: user.trialHeldNanousd.toString(),
    suspended: user.suspended,
  }
}
