import { LRUCache } from 'lru-cache'
import type { Database } from '../database/database'
import type { StoredPrice } from '../database/priceRow'
import { readPrice } from '../database/prices'
import { BillingError } from '../domain/errors'
import type { Price } from '../domain/price'
import { putAlias } from './aliases'
import { storeDefaultPrice } from './defaultPrice'
import { FreshCache } from './freshCache'
import { matchesPart, matchesWhole } from './globs'
import { isFree, type ModelPrices, readModelPrices, versionAt, withoutFreeSuffix } from './lookup'
import { endOperatorPrice, type PutPrice, putOperatorPrice } from './operatorPrices'
import { readQuoteKey } from './quoteKey'
import { HourlyReports, type PriceReports } from './reports'
import { RevisionWatch } from './revisionWatch'
import type { PriceBookSettings } from './settings'

export interface ResolvedPrice {
  price: Price
  /** After aliases, prefixes and the catalog's spelling. */
  pricedModel: string
  /** Empty where the price is any provider's. */
  pricedProvider: string
  /** The model ended in `:free` without being free: it is priced, and charged, as the one without. */
  freeSuffixStripped: boolean
}

export interface PriceQuestion {
  model: string
  /** Empty = whichever the model leaves no doubt about. */
  provider: string
  at: Date
}

/**
 * Finds prices. What was found stays in memory, so that a warm lookup does no I/O and outlives the database; a change on any
 * replica is seen within the poll's interval. The rules are in `docs/pricing.md`.
 */
export class PriceBook {
  readonly settings: PriceBookSettings
  readonly #database: Database
  readonly #now: () => Date
  readonly #reports: PriceReports
  readonly #guards: HourlyReports
  readonly #models: FreshCache<ModelPrices>
  readonly #byId: LRUCache<string, StoredPrice>
  readonly #watch: RevisionWatch
  #defaultPrice: StoredPrice | undefined
  #quoteKey: Promise<Buffer> | undefined

