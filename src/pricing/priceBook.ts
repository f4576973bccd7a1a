import type { Database } from '../database/database'
import type { Price, RateCard } from '../domain/price'

export interface ResolvedPrice {
  price: Price
  /** After aliases and prefixes. */
  pricedModel: string
  pricedProvider: string
  /** The model ended in `:free` without being free: it was priced, and charged, without the suffix. */
  freeSuffixStripped: boolean
}

export interface PriceBookSettings {
  /** Of prices that name none of their own. */
  markupBasisPoints: number
  cacheTtlMs: number
  cacheModelsMax: number
  /** How soon changes on other replicas are seen. */
  revisionPollMs: number
  /** Globs, such as `gpt-4*`: never priced by default. */
  highValueModels: readonly string[]
  /** Globs that the default price may be used for. High-value wins. */
  lowValueModels: readonly string[]
  defaultRateCards: readonly RateCard[]
  quoteValidityMs: number
}

export interface PriceQuestion {
  model: string
  /** Empty = whichever the model leaves no doubt about. */
  provider: string
  at: Date
}

export class PriceBook {
  readonly settings: PriceBookSettings
  constructor(_database: Database, settings: PriceBookSettings, _now: () => Date) {
    this.settings = settings
  }
  start(): Promise<void> {
    throw new Error('not yet')
  }
  stop(): Promise<void> {
    throw new Error('not yet')
  }
  resolve(_question: PriceQuestion): Promise<ResolvedPrice> {
    throw new Error('not yet')
  }
  /** As `resolve`, from memory alone; undefined where that can't tell. */
  resolveCached(_question: PriceQuestion): ResolvedPrice | undefined {
    throw new Error('not yet')
  }
  priceById(_priceId: string): Promise<Price | undefined> {
    throw new Error('not yet')
  }
  getPrice(_question: PriceQuestion): Promise<Price> {
    throw new Error('not yet')
  }
  putPrice(_put: {
    model: string
    provider: string
    rateCards: RateCard[]
    effectiveFrom?: Date
    markupBasisPoints?: number
  }): Promise<Price> {
    throw new Error('not yet')
  }
  endPrice(_key: { model: string; provider: string }): Promise<Price> {
    throw new Error('not yet')
  }
  putAlias(_alias: { alias: string; model: string }): Promise<void> {
    throw new Error('not yet')
  }
  quoteKey(): Promise<Buffer> {
    throw new Error('not yet')
  }
}
