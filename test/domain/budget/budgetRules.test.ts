import { type BudgetDefinition, COUNTERS_MAX } from '../../../src/domain/budget/budget'
import type { BudgetWindow } from '../../../src/domain/budget/window'
import type { ChargePosting, Posted } from '../../../src/domain/decide/posting'
import type { RatedCall } from '../../../src/domain/ledger/charge'
import { aBudget, aDelete, aPut } from '../../support/budgets'
import {
  aCall,
  aCharge,
  aCollection,
  aGrant,
  anAdjustment,
  anExtension,
  anOpen,
  anUpdate,
  aRefund,
  aSettlement,
} from '../../support/postings'
import { PureLedger } from '../../support/pureLedger'

// The rules of budgets, on the engine's own decisions, at chosen times.

const NOON = '2026-03-02T12:00:00Z'

let keys = 0

/** A ledger with these budgets. */
function withBudgets(...budgets: Partial<BudgetDefinition>[]): PureLedger {
  const ledger = new PureLedger()
  for (const budget of budgets) posted(ledger.post(aPut('ada', `put-${keys++}`, aBudget(budget)), NOON))
  return ledger
}

function posted(result: Posted | string): Posted {
  if (typeof result === 'string') throw new Error(`it was ${result}`)
  return result
}

type CallOf = {
  amount: bigint
  apiKeyId?: string
  model?: string
  provider?: string
  labels?: Record<string, string>
}

function callOf({ amount, apiKeyId, model, provider, labels }: CallOf): RatedCall {
  const call = aCall(amount)
  return {
    ...call,
    reported: {
      ...call.reported,
      ...(apiKeyId !== undefined && { apiKeyId }),
      ...(labels !== undefined && { labels }),
    },
    priced: {
      ...call.priced,
      ...(model !== undefined && { model }),
      ...(provider !== undefined && { provider }),
    },
  }
}

function chargeOf(call: CallOf, from: ChargePosting['from'] = 'call'): ChargePosting {
  return { ...aCharge('ada', `c-${keys++}`, call.amount, { from }), rated: callOf(call) }
}

const window = (overrides: Partial<BudgetWindow>): BudgetWindow => ({ ...aBudget().window, ...overrides })
const match = (overrides: Partial<BudgetDefinition['match']>) => ({ ...aBudget().match, ...overrides })

describe('what a budget counts', () => {
  test.each<[string, Partial<BudgetDefinition>, Partial<CallOf>, boolean]>([
    ['everything where nothing is set', {}, {}, true],
    ['a key of its list', { match: match({ apiKeyIds: ['a', 'key-1'] }) }, {}, true],
    ['no other key', { match: match({ apiKeyIds: ['a'] }) }, {}, false],
    ['no call without a key', { match: match({ apiKeyIds: ['a'] }) }, { apiKeyId: '' }, false],
    ['a label of its value', { match: match({ labels: { team: 'search' } }) }, {}, true],
    ['no label of another value', { match: match({ labels: { team: 'ads' } }) }, {}, false],
    ['all labels, not any', { match: match({ labels: { team: 'search', env: 'prod' } }) }, {}, false],
    ['a model of its globs', { match: match({ models: ['o*', 'GPT-4*'] }) }, {}, true],
    [
      'the priced model, not the asked',
      { match: match({ models: ['gpt-4o'] }) },
      { model: 'gpt-4o-2024' },
      false,
    ],
    ['no other provider', { match: match({ providers: ['anthropic'] }) }, {}, false],
    [
      'the reported provider of a price of any provider',
      { match: match({ providers: ['openai'] }) },
      { provider: '' },
      true,
    ],
    [
      'all that is set, not any',
      { match: match({ apiKeyIds: ['key-1'], providers: ['anthropic'] }) },
      {},
      false,
    ],
  ])('%s', (_what, budget, call, counts) => {
    const ledger = withBudgets({ limitNanousd: 10n, ...budget })
    posted(ledger.post(chargeOf({ amount: 7n, ...call }), NOON))
    expect(Object.values(ledger.counters)).toEqual(counts ? ['7'] : [])
  })

  test('a counter of its own for each combination of values, with one for calls that lack the value', () => {
    const ledger = withBudgets({
      limitNanousd: 10n,
      groupBy: [{ by: 'label', label: 'user' }, { by: 'provider' }],
    })
    for (const user of ['ann', 'bob']) posted(ledger.post(chargeOf({ amount: 6n, labels: { user } }), NOON))
    posted(ledger.post(chargeOf({ amount: 6n, labels: {} }), NOON))
    expect(ledger.post(chargeOf({ amount: 6n, labels: {} }), NOON)).toBe('BUDGET_REACHED')
    expect(ledger.post(chargeOf({ amount: 6n, labels: { user: 'ann' } }), NOON)).toBe('BUDGET_REACHED')
    expect(Object.values(ledger.counters)).toEqual(['6', '6', '6'])
  })

  test('a charge of a trial costs nothing, so it counts nothing', () => {
    const ledger = withBudgets({ limitNanousd: 0n })
    ledger.user = { ...ledger.user, isTrial: true }
    expect(posted(ledger.post(chargeOf({ amount: 7n }), NOON)).entry.charge?.forgoneNanousd).toBe(7n)
    expect(ledger.counters).toEqual({})
  })
})

