import fc from 'fast-check'
import { decide } from '../../../src/domain/decide/decide'
import type { Facts, Posting } from '../../../src/domain/decide/posting'
import { UNCHANGED, withChange } from '../../../src/domain/ledger/chargeState'
import type { User } from '../../../src/domain/ledger/user'
import {
  aCharge,
  anAdjustment,
  anOpen,
  aRefund,
  aSettlement,
  aUser,
  TRIAL_RULES,
} from '../../support/postings'

const NOW = new Date('2026-03-01T12:00:00Z')
const EXPIRED = new Date('2026-03-01T12:02:00Z')
const NEXT_DAY = new Date('2026-03-02T12:00:00Z')

function decided(user: User, posting: Posting, more: Partial<Facts> = {}, now = EXPIRED) {
  const facts = { user, known: undefined, failure: undefined, hold: undefined, ...more }
  return decide(facts, posting, { rules: { trial: TRIAL_RULES }, now })
}

function posted(...args: Parameters<typeof decided>) {
  const decision = decided(...args)
  if (decision.outcome !== 'posted') throw new Error(`was ${decision.outcome}`)
  return decision
}

const BOTH = { allowanceNanousd: 30n, creditsNanousd: 100n }

test.each([
  { name: 'all of it', of: 50n, asked: 0n, allowance: 30n, credits: 20n },
  { name: 'the whole amount', of: 50n, asked: 50n, allowance: 30n, credits: 20n },
  { name: 'a part, to credits first', of: 50n, asked: 15n, allowance: 0n, credits: 15n },
  { name: 'a part of more than the credits', of: 50n, asked: 25n, allowance: 5n, credits: 20n },
  { name: 'what the allowance alone paid', of: 20n, asked: 20n, allowance: 20n, credits: 0n },
])('a refund of $name goes to the pots that paid', ({ of, asked, allowance, credits }) => {
  const charged = posted(aUser(BOTH), aCharge('ada', 'call', of))
  const refund = posted(charged.user, aRefund('refund', charged.entry, asked))
  expect(refund.entry).toMatchObject({
    kind: 'refund',
    allowanceDeltaNanousd: allowance,
    creditsDeltaNanousd: credits,
    heldDeltaNanousd: 0n,
    spentTodayDeltaNanousd: -(allowance + credits),
    chargeKeyId: charged.entry.keyId,
  })
  // The charge is of today, so its spend goes back, too.
  expect(refund.user.spentTodayNanousd).toBe(of - allowance - credits)
})

test("a refund of another day's charge leaves today's spend", () => {
  const charged = posted(aUser(BOTH), aCharge('ada', 'call', 50n))
  const today = posted(charged.user, aCharge('ada', 'another', 5n), {}, NEXT_DAY)
  const refund = posted(today.user, aRefund('refund', charged.entry, 50n), {}, NEXT_DAY)
  expect(refund.entry.spentTodayDeltaNanousd).toBe(0n)
  expect(refund.user.spentTodayNanousd).toBe(5n)
})

test('a daily limit has room again for what was refunded today', () => {
  const charged = posted(aUser({ ...BOTH, dailyLimitNanousd: 60n }), aCharge('ada', 'call', 50n))
  expect(decided(charged.user, aCharge('ada', 'next', 50n))).toMatchObject({
    outcome: 'refused',
    error: { reason: 'DAILY_LIMIT_REACHED' },
  })
  const refund = posted(charged.user, aRefund('refund', charged.entry, 50n))
  expect(posted(refund.user, aCharge('ada', 'next', 50n)).user.spentTodayNanousd).toBe(50n)
})

test.each([
  ['more than was charged', 51n, UNCHANGED],
  [
    'more than earlier refunds left',
    21n,
    { ...UNCHANGED, creditsDeltaNanousd: 20n, allowanceDeltaNanousd: 10n },
  ],
  ['what is refunded already', 0n, { ...UNCHANGED, creditsDeltaNanousd: 20n, allowanceDeltaNanousd: 30n }],
])('a refund of %s is refused', (_name, asked, changes) => {
  const charged = posted(aUser(BOTH), aCharge('ada', 'call', 50n))
  expect(decided(charged.user, aRefund('refund', charged.entry, asked), { changes })).toMatchObject({
    outcome: 'refused',
    error: { reason: 'REFUND_EXCEEDS_CHARGE' },
  })
})

