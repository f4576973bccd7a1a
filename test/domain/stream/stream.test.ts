import fc from 'fast-check'
import { BillingError } from '../../../src/domain/errors'
import type { Hold } from '../../../src/domain/ledger/hold'
import { isHalfGone } from '../../../src/domain/stream/grant'
import type { Progress, StreamEffect, StreamEvent, StreamState } from '../../../src/domain/stream/state'
import { step, UNOPENED } from '../../../src/domain/stream/step'
import { costOf, costUpTo, nextStretchTokens, tokensCoveredBy } from '../../../src/domain/stream/stretch'
import { absorb, isStretchUsedUp, withRerateThreshold } from '../../../src/domain/stream/stretchUse'
import { NO_USAGE } from '../../../src/domain/usage/usage'
import { aCall } from '../../support/postings'
import { aHold, anOpenStream, later, OPENED_AT, output, STEP_RULES, theTerms } from '../../support/streams'

const usageSource = 'unspecified' as const

function take(state: StreamState, event: StreamEvent, at: Date = OPENED_AT) {
  return step(state, event, { rules: STEP_RULES, now: at })
}

function progressOf(sequence: bigint, outputTokens: bigint): StreamEvent {
  return { type: 'progress', progress: { sequence, usage: output(outputTokens) } }
}

function shown(effects: StreamEffect[]): string[] {
  return effects.map((effect) => {
    switch (effect.do) {
      case 'extend':
        return `extend to ${effect.wantNanousd}`
      case 'send grant': {
        const { grantedOutputTokens, final } = effect.grant
        return `grant ${grantedOutputTokens}${final === undefined ? '' : ` final ${final.reason}${final.budgetId ?? ''}`}`
      }
      case 'send ack':
        return `ack ${effect.sequence} at ${effect.costNanousd}`
      case 'amend':
        return `amend to ${effect.ending.usage.outputTokens} ${effect.ending.end}`
      case 'refuse':
        return `refuse ${effect.ending.usage.outputTokens} ${effect.error.reason}`
      case 'settle':
        return `settle ${effect.ending.usage.outputTokens} ${effect.ending.end}`
      case 'record':
        return effect.renew ? `renew at ${effect.progress.sequence}` : `record ${effect.progress.sequence}`
      case 'detach':
        return `detach at ${effect.progress.sequence}`
      case 'send settled':
        return effect.replayed ? 'settled, replayed' : 'settled'
      case 'fail':
        return `fail ${effect.error instanceof BillingError ? effect.error.reason : effect.error}`
      default:
        return effect.do
    }
  })
}

function settlementOf(amendableUntil?: Date) {
  const entry = { charge: { ...aCall(100n), usage: NO_USAGE } } as never
  return { entry, idempotencyKey: 'stream-1', ...(amendableUntil !== undefined && { amendableUntil }) }
}

const open = anOpenStream()
const finalStream = anOpenStream(
  aHold({ status: { state: 'final', reason: 'credits' }, heldNanousd: 1_000n }),
)
const settling = take(open, { type: 'half-close' }).state
const expired: StreamState = { state: 'settled', amendable: { settlement: settlementOf(later(60)) } }
const expiredUnrecorded: StreamState = {
  state: 'settled',
  amendable: { settlement: settlementOf(later(60)), reported: output(50n) },
}
const error = new BillingError('INVALID_FIELD', 'no')
const settledHold: Hold = aHold({ status: { state: 'settled', version: 3n, byExpiry: true } })