describe('every matching budget applies', () => {
  test("a team's budget does not replace the organisation's", () => {
    const ledger = withBudgets(
      { budgetId: 'org', limitNanousd: 10n },
      { budgetId: 'team', limitNanousd: 100n, match: match({ labels: { team: 'search' } }) },
    )
    posted(ledger.post(chargeOf({ amount: 8n }), NOON))
    expect(ledger.post(chargeOf({ amount: 8n }), NOON)).toBe('BUDGET_REACHED')
    posted(ledger.post(chargeOf({ amount: 2n, labels: { team: 'ads' } }), NOON))
    expect(ledger.counters).toEqual({ 'org/1 1970-01-01T00:00': '10', 'team/1 1970-01-01T00:00': '8' })
  })

  test('credits come before budgets, and the daily limit with its own room beside them', () => {
    const ledger = withBudgets({ limitNanousd: 10n })
    ledger.user = { ...ledger.user, creditsNanousd: 5n, dailyLimitNanousd: 7n }
    expect(ledger.post(chargeOf({ amount: 11n }), NOON)).toBe('INSUFFICIENT_CREDITS')
    ledger.user = { ...ledger.user, creditsNanousd: 100n }
    expect(ledger.post(chargeOf({ amount: 11n }), NOON)).toBe('DAILY_LIMIT_REACHED')
    ledger.user = { ...ledger.user, dailyLimitNanousd: 70n }
    expect(ledger.post(chargeOf({ amount: 11n }), NOON)).toBe('BUDGET_REACHED')
  })
})

