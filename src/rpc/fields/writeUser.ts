import type { Billing } from '../../billing/billing'
import { billedAsTrial } from '../../domain/ledger/trial'
import { dayOf, type User } from '../../domain/ledger/user'
import type { User as WireUser } from '../../wire/generated/tollgate/billing/v1/User'
import { integerToWire, timestampToWire, userBalanceToWire } from './write'

/** The user as of now, by the database's clock. */
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
    overdraftLimitNanousd: integerToWire(user.overdraftLimitNanousd),
    createdAt: timestampToWire(user.createdAt),
    billedAsTrial: billedAsTrial(user, rules.trial.paidTiers),
    trialSpentNanousd: integerToWire(user.trialSpentNanousd),
    trialSpentTodayNanousd: integerToWire(trialSpentTodayNanousd),
    trialRequests: integerToWire(user.trialRequests),
    trialHeldNanousd: integerToWire(user.trialHeldNanousd),
    suspended: user.suspended,
  }
}
