import type { PriceSource } from '../../domain/rating/price'
import { counter, counters, gauges, type Series, seriesBy } from '../instruments'

const lookups: Record<PriceSource | 'none', Series> = seriesBy(
  counters({
    name: 'tollgate_price_lookups_total',
    help: 'Prices found, by source; "none" where there was no price.',
  }),
  'source',
  ['operator', 'live', 'stored', 'catalog', 'default', 'free', 'none'],
)
const cache = seriesBy(
  counters({ name: 'tollgate_price_cache_total', help: 'Lookups in the price cache by result.' }),
  'result',
  ['hit', 'stale', 'miss'],
)
const anomalies = seriesBy(
  counters({
    name: 'tollgate_price_anomalies_total',
    help: 'Ratings outside of the sanity bounds. Above is refused, below is charged.',
  }),
  'bound',
  ['above', 'below'],
)
const suspiciousFree = counter({
  name: 'tollgate_suspicious_free_total',
  help: 'Calls of a :free model that no source lists as free; charged at the price without the suffix.',
})
const changesHeld = counter({
  name: 'tollgate_price_changes_held_total',
  help: 'Price changes held back until a second source or an operator agrees.',
})
const feedReads = seriesBy(
  counters({
    name: 'tollgate_price_feed_reads_total',
    help: 'Reads of the live price feed by outcome; after one that failed the last good prices stay.',
  }),
  'outcome',
  ['imported', 'unchanged', 'failed'],
)
const feedLastSuccess = gauges({
  name: 'tollgate_price_feed_last_success_timestamp_seconds',
  help: 'When the price feed was last read, or the process started, since 1970. Absent without a feed.',
})
let feedLastSuccessAt: Series | undefined

export const priceMetrics = {
  priceLookup(source: keyof typeof lookups): void {
    lookups[source].add()
  },
  priceCache(result: keyof typeof cache): void {
    cache[result].add()
  },
  priceAnomaly(bound: keyof typeof anomalies): void {
    anomalies[bound].add()
  },
  suspiciousFree(): void {
    suspiciousFree.add()
  },
  priceFeedRead(outcome: keyof typeof feedReads): void {
    feedReads[outcome].add()
  },
  /** Also before the first read, so that a feed that never answers is seen as one. */
  priceFeedGoodAt(at: Date): void {
    feedLastSuccessAt ??= feedLastSuccess.series({})
    feedLastSuccessAt.set(at.getTime() / 1_000)
  },
  priceChangeHeld(): void {
    changesHeld.add()
  },
}
