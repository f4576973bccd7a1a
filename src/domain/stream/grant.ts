import type { FinalReason, Hold } from '../ledger/hold'
import { maxOf, minOf, type Nanousd } from '../money'
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

/** A hold that was just opened, taken over or extended: what it covers, and the stretch that begins with it. */
export function withHold(
  live: Omit<Live, 'grant' | 'stretch' | 'renewing' | 'deniedAt' | 'owesExtension'>,
  now: Date,
): { state: LiveState; effects: StreamEffect[] } {
  const { terms, hold, latest, recordedSequence } = live
  const grant = grantOf(live)
  const denied = hold.status.state === 'final'
  const state: LiveState = {
    state: grant.finalReason === undefined ? 'open' : 'final',
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
 * Looks whether the stream needs a new grant, and how: more credits, more time, or only another count because the tokens
 * so far came cheaper than they might have. Costs no rating before four fifths of the stretch are used up, unless the
 * usage changed beside its output.
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

/** The same hold covers something else by now; tells the client only what changes for it. */
export function regrant(live: LiveState, now: Date, finalReason?: FinalReason): Step {
  const grant = grantOf(live, finalReason ?? (live.deniedAt && live.grant.finalReason))
  if (isSameGrant(grant, live.grant)) return { state: live, effects: [] }
  const state: LiveState = {
    ...live,
    state: grant.finalReason === undefined ? 'open' : 'final',
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
  denied?: FinalReason,
): Grant {
  const grantedOutputTokens = tokensCoveredBy(terms, latest.usage, hold.heldNanousd)
  const finalReason = finalReasonOf(hold, grantedOutputTokens) ?? denied
  return {
    holdKeyId: hold.keyId,
    grantedNanousd: hold.heldNanousd,
    grantedOutputTokens,
    expiresAt: hold.expiresAt,
    ...(finalReason !== undefined && { finalReason }),
    acknowledgedSequence: recordedSequence,
  }
}

function finalReasonOf({ open, status }: Hold, grantedOutputTokens: bigint): FinalReason | undefined {
  if (grantedOutputTokens >= outputTokensMaxOf(open)) return 'max-output-tokens'
  return status.state === 'final' ? status.reason : undefined
}

function isSameGrant(a: Grant, b: Grant): boolean {
  return (
    a.grantedOutputTokens === b.grantedOutputTokens &&
    a.finalReason === b.finalReason &&
    a.expiresAt.getTime() === b.expiresAt.getTime()
  )
}

function stretchFrom(
  { terms, latest, hold }: Pick<Live, 'terms' | 'latest' | 'hold'>,
  { grantedOutputTokens }: Grant,
  now: Date,
): Live['stretch'] {
  // Past the maximum that the open stated, the grant says nothing of how far the hold reaches.
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

/** What the hold should come to: the usage so far, and the next stretch of output. */
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
  // A stream that runs past its maximum gets whole stretches, too.
  const isPast = outputTokens >= tokensMax
  const upToTokens = isPast ? outputTokens + aheadTokens : minOf(outputTokens + aheadTokens, tokensMax)
  const wantNanousd = costUpTo(terms, latest.usage, upToTokens)
  const extendedNanousd =
    wantNanousd <= hold.heldNanousd ? wantNanousd : withShare({ terms, latest, hold }, wantNanousd, isPast)
  // A larger charge would be refused, so a grant beyond it would invite usage that can't be settled.
  return minOf(extendedNanousd, chargeMaxOf(terms.open, rules.chargeNanousdMax))
}

/**
 * An extension adds at least half of what the stream has cost beyond its estimated input, so that holds grow geometrically and
 * a stream makes as many entries as the logarithm of its length. It doesn't reach beyond what the open's maximum may cost,
 * unless what is left up to there is not worth an entry.
 */
function withShare(
  { terms, latest, hold }: Pick<Live, 'terms' | 'latest' | 'hold'>,
  wantNanousd: Nanousd,
  isPast: boolean,
): Nanousd {
  const costNanousd = costOf(terms, latest.usage)
  const grownNanousd = maxOf(costNanousd - costUpTo(terms, NO_USAGE, 0n), 0n)
  const sharedNanousd = maxOf(wantNanousd, costNanousd + grownNanousd / 2n)
  if (isPast) return sharedNanousd
  const cappedNanousd = minOf(sharedNanousd, costUpTo(terms, latest.usage, outputTokensMaxOf(terms.open)))
  return cappedNanousd - hold.heldNanousd < grownNanousd / 8n ? sharedNanousd : cappedNanousd
}

/** After a refused extension, the next one is not asked for with every progress. */
export function mayAsk({ deniedAt }: Live, { rules, now }: StepContext): boolean {
  return deniedAt === undefined || now.getTime() - deniedAt.getTime() >= rules.recordIntervalMs
}

export function isHalfGone({ hold }: Live, { rules, now }: StepContext): boolean {
  return hold.expiresAt.getTime() - now.getTime() <= rules.validityMs / 2
}
