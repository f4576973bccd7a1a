import type { RateCard } from '../domain/price'

export interface PriceBookSettings {
  /** Of prices that name none of their own. */
  markupBasisPoints: number
  cacheTtlMs: number
  cacheModelsMax: number
  /** How often the other replicas' changes are looked for. */
  revisionPollMs: number
  /** Never priced by default. `*` stands for anything; a pattern without one, for a part of the name. */
  highValueModels: readonly string[]
  /** Globs of the models that the default price may be used for. High-value wins. */
  lowValueModels: readonly string[]
  defaultRateCards: readonly RateCard[]
  quoteValidityMs: number
}

/** $20 for a million tokens both ways: dear enough that nobody loses by it. */
const DEFAULT_RATE_NANOUSD = 20_000_000_000n

export const DEFAULT_PRICE_BOOK_SETTINGS: PriceBookSettings = {
  markupBasisPoints: 0,
  cacheTtlMs: 15 * 60_000,
  cacheModelsMax: 10_000,
  revisionPollMs: 1_000,
  highValueModels: [
    'gpt-4',
    'gpt-5',
    'o1-',
    'o3-',
    'o4-',
    'claude-3',
    'claude-opus',
    'claude-sonnet-4',
    'gemini-1.5-pro',
    'gemini-2',
    'gemini-pro',
    'command-r-plus',
    'mixtral-8x22b',
  ],
  lowValueModels: [],
  defaultRateCards: [
    {
      rates: [
        { meter: 'INPUT_TOKENS', priceNanousd: DEFAULT_RATE_NANOUSD, per: 1_000_000n },
        { meter: 'OUTPUT_TOKENS', priceNanousd: DEFAULT_RATE_NANOUSD, per: 1_000_000n },
      ],
    },
  ],
  quoteValidityMs: 10 * 60_000,
}
