import { createHash } from 'node:crypto'
import type { Database } from '../database/database'
import {
  decidePriceChangeRow,
  insertPriceChanges,
  readPriceChanges,
  type StoredPriceChange,
} from '../database/prices/priceChanges'
import type { StoredPrice } from '../database/prices/priceRow'
import {
  changePriceBook,
  endVersions,
  insertVersions,
  type PriceTables,
  readCurrentOfSource,
  readVersions,
} from '../database/prices/prices'
import { priceIdOf, rateCardsKey } from '../domain/rating/priceId'
import { agreeWithin, movesMoreThan, rateMoves } from '../domain/rating/priceMove'
import { log } from '../observability/log'
import { CATALOG_EPOCH } from './catalog/loadCatalog'
import type { ListedPrice } from './feeds/priceList'
import { guardedPriceChange } from './guards'
import { namesOf } from './providers'

/** A second source that says the same within this lets a large change pass. */
const AGREEMENT_PERCENT = 1

export interface ImportedPrices {
  changed: number
  unchanged: number
  heldBack: number
  /** When the new versions began. */
  at: Date
}

export type ImportedSource = 'live' | 'stored' | 'operator'

/**
 * Brings a source's prices in line with a list, in one transaction. A rate that moves too far is held back, with the old price
 * in force, until another source agrees or an operator decides; what an operator imports as his own is his decision. Models
 * that the list no longer has keep their last price.
 */
export async function importPrices(
  database: Database,
  listed: readonly ListedPrice[],
  { source, changePercentMax }: { source: ImportedSource; changePercentMax: number },
): Promise<ImportedPrices> {
  const imported = await changePriceBook(database, async (tables, now) => {
    const standing = new Map(
      (await readCurrentOfSource(tables, { source, at: now }))
        .filter(({ effectiveFrom }) => effectiveFrom <= now)
        .map((version) => [keyOf(version), version]),
    )
    const news: ListedPrice[] = []
    const changes: { before: StoredPrice; listed: ListedPrice }[] = []
    let unchanged = 0
    for (const entry of listed) {
      const before = standing.get(keyOf(entry))
      if (before === undefined) news.push(entry)
      else if (rateCardsKey(before.rateCards) === rateCardsKey(entry.rateCards)) unchanged += 1
      else changes.push({ before, listed: entry })
    }
    const inserts = await firstVersions(tables, news, { source, now })
    const decided = await decide(tables, changes, { source, now, changePercentMax })
    const applied = decided.filter(({ state }) => state === 'applied')
    for (const { before, listed: entry } of applied) inserts.push(newVersion(entry, source, now, before))
    await endVersions(
      tables,
      applied.map(({ before }) => ({ priceId: before.priceId, effectiveTo: now })),
    )
    await insertVersions(tables, inserts, now)
    await insertPriceChanges(
      tables,
      decided.filter(({ isNew }) => isNew).map(({ change }) => change),
    )
    // Held back when it was first seen, and agreed with by now.
    for (const { change, isNew } of applied) if (!isNew) await decidePriceChangeRow(tables, change)
    const heldBack = decided.filter(({ state }) => state === 'held-back')
    const counts = { changed: inserts.length, unchanged, heldBack: heldBack.length, at: now }
    return { changed: inserts.length > 0, result: { counts, heldBack } }
  })
  for (const { change, isNew } of imported.heldBack) if (isNew) guardedPriceChange(change, change.reason)
  log.info({ source, listed: listed.length, ...imported.counts }, 'prices imported')
  return imported.counts
}

/** A model that nobody priced before has its price for what is still reported late; of others the past is settled. */
async function firstVersions(
  tables: PriceTables,
  listed: readonly ListedPrice[],
  { source, now }: { source: ImportedSource; now: Date },
): Promise<StoredPrice[]> {
  const known = await readVersions(tables, [...new Set(listed.map(({ model }) => model))])
  const priced = new Set(known.map(({ model }) => model))
  const toCome = known.filter((version) => version.source === source && version.effectiveFrom > now)
  return listed.map((entry) => {
    // What is to follow, as PutPrice can say ahead, follows this as well. Called off before it began, it ends where it begins.
    const next = toCome.find(
      (version) =>
        keyOf(version) === keyOf(entry) && version.effectiveTo?.getTime() !== version.effectiveFrom.getTime(),
    )
    const span = next === undefined ? undefined : { effectiveTo: next.effectiveFrom }
    return newVersion(entry, source, priced.has(entry.model) ? now : CATALOG_EPOCH, span)
  })
}

