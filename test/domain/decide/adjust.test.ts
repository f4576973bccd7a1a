import { decide } from '../../../src/domain/decide/decide'
import type { Decision, Facts, FailureFacts, Posted, Posting } from '../../../src/domain/decide/posting'
import { UNCHANGED } from '../../../src/domain/ledger/chargeState'
import { asChargeEntry } from '../../../src/domain/ledger/entry'
import type { User } from '../../../src/domain/ledger/user'
import { BALANCE_NANOUSD_MAX } from '../../../src/domain/money'
import { beginWalk, walkEntry } from '../../../src/domain/reconcile/reconcile'
import { receiptEntryOf } from '../../../src/domain/stream/amendment'
import { anAdjustment, anOpen, aSettlement, aUser, TRIAL_RULES } from '../../support/postings'

const OPENED = new Date('2026-03-01T12:00:00Z')
const EXPIRED = new Date('2026-03-01T12:02:00Z')
const LATER = new Date('2026-03-01T20:00:00Z')
const NEXT_DAY = new Date('2026-03-02T10:00:00Z')
const DAY_MS = 86_400_000

function posted(facts: Partial<Facts>, posting: Posting, now: Date) {
  const decision = decided(facts, posting, now)
  if (decision.outcome !== 'posted') throw new Error(`was ${decision.outcome}`)
  return decision
}

/** What it leaves for the next. */
function leftBy({ user, hold }: Posted): Partial<Facts> {
  return { user, hold }
}

function decided(facts: Partial<Facts>, posting: Posting, now: Date): Decision {
  return decide(
    { user: undefined, known: undefined, failure: undefined, hold: undefined, ...facts },
    posting,
    { rules: { trial: TRIAL_RULES }, now },
  )
}

const open = anOpen('ada', 'stream', { minimumNanousd: 1n, wantNanousd: 10n })

/** A stream that expired at a cost of `settledNanousd`. */
function expired(user: Partial<User>, settledNanousd: bigint) {
  const opened = posted({ user: aUser(user) }, open, OPENED)
  const settle = aSettlement(open, 1, {
    amountNanousd: settledNanousd,
    settledBy: { by: 'expiry', sequence: 0n, amendableForMs: DAY_MS },
  })
  return posted(leftBy(opened), settle, EXPIRED)
}

interface Case {
  name: string
  user: Partial<User>
  settled: bigint
  /** What changed of the user between the two. */
  since?: Partial<User>
  failure?: FailureFacts
  /** Of the shortfall, since. */
  collected?: bigint
  amended: bigint
  at?: Date
  expected: {
    allowance?: bigint
    credits: bigint
    spent?: bigint
    shortfall?: bigint
    flagged?: boolean
    /** What is left to be collected; `resolved`, or nothing that changes. */
    failure?: bigint | 'resolved'
  }
}

const pending = (amountNanousd?: bigint): FailureFacts => ({
  state: 'pending',
  requestHash: Buffer.alloc(32),
  isOfStream: true,
  ...(amountNanousd !== undefined && { amountNanousd }),
})

