import type { Actor } from '../ledger/actor'
import type { Nanousd } from '../money'

/** What can be priced; the contract's `Meter` without its prefix. */
export type Meter =
  | 'INPUT_TOKENS'
  | 'OUTPUT_TOKENS'
  | 'CACHE_READ_INPUT_TOKENS'
  | 'CACHE_CREATION_INPUT_TOKENS'
  | 'CACHE_CREATION_1H_INPUT_TOKENS'
  | 'REASONING_OUTPUT_TOKENS'
  | 'AUDIO_INPUT_TOKENS'
  | 'AUDIO_CACHE_READ_INPUT_TOKENS'
  | 'AUDIO_OUTPUT_TOKENS'
  | 'IMAGE_INPUT_TOKENS'
  | 'IMAGE_CACHE_READ_INPUT_TOKENS'
  | 'IMAGE_OUTPUT_TOKENS'
  | 'CITATION_OUTPUT_TOKENS'
  | 'WEB_SEARCHES'
  | 'REQUESTS'

/** The price of `per` units of one meter: 1,000,000 for token meters, 1 for WEB_SEARCHES and REQUESTS. */
export interface Rate {
  meter: Meter
  priceNanousd: Nanousd
  per: bigint
}

/** The price of `per` of one named unit. */
export interface UnitRate {
  /** As the usage names it; `image/*` for every qualified image without a rate of its own. */
  unit: string
  priceNanousd: Nanousd
  /** A power of ten from 1 to 1,000,000. */
  per: bigint
}

/** Rates for a whole request when every condition that is set holds. */
export interface RateCard {
  aboveInputTokens?: bigint
  serviceTier?: string
  /** Minutes since midnight UTC, from (inclusive) and to (exclusive). May wrap midnight. */
  daily?: { fromMinute: number; toMinute: number }
  /** 1 = Monday to 7 = Sunday, of the moment in UTC. Absent = every day. */
  weekdays?: readonly number[]
  /** As the provider names them: `us`, `fast`. */
  geography?: string
  speed?: string
  rates: Rate[]
  /** Of named units. Absent where there are none. */
  unitRates?: UnitRate[]
}

/** How a call was served, as far as rate cards depend on it. Empty = in no particular way. */
export interface Conditions {
  serviceTier: string
  speed: string
  geography: string
}

export type PriceChangeState = 'applied' | 'held-back' | 'rejected'

export type PriceSource = 'operator' | 'live' | 'stored' | 'catalog' | 'default' | 'free'

/** One immutable version of a model's price. */
export interface Price {
  priceId: string
  /** Canonical model id. */
  model: string
  /** Empty = any provider. */
  provider: string
  source: PriceSource
  effectiveFrom: Date
  effectiveTo?: Date
  /** The first card whose conditions hold prices the whole request; the last one has no conditions. */
  rateCards: RateCard[]
  markupBasisPoints: number
  /** Who put this version. Absent where nobody is known. */
  actor?: Actor
  /** Who ended it, where somebody did. */
  endedBy?: Actor
}

/** One line of a cost: of a meter or of a named unit. Its two shares are exact decimals, before the one rounding. */
export type LineItem = MeterLine | UnitLine

export interface MeterLine extends LineCost {
  meter: Meter
  units: bigint
}

export interface UnitLine extends LineCost {
  unit: string
  /** Decimal string. */
  unitCount: string
}

interface LineCost {
  priceNanousd: Nanousd
  per: bigint
  /** Decimal string, before markup. */
  costNanousd: string
  /** Decimal string, after markup. */
  chargedNanousd: string
  /** Where several models served a stream: at whose price. */
  model?: string
  provider?: string
}

/** What a usage costs at a price. */
export interface Cost {
  /** Before markup, rounded once, half up. */
  costNanousd: Nanousd
  /** After markup, rounded once from the exact sum, half up: what is deducted. */
  amountNanousd: Nanousd
  /** The tokens' share, before markup: exact, in parts of 1 / 1,000,000 nano-USD. */
  tokenCostMicronanousd: bigint
}

/** A cost with the lines that it is made of. */
export interface Rating extends Cost {
  lineItems: LineItem[]
}
