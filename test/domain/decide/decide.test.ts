import { decide } from '../../../src/domain/decide/decide'
import type { Decision, Facts, Posting } from '../../../src/domain/decide/posting'
import { availableOf, type User } from '../../../src/domain/ledger/user'
import {
  aCharge,
  aGrant,
  anExtension,
  anOpen,
  aSettlement,
  aUser,
  TRIAL_RULES,
  USD,
} from '../../support/postings'

const NOW = new Date('2026-03-01T12:00:00Z')

function decideOn(facts: Partial<Facts>, posting: Posting, now = NOW): Decision {
  return decide(
    { user: undefined, known: undefined, failure: undefined, hold: undefined, ...facts },
    posting,
    {
      rules: { trial: TRIAL_RULES },
      now,
    },
  )
}

function posted(decision: Decision) {
  if (decision.outcome !== 'posted')
    throw new Error(`was ${decision.outcome}: ${JSON.stringify(decision, text)}`)
  return decision
}

function reasonOf(decision: Decision): string {
  return decision.outcome === 'refused' ? decision.error.reason : decision.outcome
}

function text(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value
}

describe('a charge', () => {
  const cases: { name: string; user: Partial<User>; amount: bigint; expected: string }[] = [
    { name: 'that credits pay exactly', user: { creditsNanousd: 10n }, amount: 10n, expected: 'posted' },
    {
      name: 'one above the credits',
      user: { creditsNanousd: 10n },
      amount: 11n,
      expected: 'INSUFFICIENT_CREDITS',
    },
    { name: 'of nothing, with nothing', user: {}, amount: 0n, expected: 'posted' },
    { name: 'into the overdraft', user: { overdraftLimitNanousd: 5n }, amount: 5n, expected: 'posted' },
    {
      name: 'beyond the overdraft',
      user: { overdraftLimitNanousd: 5n },
      amount: 6n,
      expected: 'INSUFFICIENT_CREDITS',
    },
    {
      name: 'of nothing, in debt beyond a lowered overdraft',
      user: { creditsNanousd: -9n, overdraftLimitNanousd: 5n },
      amount: 0n,
      expected: 'INSUFFICIENT_CREDITS',
    },
    {
      name: 'of what a stream holds',
      user: { creditsNanousd: 10n, heldNanousd: 4n },
      amount: 7n,
      expected: 'INSUFFICIENT_CREDITS',
    },
    {
      name: 'beside what a stream holds',
      user: { creditsNanousd: 10n, heldNanousd: 4n },
      amount: 6n,
      expected: 'posted',
    },
    {
      name: 'over both pots',
      user: { allowanceNanousd: 3n, creditsNanousd: 7n },
      amount: 10n,
      expected: 'posted',
    },
    {
      name: 'of a suspended user',
      user: { creditsNanousd: 10n, suspended: true },
      amount: 1n,
      expected: 'USER_SUSPENDED',
    },
    {
      name: 'up to the daily limit',
      user: { creditsNanousd: 99n, dailyLimitNanousd: 10n, spentTodayNanousd: 6n },
      amount: 4n,
      expected: 'posted',
    },
    {
      name: 'over the daily limit',
      user: { creditsNanousd: 99n, dailyLimitNanousd: 10n, spentTodayNanousd: 6n },
      amount: 5n,
      expected: 'DAILY_LIMIT_REACHED',
    },
    {
      name: 'over the daily limit with what streams hold',
      user: { creditsNanousd: 99n, dailyLimitNanousd: 10n, spentTodayNanousd: 6n, heldNanousd: 1n },
      amount: 4n,
      expected: 'DAILY_LIMIT_REACHED',
    },
    {
      name: 'on the day after the limit was reached',
      user: { creditsNanousd: 99n, dailyLimitNanousd: 10n, spentTodayNanousd: 10n, spentOn: '2026-02-28' },
      amount: 10n,
      expected: 'posted',
    },
    {
      name: 'without credits and over the limit: credits come first',
      user: { creditsNanousd: 1n, dailyLimitNanousd: 10n, spentTodayNanousd: 10n },
      amount: 5n,
      expected: 'INSUFFICIENT_CREDITS',
    },
    { name: 'in a trial', user: { isTrial: true }, amount: 5n, expected: 'posted' },
    {
      name: 'over a trial’s day, with nothing',
      user: { isTrial: true, trialSpentTodayNanousd: USD },
      amount: 1n,
      expected: 'TRIAL_LIMIT_REACHED',
    },
    {
      name: 'over a trial’s day, with credits',
      user: { isTrial: true, trialSpentTodayNanousd: USD, creditsNanousd: 1n },
      amount: 1n,
      expected: 'posted',
    },
    {
      name: 'after a trial’s requests',
      user: { isTrial: true, trialRequests: 1_000n },
      amount: 0n,
      expected: 'TRIAL_LIMIT_REACHED',
    },
    {
      name: 'after a trial, with nothing',
      user: { isTrial: true, trialExpiresAt: NOW },
      amount: 1n,
      expected: 'TRIAL_EXPIRED',
    },
    {
      name: 'of a trial user with a paid tier and nothing',
      user: { isTrial: true, tier: 'pro' },
      amount: 1n,
      expected: 'INSUFFICIENT_CREDITS',
    },
  ]

  test.each(cases)('$name: $expected', ({ user, amount, expected }) => {
    expect(reasonOf(decideOn({ user: aUser(user) }, aCharge('ada', 'k', amount)))).toBe(expected)
  })

  test('takes the allowance first, the rest from credits, and counts towards the day', () => {
    const user = aUser({ allowanceNanousd: 3n, creditsNanousd: 10n, spentTodayNanousd: 1n })
    const { entry, user: next } = posted(decideOn({ user }, aCharge('ada', 'k', 5n)))
    expect(entry).toMatchObject({
      version: 1n,
      kind: 'charge',
      allowanceDeltaNanousd: -3n,
      creditsDeltaNanousd: -2n,
      spentTodayDeltaNanousd: 5n,
      balance: { allowanceNanousd: 0n, creditsNanousd: 8n, spentTodayNanousd: 6n },
    })
    expect(next.version).toBe(1n)
    expect(next.lastHash).toEqual(entry.hash)
  })

  test('in a trial deducts nothing and says what it forgoes', () => {
    const { entry, user } = posted(decideOn({ user: aUser({ isTrial: true }) }, aCharge('ada', 'k', 5n)))
    expect(entry.charge).toMatchObject({ amountNanousd: 0n, forgoneNanousd: 5n, trial: true })
    expect(user).toMatchObject({ trialSpentNanousd: 5n, trialSpentTodayNanousd: 5n, trialRequests: 1n })
    expect(entry.spentTodayDeltaNanousd).toBe(0n)
  })

  test('that is refused leaves a deduction failure with its amount', () => {
    const decision = decideOn({ user: aUser() }, aCharge('ada', 'k', 5n))
    expect(decision).toMatchObject({
      outcome: 'refused',
      failure: { amountNanousd: 5n, reason: 'INSUFFICIENT_CREDITS', idempotencyKey: 'k' },
    })
  })

  test('that was deferred goes over the daily limit, flagged', () => {
    const user = aUser({ creditsNanousd: 99n, dailyLimitNanousd: 10n })
    const { entry } = posted(decideOn({ user }, aCharge('ada', 'k', 11n, { from: 'spool' })))
    expect(entry.charge?.overDailyLimit).toBe(true)
  })

  test('that costs nothing is charged over the daily limit, too', () => {
    const user = aUser({ creditsNanousd: 99n, dailyLimitNanousd: 10n, spentTodayNanousd: 11n })
    const { entry } = posted(decideOn({ user }, aCharge('ada', 'k', 0n)))
    expect(entry.charge).toMatchObject({ amountNanousd: 0n, overDailyLimit: true })
  })

  test('says in its error nothing more exact than cents', () => {
    const decision = decideOn(
      { user: aUser({ creditsNanousd: 12_345_678_901n }) },
      aCharge('ada', 'k', 20n * USD),
    )
    expect(decision).toMatchObject({ error: { message: expect.stringContaining('~$12.35') } })
    expect(JSON.stringify(decision, text)).not.toContain('12345678901')
  })

  test('is never older than the entry before it, whatever the clock says', () => {
    const user = aUser({ creditsNanousd: 9n, lastEntryAt: new Date('2026-03-02T00:00:00Z') })
    expect(posted(decideOn({ user }, aCharge('ada', 'k', 1n))).entry.createdAt).toEqual(user.lastEntryAt)
  })
})

