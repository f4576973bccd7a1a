import { TOLLGATE } from '../domain/ledger/actor'
import { log } from '../observability/log'
import { metrics } from '../observability/metrics'
import { reportWarning } from '../observability/sentry'
import { backoffMs } from '../timing/backoff'
import { Poller } from '../timing/poller'
import { type PriceListFormat, readUsablePriceList } from './feeds/readPriceList'
import { fetchText } from './fetchText'
import type { PriceBook } from './priceBook'

export interface PriceFeedSettings {
  url: string
  format: PriceListFormat
  intervalMs: number
  /** After so long without a successful read, a warning is reported. */
  ageMsMax: number
}

const TIMEOUT_MS = 30_000
/** The largest list there is has 1.5 MB. */
const BODY_BYTES_MAX = 32 * 1024 * 1024
const FIRST_RETRY_MS = 5_000

/**
 * Reads the live price feed in the background, never on a call's path. A bad feed, or a bad entry
 * of it, changes nothing: the last good prices stay in force, and the reason is logged and counted.
 */
export class PriceFeed {
  readonly #prices: PriceBook
  readonly #settings: PriceFeedSettings
  readonly #stopping = new AbortController()
  readonly #poller: Poller
  #etag: string | undefined
  #failures = 0
  #lastGoodAtMs: number

  constructor(prices: PriceBook, settings: PriceFeedSettings) {
    this.#prices = prices
    this.#settings = settings
    this.#poller = new Poller({
      name: 'price feed',
      work: () => this.read(),
      intervalMs: () => this.#pauseMs(),
    })
    this.#lastGoodAtMs = prices.now().getTime()
    metrics.priceFeedGoodAt(new Date(this.#lastGoodAtMs))
  }

  start(): void {
    this.#poller.start({ firstAfterMs: 0 })
  }

  stop(): Promise<void> {
    this.#stopping.abort()
    return this.#poller.stop()
  }

  /** Reads the feed once. Answers whether it was good. */
  async read(): Promise<boolean> {
    try {
      const isNew = await this.#import()
      metrics.priceFeedRead(isNew ? 'imported' : 'unchanged')
      this.#failures = 0
      this.#lastGoodAtMs = this.#prices.now().getTime()
      metrics.priceFeedGoodAt(new Date(this.#lastGoodAtMs))
      // Two intervals, so that one read that fails doesn't make live prices stored ones.
      this.#prices.feedIsLiveUntil(new Date(this.#lastGoodAtMs + 2 * this.#settings.intervalMs))
      return true
    } catch (error) {
      if (this.#stopping.signal.aborted) return false
      this.#failures += 1
      metrics.priceFeedRead('failed')
      log.warn(
        { err: error, failures: this.#failures },
        'the price feed could not be read; the last good prices stay',
      )
      this.#reportIfOld()
      return false
    }
  }

  async #import(): Promise<boolean> {
    const { url, format } = this.#settings
    const fetched = await fetchText(url, {
      etag: this.#etag,
      timeoutMs: TIMEOUT_MS,
      bytesMax: BODY_BYTES_MAX,
      signal: this.#stopping.signal,
    })
    if (fetched === 'unchanged') return false
    const list = readUsablePriceList(format, fetched.text, {
      tokenRateNanousdMax: this.#prices.settings.listedTokenRateNanousdMax,
    })
    if ('rejected' in list) throw new Error(`the feed ${list.rejected}`)
    await this.#prices.importPrices(list.prices, 'live', TOLLGATE)
    if (list.rejections.length > 0) {
      log.info(
        { rejected: list.rejections.length, first: list.rejections.slice(0, 10) },
        'entries of the price feed were rejected',
      )
    }
    // Only now: a list that could not be imported must not be taken for one that is known.
    this.#etag = fetched.etag
    return true
  }

  #pauseMs(): number {
    const { intervalMs } = this.#settings
    if (this.#failures === 0) return intervalMs
    return backoffMs(this.#failures, { firstMs: FIRST_RETRY_MS, maxMs: intervalMs })
  }

  #reportIfOld(): void {
    const ageMs = this.#prices.now().getTime() - this.#lastGoodAtMs
    if (ageMs <= this.#settings.ageMsMax) return
    reportWarning('STORED_PRICES_OLD', {
      message: `The price feed has not been read for ${Math.floor(ageMs / 3_600_000)} hours; calls are charged at its last prices.`,
    })
  }
}