describe('windows', () => {
  test('a budget on a label starts afresh with each window', () => {
    const ledger = withBudgets({
      limitNanousd: 10n,
      window: window({ period: 'day' }),
      match: match({ labels: { team: 'search' } }),
    })
    posted(ledger.post(chargeOf({ amount: 10n }), '2026-03-02T23:59:59.999Z'))
    expect(ledger.post(chargeOf({ amount: 1n }), '2026-03-02T23:59:59.999Z')).toBe('BUDGET_REACHED')
    posted(ledger.post(chargeOf({ amount: 10n }), '2026-03-03T00:00:00Z'))
    expect(ledger.post(chargeOf({ amount: 1n }), '2026-03-03T23:00:00Z')).toBe('BUDGET_REACHED')
  })

  test.each<[string, Partial<BudgetWindow>, string, string]>([
    [
      'a day in Tokyo resets at its midnight, not nine hours late',
      { period: 'day', timeZone: 'Asia/Tokyo' },
      '2026-03-02T14:59:59Z',
      '2026-03-02T15:00:00Z',
    ],
    [
      'a day of 23 hours',
      { period: 'day', timeZone: 'Europe/Berlin' },
      '2026-03-29T21:59:59Z',
      '2026-03-29T22:00:00Z',
    ],
    [
      'a day of 25 hours',
      { period: 'day', timeZone: 'Europe/Berlin' },
      '2026-10-25T22:59:59Z',
      '2026-10-25T23:00:00Z',
    ],
    [
      'a week that starts on Sunday',
      { period: 'week', weekStartsOn: 7 },
      '2026-03-07T23:59:59Z',
      '2026-03-08T00:00:00Z',
    ],
    ['a week that starts on Monday', { period: 'week' }, '2026-03-08T23:59:59Z', '2026-03-09T00:00:00Z'],
    [
      'a month from the 31st starts on the last of February',
      { period: 'month', monthStartsOn: 31 },
      '2027-02-27T23:59:59Z',
      '2027-02-28T00:00:00Z',
    ],
    ['an hour', { period: 'hour' }, '2026-03-02T12:59:59Z', '2026-03-02T13:00:00Z'],
    [
      'a day 14 hours ahead',
      { period: 'day', timeZone: 'Pacific/Kiritimati' },
      '2026-03-03T09:59:59Z',
      '2026-03-03T10:00:00Z',
    ],
    [
      'a day 11 hours behind',
      { period: 'day', timeZone: 'Pacific/Pago_Pago' },
      '2026-03-03T10:59:59Z',
      '2026-03-03T11:00:00Z',
    ],
  ])('%s', (_what, overrides, before, after) => {
    const ledger = withBudgets({ limitNanousd: 10n, window: window(overrides) })
    posted(ledger.post(chargeOf({ amount: 10n }), before))
    expect(ledger.post(chargeOf({ amount: 10n }), before)).toBe('BUDGET_REACHED')
    posted(ledger.post(chargeOf({ amount: 10n }), after))
  })

  test('it is a window, not a leaky bucket: what was spent long ago in it still counts', () => {
    const ledger = withBudgets({ limitNanousd: 10n, window: window({ period: 'month' }) })
    posted(ledger.post(chargeOf({ amount: 10n }), '2026-03-01T00:00:00Z'))
    expect(ledger.post(chargeOf({ amount: 1n }), '2026-03-31T23:59:59Z')).toBe('BUDGET_REACHED')
  })

  test("an entry's window is that of its own time, which never goes back", () => {
    const ledger = withBudgets({ limitNanousd: 10n, window: window({ period: 'day' }) })
    ledger.user = { ...ledger.user, lastEntryAt: new Date('2026-03-03T00:00:01Z') }
    posted(ledger.post(chargeOf({ amount: 7n }), '2026-03-02T23:59:59Z'))
    expect(ledger.counters).toEqual({ 'all/1 2026-03-03T00:00': '7' })
  })

  test('a batch that brings a user back from the future counts in both windows', () => {
    const ledger = withBudgets({ limitNanousd: 10n, window: window({ period: 'day' }) })
    ledger.user = { ...ledger.user, lastEntryAt: new Date('2026-04-01T12:00:00Z') }
    const back = anUpdate('ada', `u-${keys++}`, { suspended: false })
    ledger.postAll([chargeOf({ amount: 7n }), back, chargeOf({ amount: 6n })], NOON).forEach(posted)
    expect(ledger.counters).toEqual({ 'all/1 2026-03-02T00:00': '6', 'all/1 2026-04-01T00:00': '7' })
  })
})

