import { decide } from '../../../src/domain/decide/decide'
import { billedAsTrial, webhookWasMissed } from '../../../src/domain/ledger/trial'
import type { User } from '../../../src/domain/ledger/user'
import { anUpdate, aUser, TRIAL_RULES } from '../../support/postings'

const NOW = new Date('2026-03-01T12:00:00Z')
const LATER = new Date('2026-04-01T00:00:00Z')

function updated(user: User, changes: Parameters<typeof anUpdate>[2]) {
  const facts = { user, known: undefined, failure: undefined, hold: undefined }
  const decision = decide(facts, anUpdate('ada', 'update', changes), {
    rules: { trial: TRIAL_RULES },
    now: NOW,
  })
  if (decision.outcome !== 'posted') throw new Error(`was ${decision.outcome}`)
  return decision
}

test.each([
  ['a tier', {}, { tier: 'pro' }, { tier: 'pro' }],
  ['what it was before', { tier: 'pro' }, { tier: 'pro' }, undefined],
  ['nothing', {}, {}, undefined],
  ['a time', {}, { trialExpiresAt: LATER }, { trial_expires_at: '2026-04-01T00:00:00.000Z' }],
  ['a time away', { trialExpiresAt: LATER }, { trialExpiresAt: 'never' }, { trial_expires_at: '' }],
  [
    'limits below what is spent and owed',
    { spentTodayNanousd: 90n, creditsNanousd: -50n, overdraftLimitNanousd: 60n },
    { dailyLimitNanousd: 10n, overdraftLimitNanousd: 0n },
    { daily_limit_nanousd: '10', overdraft_limit_nanousd: '0' },
  ],
] as const)('an update of %s is an entry that says what changed', (_name, before, changes, profile) => {
  const { user, entry } = updated(aUser(before), changes)
  expect(entry).toMatchObject({
    kind: 'profile',
    allowanceDeltaNanousd: 0n,
    creditsDeltaNanousd: 0n,
    heldDeltaNanousd: 0n,
    spentTodayDeltaNanousd: 0n,
  })
  expect(entry.profile).toEqual(profile)
  expect(user.version).toBe(1n)
  expect(user.lastHash).toEqual(entry.hash)
})

const SIGNS = {
  stripeSubscriptionId: 'sub_1',
  stripeCustomerId: 'cus_1',
  tier: 'pro',
  allowanceNanousd: 1n,
} as const

describe('signs of a paid subscription', () => {
  test.each(Object.keys(SIGNS) as (keyof typeof SIGNS)[])(
    '%s alone means that a user on trial is billed as paid',
    (sign) => {
      const user = aUser({ isTrial: true, [sign]: SIGNS[sign] })
      expect(billedAsTrial(user, TRIAL_RULES.paidTiers)).toBe(false)
      expect(webhookWasMissed(user, TRIAL_RULES.paidTiers)).toBe(false)
    },
  )

  test.each([
    ['none', {}, true, false],
    ['an unpaid tier', { tier: 'free' }, true, false],
    ['credits', { creditsNanousd: 1n }, true, false],
    ['two', { tier: 'pro', stripeCustomerId: 'cus_1' }, false, false],
    ['three', { tier: 'pro', stripeCustomerId: 'cus_1', allowanceNanousd: 1n }, false, true],
    ['four', SIGNS, false, true],
  ] as const)('%s: as trial %s, missed webhook %s', (_name, signs, asTrial, missed) => {
    const user = aUser({ isTrial: true, ...signs })
    expect(billedAsTrial(user, TRIAL_RULES.paidTiers)).toBe(asTrial)
    expect(webhookWasMissed(user, TRIAL_RULES.paidTiers)).toBe(missed)
    expect(webhookWasMissed({ ...user, isTrial: false }, TRIAL_RULES.paidTiers)).toBe(false)
  })
})
