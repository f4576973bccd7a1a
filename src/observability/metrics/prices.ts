import type { PriceSource } from '../../domain/rating/price'
import { USAGE_FORMATS } from '../../domain/usage/readProviderUsage'
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
    help: 'Reads of the live price feed by outcome; after a failed read the last good prices stay in force.',
  }),
  'outcome',
  ['imported', 'unchanged', 'failed'],
)
const feedLastSuccess = gauges({
  name: 'tollgate_price_feed_last_success_timestamp_seconds',
  help: 'When the price feed was last read, or the process started, since 1970. Absent without a feed.',
})
const servedOthers = counter({
  name: 'tollgate_served_other_model_total',
  help: 'Calls charged at the price of another model than the one asked for, because the provider says that it served them.',
})
const unreadFields = counters({
  name: 'tollgate_unread_usage_fields_total',
  help: 'Numbers in a provider\'s usage that look like counts and that no rate reads; "other" beyond the first 100 of a process.',
})
const UNREAD_FIELDS_MAX = 100 + USAGE_FORMATS.length
/** By format and field. Only `other` exists from the start: fields are whatever a provider sends. */
const unreadByField = new Map<string, Series>(
  USAGE_FORMATS.map((format) => [`${format} other`, unreadFields.series({ format, field: 'other' })]),
)
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
  servedOtherModel(): void {
    servedOthers.add()
  },
  /** `format` is one that tollgate knows; a field may have any name, so that only so many are labels. */
  unreadUsageField(format: string, field: string): void {
    const key = `${format} ${field}`
    const isNew = !unreadByField.has(key)
    const name = isNew && unreadByField.size >= UNREAD_FIELDS_MAX ? 'other' : field
    const known = unreadByField.get(`${format} ${name}`) ?? unreadFields.series({ format, field: name })
    unreadByField.set(`${format} ${name}`, known)
    known.add()
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