describe('changes of a budget', () => {
  test('a limit edited in mid-window neither forgets nor carries spend', () => {
    const daily = { window: window({ period: 'day' as const }) }
    const ledger = withBudgets({ limitNanousd: 10n, ...daily })
    posted(ledger.post(chargeOf({ amount: 8n }), NOON))
    posted(ledger.post(aPut('ada', 'raise', aBudget({ limitNanousd: 12n, ...daily })), NOON))
    expect(ledger.post(chargeOf({ amount: 5n }), NOON)).toBe('BUDGET_REACHED')
    posted(ledger.post(chargeOf({ amount: 4n }), NOON))
    posted(ledger.post(aPut('ada', 'lower', aBudget({ limitNanousd: 6n, ...daily })), NOON))
    expect(ledger.post(chargeOf({ amount: 1n }), NOON)).toBe('BUDGET_REACHED')
    posted(ledger.post(chargeOf({ amount: 6n }), '2026-03-03T12:00:00Z'))
  })

  test.each<[string, Partial<BudgetDefinition>, boolean]>([
    ['limit', { limitNanousd: 5n }, false],
    ['action', { action: 'warn' }, false],
    ['thresholds', { notifyAtPercent: [50] }, false],
    ['nothing', {}, false],
    ['the order of a list', { match: match({ apiKeyIds: ['b', 'a'] }) }, false],
    ['match', { match: match({ apiKeyIds: ['a'] }) }, true],
    ['grouping', { groupBy: [{ by: 'model' }] }, true],
    ['period', { window: window({ period: 'day' }) }, true],
    ['zone', { window: window({ timeZone: 'Asia/Tokyo' }) }, true],
  ])('a new %s starts the counters again: %p', (_what, change, restarts) => {
    const before = { match: match({ apiKeyIds: ['a', 'b'] }) }
    const ledger = withBudgets(before)
    const { budget } = posted(ledger.post(aPut('ada', 'change', aBudget({ ...before, ...change })), NOON))
    expect(budget?.generation).toBe(restarts ? 2 : 1)
  })

  test('at most 64, and at most 16 that can match one call', () => {
    const ledger = new PureLedger()
    const put = (budgetId: string, overrides: Partial<BudgetDefinition>) =>
      ledger.post(aPut('ada', `put-${keys++}`, aBudget({ budgetId, ...overrides })), NOON)
    for (let n = 0; n < 16; n++) posted(put(`all-${n}`, {}))
    expect(put('all-16', {})).toBe('INVALID_FIELD')
    expect(put('team', { match: match({ labels: { team: 'search' } }) })).toBe('INVALID_FIELD')
    posted(put('all-3', { limitNanousd: 7n }))
    posted(ledger.post(aDelete('ada', 'delete', 'all-3'), NOON))
    for (let n = 0; n < 49; n++) posted(put(`team-${n}`, { match: match({ labels: { team: `${n}` } }) }))
    expect(put('team-49', { match: match({ labels: { team: '49' } }) })).toBe('TOO_MANY_BUDGETS')
  })

  test('the same request again is answered by the first one', () => {
    const ledger = new PureLedger()
    const put = aPut('ada', 'put', aBudget())
    posted(ledger.post(put, NOON))
    expect(ledger.post(put, NOON)).toBe('replayed')
    expect(ledger.post(aPut('ada', 'put', aBudget({ limitNanousd: 3n })), NOON)).toBe(
      'IDEMPOTENCY_KEY_REUSED',
    )
    expect(ledger.user.budgetsVersion).toBe(1n)
  })
})