describe('one step of a stream', () => {
  const cases: [
    name: string,
    from: StreamState,
    event: StreamEvent,
    to: string,
    effects: string[],
    at?: Date,
  ][] = [
    ['an open is opened', UNOPENED, { type: 'open' }, 'opening', ['open']],
    ['a second open is refused', open, { type: 'open' }, 'detached', ['detach at 0', 'fail STREAM_PROTOCOL']],
    ['progress before the open', UNOPENED, progressOf(1n, 1n), 'refused', ['fail STREAM_PROTOCOL']],
    ['half-close before the open', UNOPENED, { type: 'half-close' }, 'refused', ['fail STREAM_PROTOCOL']],
    [
      'an open that was refused',
      { state: 'opening' },
      { type: 'failed', error },
      'refused',
      ['fail INVALID_FIELD'],
    ],
    [
      'an open of a stream that had ended',
      { state: 'opening' },
      { type: 'settled', replayed: true, settlement: settlementOf() },
      'settled',
      ['settled, replayed', 'end'],
    ],
    [
      '… by expiry, which may be amended',
      { state: 'opening' },
      { type: 'settled', replayed: true, settlement: settlementOf(later(60)) },
      'settled',
      ['settled, replayed'],
    ],
    [
      '… by expiry, long ago',
      { state: 'opening' },
      { type: 'settled', replayed: true, settlement: settlementOf(later(-1)) },
      'settled',
      ['settled, replayed', 'end'],
    ],
    [
      'an opened stream is granted what it holds',
      { state: 'opening' },
      { type: 'opened', hold: aHold(), terms: theTerms() },
      'open',
      ['grant 100'],
    ],
    [
      'one that was opened while the server began to stop is told so at once',
      take({ state: 'opening' }, { type: 'drain' }).state,
      { type: 'opened', hold: aHold(), terms: theTerms() },
      'open',
      ['grant 100', 'send drain', 'record 0'],
    ],
    [
      'a hold that got less than it wanted is final',
      { state: 'opening' },
      {
        type: 'opened',
        hold: aHold({ heldNanousd: 1_990n, status: { state: 'final', reason: 'daily-limit' } }),
        terms: theTerms(),
      },
      'final',
      ['grant 99 final daily-limit'],
    ],
    [
      'a hold that covers all there may be is final',
      { state: 'opening' },
      {
        type: 'opened',
        hold: aHold({ open: theTerms({ maxOutputTokens: 90n }).open }),
        terms: theTerms({ maxOutputTokens: 90n }),
      },
      'final',
      ['grant 90 final max-output-tokens'],
    ],
    ['progress within the grant does nothing', open, progressOf(1n, 79n), 'open', []],
    [
      'progress at four fifths of the grant extends',
      open,
      progressOf(1n, 80n),
      'open',
      ['extend to 8800'],
      later(24),
    ],
    [
      'progress when half of the validity is gone renews',
      open,
      progressOf(1n, 10n),
      'open',
      ['renew at 1'],
      later(60),
    ],
    ['sequences start at 1', open, progressOf(0n, 10n), 'detached', ['detach at 0', 'fail STREAM_PROTOCOL']],
    [
      'a usage beyond any charge is an anomaly',
      open,
      progressOf(1n, 10n ** 12n * 100n),
      'detached',
      ['detach at 0', 'fail PRICE_ANOMALY'],
    ],
    [
      'final, progress before the next try is due',
      finalStream,
      progressOf(1n, 45n),
      'final',
      ['grant 72 final credits'],
      later(2),
    ],
    [
      'final, progress later tries again',
      finalStream,
      progressOf(1n, 45n),
      'final',
      ['extend to 4450'],
      later(10),
    ],
    [
      'extended: a new grant',
      finalStream,
      { type: 'extended', hold: aHold({ heldNanousd: 6_000n }) },
      'open',
      ['grant 300'],
    ],
    [
      'extended: what it recorded is acknowledged',
      open,
      { type: 'extended', hold: aHold({ heldNanousd: 6_000n, sequence: 4n, usage: output(80n) }) },
      'open',
      ['ack 4 at 800', 'grant 300'],
    ],
    [
      'cannot be extended: the last grant is final',
      open,
      { type: 'extension-denied', limitedBy: { reason: 'credits' } },
      'final',
      ['grant 100 final credits'],
    ],
    ['an extension that failed is tried again later', open, { type: 'extension-failed' }, 'open', []],
    [
      'recorded progress is acknowledged',
      open,
      { type: 'recorded', progress: { sequence: 2n, usage: output(7n) }, expiresAt: later(120) },
      'open',
      ['ack 2 at 70'],
    ],
    [
      '… once',
      anOpenStream(aHold({ sequence: 2n, usage: output(7n) })),
      { type: 'recorded', progress: { sequence: 2n, usage: output(7n) }, expiresAt: later(120) },
      'open',
      [],
    ],
    [
      'a renewed validity is granted',
      open,
      { type: 'recorded', progress: { sequence: 2n, usage: output(7n) }, expiresAt: later(180) },
      'open',
      ['ack 2 at 70', 'grant 100'],
    ],
    [
      'a close is settled',
      open,
      { type: 'close', close: { sequence: 9n, usage: output(55n), usageSource, end: 'completed' } },
      'settling',
      ['settle 55 completed'],
    ],
    [
      'an explicit nothing is settled as nothing',
      take(open, progressOf(1n, 50n)).state,
      { type: 'close', close: { sequence: 0n, usage: NO_USAGE, usageSource, end: 'failed' } },
      'settling',
      ['settle 0 failed'],
    ],
    [
      'a close without usage settles the last progress',
      take(open, progressOf(1n, 50n)).state,
      { type: 'close', close: { sequence: 2n, usageSource, end: 'cancelled' } },
      'settling',
      ['settle 50 cancelled'],
    ],
    [
      'a half-close settles the last progress',
      take(open, progressOf(1n, 50n)).state,
      { type: 'half-close' },
      'settling',
      ['settle 50 unspecified'],
    ],
    [
      'a lost connection keeps the hold',
      take(open, progressOf(1n, 50n)).state,
      { type: 'lost' },
      'detached',
      ['detach at 1', 'end'],
    ],
    [
      'what cannot be read keeps the hold',
      take(open, progressOf(1n, 50n)).state,
      { type: 'violated', error },
      'detached',
      ['detach at 1', 'fail INVALID_FIELD'],
    ],
    [
      'settled',
      settling,
      { type: 'settled', settlement: settlementOf(), replayed: false },
      'settled',
      ['settled', 'end'],
    ],
    [
      'a settlement that could not be written keeps the hold',
      settling,
      { type: 'failed', error },
      'detached',
      ['detach at 0', 'fail INVALID_FIELD'],
    ],
    ['a settlement that found the stream moved looks', settling, { type: 'moved' }, 'settling', ['look up']],
    [
      '… and settles again if it is ours still',
      settling,
      { type: 'found', hold: aHold({ postings: 4 }) },
      'settling',
      ['settle 0 unspecified'],
    ],
    [
      '… and is fenced if it is not',
      settling,
      { type: 'found', hold: aHold({ epoch: 2 }) },
      'fenced',
      ['fail STREAM_FENCED'],
    ],
    [
      '… and amends what expired a moment before',
      settling,
      { type: 'found', hold: settledHold, settlement: settlementOf(later(60)) },
      'amending',
      ['amend to 0 unspecified'],
    ],
    [
      '… and is too late long after an expiry',
      settling,
      { type: 'found', hold: settledHold, settlement: settlementOf(later(-1)) },
      'settled',
      ['settled, replayed', 'end'],
    ],
    ['a write that matched nothing looks', open, { type: 'moved' }, 'open', ['look up']],
    [
      'taken over: fenced',
      open,
      { type: 'found', hold: aHold({ epoch: 2 }) },
      'fenced',
      ['fail STREAM_FENCED'],
    ],
    [
      'taken over and settled: fenced',
      open,
      { type: 'found', hold: { ...settledHold, epoch: 2 }, settlement: settlementOf() },
      'fenced',
      ['fail STREAM_FENCED'],
    ],
    [
      'expired: the receipt',
      open,
      { type: 'found', hold: settledHold, settlement: settlementOf(later(60)) },
      'settled',
      ['settled, replayed'],
    ],
    [
      'a close after an expiry amends it',
      expired,
      { type: 'close', close: { sequence: 1n, usage: output(7n), usageSource, end: 'completed' } },
      'amending',
      ['amend to 7 completed'],
    ],
    [
      '… without usage: to what was settled',
      expired,
      { type: 'close', close: { sequence: 1n, usageSource, end: 'completed' } },
      'amending',
      ['amend to 0 completed'],
    ],
    [
      '… or to what was last heard and never recorded',
      expiredUnrecorded,
      { type: 'close', close: { sequence: 1n, usageSource, end: 'failed' } },
      'amending',
      ['amend to 50 failed'],
    ],
    ['a half-close after an expiry ends the call', expired, { type: 'half-close' }, 'settled', ['end']],
    [
      '… unless more was heard than was settled',
      expiredUnrecorded,
      { type: 'half-close' },
      'amending',
      ['amend to 50 unspecified'],
    ],
    [
      'amended: the receipt',
      { state: 'amending' },
      { type: 'settled', settlement: settlementOf(), replayed: false },
      'settled',
      ['settled', 'end'],
    ],
    [
      'an amendment that could not be written is for the client to repeat',
      { state: 'amending' },
      { type: 'failed', error },
      'refused',
      ['fail INVALID_FIELD'],
    ],
    [
      'a close beyond any charge is kept and refused; the stream stays',
      take(open, progressOf(1n, 50n)).state,
      { type: 'close', close: { sequence: 2n, usage: output(10n ** 14n), usageSource, end: 'completed' } },
      'open',
      ['refuse 100000000000000 PRICE_ANOMALY'],
    ],
    [
      'a close after the receipt crossed it',
      { state: 'settled' },
      { type: 'close', close: { sequence: 1n, usageSource, end: 'completed' } },
      'settled',
      [],
    ],
    ['a message after the end crossed it on its way', { state: 'fenced' }, progressOf(3n, 3n), 'fenced', []],
    [
      'draining: told, and recorded',
      take(open, progressOf(1n, 50n)).state,
      { type: 'drain' },
      'open',
      ['send drain', 'record 1'],
    ],
    [
      'stopping: left to be resumed',
      take(open, progressOf(1n, 50n)).state,
      { type: 'stop' },
      'detached',
      ['detach at 1', 'fail SHUTTING_DOWN'],
    ],
    ['a look that fails tells nothing', open, { type: 'look-up-failed', error }, 'open', []],
    [
      '… but a settlement can wait for no other',
      settling,
      { type: 'look-up-failed', error },
      'detached',
      ['detach at 0', 'fail INVALID_FIELD'],
    ],
    ['never opened', UNOPENED, { type: 'silent' }, 'refused', ['fail STREAM_PROTOCOL']],
    ['overdue: looks what became of it', open, { type: 'overdue' }, 'open', ['look up'], later(121)],
  ]
  test.each(cases)('%s', (_name, from, event, to, effects, at = OPENED_AT) => {
    const next = take(from, event, at)
    expect([next.state.state, ...shown(next.effects)]).toEqual([to, ...effects])
  })
})

