import type { User } from './user'

/** What UpdateUser may change of a user: facts about it, none of them its money. */
export type Profile = Pick<
  User,
  | 'tier'
  | 'stripeCustomerId'
  | 'stripeSubscriptionId'
  | 'isTrial'
  | 'trialExpiresAt'
  | 'dailyLimitNanousd'
  | 'overdraftLimitNanousd'
  | 'suspended'
>

/** Fields that are absent stay as they are; `trialExpiresAt: 'never'` takes the time away. */
export type ProfileChanges = Partial<Omit<Profile, 'trialExpiresAt'>> & { trialExpiresAt?: Date | 'never' }

/** As the contract spells the fields. */
const TEXT_OF = {
  tier: ({ tier }) => tier,
  stripe_customer_id: ({ stripeCustomerId }) => stripeCustomerId,
  stripe_subscription_id: ({ stripeSubscriptionId }) => stripeSubscriptionId,
  is_trial: ({ isTrial }) => String(isTrial),
  trial_expires_at: ({ trialExpiresAt }) => trialExpiresAt?.toISOString() ?? '',
  daily_limit_nanousd: ({ dailyLimitNanousd }) => String(dailyLimitNanousd),
  overdraft_limit_nanousd: ({ overdraftLimitNanousd }) => String(overdraftLimitNanousd),
  suspended: ({ suspended }) => String(suspended),
} satisfies Record<string, (profile: Profile) => string>

/** A profile, or some of its fields, by the contract's names. */
export type ProfileText = Readonly<Record<string, string>>

export function profileText(profile: Profile): ProfileText {
  return Object.fromEntries(Object.entries(TEXT_OF).map(([name, textOf]) => [name, textOf(profile)]))
}

/** The user after the changes, and what they changed, as its entry says it; empty where it was all so before. */
export function changeProfile(
  user: User,
  { trialExpiresAt, ...changes }: ProfileChanges,
): { user: User; changed: ProfileText } {
  const next: User = { ...user, ...changes }
  if (trialExpiresAt === 'never') delete next.trialExpiresAt
  else if (trialExpiresAt !== undefined) next.trialExpiresAt = trialExpiresAt
  const before = profileText(user)
  const changed = Object.entries(profileText(next)).filter(([name, text]) => before[name] !== text)
  return { user: next, changed: Object.fromEntries(changed) }
}
