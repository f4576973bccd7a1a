import type { Database } from '../database/database'
import type { StoredPrice } from '../database/prices/priceRow'
import {
  changePriceBook,
  endVersions,
  insertVersions,
  type PriceTables,
  readVersions,
} from '../database/prices/prices'
import { BillingError } from '../domain/errors'
import type { Actor } from '../domain/ledger/actor'
import type { RateCard } from '../domain/rating/price'
import { priceIdOf, rateCardsKey } from '../domain/rating/priceId'

export interface PutPrice {
  model: string
  /** Empty = any provider. */
  provider: string
  rateCards: RateCard[]
  /** Absent = now. */
  effectiveFrom?: Date
  /** Absent = the deployment's. */
  markupBasisPoints?: number
}

/**
 * Begins a new version of an operator's price, and ends the one before it. A version with an
 * earlier date replaces every version that began after that date, and so corrects a wrong price
 * from the moment it was wrong. Charges keep their version. A scheduled version still follows.
 * Repeating the same put changes nothing.
 */
export function putOperatorPrice(database: Database, put: PutPrice, actor: Actor): Promise<StoredPrice> {
  return changePriceBook(database, async (tables, now) => {
    const versions = await operatorVersions(tables, put)
    const asked = put.effectiveFrom ?? now
    const inForce = versions.find((version) => isInForce(version, asked))
    const replaced = versions.filter(
      (version) => version.effectiveFrom > asked && version.effectiveFrom <= now && !isCalledOff(version),
    )
    if (inForce !== undefined && isSame(inForce, put) && replaced.length === 0) {
      return { changed: false, result: inForce }
    }
    const effectiveFrom = freeInstant(versions, asked)
    const before = versions.find((version) => isInForce(version, effectiveFrom))
    const after = versions.find(
      (version) =>
        version.effectiveFrom > effectiveFrom && !replaced.includes(version) && !isCalledOff(version),
    )
    const span = { effectiveFrom, ...(after !== undefined && { effectiveTo: after.effectiveFrom }) }
    const price = { ...newVersion(put, span), actor }
    const ends = [
      ...(before === undefined ? [] : [{ priceId: before.priceId, effectiveTo: effectiveFrom }]),
      ...replaced.map(({ priceId, effectiveFrom: began }) => ({ priceId, effectiveTo: began })),
    ]
    await endVersions(tables, ends, actor)
    await insertVersions(tables, [price], now)
    return { changed: true, result: price }
  })
}

/** Ends an operator's price now, and the versions that were scheduled after it. */
export function endOperatorPrice(
  database: Database,
  key: { model: string; provider: string },
  actor: Actor,
): Promise<StoredPrice> {
  return changePriceBook(database, async (tables, now) => {
    const versions = await operatorVersions(tables, key)
    const ended = versions
      .filter(({ effectiveTo }) => effectiveTo === undefined || effectiveTo > now)
      .filter((version) => !isCalledOff(version))
      .map((version) => ({ ...version, effectiveTo: laterOf(version.effectiveFrom, now), endedBy: actor }))
    const [first] = ended
    if (first === undefined) {
      throw new BillingError('PRICE_NOT_FOUND', `no operator's price of ${key.model} is in force`)
    }
    await endVersions(tables, ended, actor)
    return { changed: true, result: first }
  })
}

function laterOf(a: Date, b: Date): Date {
  return a > b ? a : b
}

/** Oldest first, with those that were called off before they began. */
async function operatorVersions(
  tables: PriceTables,
  { model, provider }: { model: string; provider: string },
): Promise<StoredPrice[]> {
  const versions = await readVersions(tables, [model])
  return versions.filter((version) => version.source === 'operator' && version.provider === provider)
}

function isInForce({ effectiveFrom, effectiveTo }: StoredPrice, at: Date): boolean {
  return effectiveFrom <= at && (effectiveTo === undefined || effectiveTo > at)
}

/** Ended before it began. */
function isCalledOff({ effectiveFrom, effectiveTo }: StoredPrice): boolean {
  return effectiveTo !== undefined && effectiveTo <= effectiveFrom
}

function isSame(version: StoredPrice, put: PutPrice): boolean {
  return (
    version.markupBasisPoints === put.markupBasisPoints &&
    rateCardsKey(version.rateCards) === rateCardsKey(put.rateCards)
  )
}

/** A version is never overwritten, so one that would begin with another begins a millisecond later. */
function freeInstant(versions: readonly StoredPrice[], from: Date): Date {
  const taken = new Set(versions.map(({ effectiveFrom }) => effectiveFrom.getTime()))
  let instantMs = from.getTime()
  while (taken.has(instantMs)) instantMs += 1
  return new Date(instantMs)
}

function newVersion(put: PutPrice, span: { effectiveFrom: Date; effectiveTo?: Date }): StoredPrice {
  const { model, provider, rateCards, markupBasisPoints } = put
  const price = {
    model,
    provider,
    source: 'operator' as const,
    ...span,
    rateCards,
    ...(markupBasisPoints !== undefined && { markupBasisPoints }),
  }
  return { priceId: priceIdOf(price), ...price }
}