describe('streams', () => {
  const open = (want: bigint, minimum = 1n) =>
    anOpen('ada', `s-${keys++}`, { minimumNanousd: minimum, wantNanousd: want, validityMs: 30 * 86_400_000 })

  test('a reservation comes back however its stream ends', () => {
    const ledger = withBudgets({ limitNanousd: 111n })
    for (let n = 0; n < 5; n++) {
      const stream = open(55n)
      posted(ledger.post(stream, NOON))
      posted(ledger.post(aSettlement(stream, 1, { amountNanousd: 0n }), NOON))
    }
    expect(ledger.counters).toEqual({})
    posted(ledger.post(chargeOf({ amount: 55n }), NOON))
    posted(ledger.post(chargeOf({ amount: 55n }), NOON))
  })

  test('a settlement in a later window gives the hold back to its own, and spends in the new one', () => {
    const ledger = withBudgets({ limitNanousd: 10n, window: window({ period: 'day' }) })
    const stream = open(8n)
    posted(ledger.post(stream, '2026-03-02T23:59:00Z'))
    const { entry } = posted(
      ledger.post(aSettlement(stream, 1, { amountNanousd: 6n }), '2026-03-03T00:01:00Z'),
    )
    expect(ledger.counters).toEqual({ 'all/1 2026-03-03T00:00': '6' })
    expect(entry.counterMoves).toMatchObject([
      {
        windowFrom: new Date('2026-03-03T00:00:00Z'),
        spentDeltaNanousd: 6n,
        heldDeltaNanousd: 0n,
        over: false,
      },
      { windowFrom: new Date('2026-03-02T00:00:00Z'), spentDeltaNanousd: 0n, heldDeltaNanousd: -8n },
    ])
  })

  test('an extension in a later window takes the whole hold along', () => {
    const ledger = withBudgets({ limitNanousd: 10n, window: window({ period: 'day' }) })
    const stream = open(4n)
    posted(ledger.post(stream, '2026-03-02T23:59:00Z'))
    posted(ledger.post(chargeOf({ amount: 3n }), '2026-03-03T00:01:00Z'))
    const { hold } = posted(ledger.post(anExtension(stream, 1, { wantNanousd: 20n }), '2026-03-03T00:01:00Z'))
    expect(hold).toMatchObject({
      heldNanousd: 7n,
      status: { state: 'final', reason: 'budget', budgetId: 'all' },
    })
    expect(ledger.counters).toEqual({ 'all/1 2026-03-03T00:00': '3+7' })
  })

  test('an extension that a new budget has no room for leaves the hold where it is', () => {
    const ledger = withBudgets({ budgetId: 'wide', limitNanousd: 100n })
    const stream = open(40n)
    posted(ledger.post(stream, NOON))
    posted(ledger.post(aPut('ada', 'tight', aBudget({ budgetId: 'tight', limitNanousd: 30n })), NOON))
    expect(ledger.post(anExtension(stream, 1, { wantNanousd: 50n }), NOON)).toBe('INSUFFICIENT_CREDITS')
    expect(ledger.counters).toEqual({ 'wide/1 1970-01-01T00:00': '0+40' })
  })

  test('an open below its minimum is refused by the budget with the least room', () => {
    const ledger = withBudgets({ budgetId: 'a', limitNanousd: 20n }, { budgetId: 'b', limitNanousd: 10n })
    expect(ledger.post(open(50n, 11n), NOON)).toBe('BUDGET_REACHED')
    const { hold } = posted(ledger.post(open(50n, 10n), NOON))
    expect(hold).toMatchObject({
      heldNanousd: 10n,
      status: { state: 'final', reason: 'budget', budgetId: 'b' },
    })
  })

  test('what was collected later counts when it is paid; a budget only flags it', () => {
    const ledger = withBudgets({ limitNanousd: 10n, window: window({ period: 'day' }) })
    ledger.user = { ...ledger.user, creditsNanousd: 8n }
    const stream = open(8n)
    posted(ledger.post(stream, NOON))
    const { entry: settlement } = posted(ledger.post(aSettlement(stream, 1, { amountNanousd: 25n }), NOON))
    posted(ledger.post(aGrant('ada', 'more', 100n), '2026-03-03T12:00:00Z'))
    const failure = {
      state: 'pending' as const,
      requestHash: Buffer.alloc(32),
      isOfStream: true,
      amountNanousd: 17n,
    }
    const collected = collect(ledger, aCollection(stream, 2, { settlement }), failure)
    expect(collected.entry.counterMoves).toMatchObject([
      { windowFrom: new Date('2026-03-03T00:00:00Z'), spentDeltaNanousd: 17n, over: true },
    ])
  })
})

