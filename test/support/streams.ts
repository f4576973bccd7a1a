import type { Hold } from '../../src/domain/ledger/hold'
import { keyIdOf } from '../../src/domain/ledger/ids'
import type { StepRules } from '../../src/domain/stream/rules'
import type { LiveState, StreamState } from '../../src/domain/stream/state'
import { step, UNOPENED } from '../../src/domain/stream/step'
import type { Terms } from '../../src/domain/stream/stretch'
import { NO_USAGE, type Usage } from '../../src/domain/usage/usage'
import { aCall, USD } from './postings'

export const OPENED_AT = new Date('2026-03-01T12:00:00Z')

export const STEP_RULES: StepRules = {
  validityMs: 120_000,
  firstStretchTokens: 100n,
  recordIntervalMs: 5_000,
  chargeNanousdMax: 100_000n * USD,
}

/** 1 nano-USD for an input token, 10 for an output token, 20 for a reasoning token: easy to count by hand. */
export function theTerms({ inputTokens = 0n, maxOutputTokens = 0n } = {}): Terms {
  const { reported, priced } = aCall(0n)
  return {
    open: {
      call: { reported: { ...reported, occurredAt: OPENED_AT }, priced },
      inputTokens,
      maxOutputTokens,
    },
    rates: {
      markupBasisPoints: 0,
      rateCards: [
        {
          rates: [
            { meter: 'INPUT_TOKENS', priceNanousd: 1_000_000n, per: 1_000_000n },
            { meter: 'OUTPUT_TOKENS', priceNanousd: 10_000_000n, per: 1_000_000n },
            { meter: 'REASONING_OUTPUT_TOKENS', priceNanousd: 20_000_000n, per: 1_000_000n },
          ],
        },
      ],
    },
  }
}

export function aHold(overrides: Partial<Hold> = {}): Hold {
  const userId = 'ada'
  const idempotencyKey = 'stream-1'
  return {
    userId,
    keyId: keyIdOf(userId, idempotencyKey),
    idempotencyKey,
    requestHash: Buffer.alloc(32),
    status: { state: 'open' },
    epoch: 1,
    postings: 0,
    heldNanousd: 2_000n,
    trial: false,
    counters: [],
    open: theTerms().open,
    sequence: 0n,
    usage: NO_USAGE,
    openedAt: OPENED_AT,
    expiresAt: later(120),
    ...overrides,
  }
}

export function output(outputTokens: bigint, rest: Partial<Usage> = {}): Usage {
  return { ...NO_USAGE, outputTokens, ...rest }
}

/** The time this many seconds after the open. */
export function later(seconds: number): Date {
  return new Date(OPENED_AT.getTime() + seconds * 1_000)
}

/** A stream right after its open. */
export function anOpenStream(hold: Hold = aHold(), terms: Terms = theTerms()): LiveState {
  const opening: StreamState = step(UNOPENED, { type: 'open' }, { rules: STEP_RULES, now: OPENED_AT }).state
  const { state } = step(
    opening,
    { type: 'opened', hold, terms: { ...terms, open: hold.open } },
    { rules: STEP_RULES, now: OPENED_AT },
  )
  return state as LiveState
}