describe('a late close of a stream that expired', () => {
  const cases: Case[] = [
    {
      name: 'at the same cost',
      user: { creditsNanousd: 50n },
      settled: 7n,
      amended: 7n,
      expected: { credits: 43n, spent: 7n },
    },
    {
      name: 'of more is charged',
      user: { creditsNanousd: 50n },
      settled: 7n,
      amended: 30n,
      expected: { credits: 20n, spent: 30n },
    },
    {
      name: 'of more, allowance first',
      user: { allowanceNanousd: 10n, creditsNanousd: 50n },
      settled: 7n,
      amended: 30n,
      expected: { allowance: 0n, credits: 30n, spent: 30n },
    },
    {
      name: 'of more than there is falls short',
      user: { creditsNanousd: 20n },
      settled: 7n,
      amended: 30n,
      expected: { credits: 0n, spent: 20n, shortfall: 10n, failure: 10n },
    },
    {
      name: 'of more than there is beside what streams hold',
      user: { creditsNanousd: 20n },
      since: { heldNanousd: 5n },
      settled: 7n,
      amended: 30n,
      expected: { credits: 5n, spent: 15n, shortfall: 15n, failure: 15n },
    },
    {
      name: 'adds to what fell short before',
      user: { creditsNanousd: 20n },
      settled: 25n,
      failure: pending(5n),
      amended: 30n,
      expected: { credits: 0n, spent: 20n, shortfall: 10n, failure: 10n },
    },
    {
      name: 'of more than the daily limit is flagged',
      user: { creditsNanousd: 50n, dailyLimitNanousd: 15n },
      settled: 7n,
      amended: 30n,
      expected: { credits: 20n, spent: 30n, flagged: true },
    },
    {
      name: 'of a suspended user is charged',
      user: { creditsNanousd: 50n },
      since: { suspended: true },
      settled: 7n,
      amended: 9n,
      expected: { credits: 41n, spent: 9n },
    },
    {
      name: 'of less is given back',
      user: { creditsNanousd: 50n },
      settled: 7n,
      amended: 3n,
      expected: { credits: 47n, spent: 3n },
    },
    {
      name: 'of nothing gives all of it back',
      user: { creditsNanousd: 50n },
      settled: 7n,
      amended: 0n,
      expected: { credits: 50n, spent: 0n },
    },
    {
      name: 'of less goes back to the credits first',
      user: { allowanceNanousd: 4n, creditsNanousd: 50n },
      settled: 10n,
      amended: 5n,
      expected: { allowance: 0n, credits: 49n, spent: 5n },
    },
    {
      name: '… and then to the allowance',
      user: { allowanceNanousd: 4n, creditsNanousd: 50n },
      settled: 10n,
      amended: 1n,
      expected: { allowance: 3n, credits: 50n, spent: 1n },
    },
    {
      name: 'of less is no part of another day',
      user: { creditsNanousd: 50n },
      settled: 7n,
      amended: 3n,
      at: NEXT_DAY,
      expected: { credits: 47n, spent: 0n },
    },
    {
      name: 'of more is of the day that it is posted on',
      user: { creditsNanousd: 50n },
      settled: 7n,
      amended: 9n,
      at: NEXT_DAY,
      expected: { credits: 41n, spent: 2n },
    },
    {
      name: 'of less than what is unpaid lowers the failure',
      user: { creditsNanousd: 20n },
      settled: 30n,
      failure: pending(10n),
      amended: 24n,
      expected: { credits: 0n, spent: 20n, shortfall: 4n, failure: 4n },
    },
    {
      name: 'of less than what was paid resolves the failure',
      user: { creditsNanousd: 20n },
      settled: 30n,
      failure: pending(10n),
      amended: 14n,
      expected: { credits: 6n, spent: 14n, shortfall: 0n, failure: 'resolved' },
    },
    {
      name: 'gives back what was collected since',
      user: { creditsNanousd: 20n },
      settled: 30n,
      failure: { state: 'resolved', requestHash: Buffer.alloc(32), isOfStream: true, amountNanousd: 10n },
      collected: 10n,
      amended: 24n,
      expected: { credits: 6n, spent: 14n, shortfall: 10n },
    },
    {
      name: 'gives back what was collected, also where a close was refused after that',
      user: { creditsNanousd: 20n },
      settled: 30n,
      failure: pending(),
      collected: 10n,
      amended: 24n,
      expected: { credits: 6n, spent: 14n, shortfall: 10n, failure: 'resolved' },
    },
    {
      name: 'of more leaves only that owed, also where a close was refused after all was collected',
      user: { creditsNanousd: 20n },
      settled: 30n,
      failure: pending(),
      collected: 10n,
      amended: 36n,
      expected: { credits: 0n, spent: 20n, shortfall: 16n, failure: 6n },
    },
    {
      name: 'gives nothing back that was written off',
      user: { creditsNanousd: 20n },
      settled: 30n,
      failure: { state: 'written-off', requestHash: Buffer.alloc(32), isOfStream: true, amountNanousd: 10n },
      amended: 24n,
      expected: { credits: 0n, spent: 20n, shortfall: 4n },
    },
    {
      name: 'answers for a close that was refused',
      user: { creditsNanousd: 50n },
      settled: 7n,
      failure: pending(),
      amended: 9n,
      expected: { credits: 41n, spent: 9n, failure: 'resolved' },
    },
  ]
  test.each(cases)('$name', ({ user, settled, since, failure, collected, amended, at = LATER, expected }) => {
    const before = expired(user, settled)
    const changes = collected === undefined ? UNCHANGED : { ...UNCHANGED, creditsDeltaNanousd: -collected }
    const facts = { user: { ...before.user, ...since }, hold: before.hold, failure, changes }
    const after = posted(
      facts,
      anAdjustment(open, 2, { settlement: before.entry, amountNanousd: amended }),
      at,
    )
    const receipt = receiptEntryOf({
      entry: asChargeEntry(before.entry),
      adjustment: asChargeEntry(after.entry),
    })
    const { allowance = 0n, credits, spent = 0n, shortfall = 0n, flagged = false } = expected
    expect(after.user).toMatchObject({
      allowanceNanousd: allowance,
      creditsNanousd: credits,
      spentTodayNanousd: spent,
    })
    expect(receipt.charge).toMatchObject({
      amountNanousd: amended - shortfall,
      shortfallNanousd: shortfall,
      overDailyLimit: flagged,
      end: 'completed',
      usage: { inputTokens: amended },
    })
    expect(-(receipt.allowanceDeltaNanousd + receipt.creditsDeltaNanousd)).toBe(receipt.charge?.amountNanousd)
    expect(after.entry).toMatchObject({ kind: 'adjustment', chargeKeyId: open.keyId, holdKeyId: open.keyId })
    expect(after.resolvesFailure === true ? 'resolved' : after.failure?.amountNanousd).toBe(expected.failure)
    expect(after.hold).toMatchObject({
      postings: 2,
      status: {
        state: 'settled',
        version: before.entry.version,
        byExpiry: true,
        amendedVersion: after.entry.version,
      },
    })
    expect(after.hold?.status).not.toHaveProperty('amendableUntil')
  })

  test('is final', () => {
    const before = expired({ creditsNanousd: 50n }, 7n)
    const first = posted(
      leftBy(before),
      anAdjustment(open, 2, { settlement: before.entry, amountNanousd: 9n }),
      LATER,
    )
    const second = anAdjustment(open, 3, { settlement: before.entry, amountNanousd: 8n })
    expect(decided(leftBy(first), second, LATER)).toMatchObject({
      error: { reason: 'ALREADY_DECIDED' },
    })
  })

  test.each([
    ['in the last millisecond', new Date(EXPIRED.getTime() + DAY_MS - 1), 'posted'],
    ['one millisecond too late', new Date(EXPIRED.getTime() + DAY_MS), 'refused'],
  ])('%s', (_name, at, outcome) => {
    const before = expired({ creditsNanousd: 50n }, 7n)
    expect(
      decided(leftBy(before), anAdjustment(open, 2, { settlement: before.entry, amountNanousd: 9n }), at)
        .outcome,
    ).toBe(outcome)
  })

  test('of a stream that its client ended is refused', () => {
    const opened = posted({ user: aUser({ creditsNanousd: 50n }) }, open, OPENED)
    const settled = posted(leftBy(opened), aSettlement(open, 1, { amountNanousd: 7n }), EXPIRED)
    const late = anAdjustment(open, 2, { settlement: settled.entry, amountNanousd: 9n })
    expect(decided(leftBy(settled), late, LATER)).toMatchObject({
      error: { reason: 'ALREADY_DECIDED' },
    })
    expect(decided(leftBy(opened), late, LATER)).toMatchObject({
      error: { reason: 'ALREADY_DECIDED' },
    })
    expect(decided({ user: opened.user }, late, LATER)).toMatchObject({ error: { reason: 'HOLD_NOT_FOUND' } })
  })

  test.each<[name: string, amended: bigint, at: Date, spent: bigint, today: bigint]>([
    ['of more', 9n, LATER, 9n, 9n],
    ['of less', 3n, LATER, 3n, 3n],
    ['of more, on another day', 9n, NEXT_DAY, 9n, 2n],
    ['of less, on another day', 3n, NEXT_DAY, 3n, 0n],
  ])('in a trial, %s, changes what the trial spent', (_name, amended, at, spent, today) => {
    const before = expired({ isTrial: true }, 7n)
    const after = posted(
      leftBy(before),
      anAdjustment(open, 2, { settlement: before.entry, amountNanousd: amended }),
      at,
    )
    expect(after.user).toMatchObject({
      creditsNanousd: 0n,
      trialSpentNanousd: spent,
      trialSpentTodayNanousd: today,
      trialRequests: 1n,
      trialHeldNanousd: 0n,
    })
    expect(
      receiptEntryOf({
        entry: asChargeEntry(before.entry),
        adjustment: asChargeEntry(after.entry),
      }).charge,
    ).toMatchObject({
      amountNanousd: 0n,
      forgoneNanousd: amended,
      trial: true,
    })
    // Reconcile comes to the same from the entries.
    const known = { requestHash: Buffer.alloc(32), ratedAgain: undefined }
    const settled = walkEntry(beginWalk(before.user.userId), before.entry, known)
    const walked = walkEntry(settled, after.entry, { ...known, settledAt: before.entry.createdAt })
    expect(walked).toMatchObject({ trialSpentNanousd: spent, trialSpentTodayNanousd: today })
  })
})