describe('stretches', () => {
  const rules = { validityMs: 120_000, firstStretchTokens: 100n }
  test('follow the rate of the stream over one validity', () => {
    expect(nextStretchTokens({ producedTokens: 80n, elapsedMs: 40_000, stretchTokens: 100n }, rules)).toBe(
      240n,
    )
  })
  test('are never smaller than the first', () => {
    expect(nextStretchTokens({ producedTokens: 1n, elapsedMs: 60_000, stretchTokens: 100n }, rules)).toBe(
      100n,
    )
    expect(nextStretchTokens({ producedTokens: -50n, elapsedMs: 1_000, stretchTokens: 0n }, rules)).toBe(100n)
  })
  test('grow step by step in a burst', () => {
    expect(nextStretchTokens({ producedTokens: 5_000n, elapsedMs: 1, stretchTokens: 100n }, rules)).toBe(400n)
  })
  test('end at max_output_tokens', () => {
    const terms = theTerms({ maxOutputTokens: 120n })
    const stream = anOpenStream(aHold({ open: terms.open }), terms)
    expect(shown(take(stream, progressOf(1n, 90n), later(1)).effects)).toEqual([
      'grant 120 final max-output-tokens',
    ])
    const reasoning = { sequence: 1n, usage: output(90n, { reasoningOutputTokens: 90n }) }
    expect(shown(take(stream, { type: 'progress', progress: reasoning }, later(1)).effects)).toEqual([
      'extend to 2400',
    ])
  })

  test('are used up at the same message, whether their cost was looked at before or not', () => {
    const tokens = fc.bigInt({ min: 0n, max: 300n })
    const usage = fc.record({ inputTokens: tokens, plain: tokens, reasoning: tokens })
    fc.assert(
      fc.property(fc.array(usage, { minLength: 2, maxLength: 6 }), tokens, (reported, held) => {
        let live = anOpenStream(aHold({ heldNanousd: held * 20n, open: theTerms({ inputTokens: 50n }).open }))
        for (const { inputTokens, plain, reasoning } of reported) {
          const latest = {
            sequence: live.latest.sequence + 1n,
            usage: output(plain + reasoning, { inputTokens, reasoningOutputTokens: reasoning }),
          }
          live = withRerateThreshold({ ...live, latest })
          const { quiet: _quiet, ...stretch } = live.stretch
          expect(isStretchUsedUp(live)).toBe(isStretchUsedUp({ ...live, stretch }))
        }
      }),
      { numRuns: 2_000 },
    )
  })

  test('a report is taken in without a step only where a step would change nothing else', () => {
    const tokens = fc.bigInt({ min: 0n, max: 120n })
    const report = fc.record({
      sequence: fc.bigInt({ min: 1n, max: 9n }),
      tokens,
      inputTokens: fc.constantFrom(0n, 9n),
    })
    fc.assert(
      fc.property(fc.array(report, { maxLength: 8 }), fc.nat(80), (reports, seconds) => {
        let live = open
        const context = { rules: STEP_RULES, now: later(seconds) }
        for (const { sequence, tokens, inputTokens } of reports) {
          const progress = { sequence, usage: output(tokens, { inputTokens }) }
          const stepped = step(live, { type: 'progress', progress }, context)
          const inPlace = { ...live }
          if (absorb(inPlace, progress, { isRenewalDue: isHalfGone(live, context) })) {
            expect(stepped).toEqual({ state: inPlace, effects: [] })
          } else {
            expect(inPlace).toEqual(live)
          }
          live = stepped.state as typeof live
        }
      }),
      { numRuns: 2_000 },
    )
  })

  test('what is granted is covered to the token, whatever the tokens turn out to be', () => {
    const tokens = fc.bigInt({ min: 0n, max: 100_000n })
    fc.assert(
      fc.property(tokens, tokens, tokens, tokens, (inputTokens, used, reasoning, ahead) => {
        const terms = theTerms({ inputTokens })
        const usage = output(used + reasoning, { reasoningOutputTokens: reasoning })
        const upTo = usage.outputTokens + ahead
        const heldNanousd = costUpTo(terms, usage, upTo)
        expect(tokensCoveredBy(terms, usage, heldNanousd)).toBe(upTo)
        const dearest = output(upTo, { inputTokens, reasoningOutputTokens: reasoning + ahead })
        expect(costOf(terms, dearest)).toBeLessThanOrEqual(heldNanousd)
      }),
    )
  })
})

