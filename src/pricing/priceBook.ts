import { LRUCache } from 'lru-cache'
import type { Database } from '../database/database'
import type { StoredPriceChange } from '../database/prices/priceChanges'
import type { StoredPrice } from '../database/prices/priceRow'
import { readPrice } from '../database/prices/prices'
import { BillingError } from '../domain/errors'
import { matchesPart, matchesWhole } from '../domain/globs'
import type { Actor } from '../domain/ledger/actor'
import type { Price, PriceSource } from '../domain/rating/price'
import { reportFailover, reportRewind } from '../observability/databaseRewind'
import { log } from '../observability/log'
import { metrics } from '../observability/metrics'
import { putAlias } from './aliases'
import { modelsOf } from './candidates'
import type { ImportedSource } from './decideImport'
import { decidePriceChange } from './decidePriceChange'
import { storeDefaultPrice } from './defaultPrice'
import type { ListedPrice } from './feeds/priceList'
import { FreshCache } from './freshCache'
import { reportDefaultPrice, reportFreeSuffix, reportMissingPrice } from './guards'
import { type ImportedPrices, importPrices } from './importPrices'
import { keepVersions } from './keepVersions'
import { isFree, type ModelPrices, readModelPrices, versionAt, withoutFreeSuffix } from './lookup'
import { endOperatorPrice, type PutPrice, putOperatorPrice } from './operatorPrices'
import { readQuoteKey } from './quoteKey'
import { RevisionWatch } from './revisionWatch'
import { CACHED_MODELS_MAX, type PriceBookSettings, REVISION_POLL_MS } from './settings'

export interface ResolvedPrice {
  price: Price
  /** After aliases, prefixes and the catalog's spelling. */
  pricedModel: string
  /** Empty if the price is for any provider. */
  pricedProvider: string
  /** The model ended in `:free` but is not free, so it is priced without that suffix. */
  freeSuffixStripped: boolean
}

export interface PriceQuestion {
  model: string
  /** Empty = the provider that follows from the model. */
  provider: string
  at: Date
}

/**
 * Finds prices. They stay in memory, so a warm lookup does no I/O and works without the database. A
 * change on any replica is noticed within the interval of the poll. See `docs/pricing.md` for the
 * rules.
 */
export class PriceBook {
  readonly settings: PriceBookSettings
  readonly #clock: () => Date
  readonly #database: Database
  readonly #models: FreshCache<ModelPrices>
  readonly #versions = new LRUCache<string, StoredPrice>({ max: CACHED_MODELS_MAX })
  readonly #watch: RevisionWatch
  /** When this process last began or ended a price, by the database's clock. */
  #lastWrite = new Date(0)
  #liveUntil = new Date(0)
  /** Oldest first. */
  #defaultPrices: readonly StoredPrice[] = []
  #quoteKey: Promise<Buffer> | undefined