describe('the failure of a close that was refused', () => {
  const opened = posted({ user: aUser({ creditsNanousd: 50n }) }, open, OPENED)
  const facts = { user: opened.user, hold: opened.hold, failure: pending() }

  test('is resolved by a close that can be charged', () => {
    const settled = posted(facts, aSettlement(open, 1, { amountNanousd: 7n }), EXPIRED)
    expect(settled).toMatchObject({ resolvesFailure: true })
  })

  test('gives way to the shortfall of such a close', () => {
    const settled = posted(facts, aSettlement(open, 1, { amountNanousd: 70n }), EXPIRED)
    expect(settled).toMatchObject({ resolvesFailure: false, failure: { amountNanousd: 20n } })
  })

  test.each([7n, 70n])('stays where the stream expires at a cost of %d', (amountNanousd) => {
    const settle = aSettlement(open, 1, {
      amountNanousd,
      settledBy: { by: 'expiry', sequence: 0n, amendableForMs: DAY_MS },
    })
    const settled = posted(facts, settle, EXPIRED)
    expect(settled.resolvesFailure).toBe(false)
    expect(settled.failure).toBeUndefined()
  })
})

describe('two debts of one stream', () => {
  test('a settlement by expiry lists its shortfall beside the close that was refused', () => {
    const opened = posted({ user: aUser({ creditsNanousd: 10n }) }, open, OPENED)
    const settle = aSettlement(open, 1, {
      amountNanousd: 12n,
      settledBy: { by: 'expiry', sequence: 0n, amendableForMs: DAY_MS },
    })
    const settled = posted({ ...leftBy(opened), refusedClose: pending() }, settle, EXPIRED)
    expect(settled).toMatchObject({ failure: { amountNanousd: 2n } })
    expect(settled.resolvesRefusedClose).toBeUndefined()
  })

  test('a close that can be charged answers the refused one, and not what the settlement fell short of', () => {
    const before = expired({ creditsNanousd: 10n }, 12n)
    const facts = { ...leftBy(before), failure: pending(2n), refusedClose: pending() }
    const after = posted(
      facts,
      anAdjustment(open, 2, { settlement: before.entry, amountNanousd: 13n }),
      LATER,
    )
    expect(after).toMatchObject({ failure: { amountNanousd: 3n }, resolvesRefusedClose: true })
  })

  test('a refused close is tried again only while it is pending', () => {
    const before = expired({ creditsNanousd: 10n }, 12n)
    const again = {
      ...anAdjustment(open, 2, { settlement: before.entry, amountNanousd: 13n }),
      ignoresAmendWindow: true,
    }
    const facts = { ...leftBy(before), failure: pending(2n) }
    expect(decided(facts, again, LATER)).toMatchObject({ error: { reason: 'ALREADY_DECIDED' } })
    expect(decided({ ...facts, refusedClose: pending() }, again, LATER)).toMatchObject({ outcome: 'posted' })
  })
})