describe('a key', () => {
  const charge = aCharge('ada', 'k', 5n)
  const first = posted(decideOn({ user: aUser({ creditsNanousd: 9n }) }, charge))
  const known = { requestHash: charge.requestHash, entry: first.entry }

  test('that did the same before replays, whatever became of the user', () => {
    const user = aUser({ suspended: true })
    expect(decideOn({ user, known }, charge)).toMatchObject({ outcome: 'replayed', entry: first.entry })
  })

  test('that did something else before is refused', () => {
    const other = aCharge('ada', 'k', 6n)
    expect(reasonOf(decideOn({ user: aUser({ creditsNanousd: 99n }), known }, other))).toBe(
      'IDEMPOTENCY_KEY_REUSED',
    )
  })

  test('that was written off is used up', () => {
    const user = aUser({ creditsNanousd: 99n })
    expect(
      reasonOf(
        decideOn(
          { user, failure: { state: 'written-off', requestHash: Buffer.alloc(32), isOfStream: false } },
          charge,
        ),
      ),
    ).toBe('ALREADY_DECIDED')
  })

  test('with a pending failure resolves it when it is deducted', () => {
    const user = aUser({ creditsNanousd: 99n })
    expect(
      posted(
        decideOn(
          { user, failure: { state: 'pending', requestHash: Buffer.alloc(32), isOfStream: false } },
          charge,
        ),
      ).resolvesFailure,
    ).toBe(true)
  })

  test('of nobody is refused', () => {
    expect(reasonOf(decideOn({}, charge))).toBe('USER_NOT_FOUND')
  })
})