interface Decided {
  before: StoredPrice
  listed: ListedPrice
  change: StoredPriceChange
  state: 'applied' | 'held-back'
  /** Seen for the first time. */
  isNew: boolean
}

async function decide(
  tables: PriceTables,
  changes: readonly { before: StoredPrice; listed: ListedPrice }[],
  { source, now, changePercentMax }: { source: ImportedSource; now: Date; changePercentMax: number },
): Promise<Decided[]> {
  const others = await readVersions(tables, [...new Set(changes.map(({ listed }) => listed.model))])
  const ids = changes.map(({ before, listed }) => changeIdOf(before, listed))
  const known = new Map((await readPriceChanges(tables, ids)).map((change) => [change.changeId, change]))
  return changes.map(({ before, listed }, index) => {
    const changeId = ids[index] ?? ''
    const reason = source === 'operator' ? undefined : tooFar(before, listed, changePercentMax)
    const isAgreed = others.some(
      (other) =>
        isSecondSource(other, { listed, source, now }) &&
        agreeWithin(other.rateCards, listed.rateCards, AGREEMENT_PERCENT),
    )
    const isRejected = known.get(changeId)?.state === 'rejected'
    const state = !isRejected && (reason === undefined || isAgreed) ? 'applied' : 'held-back'
    const change: StoredPriceChange = {
      changeId,
      model: listed.model,
      provider: listed.provider,
      source,
      beforePriceId: before.priceId,
      after: {
        rateCards: listed.rateCards,
        ...(state === 'applied' && { priceId: newVersion(listed, source, now, before).priceId }),
      },
      state,
      reason: state === 'held-back' ? (reason ?? '') : '',
      seenAt: now,
      ...(state === 'applied' && { decidedAt: now }),
    }
    return { before, listed, change, state, isNew: !known.has(changeId) }
  })
}

function tooFar(before: StoredPrice, listed: ListedPrice, changePercentMax: number): string | undefined {
  const move = rateMoves(before.rateCards, listed.rateCards).find((each) =>
    movesMoreThan(each, changePercentMax),
  )
  if (move === undefined) return undefined
  const { meter, beforeNanousd, afterNanousd } = move
  return `${meter} would move from ${beforeNanousd} to ${afterNanousd} nano-USD, by more than ${changePercentMax} %`
}

function isSecondSource(
  other: StoredPrice,
  { listed, source, now }: { listed: ListedPrice; source: ImportedSource; now: Date },
): boolean {
  if (other.source === source || other.source === 'default') return false
  if (other.effectiveFrom > now || (other.effectiveTo !== undefined && other.effectiveTo <= now)) return false
  return namesOf(listed.provider).includes(other.provider)
}

/** The same change of the same version is the same, whenever it is seen. */
function changeIdOf(before: StoredPrice, listed: ListedPrice): string {
  const text = `${before.priceId}\n${rateCardsKey(listed.rateCards)}`
  return `pc_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`
}

export function newVersion(
  { model, provider, rateCards }: ListedPrice,
  source: ImportedSource,
  effectiveFrom: Date,
  before?: Pick<StoredPrice, 'effectiveTo' | 'markupBasisPoints'>,
): StoredPrice {
  const markupBasisPoints = before?.markupBasisPoints
  const price = {
    model,
    provider,
    source,
    effectiveFrom,
    rateCards,
    ...(markupBasisPoints !== undefined && { markupBasisPoints }),
    // What was to follow the version that this one replaces still follows.
    ...(before?.effectiveTo !== undefined && { effectiveTo: before.effectiveTo }),
  }
  return { priceId: priceIdOf(price), ...price }
}

function keyOf({ provider, model }: { provider: string; model: string }): string {
  return `${provider}\n${model}`
}
