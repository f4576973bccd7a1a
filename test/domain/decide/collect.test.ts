import { decide } from '../../../src/domain/decide/decide'
import type { CollectPosting, Facts, FailureFacts, Posting } from '../../../src/domain/decide/posting'
import { asChargeEntry } from '../../../src/domain/ledger/entry'
import type { User } from '../../../src/domain/ledger/user'
import { ACTOR, anOpen, aSettlement, aUser, TRIAL_RULES } from '../../support/postings'

const NOW = new Date('2026-03-01T12:00:00Z')
const open = anOpen('ada', 'stream', { minimumNanousd: 1n, wantNanousd: 10n })

function decided(facts: Partial<Facts>, posting: Posting) {
  const all = { user: undefined, known: undefined, failure: undefined, hold: undefined, ...facts }
  return decide(all, posting, { rules: { trial: TRIAL_RULES }, now: NOW })
}

function posted(facts: Partial<Facts>, posting: Posting) {
  const decision = decided(facts, posting)
  if (decision.outcome !== 'posted') throw new Error(`was ${decision.outcome}`)
  return decision
}

/** A stream of 80 that was settled on credits of 50, and what is to collect the rest. */
function aShortStream(owner: Partial<User> = {}) {
  const opened = posted({ user: aUser({ creditsNanousd: 50n, ...owner }) }, open)
  const settle = aSettlement(open, 1, { amountNanousd: 80n })
  const { user, hold, entry } = posted({ user: opened.user, hold: opened.hold }, settle)
  if (hold === undefined) throw new Error('no hold')
  const collect: CollectPosting = {
    ...{
      type: 'collect',
      actor: ACTOR,
      userId: 'ada',
      keyId: settle.keyId.replace(/^./, 'f'),
      idempotencyKey: 'hd/2',
    },
    ...{ requestHash: settle.requestHash, holdKeyId: open.keyId },
    holdPostings: hold.postings,
    settlement: asChargeEntry(entry),
  }
  return { user, hold, collect }
}

const pending: FailureFacts = {
  state: 'pending',
  requestHash: Buffer.alloc(32),
  isOfStream: true,
  amountNanousd: 30n,
}

test.each([
  { name: 'credits', allowance: 0n, credits: 40n, from: [0n, -30n] },
  { name: 'allowance first', allowance: 10n, credits: 40n, from: [-10n, -20n] },
])('a shortfall is collected from $name, and the hold moves on', ({ allowance, credits, from }) => {
  const { user, hold, collect } = aShortStream()
  const granted = { ...user, allowanceNanousd: allowance, creditsNanousd: credits }
  const decision = posted({ user: granted, hold, failure: pending }, collect)
  const { entry } = decision
  expect([entry.allowanceDeltaNanousd, entry.creditsDeltaNanousd]).toEqual(from)
  expect(entry).toMatchObject({
    kind: 'adjustment',
    chargeKeyId: hold.keyId,
    spentTodayDeltaNanousd: 30n,
    charge: { amountNanousd: 30n, shortfallNanousd: -30n, forgoneNanousd: 0n },
  })
  expect(decision).toMatchObject({ resolvesFailure: true, hold: { postings: hold.postings + 1 } })
})

test.each<[string, Partial<User>, FailureFacts | undefined, string]>([
  ['on too little', { creditsNanousd: 29n }, pending, 'INSUFFICIENT_CREDITS'],
  ['that was collected', {}, { ...pending, state: 'resolved' }, 'ALREADY_DECIDED'],
  ['that was written off', {}, { ...pending, state: 'written-off' }, 'ALREADY_DECIDED'],
  ['that is none', {}, undefined, 'ALREADY_DECIDED'],
  [
    'that has to be rated yet',
    {},
    { state: 'pending', requestHash: Buffer.alloc(32), isOfStream: true },
    'ALREADY_DECIDED',
  ],
])('a shortfall %s is not collected', (_name, owner, failure, reason) => {
  const { user, hold, collect } = aShortStream()
  const granted = { ...user, creditsNanousd: 1_000n, ...owner }
  expect(decided({ user: granted, hold, failure }, collect)).toMatchObject({ error: { reason } })
})

test('what another posting of the stream has changed meanwhile is read again', () => {
  const { user, hold, collect } = aShortStream()
  const facts = { user: { ...user, creditsNanousd: 1_000n }, failure: pending }
  expect(decided({ ...facts, hold: { ...hold, postings: 9 } }, collect)).toMatchObject({
    error: { reason: 'CONCURRENT_MODIFICATION' },
  })
})