describe('a grant', () => {
  const rich = { allowanceNanousd: 10n, creditsNanousd: 10n }
  const cases: { name: string; user: Partial<User>; grant: Posting; expected: string }[] = [
    { name: 'of credits', user: {}, grant: aGrant('ada', 'k', 5n), expected: 'posted' },
    { name: 'back to exactly zero', user: rich, grant: aGrant('ada', 'k', -10n), expected: 'posted' },
    { name: 'below zero', user: rich, grant: aGrant('ada', 'k', -11n), expected: 'INSUFFICIENT_CREDITS' },
    {
      name: 'below zero within the overdraft',
      user: { ...rich, overdraftLimitNanousd: 1n },
      grant: aGrant('ada', 'k', -11n),
      expected: 'posted',
    },
    {
      name: 'of allowance below zero',
      user: { ...rich, overdraftLimitNanousd: 9n },
      grant: aGrant('ada', 'k', -11n, { pot: 'allowance' }),
      expected: 'INSUFFICIENT_CREDITS',
    },
    {
      name: 'back below what streams hold',
      user: { creditsNanousd: 10n, heldNanousd: 8n },
      grant: aGrant('ada', 'k', -3n),
      expected: 'INSUFFICIENT_CREDITS',
    },
    {
      name: 'beyond the range',
      user: rich,
      grant: aGrant('ada', 'k', 10n ** 18n),
      expected: 'INVALID_FIELD',
    },
    {
      name: 'to a suspended user',
      user: { suspended: true },
      grant: aGrant('ada', 'k', 5n),
      expected: 'posted',
    },
  ]
  test.each(cases)('$name: $expected', ({ user, grant, expected }) => {
    expect(reasonOf(decideOn({ user: aUser(user) }, grant))).toBe(expected)
  })

  test('that sets makes the pot equal to the amount', () => {
    const user = aUser({ allowanceNanousd: 7n })
    const { entry } = posted(decideOn({ user }, aGrant('ada', 'k', 20n, { pot: 'allowance', mode: 'set' })))
    expect(entry).toMatchObject({ allowanceDeltaNanousd: 13n, balance: { allowanceNanousd: 20n } })
  })
})