  constructor(
    database: Database,
    { settings, now, reports }: { settings: PriceBookSettings; now: () => Date; reports: PriceReports },
  ) {
    this.settings = settings
    this.#database = database
    this.#now = now
    this.#reports = reports
    this.#guards = new HourlyReports(reports, () => now().getTime())
    this.#byId = new LRUCache({ max: settings.cacheModelsMax })
    this.#models = new FreshCache({
      load: (key) => readModelPrices(database.kysely, questionOf(key)),
      ttlMs: settings.cacheTtlMs,
      entriesMax: settings.cacheModelsMax,
      nowMs: () => now().getTime(),
      onLookup: (result) => reports.cache(result),
      onReloadError: (error) => reports.reloadFailed(error),
    })
    this.#watch = new RevisionWatch(database, {
      intervalMs: settings.revisionPollMs,
      onChange: () => this.#models.clear(),
      onError: (error) => reports.reloadFailed(error),
    })
  }

  /** Reads what is needed before the first call, and begins to look for changes of other replicas. */
  async start(): Promise<void> {
    const { lowValueModels, defaultRateCards } = this.settings
    if (lowValueModels.length > 0) {
      this.#defaultPrice = await storeDefaultPrice(this.#database, defaultRateCards, this.#now())
    }
    await this.quoteKey()
    await this.#watch.start()
  }

  stop(): Promise<void> {
    return this.#watch.stop()
  }

  now(): Date {
    return this.#now()
  }

  /**
   * @throws BillingError MODEL_PRICE_MISSING, or INVALID_FIELD naming `provider` where the providers' prices differ and none
   *   was named.
   */
  async resolve(question: PriceQuestion): Promise<ResolvedPrice> {
    const prices = await this.#models.get(keyOf(question))
    return this.#resolveIn(prices, question) ?? this.#missing(question, prices)
  }

  /** As `resolve`, from memory alone; undefined where that can't tell. */
  resolveCached(question: PriceQuestion): ResolvedPrice | undefined {
    const prices = this.#models.peek(keyOf(question))
    return prices === undefined ? undefined : this.#resolveIn(prices, question)
  }

  /** One version, for ever the same (but for the end that it may get). */
  async priceById(priceId: string): Promise<Price | undefined> {
    const known = this.#byId.get(priceId)
    if (known !== undefined) return this.#priceOf(known)
    const version = await readPrice(this.#database.kysely, priceId)
    if (version === undefined) return undefined
    this.#byId.set(priceId, version)
    return this.#priceOf(version)
  }

  /** @throws BillingError PRICE_NOT_FOUND; INVALID_FIELD as `resolve`. */
  async getPrice(question: PriceQuestion): Promise<Price> {
    const resolved = this.#resolveIn(await this.#models.get(keyOf(question)), question)
    if (resolved !== undefined) return resolved.price
    throw new BillingError(
      'PRICE_NOT_FOUND',
      `${question.model} has no price at ${question.at.toISOString()}`,
    )
  }

  async putPrice(put: PutPrice): Promise<Price> {
    const version = await putOperatorPrice(this.#database, put, this.#now())
    this.#models.clear()
    return this.#priceOf(version)
  }

  async endPrice(key: { model: string; provider: string }): Promise<Price> {
    const version = await endOperatorPrice(this.#database, key, this.#now())
    this.#models.clear()
    this.#byId.delete(version.priceId)
    return this.#priceOf(version)
  }

  async putAlias(alias: { alias: string; model: string }): Promise<void> {
    await putAlias(this.#database, alias)
    this.#models.clear()
  }

  /** What signs quotes, the same on every replica. */
  quoteKey(): Promise<Buffer> {
    this.#quoteKey ??= readQuoteKey(this.#database, this.#now()).catch((error: unknown) => {
      this.#quoteKey = undefined
      throw error
    })
    return this.#quoteKey
  }

  /** Reports what a guard did outside the book: an anomaly, a price that is suspiciously low. */
  get guards(): HourlyReports {
    return this.#guards
  }

  /** A stored version as a price of this deployment. */
  priceOf(version: StoredPrice): Price {
    return this.#priceOf(version)
  }

  #priceOf(version: StoredPrice): Price {
    return {
      ...version,
      source: version.source !== 'operator' && isFree(version) ? 'free' : version.source,
      markupBasisPoints: version.markupBasisPoints ?? this.settings.markupBasisPoints,
    }
  }

  #resolveIn(prices: ModelPrices, question: PriceQuestion): ResolvedPrice | undefined {
    const found = versionAt(prices, question.at)
    if (found === undefined) return this.#byDefault(prices, question)
    const { version, freeSuffixStripped } = found
    const price = this.#priceOf(version)
    this.#byId.set(version.priceId, version)
    this.#reports.lookup(price.source)
    if (freeSuffixStripped) {
      this.#guard('free-suffix-stripped', question, `priced as ${version.model}: no source lists it as free`)
    }
    return { price, pricedModel: version.model, pricedProvider: version.provider, freeSuffixStripped }
  }

  #byDefault(prices: ModelPrices, question: PriceQuestion): ResolvedPrice | undefined {
    const version = this.#defaultPrice
    const model = withoutFreeSuffix(prices.model)
    const { lowValueModels } = this.settings
    if (version === undefined || version.effectiveFrom > question.at) return undefined
    if (this.#isHighValue(model) || !matchesWhole(model, lowValueModels)) return undefined
    this.#byId.set(version.priceId, version)
    this.#reports.lookup('default')
    this.#guard('default-price', question, 'no source has a price; the operator lists it as low-value')
    return {
      price: this.#priceOf(version),
      pricedModel: model,
      pricedProvider: '',
      freeSuffixStripped: prices.freeCandidates.length > 0,
    }
  }

  #missing(question: PriceQuestion, prices: ModelPrices): never {
    const isHighValue = this.#isHighValue(prices.model)
    this.#guard(
      isHighValue ? 'high-value-price-missing' : 'price-missing',
      question,
      'refused: no source has a price',
    )
    const where = question.provider === '' ? '' : ` of ${question.provider}`
    throw new BillingError(
      'MODEL_PRICE_MISSING',
      `no price is known for ${question.model}${where}: put one with PutPrice`,
      { metadata: { model: question.model, provider: question.provider } },
    )
  }

  #isHighValue(model: string): boolean {
    return matchesPart(model, this.settings.highValueModels)
  }

  #guard(
    guard: Parameters<PriceReports['guard']>[0],
    { model, provider }: PriceQuestion,
    detail: string,
  ): void {
    this.#guards.guard(guard, { model, provider, detail })
  }
}

// Ids are visible characters: neither part can contain a line feed.
function keyOf({ model, provider }: PriceQuestion): string {
  return `${provider}\n${model}`
}

function questionOf(key: string): { model: string; provider: string } {
  const at = key.indexOf('\n')
  return { provider: key.slice(0, at), model: key.slice(at + 1) }
}
