import { createHash } from 'node:crypto'
import type { StoredPriceChange } from '../database/prices/priceChanges'
import type { StoredPrice } from '../database/prices/priceRow'
import type { Meter } from '../domain/rating/price'
import { priceIdOf, rateCardsKey } from '../domain/rating/priceId'
import { agreeWithin, movesMoreThan, rateMoves } from '../domain/rating/priceMove'
import { CATALOG_EPOCH } from './catalog/loadCatalog'
import type { ListedPrice } from './feeds/priceList'
import type { PeerPrices } from './peerPrices'
import { namesOf } from './providers'

/** A large change is applied if a second source agrees within this. */
const AGREEMENT_PERCENT = 1
/**
 * A first price is held back if it is more than this many times above or below its peers' median.
 */
const PEERS_FACTOR_MAX = 10n

export type ImportedSource = 'live' | 'stored' | 'operator'

/** The facts that decide an import. */
export interface ImportFacts {
  source: ImportedSource
  now: Date
  changePercentMax: number
  /** This source's versions in force now. */
  current: readonly StoredPrice[]
  /** All versions of the listed models, from any source and at any time. */
  known: readonly StoredPrice[]
  /** Changes that were seen before, by id. */
  seen: ReadonlyMap<string, StoredPriceChange>
  /** The prices of the same model at other providers. */
  peers: PeerPrices
}

export interface ImportDecision {
  inserts: StoredPrice[]
  ends: { priceId: string; effectiveTo: Date }[]
  /** Changes that are seen for the first time. */
  newChanges: StoredPriceChange[]
  /** Changes that were held back when they were first seen, and are applied now. */
  nowApplied: StoredPriceChange[]
  unchanged: number
  heldBack: number
}

/**
 * Decides each listed price. A rate that moves too far is held back, and so is a first price far
 * from the model's price at other providers, until another source agrees or an operator decides.
 * Prices that an operator imports are never held back.
 */
export function decideImport(listed: readonly ListedPrice[], facts: ImportFacts): ImportDecision {
  const current = new Map(facts.current.map((version) => [keyOf(version), version]))
  const decision: ImportDecision = {
    inserts: [],
    ends: [],
    newChanges: [],
    nowApplied: [],
    unchanged: 0,
    heldBack: 0,
  }
  const pricedModels = new Set(facts.known.map(({ model }) => model))
  for (const entry of listed) {
    const before = current.get(keyOf(entry))
    if (before === undefined) decideFirst(entry, facts, decision, pricedModels)
    else if (rateCardsKey(before.rateCards) === rateCardsKey(entry.rateCards)) decision.unchanged += 1
    else decideChange({ entry, before }, facts, decision)
  }
  return decision
}

/** The ids of the changes that a list may make, to read those that were seen before. */
export function changeIdsOf(listed: readonly ListedPrice[], current: readonly StoredPrice[]): string[] {
  const byKey = new Map(current.map((version) => [keyOf(version), version]))
  return listed.map((entry) => changeIdOf(byKey.get(keyOf(entry)), entry))
}

function decideFirst(
  entry: ListedPrice,
  facts: ImportFacts,
  decision: ImportDecision,
  pricedModels: ReadonlySet<string>,
): void {
  const { source, now, known } = facts
  const reason = source === 'operator' ? undefined : farFromPeers(entry, facts)
  const state = stateOf({ entry, before: undefined, reason }, facts)
  if (state === 'held-back') {
    holdBack({ entry, before: undefined, reason: reason ?? '' }, facts, decision)
    return
  }
  // A version that PutPrice scheduled still follows this one. A version that was called off before
  // it began ends where it begins.
  const next = known.find(
    (version) =>
      version.source === source &&
      version.effectiveFrom > now &&
      keyOf(version) === keyOf(entry) &&
      version.effectiveTo?.getTime() !== version.effectiveFrom.getTime(),
  )
  const span = next === undefined ? undefined : { effectiveTo: next.effectiveFrom }
  // The first price of a model also applies to calls that are reported late. If the model already
  // has a price, the new one applies only from now on.
  const from = pricedModels.has(entry.model) ? now : CATALOG_EPOCH
  const version = newVersion(entry, source, from, span)
  decision.inserts.push(version)
  const change = facts.seen.get(changeIdOf(undefined, entry))
  if (change !== undefined) decision.nowApplied.push(applied(change, version, now))
}

