import type { Database } from '../../src/database/database'
import type { Meter, RateCard } from '../../src/domain/rating/price'
import { perOf } from '../../src/domain/rating/rateCards'
import { PriceBook } from '../../src/pricing/priceBook'
import type { PriceBookSettings } from '../../src/pricing/settings'

export const PRICE_BOOK_SETTINGS: PriceBookSettings = {
  markupBasisPoints: 0,
  cacheTtlMs: 15 * 60_000,
  highValuePatterns: ['gpt-4', 'claude-3'],
  lowValueGlobs: [],
  defaultPriceNanousd: 20_000_000_000n,
  changeThresholdPercent: 50,
  listedTokenRateNanousdMax: 1_000_000_000_000n,
  serviceTiers: [],
  reportedCosts: [],
  reportedCostTimesMax: 10,
  quoteValidityMs: 10 * 60_000,
}

export interface TestPriceBook {
  book: PriceBook
  /** The book's clock: real time plus what the test adds. */
  advance(ms: number): void
}

export function testPriceBook(database: Database, settings: Partial<PriceBookSettings> = {}): TestPriceBook {
  let aheadMs = 0
  const now = (): Date => new Date(Date.now() + aheadMs)
  const book = new PriceBook(database, { ...PRICE_BOOK_SETTINGS, ...settings }, now)
  return {
    book,
    advance(ms) {
      aheadMs += ms
    },
  }
}

/** Rates in US dollars for a million tokens, or for a unit. */
export function cardOf(ratesUsd: Partial<Record<Meter, number>>): RateCard {
  return {
    rates: Object.entries(ratesUsd).map(([name, usd]) => {
      const meter = name as Meter
      return { meter, priceNanousd: BigInt(Math.round(usd * 1e9)), per: perOf(meter) }
    }),
  }
}

/** The database, and a count of its statements. */
export function countingStatements(database: Database): { database: Database; statements: () => number } {
  let statements = 0
  const kysely = database.kysely.withPlugin({
    transformQuery: ({ node }) => {
      statements += 1
      return node
    },
    transformResult: async ({ result }) => result,
  })
  return { database: { ...database, kysely }, statements: () => statements }
}
