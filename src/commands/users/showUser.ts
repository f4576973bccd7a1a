import { formatUsd } from '../../domain/money'
import type { User__Output } from '../../wire/generated/tollgate/billing/v1/User'
import { print, printable, timeOf } from '../print'

/** Prints everything known about a user, one fact per line. */
export function showUser(user: User__Output): void {
  const { balance, tier, stripeCustomerId, stripeSubscriptionId } = user
  const limit = balance?.dailyLimitNanousd ?? '0'
  const facts: [string, string][] = [
    ['user', user.userId],
    ['standing', standingOf(user)],
    ['available', usdOf(balance?.availableNanousd)],
    ['allowance', usdOf(balance?.allowanceNanousd)],
    ['credits', usdOf(balance?.creditsNanousd)],
    ['overdraft limit', unlessZero(user.overdraftLimitNanousd)],
    ['held by streams', usdOf(balance?.heldNanousd)],
    ['spent today', `${usdOf(balance?.spentTodayNanousd)}${limit === '0' ? '' : ` of ${usdOf(limit)}`}`],
    ['tier', tier],
    ['Stripe customer', stripeCustomerId],
    ['subscription', stripeSubscriptionId],
    ['trial until', timeOf(user.trialExpiresAt)],
    ['trial spent', unlessZero(user.trialSpentNanousd)],
    ['trial calls', user.trialRequests === '0' ? '' : user.trialRequests],
    ['created', timeOf(user.createdAt)],
    ['ledger entries', balance?.version ?? '0'],
  ]
  for (const [name, value] of facts) if (value !== '') print(`${`${name}:`.padEnd(17)}${printable(value)}`)
}

export function standingOf(user: User__Output): string {
  return [user.suspended ? 'suspended' : '', user.billedAsTrial ? 'trial' : ''].filter(Boolean).join(', ')
}

export function usdOf(nanousd = '0'): string {
  return formatUsd(BigInt(nanousd))
}

function unlessZero(nanousd: string): string {
  return nanousd === '0' ? '' : usdOf(nanousd)
}