describe('cumulative counts', () => {
  test('duplicates, drops and any order of progress come to one and the same cost', () => {
    const messages: Progress[] = Array.from({ length: 12 }, (_, index) => ({
      sequence: BigInt(index + 1),
      usage: output(BigInt(index + 1) * 5n),
    }))
    const last = messages.at(-1) as Progress
    const scrambled = fc
      .shuffledSubarray([...messages, ...messages, ...messages])
      .chain((some) => fc.nat(some.length).map((at) => [...some.slice(0, at), last, ...some.slice(at)]))
    fc.assert(
      fc.property(scrambled, (sent) => {
        let state: StreamState = anOpenStream(aHold({ heldNanousd: 1_000_000n }))
        for (const progress of sent) state = take(state, { type: 'progress', progress }).state
        const { effects } = take(state, { type: 'half-close' })
        expect(shown(effects)).toEqual(['settle 60 unspecified'])
      }),
      { numRuns: 5_000 },
    )
  })

  test('the highest sequence stands whole, even where its counts are lower', () => {
    let state: StreamState = open
    for (const event of [progressOf(1n, 50n), progressOf(3n, 40n), progressOf(2n, 60n)]) {
      state = take(state, event).state
    }
    expect(shown(take(state, { type: 'half-close' }).effects)).toEqual(['settle 40 unspecified'])
  })
})