describe('a hold', () => {
  const open = anOpen('ada', 'stream', { minimumNanousd: 4n, wantNanousd: 10n })
  const opened = (user: Partial<User>) => posted(decideOn({ user: aUser(user) }, open))

  test('holds what it wants where there is enough, and takes nothing', () => {
    const { entry, hold } = opened({ creditsNanousd: 100n })
    expect(entry).toMatchObject({ kind: 'hold', heldDeltaNanousd: 10n, creditsDeltaNanousd: 0n })
    expect(hold).toMatchObject({ heldNanousd: 10n, status: { state: 'open' }, epoch: 1 })
  })

  test('holds what there is, and is final, between the least and the wanted', () => {
    expect(opened({ creditsNanousd: 6n }).hold).toMatchObject({
      heldNanousd: 6n,
      status: { state: 'final', reason: 'credits' },
    })
  })

  test('names the daily limit where that is what ends it', () => {
    const { hold } = opened({ creditsNanousd: 100n, dailyLimitNanousd: 5n })
    expect(hold).toMatchObject({ heldNanousd: 5n, status: { state: 'final', reason: 'daily-limit' } })
  })

  test.each([
    ['credits below the least', { creditsNanousd: 3n }, 'INSUFFICIENT_CREDITS'],
    ['a daily limit below the least', { creditsNanousd: 100n, dailyLimitNanousd: 3n }, 'DAILY_LIMIT_REACHED'],
    ['a suspended user', { creditsNanousd: 100n, suspended: true }, 'USER_SUSPENDED'],
    ['an expired trial', { isTrial: true, trialExpiresAt: NOW }, 'TRIAL_EXPIRED'],
    ['a trial that is used up', { isTrial: true, trialSpentNanousd: 5n * USD }, 'TRIAL_LIMIT_REACHED'],
  ])('is refused for %s', (_name, user, expected) => {
    expect(reasonOf(decideOn({ user: aUser(user) }, open))).toBe(expected)
  })

  test('of a trial counts against its requests until it is settled, and does not stop its own extension', () => {
    const almost = { isTrial: true, trialRequests: TRIAL_RULES.requestsMax - 1n }
    const { user, hold } = posted(decideOn({ user: aUser(almost) }, open))
    expect(user.trialHolds).toBe(1n)
    const another = anOpen('ada', 'another', { minimumNanousd: 1n, wantNanousd: 10n })
    expect(reasonOf(decideOn({ user }, another))).toBe('TRIAL_LIMIT_REACHED')
    expect(reasonOf(decideOn({ user }, aCharge('ada', 'call', 5n)))).toBe('TRIAL_LIMIT_REACHED')
    const extended = posted(decideOn({ user, hold }, anExtension(open, 1, { wantNanousd: 30n })))
    expect(extended.hold?.heldNanousd).toBe(30n)
    const settle = aSettlement(open, 2, { amountNanousd: 7n })
    const settled = posted(decideOn({ user: extended.user, hold: extended.hold }, settle))
    expect(settled.user).toMatchObject({ trialHolds: 0n, trialRequests: TRIAL_RULES.requestsMax })
  })

  test('of a trial reserves trial limit, not credits', () => {
    const { entry, user, hold } = opened({ isTrial: true })
    expect(entry.heldDeltaNanousd).toBe(0n)
    expect(user).toMatchObject({ heldNanousd: 0n, trialHeldNanousd: 10n })
    expect(hold?.trial).toBe(true)
  })

  test('is extended as far as the credits go, then refused', () => {
    const { user, hold } = opened({ creditsNanousd: 15n })
    const extended = posted(
      decideOn({ user, hold }, anExtension(open, 1, { wantNanousd: 20n, sequence: 3n })),
    )
    expect(extended.hold).toMatchObject({
      heldNanousd: 15n,
      sequence: 3n,
      status: { state: 'final', reason: 'credits' },
    })
    expect(extended.entry.heldDeltaNanousd).toBe(5n)
    const again = decideOn(
      { user: extended.user, hold: extended.hold },
      anExtension(open, 2, { wantNanousd: 30n }),
    )
    expect(again).toMatchObject({ outcome: 'refused', error: { limitedBy: { reason: 'credits' } } })
  })

  test('of an older epoch is fenced', () => {
    const { user, hold } = opened({ creditsNanousd: 100n })
    const taken = hold && { ...hold, epoch: 2 }
    expect(reasonOf(decideOn({ user, hold: taken }, anExtension(open, 1, { wantNanousd: 20n })))).toBe(
      'STREAM_FENCED',
    )
    expect(reasonOf(decideOn({ user, hold: taken }, aSettlement(open, 1, { amountNanousd: 1n })))).toBe(
      'STREAM_FENCED',
    )
  })
})

