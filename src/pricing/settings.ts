import type { Nanousd } from '../domain/money'
import type { TierRule } from '../domain/rating/conditions'
import type { ReportedCostRule } from '../domain/rating/reportedCost'

export interface PriceBookSettings {
  /** Of prices that name none of their own. */
  markupBasisPoints: number
  cacheTtlMs: number
  /** Models never priced by default. `*` matches anything; a pattern without `*` matches a part of the name. */
  highValuePatterns: readonly string[]
  /** Models that the default price may be used for. High-value wins. */
  lowValueGlobs: readonly string[]
  /** For 1,000,000 tokens, both ways. */
  defaultPriceNanousd: Nanousd
  /** A listed rate that moves by more than this is held back. */
  changeThresholdPercent: number
  /** For 1,000,000 tokens. A listed rate above it is taken for a slip of the unit, and rejected. */
  listedTokenRateNanousdMax: Nanousd
  /** Tiers that no price has to know. */
  serviceTiers: readonly TierRule[]
  /** Providers whose stated costs are charged. */
  reportedCosts: readonly ReportedCostRule[]
  /** A stated cost that differs from the rated one by a greater factor is refused. */
  reportedCostTimesMax: number
  quoteValidityMs: number
}

/** Models (and versions) in memory; one takes a few kilobytes. */
export const CACHED_MODELS_MAX = 10_000

/** A change on any replica counts on every other within two of these. */
export const REVISION_POLL_MS = 1_000