test('a trial charge took nothing, so nothing goes back', () => {
  const charged = posted(aUser({ isTrial: true }), aCharge('ada', 'call', 50n))
  expect(decided(charged.user, aRefund('refund', charged.entry, 0n))).toMatchObject({
    error: { reason: 'REFUND_EXCEEDS_CHARGE' },
  })
})

describe('a late close after a refund', () => {
  test.each([
    // charged 80 (30 from allowance, 50 from credits); refunded; amended to.
    { refunded: 10n, amended: 50n, back: 30n, left: 40n },
    { refunded: 60n, amended: 50n, back: 20n, left: 0n },
    { refunded: 80n, amended: 0n, back: 0n, left: 0n },
    { refunded: 80n, amended: 100n, back: -20n, left: 20n },
  ])(
    'refunded $refunded of 80, amended to $amended: $back goes back',
    ({ refunded, amended, back, left }) => {
      const { user, hold, settlement } = anExpiredStream(80n)
      const refund = posted(user, aRefund('refund', settlement, refunded))
      const changes = withChange(UNCHANGED, refund.entry)
      const adjustment = anAdjustment(open, 2, { settlement, amountNanousd: amended })
      const { entry, failure } = posted(refund.user, adjustment, { hold, changes })
      expect(entry.allowanceDeltaNanousd + entry.creditsDeltaNanousd).toBe(back)
      expect(failure).toBeUndefined()
      const { amountNanousd = 0n, shortfallNanousd = 0n } = entry.charge ?? {}
      // Reconcile holds the sum against the two ratings.
      expect(amountNanousd + shortfallNanousd).toBe(amended - 80n)
      const total = withChange(changes, entry)
      expect(-(settlement.allowanceDeltaNanousd + settlement.creditsDeltaNanousd)).toBe(80n)
      expect(80n - total.allowanceDeltaNanousd - total.creditsDeltaNanousd).toBe(left)
    },
  )
})

const open = anOpen('ada', 'stream', { minimumNanousd: 1n, wantNanousd: 10n })

function anExpiredStream(amountNanousd: bigint) {
  const opened = decide({ user: aUser(BOTH), known: undefined, failure: undefined, hold: undefined }, open, {
    rules: { trial: TRIAL_RULES },
    now: NOW,
  })
  if (opened.outcome !== 'posted') throw new Error(`was ${opened.outcome}`)
  const settledBy = { by: 'expiry', sequence: 0n, amendableForMs: 86_400_000 } as const
  const settle = aSettlement(open, 1, { amountNanousd, settledBy })
  const settled = posted(opened.user, settle, { hold: opened.hold })
  return { user: settled.user, hold: settled.hold, settlement: settled.entry }
}

test('whatever is refunded, in whatever parts: never more than was charged, and to each pot at most what it paid', () => {
  const amount = fc.bigInt(0n, 200n)
  fc.assert(
    fc.property(
      amount,
      amount,
      fc.bigInt(1n, 150n),
      fc.array(fc.bigInt(0n, 120n)),
      (allowance, credits, charge, parts) => {
        const before = aUser({ allowanceNanousd: allowance, creditsNanousd: credits })
        const charged = decided(before, aCharge('ada', 'call', charge))
        if (charged.outcome !== 'posted') return
        let user = charged.user
        let changes = UNCHANGED
        for (const [index, part] of parts.entries()) {
          const decision = decided(user, aRefund(`refund ${index}`, charged.entry, part), { changes })
          if (decision.outcome !== 'posted') continue
          changes = withChange(changes, decision.entry)
          user = decision.user
          expect(changes.refundedNanousd).toBeLessThanOrEqual(charge)
          expect(user.allowanceNanousd).toBeLessThanOrEqual(allowance)
          expect(user.creditsNanousd).toBeLessThanOrEqual(credits)
        }
        const all = decided(user, aRefund('the rest', charged.entry, 0n), { changes })
        if (all.outcome === 'posted') user = all.user
        expect(user).toMatchObject({ allowanceNanousd: allowance, creditsNanousd: credits })
      },
    ),
  )
})