test('the estimate of the input stands until it is reported, and the grant follows what is reported', () => {
  const terms = theTerms({ inputTokens: 1_000n })
  const stream = anOpenStream(aHold({ open: terms.open, heldNanousd: 3_000n }), terms)
  expect(stream.grant.grantedOutputTokens).toBe(100n)
  const progress = { sequence: 1n, usage: output(10n, { inputTokens: 2_500n }) }
  expect(shown(take(stream, { type: 'progress', progress }, later(1)).effects)).toEqual(['extend to 10600'])
})

test('a failed extension is made up for without waiting for the client', () => {
  const used = take(open, progressOf(1n, 90n), later(1)).state
  const failed = take(used, { type: 'extension-failed' }, later(1)).state
  expect(shown(take(failed, { type: 'tick' }, later(3)).effects)).toEqual([])
  expect(shown(take(failed, { type: 'tick' }, later(6)).effects)).toEqual(['extend to 8900'])
})

test('a renewal goes out once, and a final stream stays final through it', () => {
  const final = take(finalStream, progressOf(1n, 10n), later(60))
  expect(shown(final.effects)).toEqual(['renew at 1'])
  expect(shown(take(final.state, progressOf(2n, 11n), later(61)).effects)).toEqual([])
  const renewed = take(
    final.state,
    { type: 'recorded', progress: { sequence: 1n, usage: output(10n) }, expiresAt: later(180) },
    later(62),
  )
  expect([renewed.state.state, ...shown(renewed.effects)]).toEqual([
    'final',
    'ack 1 at 100',
    'grant 55 final credits',
  ])
})

