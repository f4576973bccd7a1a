import type { User } from './user'

/** What UpdateUser may change: facts about a user, but never its money. */
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

/** Absent fields stay as they are. `trialExpiresAt: 'never'` removes the expiry. */
export type ProfileChanges = Partial<Omit<Profile, 'trialExpiresAt'>> & { trialExpiresAt?: Date | 'never' }

/** The text of each field, under the contract's name for it. */
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

/** The user after the changes, and the fields that differ, as its entry records them. Empty if nothing differs. */
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
