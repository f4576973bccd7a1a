import type { Final, Hold } from '../ledger/hold'
import { maxOf, minOf, type Nanousd } from '../money'
import { isSameUnits } from '../usage/units'
import { NO_USAGE } from '../usage/usage'
import type { StepRules } from './rules'
import type { Grant, Live, LiveState, Step, StreamEffect } from './state'
import {
  chargeMaxOf,
  costOf,
  costUpTo,
  nextStretchTokens,
  outputTokensMaxOf,
  tokensCoveredBy,
} from './stretch'
import { isStretchUsedUp } from './stretchUse'

export interface StepContext {
  rules: StepRules
  /** Database time. */
  now: Date
}

/** Grants what a hold covers that was just opened, taken over or extended, and begins a stretch. */
export function withHold(
  live: Omit<Live, 'grant' | 'stretch' | 'renewing' | 'deniedAt' | 'owesExtension'>,
  now: Date,
): { state: LiveState; effects: StreamEffect[] } {
  const { terms, hold, latest, recordedSequence } = live
  const grant = grantOf(live)
  const denied = hold.status.state === 'final'
  const state: LiveState = {
    state: grant.final === undefined ? 'open' : 'final',
    terms,
    hold,
    latest,
    recordedSequence,
    grant,
    stretch: stretchFrom(live, grant, now),
    renewing: false,
    ...(denied && { deniedAt: now }),
    owesExtension: false,
  }
  return { state, effects: [{ do: 'send grant', grant }] }
}

/**
 * Checks whether the stream needs a new grant: more credits, more time, or only a higher count
 * because the tokens so far cost less than assumed. It rates nothing before four fifths of the
 * stretch are used, unless anything but the output changed in the usage.
 */
export function advance(live: LiveState, context: StepContext): Step {
  const usedUp = isStretchUsedUp(live)
  if (usedUp && mayAsk(live, context)) {
    const wantNanousd = wantOf(live, context)
    if (wantNanousd > live.hold.heldNanousd) {
      return {
        state: live,
        effects: [{ do: 'extend', hold: live.hold, wantNanousd, progress: live.latest }],
      }
    }
  }
  if (!live.renewing && isHalfGone(live, context)) return renew(live)
  return usedUp ? regrant(live, context.now) : { state: live, effects: [] }
}

/** Grants what the same hold covers now. Sends it to the client only if it changed. */
export function regrant(live: LiveState, now: Date, denied?: Final): Step {
  const grant = grantOf(live, denied ?? (live.deniedAt && live.grant.final))
  if (isSameGrant(grant, live.grant)) return { state: live, effects: [] }
  const state: LiveState = {
    ...live,
    state: grant.final === undefined ? 'open' : 'final',
    grant,
    stretch: stretchFrom(live, grant, now),
  }
  return { state, effects: [{ do: 'send grant', grant }] }
}

function renew(live: LiveState): Step {
  return {
    state: { ...live, renewing: true },
    effects: [{ do: 'record', hold: live.hold, progress: live.latest, renew: true }],
  }
}

function grantOf(
  { terms, hold, latest, recordedSequence }: Pick<Live, 'terms' | 'hold' | 'latest' | 'recordedSequence'>,
  denied?: Final,
): Grant {
  const grantedOutputTokens = tokensCoveredBy(terms, latest.usage, hold.heldNanousd)
  const final = finalOf(hold, grantedOutputTokens) ?? denied
  return {
    holdKeyId: hold.keyId,
    grantedNanousd: hold.heldNanousd,
    grantedOutputTokens,
    expiresAt: hold.expiresAt,
    ...(final !== undefined && { final }),
    acknowledgedSequence: recordedSequence,
  }
}

function finalOf({ open, status }: Hold, grantedOutputTokens: bigint): Final | undefined {
  if (grantedOutputTokens >= outputTokensMaxOf(open)) return { reason: 'max-output-tokens' }
  if (status.state !== 'final') return undefined
  const { state: _state, ...final } = status
  return final
}

function isSameGrant(a: Grant, b: Grant): boolean {
  return (
    a.grantedOutputTokens === b.grantedOutputTokens &&
    a.final?.reason === b.final?.reason &&
    a.final?.budgetId === b.final?.budgetId &&
    a.expiresAt.getTime() === b.expiresAt.getTime()
  )
}