describe('a settlement', () => {
  const open = anOpen('ada', 'stream', { minimumNanousd: 4n, wantNanousd: 10n })
  const opened = (credits: bigint, user: Partial<User> = {}) =>
    posted(decideOn({ user: aUser({ creditsNanousd: credits, ...user }) }, open))

  test('charges the usage and gives back the whole hold in one entry', () => {
    const { user, hold } = opened(100n)
    const settled = posted(decideOn({ user, hold }, aSettlement(open, 1, { amountNanousd: 7n })))
    expect(settled.entry).toMatchObject({
      kind: 'settlement',
      creditsDeltaNanousd: -7n,
      heldDeltaNanousd: -10n,
    })
    expect(settled.user).toMatchObject({ creditsNanousd: 93n, heldNanousd: 0n })
    expect(settled.hold).toMatchObject({
      heldNanousd: 0n,
      status: { state: 'settled', version: 2n, byExpiry: false },
    })
    expect(settled.failure).toBeUndefined()
  })

  test('above the hold is charged as far as the balance goes; the rest is a deduction failure', () => {
    const { user, hold } = opened(12n)
    const settled = posted(decideOn({ user, hold }, aSettlement(open, 1, { amountNanousd: 20n })))
    expect(settled.user).toMatchObject({ creditsNanousd: 0n, heldNanousd: 0n })
    expect(settled.entry.charge).toMatchObject({ amountNanousd: 12n, shortfallNanousd: 8n })
    expect(settled.failure).toMatchObject({ amountNanousd: 8n, reason: 'INSUFFICIENT_CREDITS' })
  })

  test('never takes what another stream holds', () => {
    const { user, hold } = opened(15n)
    const settled = posted(
      decideOn({ user: { ...user, heldNanousd: 14n }, hold }, aSettlement(open, 1, { amountNanousd: 20n })),
    )
    expect(settled.user).toMatchObject({ creditsNanousd: 4n, heldNanousd: 4n })
    expect(availableOf(settled.user)).toBe(0n)
  })

  test('over the daily limit is charged and flagged', () => {
    const { user, hold } = opened(100n, { dailyLimitNanousd: 10n })
    const settled = posted(decideOn({ user, hold }, aSettlement(open, 1, { amountNanousd: 11n })))
    expect(settled.entry.charge).toMatchObject({ amountNanousd: 11n, overDailyLimit: true })
  })

  test('of a suspended user is charged: what is open is settled', () => {
    const { user, hold } = opened(100n)
    const settle = aSettlement(open, 1, { amountNanousd: 7n })
    expect(reasonOf(decideOn({ user: { ...user, suspended: true }, hold }, settle))).toBe('posted')
  })

  test('happens once', () => {
    const { user, hold } = opened(100n)
    const first = posted(decideOn({ user, hold }, aSettlement(open, 1, { amountNanousd: 7n })))
    const second = decideOn(
      { user: first.user, hold: first.hold },
      aSettlement(open, 2, { amountNanousd: 7n }),
    )
    expect(reasonOf(second)).toBe('STREAM_FENCED')
  })

  test('by expiry waits for the expiry, and for the progress that it was rated from', () => {
    const { user, hold } = opened(100n)
    const byExpiry = { by: 'expiry', sequence: 0n, amendableForMs: 1_000 } as const
    const settle = aSettlement(open, 1, { amountNanousd: 7n, settledBy: byExpiry })
    const later = new Date(NOW.getTime() + open.validityMs)
    expect(reasonOf(decideOn({ user, hold }, settle))).toBe('CONCURRENT_MODIFICATION')
    expect(reasonOf(decideOn({ user, hold: hold && { ...hold, sequence: 1n } }, settle, later))).toBe(
      'CONCURRENT_MODIFICATION',
    )
    expect(posted(decideOn({ user, hold }, settle, later)).hold).toMatchObject({
      status: { state: 'settled', byExpiry: true, amendableUntil: new Date(later.getTime() + 1_000) },
    })
  })

  test.each([
    { name: 'nothing to pay with', credits: 0n, amountNanousd: 0n, shortfallNanousd: 79_990n },
    { name: 'some credits', credits: 30n, amountNanousd: 30n, shortfallNanousd: 79_960n },
    { name: 'enough credits', credits: 100_000n, amountNanousd: 79_990n, shortfallNanousd: 0n },
  ])('of a trial forgives what it granted, and no more, with $name', ({ name: _name, credits, ...paid }) => {
    const { user, hold } = opened(credits, { isTrial: true })
    const settled = posted(decideOn({ user, hold }, aSettlement(open, 1, { amountNanousd: 80_000n })))
    expect(settled.entry.charge).toMatchObject({ ...paid, forgoneNanousd: 10n, trial: true })
    expect(settled.user).toMatchObject({
      trialSpentNanousd: 10n,
      trialHeldNanousd: 0n,
      creditsNanousd: credits - paid.amountNanousd,
    })
    expect(settled.failure?.amountNanousd).toBe(paid.shortfallNanousd || undefined)
  })

  test('of a trial counts against its limits and takes nothing', () => {
    const { user, hold } = opened(0n, { isTrial: true })
    const settled = posted(decideOn({ user, hold }, aSettlement(open, 1, { amountNanousd: 7n })))
    expect(settled.user).toMatchObject({
      trialHeldNanousd: 0n,
      trialSpentNanousd: 7n,
      trialRequests: 1n,
      creditsNanousd: 0n,
    })
    expect(settled.entry.charge).toMatchObject({ amountNanousd: 0n, forgoneNanousd: 7n, trial: true })
  })
})