  constructor(database: Database, settings: PriceBookSettings, now: () => Date) {
    this.settings = settings
    this.#clock = now
    this.#database = database
    this.#models = new FreshCache({
      load: (key) => readModelPrices(database.kysely, questionOf(key)),
      ttlMs: settings.cacheTtlMs,
      entriesMax: CACHED_MODELS_MAX,
      nowMs: () => this.now().getTime(),
      onLookup: (result) => metrics.priceCache(result),
      onReloadError: reloadFailed,
    })
    this.#watch = new RevisionWatch(database, {
      intervalMs: REVISION_POLL_MS,
      onChange: () => this.changed(),
      onOtherHistory: (isRewound) => this.#readAgain(isRewound),
      onError: reloadFailed,
    })
  }

  /** Reads what the first call needs, and starts to watch for changes on other replicas. */
  async start(): Promise<void> {
    await this.#readDefaultPrices()
    await this.quoteKey()
    await this.#watch.start()
  }

  stop(): Promise<void> {
    return this.#watch.stop()
  }

  /** Never before this process' last write: the clock may be milliseconds behind the database's. */
  now(): Date {
    return laterOf(this.#clock(), this.#lastWrite)
  }

  /**
   * @throws BillingError MODEL_PRICE_MISSING, or INVALID_FIELD naming `provider` if the providers'
   *   prices differ and the question names none.
   */
  async resolve(question: PriceQuestion): Promise<ResolvedPrice> {
    const prices = await this.#models.get(keyOf(question))
    return this.#resolveIn(prices, question) ?? this.#refuse(prices, question)
  }

  /** Like `resolve`, but undefined, without a report, if there is no price or more than one. */
  async find(question: PriceQuestion): Promise<ResolvedPrice | undefined> {
    const prices = await this.#models.get(keyOf(question))
    try {
      return this.#resolveIn(prices, question)
    } catch (error) {
      if (error instanceof BillingError && error.reason === 'INVALID_FIELD') return undefined
      throw error
    }
  }

  /** Like `resolve`, but only from memory. Undefined if that gives no price. */
  resolveCached(question: PriceQuestion): ResolvedPrice | undefined {
    const prices = this.#models.peek(keyOf(question))
    return prices === undefined ? undefined : this.#resolveIn(prices, question)
  }

  /** One version. It never changes, except that it may get an end. */
  async priceById(priceId: string): Promise<Price | undefined> {
    const version = this.#versions.get(priceId) ?? (await readPrice(this.#database.kysely, priceId))
    if (version === undefined) return undefined
    this.#versions.set(priceId, version)
    return this.priceOf(version)
  }

  /** @throws BillingError PRICE_NOT_FOUND, or INVALID_FIELD as `resolve`. */
  async getPrice(question: PriceQuestion): Promise<Price> {
    const resolved = this.#resolveIn(await this.#models.get(keyOf(question)), question)
    if (resolved !== undefined) return resolved.price
    const at = question.at.toISOString()
    throw new BillingError('PRICE_NOT_FOUND', `${question.model} has no price at ${at}`)
  }

  /** Sets an operator's price. */
  async putPrice(put: PutPrice, actor: Actor = ''): Promise<Price> {
    const version = await putOperatorPrice(this.#database, put, actor)
    if (put.effectiveFrom === undefined) this.#lastWrite = laterOf(this.#lastWrite, version.effectiveFrom)
    this.changed(put.model)
    return this.priceOf(version)
  }

  /** @throws BillingError PRICE_NOT_FOUND if no operator's price is in force or scheduled. */
  async endPrice(key: { model: string; provider: string }, actor: Actor = ''): Promise<Price> {
    const version = await endOperatorPrice(this.#database, key, actor)
    if (version.effectiveTo !== undefined) this.#lastWrite = laterOf(this.#lastWrite, version.effectiveTo)
    this.#versions.delete(version.priceId)
    this.changed(key.model)
    return this.priceOf(version)
  }

  /** @throws BillingError ALIAS_CYCLE; INVALID_FIELD if the chain would be too long to follow. */
  async putAlias(alias: { alias: string; model: string }): Promise<void> {
    await putAlias(this.#database, alias)
    this.changed(alias.alias)
  }

  /** Brings a source's prices in line with a list. */
  async importPrices(
    listed: readonly ListedPrice[],
    source: ImportedSource,
    actor: Actor = '',
  ): Promise<ImportedPrices> {
    const changePercentMax = this.settings.changeThresholdPercent
    const imported = await importPrices(this.#database, listed, { source, changePercentMax, actor })
    this.#lastWrite = laterOf(this.#lastWrite, imported.at)
    this.changed()
    return imported
  }

  /** @throws BillingError CHANGE_NOT_FOUND, ALREADY_DECIDED */
  async decidePriceChange(
    decision: { changeId: string; approve: boolean },
    actor: Actor = '',
  ): Promise<StoredPriceChange> {
    const change = await decidePriceChange(this.#database, decision, actor)
    if (change.decidedAt !== undefined) this.#lastWrite = laterOf(this.#lastWrite, change.decidedAt)
    this.changed()
    return change
  }

  /** The feed was read. Its prices are `live` until this time, and `stored` after it. */
  feedIsLiveUntil(until: Date): void {
    this.#liveUntil = until
  }

  /**
   * The database has another history, as after a failover, so everything is read again. The
   * versions that priced calls until now are kept, so that those calls can be rated again.
   */
  async #readAgain(isRewound: boolean): Promise<void> {
    const used = [...this.#versions.values()]
    this.#models.clear()
    this.#versions.clear()
    this.#quoteKey = undefined
    this.#lastWrite = new Date(0)
    const lost = await keepVersions(this.#database, used, this.now())
    await this.#readDefaultPrices()
    // Transaction numbers repeat on another timeline, so a lost version may be the only evidence.
    if (isRewound || lost.length > 0) reportRewind('changes of the price book are gone')
    else reportFailover()
    if (lost.length > 0) log.error({ priceIds: lost }, 'price versions were lost and are stored as withdrawn')
  }

  async #readDefaultPrices(): Promise<void> {
    const { lowValueGlobs, defaultPriceNanousd } = this.settings
    if (lowValueGlobs.length === 0) return
    this.#defaultPrices = await storeDefaultPrice(this.#database, defaultPriceNanousd)
  }

  /**
   * Prices changed: those of `model` if it is given, else any. Prices that may have changed are
   * read again before they are used, and used as they are if the database is unreachable. The
   * prices of `model` itself are certainly wrong, so they are dropped.
   */
  changed(model?: string): void {
    this.#models.changed(
      (prices, key) =>
        model !== undefined &&
        (questionOf(key).model !== prices.model ||
          [prices.model, ...modelsOf([...prices.candidates, ...prices.freeCandidates])].includes(model)),
    )
  }

  /** The key that signs quotes, the same on every replica. */
  quoteKey(): Promise<Buffer> {
    this.#quoteKey ??= readQuoteKey(this.#database, this.now()).catch((error: unknown) => {
      this.#quoteKey = undefined
      throw error
    })
    return this.#quoteKey
  }

  /** A stored version as a price of this deployment. */
  priceOf(version: StoredPrice): Price {
    return {
      ...version,
      source: this.#sourceOf(version),
      markupBasisPoints: version.markupBasisPoints ?? this.settings.markupBasisPoints,
    }
  }

  #sourceOf(version: StoredPrice): PriceSource {
    if (version.source === 'operator') return 'operator'
    if (isFree(version)) return 'free'
    return version.source === 'live' && this.now() > this.#liveUntil ? 'stored' : version.source
  }

  #resolveIn(prices: ModelPrices, question: PriceQuestion): ResolvedPrice | undefined {
    const found = versionAt(prices, question.at)
    if (found === undefined) return this.#resolveByDefault(prices, question)
    const { version, freeSuffixStripped } = found
    const price = this.priceOf(version)
    this.#versions.set(version.priceId, version)
    metrics.priceLookup(price.source)
    if (freeSuffixStripped) reportFreeSuffix(question)
    return { price, pricedModel: version.model, pricedProvider: version.provider, freeSuffixStripped }
  }

  #resolveByDefault(prices: ModelPrices, question: PriceQuestion): ResolvedPrice | undefined {
    const version = this.#defaultPrices.findLast(({ effectiveFrom }) => effectiveFrom <= question.at)
    const model = withoutFreeSuffix(prices.model)
    if (version === undefined) return undefined
    if (this.#isHighValue(model) || this.#isHighValue(question.model)) return undefined
    if (!matchesWhole(model, this.settings.lowValueGlobs)) return undefined
    this.#versions.set(version.priceId, version)
    reportDefaultPrice(question)
    const freeSuffixStripped = prices.freeCandidates.length > 0
    if (freeSuffixStripped) reportFreeSuffix(question)
    return { price: this.priceOf(version), pricedModel: model, pricedProvider: '', freeSuffixStripped }
  }

  #refuse({ model }: ModelPrices, question: PriceQuestion): never {
    reportMissingPrice(question, { highValue: this.#isHighValue(model) })
    const where = question.provider === '' ? '' : ` at ${question.provider}`
    const message = `no price is known for ${question.model}${where}: put one with PutPrice`
    const metadata = { model: question.model, provider: question.provider }
    throw new BillingError('MODEL_PRICE_MISSING', message, { metadata })
  }

  #isHighValue(model: string): boolean {
    return matchesPart(model, this.settings.highValuePatterns)
  }
}

function laterOf(a: Date, b: Date): Date {
  return a > b ? a : b
}

function reloadFailed(error: unknown): void {
  log.warn({ err: error }, 'prices could not be read again; what is in memory stays in use')
}

// Ids are visible characters, so that neither part can contain a line feed.
function keyOf({ model, provider }: PriceQuestion): string {
  return `${provider}\n${model}`
}

function questionOf(key: string): { model: string; provider: string } {
  const end = key.indexOf('\n')
  return { provider: key.slice(0, end), model: key.slice(end + 1) }
}