function stretchFrom(
  { terms, latest, hold }: Pick<Live, 'terms' | 'latest' | 'hold'>,
  { grantedOutputTokens }: Grant,
  now: Date,
): Live['stretch'] {
  // At or past the maximum of the open, the grant doesn't show how far the hold reaches.
  const coveredTokens =
    grantedOutputTokens < latest.usage.outputTokens || grantedOutputTokens === terms.open.maxOutputTokens
      ? tokensCoveredBy(
          { ...terms, open: { ...terms.open, maxOutputTokens: 0n } },
          latest.usage,
          hold.heldNanousd,
        )
      : grantedOutputTokens
  return {
    since: now,
    usageBefore: latest.usage,
    costBeforeNanousd: costOf(terms, latest.usage),
    tokens: maxOf(coveredTokens - latest.usage.outputTokens, 0n),
  }
}

/** The amount that the hold should have: for the usage so far and the next stretch of output. */
function wantOf({ terms, latest, stretch, hold }: Live, { rules, now }: StepContext): bigint {
  const { outputTokens } = latest.usage
  const aheadTokens = nextStretchTokens(
    {
      producedTokens: outputTokens - stretch.usageBefore.outputTokens,
      elapsedMs: now.getTime() - stretch.since.getTime(),
      stretchTokens: stretch.tokens,
    },
    rules,
  )
  const tokensMax = outputTokensMaxOf(terms.open)
  // A stream that runs past its maximum also gets whole stretches.
  const isPast = outputTokens >= tokensMax
  const upToTokens = isPast ? outputTokens + aheadTokens : minOf(outputTokens + aheadTokens, tokensMax)
  const aheadNanousd = unitsAheadNanousd({ terms, latest, stretch })
  const wantNanousd = costUpTo(terms, latest.usage, upToTokens) + aheadNanousd
  const extendedNanousd =
    wantNanousd <= hold.heldNanousd
      ? wantNanousd
      : withShare({ terms, latest, hold }, { wantNanousd, aheadNanousd, isPast })
  // A larger charge would be refused, so a grant beyond it would invite usage that can't be settled.
  return minOf(extendedNanousd, chargeMaxOf(terms.open, rules.chargeNanousdMax))
}

/**
 * A stream that reports units is expected to use as many in its next stretch as in this one. Where its open states an
 * estimate, that is what it holds.
 */
function unitsAheadNanousd({ terms, latest, stretch }: Pick<Live, 'terms' | 'latest' | 'stretch'>): Nanousd {
  const isEstimated = terms.open.units !== undefined
  if (isEstimated || isSameUnits(latest.usage.units, stretch.usageBefore.units)) return 0n
  return maxOf(costOf(terms, latest.usage) - stretch.costBeforeNanousd, 0n)
}

/**
 * An extension adds at least half of the stream's cost beyond its estimated input. So holds grow
 * geometrically, and the number of entries is logarithmic in the length of the stream. The hold
 * stays within the cost of the open's maximum, unless the rest up to there isn't worth an entry.
 */
function withShare(
  { terms, latest, hold }: Pick<Live, 'terms' | 'latest' | 'hold'>,
  {
    wantNanousd,
    aheadNanousd,
    isPast,
  }: {
    wantNanousd: Nanousd
    /** The part of it that is for units. */
    aheadNanousd: Nanousd
    isPast: boolean
  },
): Nanousd {
  const costNanousd = costOf(terms, latest.usage)
  const grownNanousd = maxOf(costNanousd - costUpTo(terms, NO_USAGE, 0n), 0n)
  const sharedNanousd = maxOf(wantNanousd, costNanousd + grownNanousd / 2n)
  if (isPast) return sharedNanousd
  const maxNanousd = costUpTo(terms, latest.usage, outputTokensMaxOf(terms.open)) + aheadNanousd
  const cappedNanousd = minOf(sharedNanousd, maxNanousd)
  return cappedNanousd - hold.heldNanousd < grownNanousd / 8n ? sharedNanousd : cappedNanousd
}

/** After a refused extension, not every progress asks for another one. */
export function mayAsk({ deniedAt }: Live, { rules, now }: StepContext): boolean {
  return deniedAt === undefined || now.getTime() - deniedAt.getTime() >= rules.recordIntervalMs
}

export function isHalfGone({ hold }: Live, { rules, now }: StepContext): boolean {
  return hold.expiresAt.getTime() - now.getTime() <= rules.validityMs / 2
}