describe('a late close of a trial', () => {
  test('of more than its limits leave is charged, and less goes back in the reverse order', () => {
    const trial = {
      isTrial: true,
      creditsNanousd: 30n,
      trialSpentTodayNanousd: TRIAL_RULES.spendTodayNanousdMax - 15n,
    }
    const before = expired(trial, 7n)
    const more = posted(
      leftBy(before),
      anAdjustment(open, 2, { settlement: before.entry, amountNanousd: 50n }),
      LATER,
    )
    expect(more.entry.charge).toMatchObject({ forgoneNanousd: 8n, amountNanousd: 30n, shortfallNanousd: 5n })
    expect(more.user).toMatchObject({ creditsNanousd: 0n, trialSpentNanousd: 15n })

    const dear = posted(
      leftBy(posted({ user: aUser(trial) }, open, OPENED)),
      aSettlement(open, 1, {
        amountNanousd: 50n,
        settledBy: { by: 'expiry', sequence: 0n, amendableForMs: DAY_MS },
      }),
      EXPIRED,
    )
    expect(dear.entry.charge).toMatchObject({
      forgoneNanousd: 10n,
      amountNanousd: 30n,
      shortfallNanousd: 10n,
    })
    const less = posted(
      { ...leftBy(dear), failure: pending(10n) },
      anAdjustment(open, 2, { settlement: dear.entry, amountNanousd: 4n }),
      LATER,
    )
    expect(less.entry.charge).toMatchObject({
      forgoneNanousd: -6n,
      amountNanousd: -30n,
      shortfallNanousd: -10n,
    })
    expect(less).toMatchObject({
      user: { creditsNanousd: 30n, trialSpentNanousd: 4n },
      resolvesFailure: true,
    })
  })
})

test('an amendment downwards at the highest balance is refused with a reason', () => {
  const before = expired({ creditsNanousd: 50n }, 9n)
  const user = { ...before.user, creditsNanousd: BALANCE_NANOUSD_MAX }
  const less = anAdjustment(open, 2, { settlement: before.entry, amountNanousd: 4n })
  expect(decided({ ...leftBy(before), user }, less, LATER)).toMatchObject({
    outcome: 'refused',
    error: { reason: 'INVALID_FIELD', message: expect.stringContaining('10^18') },
  })
})
