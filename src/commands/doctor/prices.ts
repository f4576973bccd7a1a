import { readLastRuns } from '../../database/lastRuns'
import { readUsablePriceList } from '../../pricing/feeds/readPriceList'
import { fetchText } from '../../pricing/fetchText'
import { complaintOf, type DoctorContext, type Finding, failed, ok, warning } from './finding'

const FEED_MS_MAX = 15_000
const FEED_BYTES_MAX = 32 * 1024 * 1024

/** Whether the feed can be read, and how old its prices are. */
export async function examinePrices({ config, database }: DoctorContext): Promise<Finding[]> {
  const { feedUrl, feedFormat, storedPriceAgeMsMax } = config.prices
  if (feedUrl === undefined) return [ok("no price feed: prices are the operator's and the bundled catalog's")]
  const place = new URL(feedUrl).origin
  try {
    const startedMs = performance.now()
    const fetched = await fetchText(feedUrl, {
      etag: undefined,
      timeoutMs: FEED_MS_MAX,
      bytesMax: FEED_BYTES_MAX,
      signal: new AbortController().signal,
    })
    const ms = Math.round(performance.now() - startedMs)
    const list = readUsablePriceList(feedFormat, fetched === 'unchanged' ? '' : fetched.text)
    if ('rejected' in list)
      return [
        failed(
          `what ${place} sends ${list.rejected} (read as ${feedFormat})`,
          'Check TOLLGATE_PRICE_FEED_URL, and TOLLGATE_PRICE_FEED_FORMAT.',
        ),
        ...(await stored(database, storedPriceAgeMsMax)),
      ]
    const rejected =
      list.rejections.length === 0 ? '' : `, and ${list.rejections.length} entries that are none`
    return [ok(`${place} sends ${list.prices.length} prices in ${ms} ms${rejected}`)]
  } catch (error) {
    return [
      failed(
        `the price feed at ${place} can't be read: ${complaintOf(error)}`,
        'Can this machine reach it (proxy, firewall, network policy)? Until then the last good prices stay in force.',
      ),
      ...(await stored(database, storedPriceAgeMsMax)),
    ]
  }
}

/** The prices that calls are charged at meanwhile. Equal prices write no version, so they may be newer than this says. */
async function stored(database: DoctorContext['database'], ageMsMax: number): Promise<Finding[]> {
  const newest = database && (await readLastRuns(database)).newestLivePriceAt
  if (newest === undefined)
    return [
      warning(
        'no price of a feed is in the database',
        "Calls are charged at the catalog's and the operator's prices.",
      ),
    ]
  const says = `its last new price is of ${newest.toISOString()}`
  return Date.now() - newest.getTime() <= ageMsMax
    ? [ok(says)]
    : [
        warning(
          says,
          'Older than TOLLGATE_STORED_PRICE_AGE_DAYS_MAX: compare some of them with what the providers bill.',
        ),
      ]
}