test('a stream extends its hold as often as the logarithm of its length, also past its maximum', () => {
  const report = fc.record({
    plain: fc.bigInt({ min: 0n, max: 400n }),
    reasoning: fc.bigInt({ min: 0n, max: 400n }),
    input: fc.bigInt({ min: 0n, max: 300n }),
  })
  const stream = fc.record({
    reports: fc.array(report, { minLength: 300, maxLength: 1_500 }),
    maxOutputTokens: fc.constantFrom(0n, 1n, 256n, 4_096n),
    inputTokens: fc.bigInt({ min: 0n, max: 2_000n }),
    secondsApart: fc.constantFrom(0, 1, 30),
  })
  fc.assert(
    fc.property(stream, ({ reports, maxOutputTokens, inputTokens, secondsApart }) => {
      const terms = theTerms({ maxOutputTokens, inputTokens })
      let live = anOpenStream(aHold({ open: terms.open, heldNanousd: 2_000n }), terms)
      let [extensions, plain, reasoning, input] = [0, 0n, 0n, inputTokens]
      for (const [index, each] of reports.entries()) {
        plain += each.plain
        reasoning += each.reasoning
        input += each.input
        const usage = output(plain + reasoning, { inputTokens: input, reasoningOutputTokens: reasoning })
        const at = later(index * secondsApart)
        let next = take(live, { type: 'progress', progress: { sequence: BigInt(index + 1), usage } }, at)
        for (const effect of next.effects) {
          if (effect.do !== 'extend') continue
          extensions += 1
          const { hold, wantNanousd, progress } = effect
          const extended = {
            ...hold,
            heldNanousd: wantNanousd,
            ...progress,
            expiresAt: later(index * secondsApart + 120),
          }
          next = take(next.state, { type: 'extended', hold: extended }, at)
        }
        if (next.state.state !== 'open' && next.state.state !== 'final') throw new Error(next.state.state)
        live = next.state
      }
      const grownNanousd = Number(costOf(terms, live.latest.usage))
      expect(extensions).toBeLessThanOrEqual(8 + Math.log(Math.max(grownNanousd / 1_000, 1)) / Math.log(1.2))
    }),
    { numRuns: 60 },
  )
})