function decideChange(
  { entry, before }: { entry: ListedPrice; before: StoredPrice },
  facts: ImportFacts,
  decision: ImportDecision,
): void {
  const { source, now, changePercentMax, seen } = facts
  const reason = source === 'operator' ? undefined : tooFar(before, entry, changePercentMax)
  if (stateOf({ entry, before, reason }, facts) === 'held-back') {
    holdBack({ entry, before, reason: reason ?? '' }, facts, decision)
    return
  }
  const version = newVersion(entry, source, now, before)
  decision.inserts.push(version)
  decision.ends.push({ priceId: before.priceId, effectiveTo: now })
  const earlier = seen.get(changeIdOf(before, entry))
  const change = applied(earlier ?? changeOf({ entry, before, reason: '' }, facts), version, now)
  if (earlier === undefined) decision.newChanges.push(change)
  else decision.nowApplied.push(change)
}

interface Seen {
  entry: ListedPrice
  before: StoredPrice | undefined
}

/** A change that an operator rejected stays rejected, whatever later lists state. */
function stateOf(
  { entry, before, reason }: Seen & { reason: string | undefined },
  facts: ImportFacts,
): 'applied' | 'held-back' {
  if (facts.seen.get(changeIdOf(before, entry))?.state === 'rejected') return 'held-back'
  const isAgreed = facts.known.some(
    (other) =>
      isSecondSource(other, entry, facts) && agreeWithin(other.rateCards, entry.rateCards, AGREEMENT_PERCENT),
  )
  return reason === undefined || isAgreed ? 'applied' : 'held-back'
}

function holdBack(seen: Seen & { reason: string }, facts: ImportFacts, decision: ImportDecision): void {
  decision.heldBack += 1
  const change = changeOf(seen, facts)
  if (!facts.seen.has(change.changeId)) decision.newChanges.push(change)
}

function changeOf(
  { entry, before, reason }: Seen & { reason: string },
  { source, now }: ImportFacts,
): StoredPriceChange {
  return {
    changeId: changeIdOf(before, entry),
    model: entry.model,
    provider: entry.provider,
    source,
    beforePriceId: before?.priceId ?? '',
    after: { rateCards: entry.rateCards },
    state: 'held-back',
    reason,
    seenAt: now,
  }
}

function applied(change: StoredPriceChange, { priceId }: StoredPrice, now: Date): StoredPriceChange {
  const { rateCards } = change.after
  return { ...change, after: { rateCards, priceId }, state: 'applied', reason: '', decidedAt: now }
}

function tooFar(before: StoredPrice, listed: ListedPrice, changePercentMax: number): string | undefined {
  const move = rateMoves(before.rateCards, listed.rateCards).find((each) =>
    movesMoreThan(each, changePercentMax),
  )
  if (move === undefined) return undefined
  const { of, beforeNanousd, afterNanousd } = move
  return `${of} would move from ${beforeNanousd} to ${afterNanousd} nano-USD, by more than ${changePercentMax} %`
}

/** A first price can only be compared with the model's prices at other providers. */
function farFromPeers(entry: ListedPrice, { peers }: ImportFacts): string | undefined {
  for (const meter of ['INPUT_TOKENS', 'OUTPUT_TOKENS'] as const satisfies readonly Meter[]) {
    const own = entry.rateCards.at(-1)?.rates.find((rate) => rate.meter === meter)?.priceNanousd
    const median = peers.medianOf(entry, meter)
    if (own === undefined || own === 0n || median === undefined || median === 0n) continue
    if (own > median * PEERS_FACTOR_MAX || own * PEERS_FACTOR_MAX < median) {
      return `its first price has ${meter} at ${own} nano-USD, more than ${PEERS_FACTOR_MAX} times off the ${median} that the model costs elsewhere`
    }
  }
  return undefined
}

function isSecondSource(other: StoredPrice, listed: ListedPrice, { source, now }: ImportFacts): boolean {
  if (other.source === source || other.source === 'default') return false
  if (other.effectiveFrom > now || (other.effectiveTo !== undefined && other.effectiveTo <= now)) return false
  return other.model === listed.model && namesOf(listed.provider).includes(other.provider)
}

/** The same change of the same version has the same id, whenever it is seen. */
function changeIdOf(before: StoredPrice | undefined, listed: ListedPrice): string {
  const text = `${before?.priceId ?? keyOf(listed)}\n${rateCardsKey(listed.rateCards)}`
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
    // A version that was scheduled after the replaced one still follows.
    ...(before?.effectiveTo !== undefined && { effectiveTo: before.effectiveTo }),
  }
  return { priceId: priceIdOf(price), ...price }
}

function keyOf({ provider, model }: { provider: string; model: string }): string {
  return `${provider}\n${model}`
}
