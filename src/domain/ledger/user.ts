import type { Nanousd } from '../money'

/** Who pays: two pots, what open streams reserve, limits, and the head of the ledger. One row of `users`. */
export interface User {
  userId: string
  /** Subscription allowance left; spent first. */
  allowanceNanousd: Nanousd
  /** Purchased credits left; negative only within the overdraft limit. */
  creditsNanousd: Nanousd
  /** Reserved by open streams. */
  heldNanousd: Nanousd
  /** Spent on the UTC day `spentOn` (`YYYY-MM-DD`); counts as 0 on any later day. */
  spentTodayNanousd: Nanousd
  spentOn: string
  /** 0 = none. */
  dailyLimitNanousd: Nanousd
  overdraftLimitNanousd: Nanousd
  tier: string
  stripeCustomerId: string
  stripeSubscriptionId: string
  isTrial: boolean
  trialExpiresAt?: Date
  trialSpentNanousd: Nanousd
  /** Of the day `spentOn`, like `spentTodayNanousd`. */
  trialSpentTodayNanousd: Nanousd
  trialRequests: bigint
  trialHeldNanousd: Nanousd
  /** Live holds of trial streams. Each counts as a request. */
  trialHolds: bigint
  suspended: boolean
  createdAt: Date
  lastEntryAt: Date
  /** SHA-256 of the last entry; of nothing but the user's id before the first. */
  lastHash: Buffer
  /** Number of the last entry; 0 before the first. */
  version: bigint
  /**
   * Grows with every deduction failure that is written without an entry. A decision that didn't see the failure is lost like one
   * that didn't see an entry.
   */
  failureWrites: bigint
  /** Grows with every change of the user's budgets. 0 = it never had one. */
  budgetsVersion: bigint
}

/** What is left to spend or hold: both pots and the overdraft, less what streams hold. */
export function availableOf(
  user: Pick<User, 'allowanceNanousd' | 'creditsNanousd' | 'overdraftLimitNanousd' | 'heldNanousd'>,
): Nanousd {
  return user.allowanceNanousd + user.creditsNanousd + user.overdraftLimitNanousd - user.heldNanousd
}

/** The UTC day of an instant, `YYYY-MM-DD`. */
export function dayOf(at: Date): string {
  return at.toISOString().slice(0, 10)
}