describe('a chargeback', () => {
  const chargeback = (amountNanousd: bigint) => aGrant('ada', 'bank', amountNanousd, { mode: 'chargeback' })

  test('below the floor is a debt that the next grants pay first', () => {
    const user = aUser({ creditsNanousd: 950n })
    expect(reasonOf(decideOn({ user }, aGrant('ada', 'bank', -1_000n)))).toBe('INSUFFICIENT_CREDITS')
    const taken = posted(decideOn({ user }, chargeback(-1_000n)))
    expect(taken.entry).toMatchObject({ kind: 'grant', creditsDeltaNanousd: -1_000n })
    expect(taken.user.creditsNanousd).toBe(-50n)
    expect(reasonOf(decideOn({ user: taken.user }, aCharge('ada', 'call', 1n)))).toBe('INSUFFICIENT_CREDITS')
    const bought = posted(decideOn({ user: taken.user }, aGrant('ada', 'more', 60n)))
    expect(bought.user.creditsNanousd).toBe(10n)
    expect(reasonOf(decideOn({ user: bought.user }, aCharge('ada', 'call', 11n)))).toBe(
      'INSUFFICIENT_CREDITS',
    )
  })

  test('takes credits, and takes something', () => {
    const user = aUser({ creditsNanousd: 950n, allowanceNanousd: 10n })
    const ofAllowance = aGrant('ada', 'bank', -5n, { mode: 'chargeback', pot: 'allowance' })
    expect(reasonOf(decideOn({ user }, ofAllowance))).toBe('INVALID_FIELD')
    expect(reasonOf(decideOn({ user }, chargeback(5n)))).toBe('INVALID_FIELD')
  })
})