describe('what goes back', () => {
  const daily = { limitNanousd: 100n, window: window({ period: 'day' as const }) }

  test('a refund gives room back while the window runs, and none after it', () => {
    const ledger = withBudgets(daily)
    const { entry } = posted(ledger.post(chargeOf({ amount: 50n }), NOON))
    posted(ledger.post(aRefund('r-1', entry, 20n), '2026-03-02T23:59:59Z'))
    expect(ledger.counters).toEqual({ 'all/1 2026-03-02T00:00': '30' })
    const { entry: late } = posted(ledger.post(aRefund('r-2', entry, 20n), '2026-03-03T00:00:00Z'))
    expect(late.counterMoves).toBeUndefined()
    expect(ledger.counters).toEqual({ 'all/1 2026-03-02T00:00': '30' })
  })

  test('a lower amendment gives back to the counters of the settlement; a higher one is charged and flagged', () => {
    const ledger = withBudgets(daily)
    const settledByExpiry = (amountNanousd: bigint) => {
      const stream = anOpen('ada', `s-${keys++}`, { minimumNanousd: 1n, wantNanousd: 10n, validityMs: 0 })
      posted(ledger.post(stream, NOON))
      const settledBy = { by: 'expiry', sequence: 0n, amendableForMs: 3_600_000 } as const
      const { entry } = posted(ledger.post(aSettlement(stream, 1, { amountNanousd, settledBy }), NOON))
      return { stream, settlement: entry }
    }
    const first = settledByExpiry(50n)
    posted(
      ledger.post(anAdjustment(first.stream, 2, { settlement: first.settlement, amountNanousd: 30n }), NOON),
    )
    expect(ledger.counters).toEqual({ 'all/1 2026-03-02T00:00': '30' })
    const second = settledByExpiry(50n)
    const { entry } = posted(
      ledger.post(
        anAdjustment(second.stream, 2, { settlement: second.settlement, amountNanousd: 90n }),
        NOON,
      ),
    )
    expect(entry.counterMoves).toMatchObject([{ spentDeltaNanousd: 40n, over: true }])
    expect(ledger.counters).toEqual({ 'all/1 2026-03-02T00:00': '120' })
    // What was given back once is not given back again.
    posted(ledger.post(aRefund('r-1', first.settlement, 0n), NOON))
    posted(ledger.post(aRefund('r-2', second.settlement, 0n), NOON))
    expect(ledger.counters).toEqual({})
  })
})

describe('thresholds', () => {
  test('each is reported once for each counter and window, whatever goes up and down', () => {
    const ledger = withBudgets({
      limitNanousd: 100n,
      notifyAtPercent: [50, 80, 100],
      groupBy: [{ by: 'apiKey' }],
      window: window({ period: 'day' }),
    })
    const reported = () =>
      ledger.passed.splice(0).map(({ percent, groupValues: [key] }) => `${key} ${percent}`)
    const { entry } = posted(ledger.post(chargeOf({ amount: 49n }), NOON))
    expect(reported()).toEqual([])
    posted(ledger.post(chargeOf({ amount: 35n }), NOON))
    expect(reported()).toEqual(['key-1 50', 'key-1 80'])
    posted(ledger.post(aRefund('r', entry, 0n), NOON))
    posted(ledger.post(chargeOf({ amount: 49n }), NOON))
    expect(reported()).toEqual([])
    posted(ledger.post(chargeOf({ amount: 60n, apiKeyId: 'key-2' }), NOON))
    expect(reported()).toEqual(['key-2 50'])
    posted(ledger.post(chargeOf({ amount: 100n }), '2026-03-03T12:00:00Z'))
    expect(reported()).toEqual(['key-1 50', 'key-1 80', 'key-1 100'])
  })
})

test('a user may have so many counters and no more; what was made already is charged all the same', () => {
  const ledger = withBudgets({ groupBy: [{ by: 'apiKey' }] })
  ledger.furtherCounters = COUNTERS_MAX - 1n
  posted(ledger.post(chargeOf({ amount: 1n, apiKeyId: 'the last' }), NOON))
  expect(ledger.post(chargeOf({ amount: 1n, apiKeyId: 'one more' }), NOON)).toBe('BUDGET_REACHED')
  posted(ledger.post(chargeOf({ amount: 1n, apiKeyId: 'the last' }), NOON))
  posted(ledger.post(chargeOf({ amount: 0n, apiKeyId: 'free' }), NOON))
  posted(ledger.post(chargeOf({ amount: 1n, apiKeyId: 'deferred' }, 'spool'), NOON))
})

function collect(
  ledger: PureLedger,
  posting: ReturnType<typeof aCollection>,
  failure: { state: 'pending'; requestHash: Buffer; isOfStream: boolean; amountNanousd: bigint },
): Posted {
  ledger.failures = [{ userId: posting.userId, keyId: posting.holdKeyId, ...failure }]
  return posted(ledger.post(posting, '2026-03-03T12:00:00Z'))
}
